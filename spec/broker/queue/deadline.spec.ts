// A timer that is asked for many times and kept once.

import { Deadline } from '../../../src/broker/queue/deadline.ts'
import { ManualClock } from '../../support/manual-clock.ts'

describe('a deadline', () => {
  let clock: ManualClock
  let rung: number[]
  let deadline: Deadline

  beforeEach(() => {
    clock = new ManualClock(1000)
    rung = []
    deadline = new Deadline(clock, () => rung.push(clock.now()))
  })

  it('rings once, at the earliest time that was asked for', () => {
    for (const at of [1300, 1200, 1250]) deadline.by(at)
    expect(clock.timers).toBe(1)
    clock.advance(1000)
    expect(rung).toEqual([1200])
    deadline.by(2500)
    clock.advance(1000)
    expect(rung).toEqual([1200, 2500])
  })

  it('rings at once for what has passed', () => {
    deadline.by(500)
    clock.advance(0)
    expect(rung).toEqual([1000])
  })

  it('does not ring when it is cancelled', () => {
    deadline.by(1100)
    deadline.cancel()
    expect(clock.timers).toBe(0)
    clock.advance(1000)
    expect(rung).toEqual([])
  })

  it('rings early where no timer waits for so long', () => {
    deadline.by(315_360_000_000)
    clock.advance(2 ** 31)
    expect(rung).toEqual([1000 + 2 ** 31 - 1])
  })
})
