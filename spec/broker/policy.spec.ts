// Which policy applies to what.

import { Policies, type Policy, type PolicySubject, type PolicyTarget } from '../../src/broker/policy.ts'

function policy(name: string, pattern: string, changed: Partial<Policy> = {}): Policy {
  return { name, pattern, applyTo: 'all', priority: 0, definition: { 'max-length': 1 }, ...changed }
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
})
