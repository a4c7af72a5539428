// What a change that the meta store reports does to users, and to what is set for a vhost, or for all. Knows entries and tables; what
// is declared in a vhost, and what follows for those who are connected, is the broker's.

import type { Users } from './access/users.ts'
import {
  accountEntry,
  type Kind,
  limitsEntry,
  parameterEntry,
  permissionEntry,
  policyEntry,
  topicPermissionEntry,
} from './entries.ts'
import { NO_LIMITS } from './limits.ts'
import type { Policies } from './policy.ts'
import type { Json } from './term.ts'
import type { Vhost } from './vhost.ts'

/** Changes `users` by an entry of this kind and these names; `value` null: it is gone. False: it is not about users. */
export function changeUsers(users: Users, kind: Kind, names: readonly string[], value: string | null): boolean {
  const [user = '', vhost = '', exchange = ''] = names
  switch (kind) {
    case 'user':
      if (value === null) users.remove(user)
      else users.put(accountEntry.read(user, value))
      return true
    case 'user-limits':
      users.limit(user, value === null ? NO_LIMITS : limitsEntry.read(value))
      return true
    case 'permission':
      if (value === null) users.forbid(user, vhost)
      else users.permit(user, vhost, permissionEntry.read(value))
      return true
    case 'topic-permission':
      if (value === null) users.forbidTopics(user, vhost, exchange)
      else users.permitTopics(user, vhost, exchange, topicPermissionEntry.read(value))
      return true
    default:
      return false
  }
}

/** Changes global parameters, in the same way. False: it is not about them. */
export function changeGlobals(
  globals: Map<string, Json>,
  kind: Kind,
  [name = '']: readonly string[],
  value: string | null,
): boolean {
  if (kind !== 'global-parameter') return false
  if (value === null) globals.delete(name)
  else globals.set(name, parameterEntry.read(value))
  return true
}

/** Changes what is set for `vhost`, in the same way; its own name is none of `names`. False: it is not about that. */
export function changeVhost(vhost: Vhost, kind: Kind, names: readonly string[], value: string | null): boolean {
  const [name = '', second = ''] = names
  switch (kind) {
    case 'parameter':
      if (value === null) vhost.parameters.remove(name, second)
      else vhost.parameters.put(name, second, parameterEntry.read(value))
      return true
    case 'vhost-limits':
      vhost.limits = value === null ? NO_LIMITS : limitsEntry.read(value)
      return true
    case 'policy':
      changePolicies(vhost.policies, name, value)
      vhost.policiesChanged()
      return true
    case 'operator-policy':
      changePolicies(vhost.operatorPolicies, name, value)
      vhost.policiesChanged()
      return true
    default:
      return false
  }
}

function changePolicies(policies: Policies, name: string, value: string | null): void {
  if (value === null) policies.remove(name)
  else policies.put(policyEntry.read(name, value))
}
