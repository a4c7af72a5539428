// The part of a plan that is about vhosts, users and what is set for them. Each definition is checked as the change that
// a person makes is; knows the tables that are there and what is planned, not how it is committed.

import type { Hashing } from '../access/passwords.ts'
import { checkPattern } from '../access/pattern.ts'
import type { Account, Users } from '../access/users.ts'
import type { Dialect } from '../dialect.ts'
import {
  accountEntry,
  entryKey,
  limitsEntry,
  parameterEntry,
  permissionEntry,
  policyEntry,
  topicPermissionEntry,
  vhostEntry,
} from '../entries.ts'
import {
  checkLimits,
  isReached,
  type NodeLimits,
  type UserLimits,
  userLimitNames,
  type VhostLimits,
  vhostLimitNames,
} from '../limits.ts'
import { checkComponent, LIMITS, OPERATOR_POLICY, objectOf, policyRequest, VHOST_LIMITS } from '../parameters.ts'
import type { Policy } from '../policy.ts'
import { type PolicyKind, type PolicyRequest, policyOf } from '../policy-rules.ts'
import { queueTypes } from '../queue/settings.ts'
import { type Json, renderTerm } from '../term.ts'
import type { Vhost } from '../vhost.ts'
import { PLAIN_VHOST } from '../vhost-settings.ts'
import type {
  DefinedParameter,
  DefinedPermission,
  DefinedPolicy,
  DefinedTopicPermission,
  DefinedUser,
  DefinedVhost,
  Definitions,
} from './definitions.ts'
import type { Plan } from './plan.ts'

/** What a plan is made against. */
export interface Present {
  readonly users: Users
  readonly vhosts: ReadonlyMap<string, Vhost>
  readonly globals: ReadonlyMap<string, Json>
  readonly limits: NodeLimits
  /** Which RabbitMQ this is; Leveret itself where it is not said. */
  readonly dialect?: Dialect
}

/** The password hash of a user, made of the password that was given. */
export type Secret = { readonly passwordHash: string; readonly hashing: Hashing }

/** Plans all that is set. `secrets` has the hashes of those users whose passwords were given. */
export class SettingsPlan {
  readonly #plan: Plan
  readonly #present: Present
  readonly #secrets: ReadonlyMap<string, Secret>

  constructor(plan: Plan, present: Present, secrets: ReadonlyMap<string, Secret>) {
    this.#plan = plan
    this.#present = present
    this.#secrets = secrets
  }

  /** Adds all of `definitions` that is a setting. */
  add(definitions: Definitions): void {
    for (const vhost of definitions.vhosts) this.#addVhost(vhost)
    for (const user of definitions.users) this.#addUser(user)
    for (const permission of definitions.permissions) this.#addPermission(permission)
    for (const permission of definitions.topicPermissions) this.#addTopicPermission(permission)
    for (const parameter of definitions.parameters) this.#addParameter(parameter)
    for (const policy of definitions.policies) {
      if (this.hasVhost(policy.place, policy.vhost)) this.#addPolicy('policy', policy, policy)
    }
    for (const { place, name, value } of definitions.globalParameters) {
      const before = this.#present.globals.get(name)
      const known = before === undefined ? null : parameterEntry.write(before)
      this.#plan.put(place, entryKey('global-parameter', name), parameterEntry.write(value), known)
    }
  }

  /** Whether there is such a vhost, or will be; complains where not. */
  hasVhost(place: string, name: string): boolean {
    return this.#has(`${place}.vhost`, 'vhost', name, this.#present.vhosts.has(name))
  }

