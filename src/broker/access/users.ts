// Who may come in: user accounts with their password hashes and tags, and their permissions per vhost. Knows names and
// hashes; not how they travel (sasl.ts) nor where they are kept.

import { type Hashing, verifyPassword } from './passwords.ts'

/** An account. Tags are RabbitMQ's: `administrator`, `monitoring`, `policymaker`, `management`, `impersonator`. */
export interface Account {
  readonly name: string
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

/** A permission to everything. */
export const FULL_PERMISSION: Permission = { configure: '.*', write: '.*', read: '.*' }

/** The accounts of a broker. Changed only when the meta store reports a change. */
export class Users {
  readonly #accounts = new Map<string, Account>()
  readonly #permissions = new Map<string, Map<string, Permission>>()

  get(name: string): Account | undefined {
    return this.#accounts.get(name)
  }

  put(account: Account): void {
    this.#accounts.set(account.name, account)
  }

  remove(name: string): void {
    this.#accounts.delete(name)
  }

  /** The account that `password` opens; undefined for an unknown user, a wrong or an empty password. */
  authenticate(name: string, password: string): Account | undefined {
    const account = this.#accounts.get(name)
    if (!account || password === '' || !verifyPassword(password, account.passwordHash, account.hashing)) return
    return account
  }

  permission(user: string, vhost: string): Permission | undefined {
    return this.#permissions.get(user)?.get(vhost)
  }

  permit(user: string, vhost: string, permission: Permission): void {
    const byVhost = this.#permissions.get(user)
    if (byVhost) byVhost.set(vhost, permission)
    else this.#permissions.set(user, new Map([[vhost, permission]]))
  }

  forbid(user: string, vhost: string): void {
    this.#permissions.get(user)?.delete(vhost)
  }
}
