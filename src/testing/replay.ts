// Publishes again what was published in a record: the same messages, octet for octet, in the same order, and, where that is
// wanted, at the same distances in time. Knows records; how a message gets into a broker, and time, are passed in.

import type { BrokerEvent, Published } from './events.ts'

/** How a record is replayed. */
export interface ReplayOptions {
  /** How many times faster than it was, by the broker's clock; at once where it is not said. */
  readonly speed?: number
}

/** Where it is replayed. */
export interface ReplayHost {
  /** Publishes a message once more. */
  publishAgain(published: Published): Promise<unknown>
  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void>
}

/**
 * Replays the publishes of `events`. Resolves with how many there were; rejects with `RangeError`, naming the event, where
 * one cannot be published there.
 */
export async function replay(
  host: ReplayHost,
  events: readonly BrokerEvent[],
  { speed = Number.POSITIVE_INFINITY }: ReplayOptions = {},
): Promise<number> {
  if (!(speed > 0)) throw new RangeError(`speed is ${speed}, expected a number above 0`)
  const published = events.filter((event): event is Published => event.event === 'published')
  let last = published[0]?.at ?? 0
  for (const event of published) {
    const ms = Math.max(0, event.at - last) / speed
    last = event.at
    if (ms > 0) await host.pass(ms)
    await again(host, event)
  }
  return published.length
}

async function again(host: ReplayHost, event: Published): Promise<void> {
  try {
    await host.publishAgain(event)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new RangeError(`event ${event.number} of the record cannot be published here: ${why}`, { cause: error })
  }
}
