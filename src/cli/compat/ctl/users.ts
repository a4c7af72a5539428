// Users in rabbitmqctl's grammar: add, delete, change, tags, passwords and limits. A change reads the user first, since
// the HTTP API replaces a user as a whole.

import { createHash } from 'node:crypto'
import { exitCode } from '../../exit-codes.ts'
import type { Row } from '../../http.ts'
import type { Broker } from './broker.ts'
import { ANY, arg, type CtlCommand, type CtlWorld, type Given, objectArgument, option } from './command.ts'
import { CtlError } from './ctl-error.ts'

const group = 'Users'
const anyone = 'will have no permissions for any virtual hosts by default.'

/** The commands about users. */
export const userCommands: readonly CtlCommand[] = [
  {
    name: 'add_user',
    group,
    help: `Creates a new user in the internal database. This user ${anyone}`,
    usage: '<username> [<password>] [--pre-hashed-password]',
    takes: [1, 2],
    banner: (given) => `Adding user "${arg(given, 0)}" ...`,
    run: addUser,
  },
  {
    name: 'authenticate_user',
    group,
    help: 'Attempts to authenticate a user. Exits with a non-zero code if authentication fails.',
    usage: '<username> [<password>]',
    takes: [1, 2],
    banner: (given) => `Authenticating user "${arg(given, 0)}" ...`,
    run: authenticate,
  },
  {
    name: 'change_password',
    group,
    help: 'Changes the user password',
    usage: '<username> [<password>]',
    takes: [1, 2],
    banner: (given) => `Changing password for user "${arg(given, 0)}" ...`,
    run: async (given, broker, world) =>
      change(broker, arg(given, 0), { password: await passwordOf(given, world), password_hash: undefined }),
  },
  {
    name: 'clear_password',
    group,
    help: 'Clears (resets) password and disables password login for a user',
    usage: '<username>',
    takes: [1, 1],
    banner: (given) => `Clearing password for user "${arg(given, 0)}" ...`,
    run: (given, broker) => change(broker, arg(given, 0), { password_hash: '' }),
  },
  {
    name: 'delete_user',
    group,
    help: 'Removes a user from the internal database',
    usage: '<username>',
    takes: [1, 1],
    banner: (given) => `Deleting user "${arg(given, 0)}" ...`,
    run: async (given, broker) =>
      void (await broker.request('DELETE', ['users', arg(given, 0)], undefined, noUser(arg(given, 0)))),
  },
  {
    name: 'hash_password',
    group,
    help: 'Hashes a plaintext password',
    usage: '[<password>]',
    takes: [0, 1],
    banner: () => 'Will hash password',
    run: async ({ args }, _broker, world) => {
      const text = hashOf(args[0] ?? (await line(world)), world.random(4))
      return { text, value: { result: 'ok', value: text } }
    },
  },
  {
    name: 'list_users',
    group,
    help: 'List user names and tags',
    usage: '[--no-table-headers] [--timeout <timeout>]',
    takes: [0, 0],
    banner: () => 'Listing users ...',
    run: async (_given, broker) => ({
      columns: ['user', 'tags'],
      rows: (await broker.list(['users'])).map((user) => ({ user: user['name'], tags: tagsOf(user) })),
    }),
  },
  {
    name: 'set_user_tags',
    group,
    help: 'Sets user tags',
    usage: '<username> <tag> [...]',
    takes: [1, ANY],
    banner: ({ args: [user = '', ...tags] }) => `Setting tags for user "${user}" to [${tags.join(', ')}] ...`,
    run: ({ args: [user = '', ...tags] }, broker) => change(broker, user, { tags: tags.join(',') }),
  },
  {
    name: 'set_user_limits',
    group,
    help: 'Sets user limits',
    usage: '<username> <definition>',
    takes: [2, 2],
    banner: (given) => `Setting user limits to "${arg(given, 1)}" for user "${arg(given, 0)}" ...`,
    run: async (given, broker) => {
      for (const [name, value] of Object.entries(objectArgument(arg(given, 1)))) {
        await broker.request('PUT', ['user-limits', arg(given, 0), name], { value }, noUser(arg(given, 0)))
      }
      return undefined
    },
  },
  {
    name: 'clear_user_limits',
    group,
    help: 'Clears user connection/channel limits',
    usage: '<username> <limit_type> | all',
    takes: [2, 2],
    banner: (given) => `Clearing "${arg(given, 1)}" limit for user "${arg(given, 0)}" ...`,
    run: async (given, broker) => {
      const names = arg(given, 1) === 'all' ? ['max-connections', 'max-channels'] : [arg(given, 1)]
      for (const name of names)
        await broker.request('DELETE', ['user-limits', arg(given, 0), name], undefined, noUser(arg(given, 0)))
      return undefined
    },
  },
  {
    name: 'list_user_limits',
    group,
    help: 'Displays configured user limits',
    usage: '[--user <username>] [--global]',
    takes: [0, 0],
    banner: (given) =>
      given.options['global'] === true
        ? 'Listing limits for all users ...'
        : `Listing limits for user "${option(given, 'user') ?? 'guest'}" ...`,
    run: listUserLimits,
  },
]

