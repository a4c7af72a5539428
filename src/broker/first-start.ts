// What a broker begins with whose store is empty: one vhost, and one user who may do everything in it, unless definitions
// say what there is instead. Knows entries; not the
// store.

import { newHash } from './access/passwords.ts'
import { FULL_PERMISSION } from './access/users.ts'
import type { EntryChange } from './administration.ts'
import type { BrokerOptions } from './broker.ts'
import { accountEntry, entryKey, parameterEntry, permissionEntry } from './entries.ts'

/** What tools know a broker by, whatever it is called. */
const CLUSTER_ID = 'internal_cluster_id'
/** RabbitMQ's first password. */
const KNOWN_PASSWORD = 'guest'
/** Octets that make 22 characters of base64url, as in RabbitMQ's names. */
const NAME_BYTES = 16

/** The entries of a new broker; `random` gives octets that nobody can guess. */
export async function firstEntries(
  {
    defaultUser,
    defaultPass,
    defaultVhost,
    passwordHashing = 'sha256',
    withoutUser = false,
    withoutVhost = false,
  }: BrokerOptions,
  random: (count: number) => Buffer,
): Promise<readonly EntryChange[]> {
  // A slow hash would not hide what everybody knows, and would cost every new broker.
  const hashing = defaultPass === KNOWN_PASSWORD ? 'sha256' : passwordHashing
  const passwordHash = await newHash(defaultPass, hashing, random)
  const account = { name: defaultUser, passwordHash, hashing, tags: ['administrator'] }
  const clusterId = `rabbitmq-cluster-id-${random(NAME_BYTES).toString('base64url')}`
  const vhost: EntryChange = [entryKey('vhost', defaultVhost), '{}']
  const user: EntryChange = [entryKey('user', defaultUser), accountEntry.write(account)]
  const granted = permissionEntry.write(FULL_PERMISSION)
  const permission: EntryChange = [entryKey('permission', defaultUser, defaultVhost), granted]
  return [
    ...(withoutVhost ? [] : [vhost]),
    ...(withoutUser ? [] : [user]),
    ...(withoutUser || withoutVhost ? [] : [permission]),
    [entryKey('global-parameter', CLUSTER_ID), parameterEntry.write(clusterId)],
  ]
}
