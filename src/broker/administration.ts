// Administration: the changes that people make to users, vhosts, permissions, policies and limits. Each is checked, put
// into the meta store, and true as soon as the store has reported it. Knows what may be asked for; not what follows from
// it, and no protocol that asks.

import type { LoginRules } from './access/logins.ts'
import { type Hashing, newHash } from './access/passwords.ts'
import { checkPattern } from './access/pattern.ts'
import type { Account, Permission, TopicPermission, Users } from './access/users.ts'
import { invalid, missing } from './administration-error.ts'
import type { Dialect } from './dialect.ts'
import {
  accountEntry,
  entryKey,
  type Kind,
  limitsEntry,
  permissionEntry,
  policyEntry,
  topicPermissionEntry,
  vhostEntry,
} from './entries.ts'
import {
  checkLimits,
  isReached,
  type NodeLimits,
  type UserLimits,
  userLimitNames,
  type VhostLimits,
  vhostLimitNames,
} from './limits.ts'
import type { Logger } from './logger.ts'
import { ParameterChanges } from './parameter-changes.ts'
import { type PolicyKind, type PolicyRequest, policyOf } from './policy-rules.ts'
import { queueTypes } from './queue/settings.ts'
import { type Json, renderTerm } from './term.ts'
import type { Vhost } from './vhost.ts'
import { PLAIN_VHOST, type VhostSettings } from './vhost-settings.ts'

/** What an account is to be. With neither password nor hash, no password opens it. */
export interface UserRequest {
  readonly password?: string
  /** As RabbitMQ exports it: base64 of salt and hash. Goes before `password`. */
  readonly passwordHash?: string
  readonly hashing?: Hashing
  readonly tags?: readonly string[]
}

/** An entry of the meta store as it is to be; null: gone. */
export type EntryChange = readonly [key: string, value: string | null]

/** What administration is given. */
export interface AdministrationHost {
  readonly users: Users
  readonly vhosts: ReadonlyMap<string, Vhost>
  readonly globals: ReadonlyMap<string, Json>
  readonly limits: NodeLimits
  /** Which RabbitMQ this is; Leveret itself where it is not said. */
  readonly dialect?: Dialect
  readonly logger: Logger
  /** Puts entries into the meta store, all or none, and resolves when that is done. Rejects with `StoreError`. */
  change(entries: readonly EntryChange[]): Promise<void>
  /** Octets that nobody can guess. */
  random(count: number): Buffer
  readonly rules: Pick<LoginRules, 'passwordHashing'>
}

/** Changes to a broker. All methods reject with `AdministrationError` where a change cannot be, or with `StoreError`. */
export class Administration {
  /** The changes to parameters. */
  readonly parameters: ParameterChanges
  readonly #host: AdministrationHost
  /** The change that is being made; the next one looks at what it leaves. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(host: AdministrationHost) {
    this.#host = host
    this.parameters = new ParameterChanges({
      globals: host.globals,
      logger: host.logger,
      vhost: (name) => this.#vhost(name),
      change: (decide) => this.#change(decide),
      administration: this,
    })
  }

  // --- users ------------------------------------------------------------------------------------------------------

  /** Makes an account, or makes the one that exists into this. */
  putUser(name: string, request: UserRequest): Promise<void> {
    const { password = '', passwordHash: given, tags = [] } = request
    // A hash that comes without a name is RabbitMQ's first.
    const hashing = request.hashing ?? (given === undefined ? this.#host.rules.passwordHashing : 'sha256')
    return this.#change(async () => {
      checkName('user', name)
      const passwordHash = given ?? (await this.#hash(password, hashing))
      return [[entryKey('user', name), accountEntry.write({ name, passwordHash, hashing, tags })]]
    })
  }

