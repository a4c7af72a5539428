// Spans of time as tests write them: milliseconds as a number, or a text such as '15m'. Knows no clock.

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds, or a number with one of the units ms, s, m, h and d. */
export type Duration = number | string

/** `duration` in milliseconds. Throws `RangeError` where it is none; `what` is how the complaint names it. */
export function millisecondsOf(duration: Duration, what = 'duration'): number {
  if (typeof duration === 'number') {
    if (duration >= 0 && duration < Number.POSITIVE_INFINITY) return duration
  } else {
    const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/.exec(duration) ?? []
    if (amount !== undefined && unit !== undefined) return Number(amount) * (UNITS[unit] as number)
  }
  const expected = `milliseconds, or a number with ms, s, m, h or d such as '15m'`
  throw new RangeError(`${what} is ${JSON.stringify(duration)}, expected ${expected}`)
}
