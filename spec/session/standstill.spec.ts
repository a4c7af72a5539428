// What a process that did not run for a while holds against its peers: nothing.

import { patiently, stoodStill } from '../../src/session/standstill.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('a wait for a peer', () => {
  it('is over at its time', () => {
    const clock = new ManualClock(0)
    const at: number[] = []
    patiently(clock, 1000, () => at.push(clock.now()))
    clock.advance(5000)
    expect(at).toEqual([1000])
    expect(clock.timers).toBe(0)
  })

  it('begins anew when the process stood still as it ended', () => {
    const clock = new ManualClock(0)
    const at: number[] = []
    patiently(clock, 1000, () => at.push(clock.now()))
    clock.standStill(8000)
    expect(at).toEqual([])
    clock.advance(5000)
    expect(at).toEqual([9000])
  })

  it('begins anew once: a process that is late all the time has to end some', () => {
    const clock = new ManualClock(0)
    const at: number[] = []
    patiently(clock, 1000, () => at.push(clock.now()))
    for (let times = 0; times < 5; times++) clock.standStill(2000)
    expect(at).toEqual([4000])
  })

  it('is over at its time when the process stood still before', () => {
    const clock = new ManualClock(0)
    const at: number[] = []
    patiently(clock, 1000, () => at.push(clock.now()))
    clock.standStill(900)
    clock.advance(5000)
    expect(at).toEqual([1000])
  })

  it.each([
    ['before', 0],
    ['after', 3000],
  ])('can be called off %s the process stood still', (_, ms) => {
    const clock = new ManualClock(0)
    const task = jest.fn()
    const timer = patiently(clock, 1000, task)
    clock.standStill(ms)
    timer.cancel()
    clock.advance(5000)
    expect(task).not.toHaveBeenCalled()
    expect(clock.timers).toBe(0)
  })
})

describe('standing still', () => {
  it('is more than half a second of lateness', () => {
    const clock = new ManualClock(10_000)
    expect(stoodStill(clock, 9500)).toBe(false)
    expect(stoodStill(clock, 9499)).toBe(true)
    expect(stoodStill(clock, 10_500)).toBe(false)
  })
})
