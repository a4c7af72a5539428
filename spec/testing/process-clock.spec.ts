// The real time of one life of a broker.

import { ProcessClock } from '../../src/testing/process-clock.ts'

afterEach(() => jest.useRealTimers())

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('the clock of a life', () => {
  it('rings, and ends turns', async () => {
    const clock = new ProcessClock()
    const heard: string[] = []
    clock.soon(() => heard.push('soon'))
    await new Promise<void>((resolve) => void clock.after(1, resolve))
    await turn()
    expect(heard).toEqual(['soon'])
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000)
  })

  it('does nothing any more once it is cut', () => {
    jest.useFakeTimers()
    const clock = new ProcessClock()
    const heard: string[] = []
    clock.after(0, () => heard.push('timer'))
    clock.soon(() => heard.push('turn'))
    clock.cut()
    clock.after(0, () => heard.push('late timer'))
    clock.soon(() => heard.push('late turn'))
    jest.runAllTimers()
    expect(heard).toEqual([])
  })

  it('forgets a timer that is cancelled', () => {
    jest.useFakeTimers()
    const clock = new ProcessClock()
    const heard: string[] = []
    clock.after(0, () => heard.push('timer')).cancel()
    jest.runAllTimers()
    expect(heard).toEqual([])
  })
})
