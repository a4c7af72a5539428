// Who waits for a time, and when it comes.

import { Delayed } from '../../../src/broker/queue/delayed.ts'
import { ManualClock } from '../../support/manual-clock.ts'

describe('those who wait for a time', () => {
  let clock: ManualClock
  let due: number[]
  let delayed: Delayed

  beforeEach(() => {
    clock = new ManualClock(1000)
    due = []
    delayed = new Delayed(clock, (seq) => due.push(seq))
  })

  it('are called when it comes, earliest first, in their order where it is the same', () => {
    for (const [seq, at] of [
      [1, 1300],
      [2, 1100],
      [3, 1300],
      [4, 1200],
    ] as const)
      delayed.add(seq, at)
    clock.advance(99)
    expect([due, delayed.size]).toEqual([[], 4])
    clock.advance(1)
    expect([due, delayed.size]).toEqual([[2], 3])
    clock.advance(200)
    expect([due, delayed.size, clock.timers]).toEqual([[2, 4, 1, 3], 0, 0])
  })

  it('are called at once when it has passed', () => {
    delayed.add(1, 900)
    clock.advance(0)
    expect(due).toEqual([1])
  })

  it('may wait longer than a timer can', () => {
    const year = 365 * 24 * 3600 * 1000
    delayed.add(1, clock.now() + year)
    clock.advance(year - 1)
    expect(due).toEqual([])
    clock.advance(1)
    expect(due).toEqual([1])
  })

  it('are never called once it has ended', () => {
    delayed.add(1, 1100)
    delayed.end()
    clock.advance(200)
    expect([due, delayed.size, clock.timers]).toEqual([[], 0, 0])
  })
})
