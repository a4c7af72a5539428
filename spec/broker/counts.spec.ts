// Counts: all fields are added, and what is taken is the sum of the ways to take it.

import { DeathCounts, deathReasons, deathStrategies, MessageCounts } from '../../src/broker/counts.ts'

describe('counts of messages', () => {
  it('are added field by field, none left out', () => {
    const [sum, one] = [new MessageCounts(), new MessageCounts()]
    const names = Object.keys(one) as Exclude<keyof MessageCounts, 'add' | 'taken'>[]
    expect(names.length).toBeGreaterThan(10)
    for (const [index, name] of names.entries()) {
      one[name] = index + 1
      sum[name] = 1000
    }
    expect(sum.add(one)).toBe(sum)
    for (const [index, name] of names.entries()) expect([name, sum[name]]).toEqual([name, 1001 + index])
  })

  it('know what was taken', () => {
    const counts = Object.assign(new MessageCounts(), { delivered: 1, deliveredNoAck: 20, got: 300, gotNoAck: 4000 })
    counts.gotEmpty = counts.redelivered = 7
    expect(counts.taken).toBe(4321)
  })
})

describe('counts of deaths', () => {
  it('are added by strategy and reason', () => {
    const [sum, one] = [new DeathCounts(), new DeathCounts()]
    let value = 0
    for (const strategy of deathStrategies) for (const reason of deathReasons) one[strategy][reason] = ++value
    one.confirmed = 99
    sum.add(one).add(one)
    expect(sum.at_most_once).toEqual({ rejected: 10, expired: 12, maxlen: 14, delivery_limit: 16 })
    expect([sum.disabled.rejected, sum.at_least_once.delivery_limit, sum.confirmed]).toEqual([2, 24, 198])
  })
})
