// Periods as RabbitMQ writes them for streams: a number and a unit (`7D`, `12h`). Text only.

const SECOND = 1000
const DAY = 24 * 3600 * SECOND
const units: { readonly [unit: string]: number } = {
  Y: 365 * DAY,
  M: 30 * DAY,
  D: DAY,
  h: 3600 * SECOND,
  m: 60 * SECOND,
  s: SECOND,
}

/** Milliseconds of a period; null where the text is none. */
export function periodMs(text: string): number | null {
  if (!/^\d+[YMDhms]$/.test(text)) return null
  return Number(text.slice(0, -1)) * (units[text.slice(-1)] as number)
}