  #hasUser(place: string, name: string): boolean {
    return this.#has(`${place}.user`, 'user', name, this.#present.users.get(name) !== undefined)
  }

  #has(place: string, kind: 'user' | 'vhost', name: string, present: boolean): boolean {
    if (present || this.#plan.planned(entryKey(kind, name))) return true
    this.#plan.complain(place, `there is no ${kind} '${name}', neither here nor in the definitions`)
    return false
  }

  #addVhost({ place, name, settings, limits }: DefinedVhost): void {
    const plan = this.#plan
    const { vhosts, limits: node } = this.#present
    const vhost = vhosts.get(name)
    if (name === '') return plan.complain(`${place}.name`, 'a vhost has to have a name')
    const type = settings.defaultQueueType ?? null
    if (type !== null && !queueTypes.includes(type)) {
      return plan.complain(`${place}.default_queue_type`, `${renderTerm(type)} is not a valid queue type`)
    }
    const planned = plan.changes.filter((change) => change.kind === 'vhost' && change.before === null).length
    if (!vhost && isReached(node.vhostMax, () => vhosts.size + planned)) {
      return plan.complain(place, `cannot create vhost '${name}': vhost limit of ${node.vhostMax} is reached`)
    }
    const whole = { ...(vhost?.settings ?? PLAIN_VHOST), ...settings }
    plan.put(place, entryKey('vhost', name), vhostEntry.write(whole), vhost ? vhostEntry.write(vhost.settings) : null)
    if (limits !== null && Object.keys(limits).length > 0) this.#putVhostLimits(`${place}.limits`, name, limits)
  }

  #putVhostLimits(place: string, name: string, limits: VhostLimits): void {
    if (!this.#plan.check(place, () => checkLimits(limits, vhostLimitNames, LIMITS))) return
    const before = setLimits(this.#present.vhosts.get(name)?.limits)
    this.#plan.put(place, entryKey('vhost-limits', name), limitsEntry.write(limits), before)
  }

  #addUser({ place, name, tags, passwordHash, hashing, limits }: DefinedUser): void {
    const plan = this.#plan
    if (name === '') return plan.complain(`${place}.name`, 'a user has to have a name')
    const account = this.#present.users.get(name)
    const given = passwordHash === null ? undefined : { passwordHash, hashing }
    const { passwordHash: hash, hashing: by } = given ?? this.#secrets.get(name) ?? account ?? NO_PASSWORD
    const value = accountEntry.write({ name, passwordHash: hash, hashing: by, tags })
    plan.put(place, entryKey('user', name), value, account ? accountEntry.write(account) : null)
    if (limits === null) return
    if (!plan.check(`${place}.limits`, () => checkLimits(limits, userLimitNames, name))) return
    const before = setLimits(this.#present.users.limits(name))
    if (before === null && Object.keys(limits).length === 0) return
    plan.put(`${place}.limits`, entryKey('user-limits', name), limitsEntry.write(limits), before)
  }

  #addPermission({ place, user, vhost, configure, write, read }: DefinedPermission): void {
    const permission = { configure, write, read }
    if (!this.#checkPatterns(place, permission)) return
    if (!this.#hasUser(place, user) || !this.hasVhost(place, vhost)) return
    const before = this.#present.users.permission(user, vhost)
    const known = before ? permissionEntry.write(before) : null
    this.#plan.put(place, entryKey('permission', user, vhost), permissionEntry.write(permission), known)
  }

  #addTopicPermission({ place, user, vhost, exchange, write, read }: DefinedTopicPermission): void {
    const permission = { write, read }
    if (!this.#checkPatterns(place, permission)) return
    if (!this.#hasUser(place, user) || !this.hasVhost(place, vhost)) return
    const before = this.#present.users.topicPermissions(user, vhost).get(exchange)
    const known = before ? topicPermissionEntry.write(before) : null
    const key = entryKey('topic-permission', user, vhost, exchange)
    this.#plan.put(place, key, topicPermissionEntry.write(permission), known)
  }

  #checkPatterns(place: string, patterns: { readonly [name: string]: string }): boolean {
    const checked = Object.entries(patterns).map(([name, pattern]) =>
      this.#plan.check(`${place}.${name}`, () => checkPattern(pattern)),
    )
    return checked.every((fine) => fine)
  }

  #addParameter({ place, vhost, component, name, value }: DefinedParameter): void {
    const plan = this.#plan
    if (!this.hasVhost(place, vhost)) return
    const at = `${place}.value`
    if (component === VHOST_LIMITS) {
      plan.check(at, () => this.#putVhostLimits(at, vhost, objectOf(value, LIMITS) as VhostLimits))
    } else if (component === OPERATOR_POLICY) {
      plan.check(at, () => this.#addPolicy('operator-policy', { place: at, vhost, name }, policyRequest(value)))
    } else if (plan.check(`${place}.component`, () => checkComponent(component))) {
      const before = this.#present.vhosts.get(vhost)?.parameters.get(component, name)
      const known = before === undefined ? null : parameterEntry.write(before)
      plan.put(place, entryKey('parameter', vhost, component, name), parameterEntry.write(value), known)
    }
  }

  #addPolicy(
    kind: PolicyKind,
    { place, vhost, name }: Pick<DefinedPolicy, 'place' | 'vhost' | 'name'>,
    request: PolicyRequest,
  ): void {
    this.#plan.check(place, () => {
      const live = this.#present.vhosts.get(vhost)
      const before: Policy | undefined = (kind === 'policy' ? live?.policies : live?.operatorPolicies)?.get(name)
      const value = policyEntry.write(policyOf(kind, name, request, this.#present.dialect))
      this.#plan.put(place, entryKey(kind, vhost, name), value, before ? policyEntry.write(before) : null)
    })
  }
}

const NO_PASSWORD: Pick<Account, 'passwordHash' | 'hashing'> = { passwordHash: '', hashing: 'sha256' }

/** Limits as their entry says them; null where there are none. */
function setLimits(limits: UserLimits | VhostLimits | undefined): string | null {
  return limits === undefined || Object.keys(limits).length === 0 ? null : limitsEntry.write(limits)
}
