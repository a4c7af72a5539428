// Time that a test moves.

import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const START = 1_700_000_000_000

function clockWith(settle: () => Promise<void> = async () => {}) {
  const clock = new VirtualClock(START, settle)
  const heard: (readonly [what: string, ms: number])[] = []
  const note = (what: string) => () => void heard.push([what, clock.now() - START])
  return { clock, heard, note }
}

describe('a virtual clock', () => {
  it('stands still until it is moved', () => {
    jest.useFakeTimers()
    const { clock, heard, note } = clockWith()
    clock.after(0, note('a'))
    jest.advanceTimersByTime(60_000)
    jest.useRealTimers()
    expect(clock.now()).toBe(START)
    expect(heard).toEqual([])
  })

  it('does what comes due at its own time and in order, also what that adds', async () => {
    const { clock, heard, note } = clockWith()
    clock.after(20, note('b'))
    clock.after(10, () => {
      note('a')()
      clock.after(5, note('a2'))
      clock.after(50, note('late'))
    })
    clock.after(20, note('c'))
    await clock.advance('30ms')
    expect(heard).toEqual([
      ['a', 10],
      ['a2', 15],
      ['b', 20],
      ['c', 20],
    ])
    expect(clock.now()).toBe(START + 30)
    expect(clock.due).toEqual([START + 60])
  })

  it('settles after each thing it does, and before the next', async () => {
    const order: string[] = []
    const { clock } = clockWith(async () => void order.push('settled'))
    clock.after(1, () => order.push('one'))
    clock.after(2, () => order.push('two'))
    await clock.advance(5)
    expect(order).toEqual(['settled', 'one', 'settled', 'two', 'settled', 'settled'])
  })

  it('goes to the next thing that is due, or says that there is none', async () => {
    const { clock, heard, note } = clockWith()
    clock.after(900_000, note('a'))
    clock.after(1, note('cancelled')).cancel()
    await expect(clock.runNext()).resolves.toBe(START + 900_000)
    await expect(clock.runNext()).resolves.toBeNull()
    expect(heard).toEqual([['a', 900_000]])
  })

  it('runs all that is due, but not for ever', async () => {
    const { clock, heard, note } = clockWith()
    clock.after(1, note('a'))
    clock.after(2, () => clock.after(3, note('b')))
    await expect(clock.runAll()).resolves.toBe(3)
    expect(heard.map(([what]) => what)).toEqual(['a', 'b'])
    const again = (): void => void clock.after(1, again)
    again()
    await expect(clock.runAll()).rejects.toThrow('there is no end of it')
  })

  it('does what comes by for ever when time passes, and does not take it for something that is due', async () => {
    const { clock, heard, note } = clockWith()
    const sweep = (): void => {
      note('sweep')()
      clock.background.after(10, sweep)
    }
    clock.background.after(10, sweep)
    expect(clock.due).toEqual([])
    await expect(clock.runAll()).resolves.toBe(0)
    clock.after(25, note('a'))
    await clock.runNext()
    expect(heard.map(([what]) => what)).toEqual(['sweep', 'sweep', 'a'])
  })

  it('makes one movement after the other', async () => {
    const { clock, heard, note } = clockWith()
    clock.after(15, note('a'))
    await Promise.all([clock.advance(10), clock.advance(10)])
    expect(heard).toEqual([['a', 15]])
    expect(clock.now()).toBe(START + 20)
  })

  it('forgets all that is due', async () => {
    const { clock, heard, note } = clockWith()
    clock.after(1, note('a'))
    clock.clear()
    await clock.advance('1h')
    expect(heard).toEqual([])
  })
})
