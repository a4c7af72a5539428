// Bars: what a line of one says, and that nobody but a terminal gets one.

import { barLine, duration, openProgress, short } from '../../src/cli/progress.ts'
import { fakeTerminal } from '../support/terminal.ts'

describe('a bar', () => {
  it('says how far, how fast and how long still', () => {
    expect(barLine('import', 1000, 4000, 2000, 100)).toBe(
      `import  [${'#'.repeat(10)}${'.'.repeat(30)}]  1.0k/4.0k  25%  500/s  6s left`,
    )
  })

  it('leaves out the bar where there is no room, and the time where it is not known', () => {
    expect(barLine('import', 0, 10, 0, 28)).toBe('import  0/10  0%  0/s')
    expect(barLine('import', 10, 10, 1000, 20)).toBe('import  10/10  100%  10/s')
    expect(barLine('import', 0, 0, 0, 10)).toBe('import  0/0  100%  0/s')
  })

  it('is drawn on a terminal', async () => {
    const terminal = fakeTerminal({ tty: true })
    const bar = await openProgress('purge', 10, terminal)
    bar.update(5)
    bar.resize(20)
    bar.stop()
    expect(terminal.err()).toContain('purge')
  })

  it.each([
    [false, true],
    [true, false],
  ])('is silent without a terminal or when it is not wanted', async (tty, wanted) => {
    const terminal = fakeTerminal({ tty })
    const bar = await openProgress('purge', 10, terminal, wanted)
    bar.update(5)
    bar.resize(20)
    bar.stop()
    expect(terminal.err()).toBe('')
  })
})

it.each([
  [0, '0'],
  [999, '999'],
  [1000, '1.0k'],
  [12_345, '12k'],
  [999_600, '1.0M'],
  [3.2e6, '3.2M'],
  [5e15, '5000T'],
])('%d is short for %s', (number, text) => {
  expect(short(number)).toBe(text)
})

it.each([
  [0.2, '1s'],
  [200, '3m20s'],
  [7500, '2h05m'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})
