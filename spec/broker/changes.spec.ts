// Changes as the meta store reports them, and the tables that they change.

import { FULL_PERMISSION, Users } from '../../src/broker/access/users.ts'
import { changeGlobals, changeUsers, changeVhost } from '../../src/broker/changes.ts'
import {
  accountEntry,
  type Kind,
  limitsEntry,
  parameterEntry,
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
    const changes: readonly [Kind, readonly string[], string][] = [
      ['policy', ['p'], policyEntry.write(policy)],
      ['operator-policy', ['p'], policyEntry.write(policy)],
      ['parameter', ['shovel', 's'], parameterEntry.write({ a: [null] })],
      ['vhost-limits', [], limitsEntry.write({ 'max-queues': 3 })],
    ]
    const state = () => [
      vhost.policies.get('p'),
      vhost.operatorPolicies.get('p'),
      vhost.parameters.get('shovel', 's'),
      vhost.limits,
    ]
    for (const [kind, names, value] of changes) expect(changeVhost(vhost, kind, names, value)).toBe(true)
    expect(state()).toEqual([policy, policy, { a: [null] }, { 'max-queues': 3 }])
    for (const [kind, names] of changes) expect(changeVhost(vhost, kind, names, null)).toBe(true)
    expect(state()).toEqual([undefined, undefined, undefined, {}])
    expect([...vhost.parameters]).toEqual([])
  })

  it('of a global parameter is made and unmade', () => {
    const globals = new Map()
    expect(changeGlobals(globals, 'global-parameter', ['g'], parameterEntry.write('x'))).toBe(true)
    expect([...globals]).toEqual([['g', 'x']])
    expect(changeGlobals(globals, 'global-parameter', ['g'], null)).toBe(true)
    expect(globals.size).toBe(0)
  })

  it('of another kind is somebody else’s', () => {
    expect(changeUsers(new Users(), 'queue', ['v', 'q'], '{}')).toBe(false)
    expect(changeVhost(new Vhost('v', () => 0), 'exchange', ['x'], null)).toBe(false)
    expect(changeGlobals(new Map(), 'user', ['u'], '{}')).toBe(false)
  })
})
