// Changes as the meta store reports them, and the tables that they change.

import { FULL_PERMISSION, Users } from '../../src/broker/access/users.ts'
import { changeUsers, changeVhost } from '../../src/broker/changes.ts'
import {
  accountEntry,
  type Kind,
  limitsEntry,
  permissionEntry,
  policyEntry,
  topicPermissionEntry,
} from '../../src/broker/entries.ts'
import { Vhost } from '../../src/broker/vhost.ts'

describe('a change', () => {
  it('of an account, its permissions and its limits is made and unmade', () => {
    const users = new Users()
    const account = { name: 'u', passwordHash: 'x', hashing: 'sha256', tags: ['t'] } as const
    const narrow = { write: '^a', read: '' }
    const changes: readonly [Kind, readonly string[], string][] = [
      ['user', ['u'], accountEntry.write(account)],
      ['permission', ['u', 'v'], permissionEntry.write(FULL_PERMISSION)],
      ['topic-permission', ['u', 'v', 'x'], topicPermissionEntry.write(narrow)],
      ['user-limits', ['u'], limitsEntry.write({ 'max-channels': 3 })],
    ]
    const state = () => [
      users.get('u'),
      users.permission('u', 'v'),
      users.topicPermissions('u', 'v').get('x'),
      users.limits('u'),
    ]
    for (const [kind, names, value] of changes) expect(changeUsers(users, kind, names, value)).toBe(true)
    expect(state()).toEqual([account, FULL_PERMISSION, narrow, { 'max-channels': 3 }])
    for (const [kind, names] of changes.toReversed()) expect(changeUsers(users, kind, names, null)).toBe(true)
    expect(state()).toEqual([undefined, undefined, undefined, {}])
  })

  it('of what is set for a vhost is made and unmade', () => {
    const vhost = new Vhost('v', () => 0)
    const policy = { name: 'p', pattern: 'q', applyTo: 'all', priority: 1, definition: { expires: 1 } } as const
    const changes: readonly [Kind, string, string][] = [
      ['policy', 'p', policyEntry.write(policy)],
      ['operator-policy', 'p', policyEntry.write(policy)],
      ['vhost-limits', '', limitsEntry.write({ 'max-queues': 3 })],
    ]
    const state = () => [vhost.policies.get('p'), vhost.operatorPolicies.get('p'), vhost.limits]
    for (const [kind, name, value] of changes) expect(changeVhost(vhost, kind, name, value)).toBe(true)
    expect(state()).toEqual([policy, policy, { 'max-queues': 3 }])
    for (const [kind, name] of changes) expect(changeVhost(vhost, kind, name, null)).toBe(true)
    expect(state()).toEqual([undefined, undefined, {}])
  })

  it('of another kind is somebody else’s', () => {
    expect(changeUsers(new Users(), 'queue', ['v', 'q'], '{}')).toBe(false)
    expect(changeVhost(new Vhost('v', () => 0), 'exchange', 'x', null)).toBe(false)
  })
})
