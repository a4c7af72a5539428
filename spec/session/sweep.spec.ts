// One timer for all who may have something overdue, and none for nobody.

import { Sweep, type Swept } from '../../src/session/sweep.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('the sweep', () => {
  let clock: ManualClock
  let sweep: Sweep
  let start: number

  beforeEach(() => {
    clock = new ManualClock()
    start = clock.now()
    sweep = new Sweep(clock)
  })

  function swept(): Swept & { readonly times: number[] } {
    const times: number[] = []
    return { times, sweep: (now) => times.push(now - start) }
  }

  it('comes by ten times in the shortest wait, once a minute at the least and ten times a second at the most', () => {
    const [long, middle, short] = [swept(), swept(), swept()]
    sweep.add(long, 1_800_000)
    clock.advance(60_000)
    sweep.add(middle, 5000)
    clock.advance(500)
    sweep.add(short, 1)
    clock.advance(100)
    expect([long.times, middle.times, short.times]).toEqual([[60_000, 60_500, 60_600], [60_500, 60_600], [60_600]])
  })

  it('has one timer as long as there is somebody', () => {
    const [one, other] = [swept(), swept()]
    for (const each of [one, other, one]) sweep.add(each, 1000)
    expect(clock.timers).toBe(1)
    sweep.remove(one)
    sweep.remove(one)
    clock.advance(100)
    sweep.remove(other)
    expect(clock.timers).toBe(0)
    clock.advance(1000)
    expect([one.times, other.times]).toEqual([[], [100]])
    sweep.add(one, 60_000)
    clock.advance(6000)
    expect(one.times).toEqual([7100])
  })
})
