// Limits of vhosts and users: what may be set, and what counts as one.

import {
  checkExchangeLimit,
  checkLimits,
  checkQueueLimits,
  isReached,
  limitOf,
  NO_NODE_LIMITS,
  userLimitNames,
  vhostLimitNames,
} from '../../src/broker/limits.ts'
import type { Json } from '../../src/broker/term.ts'

describe('a limit', () => {
  it('is the number that is set; absent or negative it is none, 0 allows nothing (§13.2)', () => {
    const limits = { 'max-connections': 0, 'max-queues': -1 }
    expect(limitOf(limits, 'max-connections')).toBe(0)
    expect(limitOf(limits, 'max-queues')).toBeNull()
    expect(limitOf({}, 'max-queues')).toBeNull()
    expect(limitOf({ 'max-queues': 7 }, 'max-queues')).toBe(7)
  })

  it.each<[{ [name: string]: Json }]>([[{}], [{ 'max-connections': 5 }], [{ 'max-queues': -1, 'max-connections': 0 }]])(
    'can be set for a vhost: %j',
    (limits) => {
      expect(() => checkLimits(limits, vhostLimitNames, 'limits')).not.toThrow()
    },
  )

  it.each<[{ [name: string]: Json }, string]>([
    [{ 'max-queues': 'a' }, 'max-queues should be a number, actually was <<"a">>'],
    [{ 'max-connections': 1.5 }, 'max-connections should be a number, actually was 1.5'],
    [{ 'max-channels': 1 }, 'Unrecognised terms [{<<"max-channels">>,1}] in limits'],
    [
      { other: 1, 'max-queues': null },
      'Unrecognised terms [{<<"other">>,1}] in limits\nmax-queues should be a number, actually was null',
    ],
  ])('of a vhost cannot be %j', (limits, message) => {
    expect(() => checkLimits(limits, vhostLimitNames, 'limits')).toThrow(expect.objectContaining({ message }))
  })

  it('of a user is refused in the name of the user', () => {
    const message = 'Unrecognised terms [{<<"max-queues">>,1}] in me'
    const set = () => checkLimits({ 'max-queues': 1, 'max-channels': 2 }, userLimitNames, 'me')
    expect(set).toThrow(expect.objectContaining({ kind: 'invalid', message }))
  })
})

describe('room', () => {
  const vhost = (name: string, queues: number, exchanges: number, limits = {}) => ({
    name,
    limits,
    queues: { size: queues },
    exchanges: { size: exchanges },
  })

  it('for a queue is bounded by its vhost, then by the broker (§6.1)', () => {
    const all = [vhost('a', 2, 7), vhost('b', 3, 7)]
    const check = (limits: object, clusterQueueLimit: number) => () =>
      checkQueueLimits('q', vhost('a', 2, 7, limits), all, { ...NO_NODE_LIMITS, clusterQueueLimit })
    for (const limits of [{}, { 'max-queues': 3 }, { 'max-queues': -1 }]) {
      expect(check(limits, 0)).not.toThrow()
      expect(check(limits, 6)).not.toThrow()
      expect(check(limits, 5)).toThrow("cannot declare queue 'q': queue limit in cluster (5) is reached")
    }
    expect(check({ 'max-queues': 2 }, 5)).toThrow("cannot declare queue 'q': queue limit in vhost 'a' (2) is reached")
    expect(check({ 'max-queues': 0 }, 0)).toThrow("cannot declare queue 'q': queue limit in vhost 'a' (0) is reached")
  })

  it('for an exchange is bounded by the broker (§5.2)', () => {
    const all = [vhost('a', 0, 8), vhost('b', 0, 7)]
    const check = (clusterExchangeLimit: number) => () =>
      checkExchangeLimit('x', vhost('a', 0, 8), all, { ...NO_NODE_LIMITS, clusterExchangeLimit })
    for (const limit of [0, 16]) expect(check(limit)).not.toThrow()
    expect(check(15)).toThrow("cannot declare exchange 'x' in vhost 'a': exchange limit of 15 is reached")
  })

  it('is there without end where nothing bounds it', () => {
    expect([isReached(0, () => 5), isReached(6, () => 5), isReached(5, () => 5)]).toEqual([false, false, true])
  })
})
