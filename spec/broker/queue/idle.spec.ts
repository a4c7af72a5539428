// How long a queue is unused (x-expires, behaviour.md §6.3).

import { Idle } from '../../../src/broker/queue/idle.ts'
import { ManualClock } from '../../support/manual-clock.ts'

describe('a queue that expires', () => {
  let clock: ManualClock
  let expired: number
  let idle: Idle

  beforeEach(() => {
    clock = new ManualClock()
    expired = 0
    idle = new Idle(clock, () => expired++)
  })

  it('does so when it was unused for so long', () => {
    idle.allow(100)
    clock.advance(99)
    expect(expired).toBe(0)
    clock.advance(1)
    expect(expired).toBe(1)
  })

  it('lives on with every use, on one timer', () => {
    idle.allow(100)
    for (let i = 0; i < 5; i++) {
      clock.advance(60)
      idle.used()
      expect(clock.timers).toBe(1)
    }
    clock.advance(99)
    expect(expired).toBe(0)
    clock.advance(1)
    expect(expired).toBe(1)
  })

  it('goes on with what another was unused for', () => {
    idle.unusedFor(40)
    expect(idle.unusedMs).toBe(0)
    idle.allow(100)
    idle.unusedFor(40)
    clock.advance(59)
    expect([idle.unusedMs, expired]).toEqual([99, 0])
    clock.advance(1)
    expect(expired).toBe(1)
  })

  it('lives as long as somebody consumes, and its time begins when they have gone', () => {
    idle.allow(100)
    clock.advance(50)
    idle.hold(true)
    clock.advance(1000)
    expect(expired).toBe(0)
    idle.hold(false)
    clock.advance(99)
    expect(expired).toBe(0)
    clock.advance(1)
    expect(expired).toBe(1)
  })

  it('never does where no time is set, or none any more, or it is gone', () => {
    idle.used()
    expect(clock.timers).toBe(0)
    idle.allow(100)
    idle.allow(null)
    clock.advance(1000)
    idle.allow(100)
    idle.end()
    idle.used()
    clock.advance(1000)
    expect(expired).toBe(0)
  })

  it('begins anew when another time is set, not when the same is', () => {
    idle.allow(100)
    clock.advance(90)
    idle.allow(100)
    clock.advance(10)
    expect(expired).toBe(1)
    idle.allow(50)
    clock.advance(50)
    expect(expired).toBe(2)
  })
})
