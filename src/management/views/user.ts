// Users and what is granted to them, as RabbitMQ's API shows them. Knows how hashes are named there; not who may see them.

import { type Hashing, hashings } from '../../broker/access/passwords.ts'
import type { Account, Permission, TopicPermission, Users } from '../../broker/access/users.ts'
import { badRequest } from '../errors.ts'

/** A user. */
export interface UserView {
  readonly name: string
  readonly password_hash: string
  readonly hashing_algorithm: string
  readonly tags: readonly string[]
  readonly limits: Readonly<Record<string, number>>
}

/** A permission. */
export interface PermissionView extends Permission {
  readonly user: string
  readonly vhost: string
}

/** A topic permission. */
export interface TopicPermissionView extends TopicPermission {
  readonly user: string
  readonly vhost: string
  readonly exchange: string
}

/** `account` with its limits. */
export function userView({ name, passwordHash, hashing, tags }: Account, users: Users): UserView {
  return {
    name,
    password_hash: passwordHash,
    hashing_algorithm: hashingName(hashing),
    tags,
    limits: users.limits(name) as Readonly<Record<string, number>>,
  }
}

/** What RabbitMQ calls a way of hashing; it does not know ours, and is to notice. */
export function hashingName(hashing: Hashing): string {
  return hashing === 'scrypt' ? 'leveret_password_hashing_scrypt' : `rabbit_password_hashing_${hashing}`
}

/** The way of hashing that RabbitMQ calls so. Throws `HttpError` 400. */
export function hashingNamed(name: string): Hashing {
  const found = hashings.find((hashing) => hashingName(hashing) === name)
  if (found) return found
  throw badRequest(`hashing_algorithm '${name}' is not one of ${hashings.map(hashingName).join(', ')}`)
}

/** All permissions of all users, or of one. */
export function permissionViews(users: Users, only?: string): readonly PermissionView[] {
  return accounts(users, only).flatMap(({ name }) =>
    [...users.permissionsOf(name)].map(([vhost, permission]) => permissionView(name, vhost, permission)),
  )
}

/** One permission. */
export function permissionView(user: string, vhost: string, { configure, write, read }: Permission): PermissionView {
  return { user, vhost, configure, write, read }
}

/** All topic permissions in these vhosts of all users, or of one. */
export function topicPermissionViews(
  users: Users,
  vhosts: Iterable<string>,
  only?: string,
): readonly TopicPermissionView[] {
  return [...vhosts].flatMap((vhost) =>
    accounts(users, only).flatMap(({ name }) =>
      [...users.topicPermissions(name, vhost)].map(([exchange, { write, read }]) => {
        return { user: name, vhost, exchange, write, read }
      }),
    ),
  )
}

function accounts(users: Users, only: string | undefined): readonly Account[] {
  return [...users].filter(({ name }) => only === undefined || name === only)
}
