// What rabbitmqctl does to queues, connections and definitions: purge, delete, close, export, import.

import { exitCode } from '../../exit-codes.ts'
import type { Row } from '../../http.ts'
import type { Broker } from './broker.ts'
import { ANY, arg, type CtlCommand, type CtlWorld, type Given, jsonArgument, option } from './command.ts'
import { ArgumentError, CtlError } from './ctl-error.ts'

/** The commands that act on queues, connections and definitions. */
export const operationCommands: readonly CtlCommand[] = [
  {
    name: 'purge_queue',
    group: 'Queues',
    help: 'Purges a queue (removes all messages in it)',
    usage: '[--vhost <vhost>] <queue> [--timeout <timeout>]',
    takes: [1, 1],
    banner: (given) => `Purging queue '${arg(given, 0)}' in vhost '${given.vhost}' ...`,
    run: async (given, broker) =>
      void (await broker.request('DELETE', ['queues', given.vhost, arg(given, 0), 'contents'])),
  },
  {
    name: 'delete_queue',
    group: 'Queues',
    help: 'Deletes a queue',
    usage: '<queue_name> [--if-empty|-e] [--if-unused|-u] [--timeout <timeout>]',
    takes: [1, 1],
    banner: (given) => `Deleting queue '${arg(given, 0)}' on vhost '${given.vhost}' ${conditions(given)}...`,
    run: deleteQueue,
  },
  {
    name: 'close_connection',
    group: 'Operations',
    help: 'Instructs the broker to close a connection; the name of the connection stands for its Erlang process id',
    usage: '<connection pid> <explanation>',
    takes: [2, 2],
    banner: (given) => `Closing connection ${arg(given, 0)}, reason: ${arg(given, 1)}...`,
    run: async (given, broker) => {
      await close(broker, arg(given, 0), arg(given, 1))
      return undefined
    },
  },
  {
    name: 'close_all_connections',
    group: 'Operations',
    help: 'Instructs the broker to close all connections for the specified vhost or entire RabbitMQ node',
    usage: '[--vhost <vhost> --limit <limit>] [-n <node> --global] [--per-connection-delay <delay>] <explanation>',
    takes: [1, 1],
    banner: (given) =>
      given.options['global'] === true
        ? `Closing all connections to node ..., reason: ${arg(given, 0)}...`
        : `Closing ${option(given, 'limit') ?? 'all'} connections in vhost ${given.vhost}, reason: ${arg(given, 0)}...`,
    run: (given, broker, world) =>
      closeAll(given, broker, world, arg(given, 0), (connection) =>
        given.options['global'] === true ? true : connection['vhost'] === given.vhost,
      ),
  },
  {
    name: 'close_all_user_connections',
    group: 'Operations',
    help: 'Instructs the broker to close all connections of the specified user',
    usage: '<username> <explanation>',
    takes: [2, 2],
    banner: (given) => `Closing connections of user ${arg(given, 0)}, reason: ${arg(given, 1)}...`,
    run: (given, broker, world) =>
      closeAll(given, broker, world, arg(given, 1), (connection) => connection['user'] === arg(given, 0)),
  },
  {
    name: 'export_definitions',
    group: 'Definitions',
    help: 'Exports definitions in JSON.',
    usage: '<file_path | "-"> [--format <json>] [--timeout <timeout>]',
    takes: [1, 1],
    banner: (given) =>
      arg(given, 0) === '-' ? undefined : `Exporting definitions in JSON to a file at "${arg(given, 0)}" ...`,
    run: exportDefinitions,
  },
  {
    name: 'import_definitions',
    group: 'Definitions',
    help: 'Imports definitions in JSON.',
    usage: '<file_path | "-"> [--format <json>] [--skip-if-unchanged] [--timeout <timeout>]',
    takes: [0, 1],
    banner: (given) =>
      arg(given, 0) === '-' || given.args.length === 0
        ? 'Importing definitions in JSON from standard input ...'
        : `Importing definitions in JSON from a file at "${arg(given, 0)}" ...`,
    check: async ({ args: [file = '-'] }, world) => file === '-' || contents(file, world),
    run: importDefinitions,
  },
  {
    name: 'list_feature_flags',
    group: 'Feature flags',
    help: 'Lists feature flags',
    usage: '[<column> ...] [--timeout <timeout>]',
    takes: [0, ANY],
    columns: ['desc', 'doc_url', 'name', 'provided_by', 'stability', 'state'],
    banner: () => 'Listing feature flags ...',
    run: async ({ args }, broker) => ({
      columns: args.length > 0 ? args : ['name', 'state'],
      rows: await broker.list(['feature-flags'], { 404: new CtlError('the broker has no feature flags') }),
    }),
  },
]