/** The password hash that RabbitMQ makes of a password: base64 of the salt and SHA-256 of salt and password. */
export function hashOf(password: string, salt: Buffer): string {
  const digest = createHash('sha256').update(salt).update(password, 'utf8').digest()
  return Buffer.concat([salt, digest]).toString('base64')
}

/** Tags of a user as the API tells them: a list now, one string with commas in old versions. */
export function tagsOf(user: Row): readonly string[] {
  const tags = user['tags']
  if (Array.isArray(tags)) return tags.map(String)
  return String(tags ?? '')
    .split(',')
    .filter((tag) => tag !== '')
}

function noUser(name: string) {
  return { 404: new CtlError(`User "${name}" does not exist`, exitCode.noUser) }
}

async function addUser(given: Given, broker: Broker, world: CtlWorld) {
  const name = arg(given, 0)
  if (await broker.find(['users', name])) throw new CtlError(`User "${name}" already exists`, exitCode.software)
  const secret = await passwordOf(given, world)
  const fields = given.options['pre-hashed-password'] === true ? { password_hash: secret } : { password: secret }
  await broker.request('PUT', ['users', name], { ...fields, tags: '' })
  return {
    text: "Done. Don't forget to grant the user permissions to some virtual hosts! See 'rabbitmqctl help set_permissions' to learn more.",
  }
}

/** Puts a user back with these fields in place of its own; undefined takes one away. */
async function change(broker: Broker, name: string, fields: Row): Promise<undefined> {
  const user = await broker.get(['users', name], noUser(name))
  const { password_hash, hashing_algorithm } = user
  await broker.request('PUT', ['users', name], {
    password_hash,
    ...('password' in fields ? {} : { hashing_algorithm }),
    tags: tagsOf(user).join(','),
    ...fields,
  })
  return undefined
}

// Whoever is known but has no tag for the API is refused by it in other words than whoever is not known.
async function authenticate(given: Given, broker: Broker, world: CtlWorld) {
  const name = arg(given, 0)
  const password = await passwordOf(given, world)
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
  const { status, body } = await broker.ask('GET', ['whoami'], { headers: { authorization } })
  const { reason = '' } = (body ?? {}) as { readonly reason?: string }
  if (status === 200 || (status === 401 && /management/i.test(reason))) return { text: 'Success' }
  throw new CtlError(
    `Error: failed to authenticate user "${name}"\n${status === 401 ? `user '${name}' - invalid credentials` : reason}`,
    exitCode.data,
  )
}

async function listUserLimits(given: Given, broker: Broker) {
  const all = await broker.list(['user-limits'])
  if (given.options['global'] === true) {
    const rows = all.map(({ user, value }) => ({ user, limits: JSON.stringify(value) }))
    return { columns: ['user', 'limits'], rows }
  }
  const user = option(given, 'user') ?? 'guest'
  const limits = all.find((each) => each['user'] === user)?.['value'] ?? {}
  return { text: JSON.stringify(Array.isArray(limits) ? {} : limits), value: limits }
}

async function passwordOf({ args }: Given, world: CtlWorld): Promise<string> {
  return args[1] ?? (await line(world))
}

async function line(world: CtlWorld): Promise<string> {
  const [first = ''] = (await world.readInput()).split(/\r?\n/)
  if (first === '') throw new CtlError('Password is not provided via argument or stdin', exitCode.data)
  return first
}
