// Virtual hosts in rabbitmqctl's grammar: add, delete, describe, limit, trace.

import { exitCode } from '../../exit-codes.ts'
import type { Row } from '../../http.ts'
import { ANY, arg, type CtlCommand, columnsOf, objectArgument, option } from './command.ts'
import { CtlError } from './ctl-error.ts'

const group = 'Virtual hosts'
const listColumns = [
  'cluster_state',
  'default_queue_type',
  'description',
  'name',
  'protected_from_deletion',
  'tags',
  'tracing',
]

/** The commands about virtual hosts. */
export const vhostCommands: readonly CtlCommand[] = [
  {
    name: 'add_vhost',
    group,
    help: 'Creates a virtual host',
    usage:
      '<vhost> [--description <description> --tags "<tag1>,<tag2>,<...>" --default-queue-type <quorum|classic|stream>]',
    takes: [1, 1],
    banner: (given) => `Adding vhost "${arg(given, 0)}" ...`,
    run: async (given, broker) => {
      const queueType = option(given, 'default-queue-type')
      await broker.request('PUT', ['vhosts', arg(given, 0)], {
        ...text('description', option(given, 'description')),
        ...text('tags', option(given, 'tags')),
        ...text('default_queue_type', queueType),
      })
      return undefined
    },
  },
  {
    name: 'delete_vhost',
    group,
    help: 'Deletes a virtual host',
    usage: '<vhost>',
    takes: [1, 1],
    banner: (given) => `Deleting vhost "${arg(given, 0)}" ...`,
    run: async (given, broker) =>
      void (await broker.request('DELETE', ['vhosts', arg(given, 0)], undefined, missing(arg(given, 0)))),
  },
  {
    name: 'list_vhosts',
    group: 'Access Control',
    help: 'Lists virtual hosts',
    usage: '[--no-table-headers] [<column> ...] [--timeout <timeout>]',
    takes: [0, ANY],
    columns: listColumns,
    banner: () => 'Listing vhosts ...',
    run: async (given, broker) => ({
      columns: columnsOf({ columns: listColumns }, given, ['name']),
      rows: await broker.list(['vhosts']),
    }),
  },
  {
    name: 'set_vhost_tags',
    group,
    help: 'Sets virtual host tags',
    usage: '<vhost> <tag> [...]',
    takes: [1, ANY],
    banner: ({ args: [vhost = '', ...tags] }) => `Setting tags for vhost "${vhost}" to [${tags.join(', ')}] ...`,
    run: async ({ args: [name = '', ...tags] }, broker) => {
      const vhost = await broker.get(['vhosts', name], missing(name))
      await broker.request('PUT', ['vhosts', name], { ...described(vhost), tags: tags.join(',') })
      return undefined
    },
  },
  {
    name: 'update_vhost_metadata',
    group,
    help: 'Updates metadata (tags, description, default queue type) of a virtual host',
    usage: '<vhost> [--description <description>] [--tags "<tag1>,<tag2>,<...>"] [--default-queue-type <type>]',
    takes: [1, 1],
    banner: (given) => `Updating metadata of vhost "${arg(given, 0)}" ...`,
    run: async (given, broker) => {
      const vhost = await broker.get(['vhosts', arg(given, 0)], missing(arg(given, 0)))
      await broker.request('PUT', ['vhosts', arg(given, 0)], {
        ...described(vhost),
        ...text('description', option(given, 'description')),
        ...text('tags', option(given, 'tags')),
        ...text('default_queue_type', option(given, 'default-queue-type')),
      })
      return undefined
    },
  },
  {
    name: 'set_vhost_limits',
    group,
    help: 'Sets virtual host limits',
    usage: '[--vhost <vhost>] <definition>',
    takes: [1, 1],
    banner: (given) => `Setting vhost limits to "${arg(given, 0)}" for vhost "${given.vhost}" ...`,
    run: async (given, broker) => {
      for (const [name, value] of Object.entries(objectArgument(arg(given, 0)))) {
        await broker.request('PUT', ['vhost-limits', given.vhost, name], { value }, missing(given.vhost))
      }
      return undefined
    },
  },
  {
    name: 'clear_vhost_limits',
    group,
    help: 'Clears virtual host limits',
    usage: '[--vhost <vhost>]',
    takes: [0, 0],
    banner: ({ vhost }) => `Clearing vhost "${vhost}" limits ...`,
    run: async ({ vhost }, broker) => {
      const [limits] = await broker.list(['vhost-limits', vhost])
      for (const name of Object.keys((limits?.['value'] ?? {}) as Row)) {
        await broker.request('DELETE', ['vhost-limits', vhost, name])
      }
      return undefined
    },
  },
  {
    name: 'list_vhost_limits',
    group,
    help: 'Displays configured virtual host limits',
    usage: '[--vhost <vhost>] [--global] [--no-table-headers]',
    takes: [0, 0],
    banner: ({ options, vhost }) =>
      options['global'] === true ? 'Listing limits for all vhosts ...' : `Listing limits for vhost "${vhost}" ...`,
    run: async ({ options, vhost }, broker) => {
      const all = await broker.list(options['global'] === true ? ['vhost-limits'] : ['vhost-limits', vhost])
      if (options['global'] === true) {
        const rows = all.map((each) => ({ vhost: each['vhost'], limits: JSON.stringify(each['value']) }))
        return { columns: ['vhost', 'limits'], rows }
      }
      const limits = all[0]?.['value']
      return { text: limits === undefined ? '\n' : JSON.stringify(limits), value: limits ?? {} }
    },
  },
  {
    name: 'restart_vhost',
    group,
    help: 'Restarts a failed vhost data stores and queues',
    usage: '[--vhost <vhost>]',
    takes: [0, 0],
    banner: ({ vhost }) => `Trying to restart vhost '${vhost}' ...`,
    run: async ({ vhost }, broker) => {
      await broker.get(['vhosts', vhost], missing(vhost))
      return { text: `Virtual host '${vhost}' is already running` }
    },
  },
  tracing('trace_on', true, 'Starting', 'enabled'),
  tracing('trace_off', false, 'Stopping', 'disabled'),
]

function tracing(name: string, on: boolean, verb: string, outcome: string): CtlCommand {
  return {
    name,
    group,
    help: `${on ? 'Starts' : 'Stops'} the tracing of a virtual host`,
    usage: '[--vhost <vhost>]',
    takes: [0, 0],
    banner: ({ vhost }) => `${verb} tracing for vhost "${vhost}" ...`,
    run: async ({ vhost }, broker) => {
      const found = await broker.get(['vhosts', vhost], missing(vhost))
      await broker.request('PUT', ['vhosts', vhost], { ...described(found), tracing: on })
      return { text: `Trace ${outcome} for vhost ${vhost}` }
    },
  }
}

function missing(vhost: string) {
  return { 404: new CtlError(`Virtual host '${vhost}' does not exist`, exitCode.data) }
}

/** What a vhost has to be put back with, so that it keeps it. */
function described(vhost: Row): Row {
  const tags = vhost['tags']
  return {
    ...text('description', vhost['description']),
    ...text('tags', Array.isArray(tags) ? tags.join(',') : tags),
    ...text('default_queue_type', vhost['default_queue_type']),
  }
}

function text(key: string, value: unknown): Row {
  return typeof value === 'string' && value !== '' && value !== 'undefined' ? { [key]: value } : {}
}