function conditions({ options }: Given): string {
  const texts = [
    options['if-empty'] === true ? 'if queue is empty ' : '',
    options['if-unused'] === true ? 'if queue is unused ' : '',
  ]
  return texts.filter((text) => text !== '').join('and ')
}

async function deleteQueue(given: Given, broker: Broker) {
  const names = ['queues', given.vhost, arg(given, 0)]
  const queue = await broker.get(names, { 404: new CtlError('Queue not found', exitCode.usage) })
  await broker.request(
    'DELETE',
    names,
    undefined,
    {},
    {
      'if-empty': given.options['if-empty'] === true ? true : undefined,
      'if-unused': given.options['if-unused'] === true ? true : undefined,
    },
  )
  return {
    text: `Queue was successfully deleted with ${queue['messages_ready'] ?? queue['messages'] ?? 0} ready messages`,
  }
}

// A connection that has gone meanwhile is closed, as was asked.
async function close(broker: Broker, name: string, reason: string): Promise<boolean> {
  const { status } = await broker.ask('DELETE', ['connections', name], { headers: { 'x-reason': reason } })
  if (status === 404) return false
  if (status >= 300) throw new CtlError(`connection ${name} was not closed: the HTTP API answered ${status}`)
  return true
}

async function closeAll(
  given: Given,
  broker: Broker,
  world: CtlWorld,
  reason: string,
  isMeant: (connection: Row) => boolean,
) {
  const limit = Number(option(given, 'limit') ?? 0)
  const delayMs = Number(option(given, 'per-connection-delay') ?? 0)
  const meant = (await broker.list(['connections'])).filter(isMeant)
  let closed = 0
  for (const connection of limit > 0 ? meant.slice(0, limit) : meant) {
    if (delayMs > 0) await world.pause(delayMs)
    if (await close(broker, String(connection['name']), reason)) closed++
  }
  return { text: `Closed ${closed} connections` }
}

async function exportDefinitions(given: Given, broker: Broker, world: CtlWorld) {
  const definitions = JSON.stringify(await broker.get(['definitions']))
  const [file = '-'] = given.args
  if (option(given, 'format') === 'erlang') throw new ArgumentError('Bad argument: only the format json is supported')
  if (file === '-') return { text: `${definitions}\n` }
  await world.writeFile(file, definitions)
  return undefined
}

async function importDefinitions(given: Given, broker: Broker, world: CtlWorld) {
  const [file = '-'] = given.args
  const definitions = jsonArgument(file === '-' ? await world.readInput() : await contents(file, world))
  await broker.request('POST', ['definitions'], definitions)
  return {
    text: 'Successfully started definition import. This process is asynchronous and can take some time.',
  }
}

async function contents(file: string, world: CtlWorld): Promise<string> {
  try {
    return (await world.readFile(file)).toString('utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ArgumentError(
      code === 'ENOENT'
        ? `Bad argument: File ${file} does not exist`
        : `Bad argument: File ${file} cannot be read (${code})`,
      exitCode.data,
    )
  }
}
