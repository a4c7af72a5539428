// When a message expires: the queue's time to live, its own, and the shorter of the two (behaviour.md §9.1).

import { Message } from '../../../src/broker/message.ts'
import { Expiry } from '../../../src/broker/queue/expiry.ts'
import { encodeHeader, type Properties } from '../../../src/protocol/properties.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const NOW = 5000

describe('the expiry of a message', () => {
  let clock: ManualClock
  let rung: number
  let expiry: Expiry

  beforeEach(() => {
    clock = new ManualClock(NOW)
    rung = 0
    expiry = new Expiry(clock, () => rung++)
  })

  function stamped(properties: Properties, ttlMs: number | null, least = 0): number {
    const header = encodeHeader(properties, 0)
    const message = new Message()
    message.setHeader(header, 0, header.length)
    message.expiresAt = 1
    expiry.ttlMs = ttlMs
    expiry.stamp(message, least)
    return message.expiresAt
  }

  it.each<[Properties, number | null, number]>([
    [{}, null, 0],
    [{}, 100, NOW + 100],
    [{}, 0, NOW],
    [{ expiration: '50' }, null, NOW + 50],
    [{ expiration: '50' }, 100, NOW + 50],
    [{ expiration: '500' }, 100, NOW + 100],
    [{ expiration: '+007', contentType: 'text/plain', headers: new Map() }, 100, NOW + 7],
    [{ expiration: '0' }, 100, NOW],
    [{ expiration: '-0' }, 100, NOW],
    [{ expiration: '315360000000' }, null, NOW + 315_360_000_000],
  ])('with %j in a queue with %s ms is at %i', (properties, ttlMs, at) => {
    expect(stamped(properties, ttlMs)).toBe(at)
    expect(expiry.mortal).toBe(at > 0)
  })

  it('is not before what it is given in any case', () => {
    expect(stamped({ expiration: '0' }, null, 1)).toBe(NOW + 1)
    expect(stamped({ expiration: '7' }, null, 1)).toBe(NOW + 7)
  })

  it('has passed when its time has come, and is waited for until then', () => {
    expect(expiry.hasPassed(0)).toBe(false)
    expect(clock.timers).toBe(0)
    expect(expiry.hasPassed(NOW)).toBe(true)
    expect(expiry.hasPassed(NOW + 10)).toBe(false)
    clock.advance(9)
    expect(rung).toBe(0)
    clock.advance(1)
    expect(rung).toBe(1)
    expect(expiry.hasPassed(NOW + 10)).toBe(true)
  })

  it('is nobody’s concern when nothing is left that expires, and is waited for no more when the queue is gone', () => {
    stamped({ expiration: '10' }, null)
    expiry.hasPassed(NOW + 10)
    expiry.rest()
    expect(expiry.mortal).toBe(false)
    expiry.end()
    expect(clock.timers).toBe(0)
  })
})
