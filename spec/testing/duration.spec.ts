// Spans of time in words.

import { millisecondsOf } from '../../src/testing/duration.ts'

describe('a duration', () => {
  it.each([
    [0, 0],
    [250, 250],
    ['250ms', 250],
    ['2s', 2000],
    ['1.5 s', 1500],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
  ])('%j is %d milliseconds', (duration, ms) => {
    expect(millisecondsOf(duration)).toBe(ms)
  })

  it.each(['', '15', '15 minutes', '-1s', -1, Number.NaN, Number.POSITIVE_INFINITY])('%j is refused', (duration) => {
    expect(() => millisecondsOf(duration, 'timeout')).toThrow(
      /^timeout is .*, expected milliseconds, or a number with ms/,
    )
  })
})
