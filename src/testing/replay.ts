// Publishes again what was published in a record: the same messages in the same order, and, where that is wanted, at the
// same distances in time.

import type { BrokerEvent, Published } from './events.ts'
import type { TestVhost } from './test-vhost.ts'

/** How a record is replayed. */
export interface ReplayOptions {
  /** How many times faster than it was; at once where it is not said. */
  readonly speed?: number
}

/** Replays the publishes of `events` in `vhost`. Resolves with how many there were. */
export async function replay(
  vhost: Pick<TestVhost, 'publish'>,
  events: readonly BrokerEvent[],
  { speed = Number.POSITIVE_INFINITY }: ReplayOptions = {},
): Promise<number> {
  if (!(speed > 0)) throw new RangeError(`speed is ${speed}, expected a number above 0`)
  const published = events.filter((event): event is Published => event.event === 'published')
  let last = published[0]?.at ?? 0
  for (const { at, message } of published) {
    const ms = Math.max(0, at - last) / speed
    last = at
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
    const { exchange, routingKey, octets, headers, properties } = message
    const { deliveryMode, ...others } = properties
    const some = Object.keys(headers).length === 0 ? {} : { headers }
    await vhost.publish(exchange, routingKey, octets, { ...others, ...some, persistent: deliveryMode === 2 })
  }
  return published.length
}
