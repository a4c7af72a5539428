// Limits of vhosts and users: what may be set, and what counts as one.

import { checkLimits, limitOf, userLimitNames, vhostLimitNames } from '../../src/broker/limits.ts'
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
