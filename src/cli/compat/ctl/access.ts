// Permissions in rabbitmqctl's grammar, those of vhosts and those of topics.

import { exitCode } from '../../exit-codes.ts'
import type { Broker } from './broker.ts'
import { arg, type CtlCommand, type Given } from './command.ts'
import { CtlError } from './ctl-error.ts'

const group = 'Access Control'

/** The commands about permissions. */
export const accessCommands: readonly CtlCommand[] = [
  {
    name: 'set_permissions',
    group,
    help: 'Sets user permissions for a vhost',
    usage: '[--vhost <vhost>] <username> <conf> <write> <read>',
    takes: [4, 4],
    banner: (given) => `Setting permissions for user "${arg(given, 0)}" in vhost "${given.vhost}" ...`,
    run: async (given, broker) => {
      await assertBoth(given, broker)
      const [user = '', configure, write, read] = given.args
      await broker.request('PUT', ['permissions', given.vhost, user], { configure, write, read })
      return undefined
    },
  },
  {
    name: 'clear_permissions',
    group,
    help: 'Revokes user permissions for a vhost',
    usage: '[--vhost <vhost>] <username>',
    takes: [1, 1],
    banner: (given) => `Clearing permissions for user "${arg(given, 0)}" in vhost "${given.vhost}" ...`,
    run: async (given, broker) => {
      await assertBoth(given, broker)
      await clear(broker, ['permissions', given.vhost, arg(given, 0)])
      return undefined
    },
  },
  {
    name: 'list_permissions',
    group,
    help: 'Lists user permissions in a virtual host',
    usage: '[--vhost <vhost>] [--no-table-headers] [--timeout <timeout>]',
    takes: [0, 0],
    banner: ({ vhost }) => `Listing permissions for vhost "${vhost}" ...`,
    run: async ({ vhost }, broker) => ({
      isWhole: true,
      columns: ['user', 'configure', 'write', 'read'],
      rows: await broker.list(['vhosts', vhost, 'permissions'], noVhost(vhost)),
    }),
  },
  {
    name: 'list_user_permissions',
    group,
    help: 'Lists permissions of a user across all virtual hosts',
    usage: '[--no-table-headers] <username> [--timeout <timeout>]',
    takes: [1, 1],
    banner: (given) => `Listing permissions for user "${arg(given, 0)}" ...`,
    run: async (given, broker) => ({
      isWhole: true,
      columns: ['vhost', 'configure', 'write', 'read'],
      rows: await broker.list(['users', arg(given, 0), 'permissions'], noUser(arg(given, 0))),
    }),
  },
  {
    name: 'set_topic_permissions',
    group,
    help: 'Sets user topic permissions for an exchange',
    usage: '[--vhost <vhost>] <username> <exchange> <write> <read>',
    takes: [4, 4],
    banner: (given) =>
      `Setting topic permissions on "${arg(given, 1)}" for user "${arg(given, 0)}" in vhost "${given.vhost}" ...`,
    run: async (given, broker) => {
      await assertBoth(given, broker)
      const [user = '', exchange, write, read] = given.args
      await broker.request('PUT', ['topic-permissions', given.vhost, user], { exchange, write, read })
      return undefined
    },
  },
  {
    name: 'clear_topic_permissions',
    group,
    help: 'Clears user topic permissions for a vhost or exchange',
    usage: '[--vhost <vhost>] <username> [<exchange>]',
    takes: [1, 2],
    banner: ({ args: [user = '', exchange], vhost }) =>
      `Clearing topic permissions ${exchange === undefined ? '' : `on "${exchange}" `}for user "${user}" in vhost "${vhost}" ...`,
    run: clearTopics,
  },
  {
    name: 'list_topic_permissions',
    group,
    help: 'Lists topic permissions in a virtual host',
    usage: '[--vhost <vhost>] [--no-table-headers] [--timeout <timeout>]',
    takes: [0, 0],
    banner: ({ vhost }) => `Listing topic permissions for vhost "${vhost}" ...`,
    run: async ({ vhost }, broker) => ({
      isWhole: true,
      columns: ['user', 'exchange', 'write', 'read'],
      rows: await broker.list(['vhosts', vhost, 'topic-permissions'], noVhost(vhost)),
    }),
  },
  {
    name: 'list_user_topic_permissions',
    group,
    help: 'Lists user topic permissions',
    usage: '[--no-table-headers] <username> [--timeout <timeout>]',
    takes: [1, 1],
    banner: (given) => `Listing topic permissions for user "${arg(given, 0)}" ...`,
    run: async (given, broker) => ({
      isWhole: true,
      columns: ['vhost', 'exchange', 'write', 'read'],
      rows: await broker.list(['users', arg(given, 0), 'topic-permissions'], noUser(arg(given, 0))),
    }),
  },
]

/** Permissions that are not there are clear already. */
async function clear(broker: Broker, names: readonly string[]): Promise<void> {
  const { status } = await broker.ask('DELETE', names)
  if (status >= 300 && status !== 404) await broker.request('DELETE', names)
}

function noVhost(vhost: string) {
  return { 404: new CtlError(`Virtual host '${vhost}' does not exist`, exitCode.data) }
}

function noUser(name: string) {
  return { 404: new CtlError(`User ${name} does not exist`, exitCode.noUser) }
}

// The API answers a missing user and a missing vhost alike.
async function assertBoth({ args: [user = ''], vhost }: Given, broker: Broker): Promise<void> {
  await broker.get(['vhosts', vhost], { 404: new CtlError(`Virtual host ${vhost} does not exist`) })
  await broker.get(['users', user], noUser(user))
}

// The API clears all of a user's topic permissions in a vhost at once: the others are put back.
async function clearTopics(given: Given, broker: Broker) {
  await assertBoth(given, broker)
  const {
    args: [user = '', exchange],
    vhost,
  } = given
  const all = await broker.list(['users', user, 'topic-permissions'])
  const others = all.filter(
    (each) => each['vhost'] === vhost && exchange !== undefined && each['exchange'] !== exchange,
  )
  await clear(broker, ['topic-permissions', vhost, user])
  for (const { exchange, write, read } of others) {
    await broker.request('PUT', ['topic-permissions', vhost, user], { exchange, write, read })
  }
  return undefined
}