  /** Gives an account that exists another password. */
  setPassword(name: string, password: string): Promise<void> {
    const hashing = this.#host.rules.passwordHashing
    return this.#change(async () => {
      this.#account(name)
      const passwordHash = await this.#hash(password, hashing)
      return [[entryKey('user', name), accountEntry.write({ ...this.#account(name), passwordHash, hashing })]]
    })
  }

  /** Gives an account that exists other tags. */
  setUserTags(name: string, tags: readonly string[]): Promise<void> {
    return this.#changeAccount(name, { tags })
  }

  /** Deletes an account and all that is granted to it; its connections are closed (behaviour.md §2.8). */
  deleteUser(name: string): Promise<void> {
    return this.#change(() => {
      this.#account(name)
      return removals([...this.#grantKeys(name, null), entryKey('user-limits', name), entryKey('user', name)])
    })
  }

  /** Sets the limits of a user, all of them; one that is left out is none (behaviour.md §13.2). */
  setUserLimits(name: string, limits: UserLimits): Promise<void> {
    return this.#change(() => {
      this.#account(name)
      checkLimits(limits, userLimitNames, name)
      return [[entryKey('user-limits', name), limitsEntry.write(limits)]]
    })
  }

  #changeAccount(name: string, changed: Partial<Account>): Promise<void> {
    return this.#change(() => [[entryKey('user', name), accountEntry.write({ ...this.#account(name), ...changed })]])
  }

  // --- permissions ------------------------------------------------------------------------------------------------

  /** Grants a user what matches three patterns in a vhost, in place of what was granted before. */
  setPermission(user: string, vhost: string, permission: Permission): Promise<void> {
    return this.#change(() => {
      this.#account(user)
      this.#vhost(vhost)
      for (const pattern of [permission.configure, permission.write, permission.read]) checkPattern(pattern)
      return [[entryKey('permission', user, vhost), permissionEntry.write(permission)]]
    })
  }

  /** Takes away all that a user may do in a vhost. */
  clearPermission(user: string, vhost: string): Promise<void> {
    return this.#change(() => {
      this.#account(user)
      this.#vhost(vhost)
      return removals([entryKey('permission', user, vhost)])
    })
  }

  /** Restricts a user to routing keys that match these patterns, on one exchange of type topic. */
  setTopicPermission(user: string, vhost: string, exchange: string, permission: TopicPermission): Promise<void> {
    return this.#change(() => {
      this.#account(user)
      this.#vhost(vhost)
      for (const pattern of [permission.write, permission.read]) checkPattern(pattern)
      return [[entryKey('topic-permission', user, vhost, exchange), topicPermissionEntry.write(permission)]]
    })
  }

  /** Lifts that restriction. */
  clearTopicPermission(user: string, vhost: string, exchange: string): Promise<void> {
    return this.#change(() => {
      this.#account(user)
      this.#vhost(vhost)
      return removals([entryKey('topic-permission', user, vhost, exchange)])
    })
  }

  // --- vhosts -----------------------------------------------------------------------------------------------------

  /** Makes a vhost with the exchanges that each has, or changes what is set for the one that exists. */
  putVhost(name: string, settings: Partial<VhostSettings> = {}): Promise<void> {
    return this.#change(() => {
      checkName('vhost', name)
      const { vhosts, limits } = this.#host
      if (!vhosts.has(name) && isReached(limits.vhostMax, () => vhosts.size)) {
        throw invalid(`cannot create vhost '${name}': vhost limit of ${limits.vhostMax} is reached`)
      }
      const whole = { ...(vhosts.get(name)?.settings ?? PLAIN_VHOST), ...settings }
      const { defaultQueueType } = whole
      if (defaultQueueType !== null && !queueTypes.includes(defaultQueueType)) {
        throw invalid(`${renderTerm(defaultQueueType)} is not a valid queue type`)
      }
      return [[entryKey('vhost', name), vhostEntry.write(whole)]]
    })
  }

  /** Deletes a vhost with all that is in it; connections to it are closed (behaviour.md §2.8). */
  deleteVhost(name: string): Promise<void> {
    return this.#change(() => {
      const vhost = this.#vhost(name)
      const grants = [...this.#host.users].flatMap((account) => this.#grantKeys(account.name, name))
      const policies = [...vhost.policies].map((policy) => entryKey('policy', name, policy.name))
      const operatorPolicies = [...vhost.operatorPolicies].map((policy) =>
        entryKey('operator-policy', name, policy.name),
      )
      const parameters = [...vhost.parameters].map((each) => entryKey('parameter', name, each.component, each.name))
      const set = [...policies, ...operatorPolicies, ...parameters, entryKey('vhost-limits', name)]
      return removals([...vhost.declaredKeys(), ...set, ...grants, entryKey('vhost', name)])
    })
  }

  /** Sets the limits of a vhost, all of them; one that is left out is none (behaviour.md §13.2). */
  setVhostLimits(name: string, limits: VhostLimits): Promise<void> {
    return this.#change(() => {
      this.#vhost(name)
      checkLimits(limits, vhostLimitNames, 'limits')
      return [[entryKey('vhost-limits', name), limitsEntry.write(limits)]]
    })
  }

  // --- policies ---------------------------------------------------------------------------------------------------

  /** Sets a policy, which applies at once to all that it matches (behaviour.md §14). */
  putPolicy(vhost: string, name: string, request: PolicyRequest): Promise<void> {
    return this.#putPolicy('policy', vhost, name, request)
  }

  /** Deletes a policy, and undoes it. */
  deletePolicy(vhost: string, name: string): Promise<void> {
    return this.#deletePolicy('policy', vhost, name)
  }

  /** Sets an operator policy, which bounds what arguments and policies ask for. */
  putOperatorPolicy(vhost: string, name: string, request: PolicyRequest): Promise<void> {
    return this.#putPolicy('operator-policy', vhost, name, request)
  }

  /** Deletes an operator policy, and undoes it. */
  deleteOperatorPolicy(vhost: string, name: string): Promise<void> {
    return this.#deletePolicy('operator-policy', vhost, name)
  }

  #putPolicy(kind: PolicyKind, vhost: string, name: string, request: PolicyRequest): Promise<void> {
    return this.#change(() => {
      this.#vhost(vhost)
      return [[entryKey(kind, vhost, name), policyEntry.write(policyOf(kind, name, request, this.#host.dialect))]]
    })
  }

  #deletePolicy(kind: PolicyKind, vhostName: string, name: string): Promise<void> {
    return this.#change(() => {
      const vhost = this.#vhost(vhostName)
      const policies = kind === 'policy' ? vhost.policies : vhost.operatorPolicies
      if (!policies.get(name)) throw missing(`policy '${name}' in vhost '${vhostName}' does not exist`)
      return removals([entryKey(kind, vhostName, name)])
    })
  }

  // --- how ---------------------------------------------------------------------------------------------------------

  /** Makes a change when the one before it is through: `decide` looks at tables that nobody else is about to change. */
  #change(decide: () => readonly EntryChange[] | Promise<readonly EntryChange[]>): Promise<void> {
    return this.inTurn(async () => {
      const entries = decide()
      return this.#host.change(entries instanceof Promise ? await entries : entries)
    })
  }

  /** Runs `task` in the place of a change: nothing is changed meanwhile. */
  inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(task)
    this.#last = done.catch(() => {})
    return done
  }

  /** The hash of a password as new ones are made. */
  async secret(password: string): Promise<Pick<Account, 'passwordHash' | 'hashing'>> {
    const { passwordHashing: hashing } = this.#host.rules
    return { passwordHash: await this.#hash(password, hashing), hashing }
  }

  #hash(password: string, hashing: Hashing): Promise<string> {
    return newHash(password, hashing, (count) => this.#host.random(count))
  }

  #account(name: string): Account {
    const account = this.#host.users.get(name)
    if (!account) throw missing(`user '${name}' does not exist`)
    return account
  }

  #vhost(name: string): Vhost {
    const vhost = this.#host.vhosts.get(name)
    if (!vhost) throw missing(`vhost '${name}' does not exist`)
    return vhost
  }

  /** The keys of all that is granted to a user; null: in every vhost. */
  #grantKeys(user: string, vhost: string | null): string[] {
    const { users, vhosts } = this.#host
    const keysIn = (name: string): string[] => [
      ...(users.permission(user, name) ? [entryKey('permission', user, name)] : []),
      ...[...users.topicPermissions(user, name).keys()].map((exchange) =>
        entryKey('topic-permission', user, name, exchange),
      ),
    ]
    return vhost === null ? [...vhosts.keys()].flatMap(keysIn) : keysIn(vhost)
  }
}

function checkName(kind: Extract<Kind, 'user' | 'vhost'>, name: string): void {
  if (name === '') throw invalid(`a ${kind} has to have a name`)
}

function removals(keys: readonly string[]): EntryChange[] {
  return keys.map((key) => [key, null])
}
