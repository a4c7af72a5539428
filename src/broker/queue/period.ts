// Periods as RabbitMQ writes them for streams: a number and a unit (`7D`, `12h`). Text only.

import { ConnectionError, NO_METHOD } from '../../protocol/reply.ts'

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

/** Throws `ConnectionError` 541 for a text that does not begin with a digit: RabbitMQ failed at it before 4.3. */
export function checkBeginning(text: string): void {
  if (!/^\d/.test(text)) throw new ConnectionError(541, '', NO_METHOD)
}
