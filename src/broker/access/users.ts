// Who may come in: user accounts with their password hashes and tags, their permissions per vhost, and their limits. Knows
// names and hashes; not who is let in with them (logins.ts), where they are kept, nor what a permission allows (access.ts).

import { NO_LIMITS, type UserLimits } from '../limits.ts'
import type { Hashing } from './passwords.ts'

/** An account. Tags are RabbitMQ's: `administrator`, `monitoring`, `policymaker`, `management`, `impersonator`. */
export interface Account {
  readonly name: string
  /** Empty: no password opens it. */
  readonly passwordHash: string
  readonly hashing: Hashing
  readonly tags: readonly string[]
}

/** Three regular expressions on names of resources (behaviour.md §13.1). */
export interface Permission {
  readonly configure: string
  readonly write: string
  readonly read: string
}

/** Two regular expressions on routing keys, for one exchange of type topic. */
export interface TopicPermission {
  readonly write: string
  readonly read: string
}

/** A permission to everything. */
export const FULL_PERMISSION: Permission = { configure: '.*', write: '.*', read: '.*' }

/** What one account may do. */
class Grants {
  readonly permissions = new Map<string, Permission>()
  /** By vhost and exchange. */
  readonly topics = new Map<string, Map<string, TopicPermission>>()
  limits: UserLimits = NO_LIMITS
}

/** The accounts of a broker. Changed only when the meta store reports a change. */
export class Users {
  /** Grows with every change of a permission. */
  generation = 0
  readonly #accounts = new Map<string, Account>()
  readonly #grants = new Map<string, Grants>()

  get(name: string): Account | undefined {
    return this.#accounts.get(name)
  }

  /** All accounts, in no order. */
  [Symbol.iterator](): IterableIterator<Account> {
    return this.#accounts.values()
  }

  put(account: Account): void {
    this.#accounts.set(account.name, account)
  }

  /** Removes an account with everything that is granted to it. */
  remove(name: string): void {
    this.#accounts.delete(name)
    this.#grants.delete(name)
    this.generation++
  }

  permission(user: string, vhost: string): Permission | undefined {
    return this.#grants.get(user)?.permissions.get(vhost)
  }

  /** The permissions of a user, by vhost. */
  permissionsOf(user: string): ReadonlyMap<string, Permission> {
    return this.#grants.get(user)?.permissions ?? NOTHING
  }

  permit(user: string, vhost: string, permission: Permission): void {
    this.#grantsOf(user).permissions.set(vhost, permission)
    this.generation++
  }

  forbid(user: string, vhost: string): void {
    this.#grants.get(user)?.permissions.delete(vhost)
    this.generation++
  }

  /** The topic permissions of a user in a vhost, by exchange. An exchange without one is not restricted. */
  topicPermissions(user: string, vhost: string): ReadonlyMap<string, TopicPermission> {
    return this.#grants.get(user)?.topics.get(vhost) ?? NOTHING
  }

  permitTopics(user: string, vhost: string, exchange: string, permission: TopicPermission): void {
    const { topics } = this.#grantsOf(user)
    const byExchange = topics.get(vhost)
    if (byExchange) byExchange.set(exchange, permission)
    else topics.set(vhost, new Map([[exchange, permission]]))
    this.generation++
  }

  forbidTopics(user: string, vhost: string, exchange: string): void {
    const topics = this.#grants.get(user)?.topics
    const byExchange = topics?.get(vhost)
    if (byExchange?.delete(exchange) && byExchange.size === 0) topics?.delete(vhost)
    this.generation++
  }

  limits(user: string): UserLimits {
    return this.#grants.get(user)?.limits ?? NO_LIMITS
  }

  limit(user: string, limits: UserLimits): void {
    this.#grantsOf(user).limits = limits
  }

  #grantsOf(user: string): Grants {
    let grants = this.#grants.get(user)
    if (!grants) {
      grants = new Grants()
      this.#grants.set(user, grants)
    }
    return grants
  }
}

const NOTHING: ReadonlyMap<string, never> = new Map<string, never>()
