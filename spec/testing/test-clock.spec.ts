// The time of a test broker, real or by hand.

import { ProcessClock } from '../../src/testing/process-clock.ts'
import { TestClock } from '../../src/testing/test-clock.ts'

const settle = async (): Promise<void> => {}

describe('the clock of a test broker', () => {
  it('is the real one where the test does not want to move it, and says how to', async () => {
    const clock = new TestClock('real', settle)
    expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(1000)
    expect(() => clock.advance('1s')).toThrow(`clock.advance needs a virtual clock: startBroker({ clock: 'virtual' })`)
    await expect(clock.runNext()).rejects.toThrow('needs a virtual clock')
    const real = new ProcessClock()
    expect(clock.stage(real, false)).toEqual({ clock: real, sweepClock: real, peerClock: real })
  })

  it('moves messages, and peers only where that is asked for', async () => {
    const clock = new TestClock('virtual', settle)
    const real = new ProcessClock()
    const { clock: messages, sweepClock, peerClock } = clock.stage(real, false)
    expect(peerClock).toBe(real)
    expect(clock.stage(real, true).peerClock).toBe(sweepClock)
    const start = clock.now().getTime()
    const heard: number[] = []
    messages.after(60_000, () => heard.push(messages.now() - start))
    expect(clock.due).toEqual([new Date(start + 60_000)])
    await clock.advance('2m')
    expect(heard).toEqual([60_000])
    expect(clock.now()).toEqual(new Date(start + 120_000))
    messages.after(1, () => {})
    await expect(clock.runNext()).resolves.toEqual(new Date(start + 120_001))
    await expect(clock.runAll()).resolves.toBe(0)
    await clock.pass(10)
    expect(clock.now()).toEqual(new Date(start + 120_011))
  })
})
