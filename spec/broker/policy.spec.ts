// Which policy applies to what.

import {
  combined,
  Policies,
  type Policy,
  type PolicyDefinition,
  type PolicySubject,
  type PolicyTarget,
  strictest,
} from '../../src/broker/policy.ts'

function policy(name: string, pattern: string, changed: Partial<Policy> = {}): Policy {
  return { name, pattern, applyTo: 'all', priority: 0, definition: { 'max-length-bytes': 1 }, ...changed }
}

function policies(...list: readonly Policy[]): Policies {
  const policies = new Policies()
  for (const each of list) policies.put(each)
  return policies
}

describe('a policy', () => {
  it('matches anywhere in a name (§14)', () => {
    const some = policies(policy('p', 'q1'))
    expect(some.match('classic_queues', 'xxq1yy')?.name).toBe('p')
    expect(some.match('classic_queues', 'q2')).toBeNull()
    expect(policies(policy('all', '')).match('exchanges', 'x')?.name).toBe('all')
  })

  it('whose pattern takes too long with a name does not match it, and the log says so', () => {
    const warn = jest.fn()
    const some = new Policies({ warn })
    some.put(policy('p', '^(a+)+$'))
    const name = `${'a'.repeat(60)}b`
    expect([some.match('exchanges', name), some.match('exchanges', 'aa')?.name]).toEqual([null, 'p'])
    expect(warn).toHaveBeenCalledWith({ pattern: '^(a+)+$', name }, expect.stringContaining('takes too long'))
  })

  it('of the highest priority is the only one that counts', () => {
    const some = policies(
      policy('low', '.*', { priority: -1 }),
      policy('high', '.*', { priority: 2 }),
      policy('p', '.*'),
    )
    expect(some.match('classic_queues', 'q')?.name).toBe('high')
    some.remove('high')
    expect(some.match('classic_queues', 'q')?.name).toBe('p')
  })

  it('of several with one priority is the one whose name comes first', () => {
    expect(policies(policy('b', '.*'), policy('a', '.*'), policy('c', '.*')).match('streams', 'q')?.name).toBe('a')
  })

  it('is replaced by another of its name, and found by it', () => {
    const some = policies(policy('p', 'a'), policy('p', 'b'))
    expect([some.match('exchanges', 'a'), some.match('exchanges', 'b')?.name]).toEqual([null, 'p'])
    expect([...some]).toEqual([some.get('p')])
    some.remove('p')
    expect([some.get('p'), [...some]]).toEqual([undefined, []])
  })

  it.each<[PolicyTarget, readonly PolicySubject[]]>([
    ['all', ['exchanges', 'classic_queues', 'quorum_queues', 'streams']],
    ['queues', ['classic_queues', 'quorum_queues', 'streams']],
    ['exchanges', ['exchanges']],
    ['classic_queues', ['classic_queues']],
    ['quorum_queues', ['quorum_queues']],
    ['streams', ['streams']],
  ])('for %s applies to no others', (applyTo, expected) => {
    const some = policies(policy('p', '.*', { applyTo }))
    const subjects = ['exchanges', 'classic_queues', 'quorum_queues', 'streams'] as const
    expect(subjects.filter((subject) => some.match(subject, 'name') !== null)).toEqual(expected)
  })
  it.each<[string, readonly PolicySubject[]]>([
    ['max-length', ['exchanges', 'classic_queues', 'quorum_queues']],
    ['max-length-bytes', ['exchanges', 'classic_queues', 'quorum_queues', 'streams']],
    ['delivery-limit', ['exchanges', 'quorum_queues']],
    ['max-age', ['exchanges', 'streams']],
    ['queue-mode', ['exchanges', 'classic_queues']],
    ['delayed-retry-min', ['exchanges', 'quorum_queues']],
    ['alternate-exchange', ['exchanges', 'classic_queues', 'quorum_queues', 'streams']],
  ])('that sets %s does not apply to what does not know it', (key, expected) => {
    const some = policies(policy('p', '.*', { definition: { [key]: 1 } }))
    const subjects = ['exchanges', 'classic_queues', 'quorum_queues', 'streams'] as const
    expect(subjects.filter((subject) => some.match(subject, 'name') !== null)).toEqual(expected)
  })

  it('that does not apply leaves room for one that does', () => {
    const quorum = policy('q', '.*', { priority: 9, definition: { 'delivery-limit': 1 } })
    expect(policies(quorum, policy('c', '.*')).match('classic_queues', 'name')?.name).toBe('c')
  })
})

describe('a policy and an operator policy', () => {
  const both = (one: PolicyDefinition, other: PolicyDefinition) =>
    combined(policy('p', '', { definition: one }), policy('o', '', { definition: other }))

  it('are nothing where there is none, and either by itself', () => {
    expect(combined(null, null)).toEqual({})
    expect(combined(policy('p', ''), null)).toEqual({ 'max-length-bytes': 1 })
    expect(combined(null, policy('o', ''))).toEqual({ 'max-length-bytes': 1 })
  })

  it.each<[PolicyDefinition, PolicyDefinition, PolicyDefinition]>([
    [{ 'max-length': 5 }, { 'max-length': 3 }, { 'max-length': 3 }],
    [{ 'max-length': 3 }, { 'max-length': 5 }, { 'max-length': 3 }],
    [{ 'max-length': 3 }, { expires: 5 }, { 'max-length': 3, expires: 5 }],
    [
      { 'message-ttl': 3, expires: 1 },
      { 'message-ttl': 5, expires: 2 },
      { 'message-ttl': 3, expires: 1 },
    ],
    [{ overflow: 'drop-head' }, { overflow: 'reject-publish' }, { overflow: 'reject-publish' }],
    [{ 'queue-version': 1 }, { 'queue-version': 2 }, { 'queue-version': 2 }],
    [{ 'delivery-limit': -1 }, { 'delivery-limit': 5 }, { 'delivery-limit': 5 }],
    [{ 'delivery-limit': 7 }, { 'delivery-limit': -1 }, { 'delivery-limit': 7 }],
  ])('are combined key by key (§14): %j and %j', (one, other, expected) => {
    expect(both(one, other)).toEqual(expected)
  })
})

it('of two limits the smaller binds, unless one is none', () => {
  expect([strictest(1, 2), strictest(2, 1), strictest(-1, 5), strictest(5, -1), strictest(-1, -2)]).toEqual([
    1, 1, 5, 5, -1,
  ])
})
