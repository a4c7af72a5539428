// What is counted of messages: plain numbers that grow by one where a message goes by, on objects that are at hand there
// anyway. What belongs together is added up when somebody asks. Knows numbers; not who reads them.

import type { DeathReason } from './death.ts'
import type { Exchange } from './exchange/exchange.ts'

/** Messages of a channel (what its client did), of a queue (what was done with it), or of all that belong together. */
export class MessageCounts {
  /** Published; of a queue: that reached it. */
  published = 0
  /** Those of them that a confirm was to answer. */
  publishedToConfirm = 0
  /** Octets of the bodies of what was published. */
  publishedBytes = 0
  /** Confirmed with basic.ack. */
  confirmed = 0
  /** Queues that published messages went to. */
  routed = 0
  /** Unroutable, and sent back (mandatory) or forgotten. */
  returned = 0
  dropped = 0
  /** Refused because there is no room (reject-publish). */
  refused = 0
  /** Given to consumers that ack, and to those that do not. */
  delivered = 0
  deliveredNoAck = 0
  /** Taken with basic.get, to be acked or not; and what found nothing. */
  got = 0
  gotNoAck = 0
  gotEmpty = 0
  /** Those among all that were delivered, or got, that had been before. */
  redelivered = 0
  /** Octets of the bodies of all that was delivered or got. */
  deliveredBytes = 0
  acked = 0

  /** All that was delivered or got. */
  get taken(): number {
    return this.delivered + this.deliveredNoAck + this.got + this.gotNoAck
  }

  /** Adds what another has counted. */
  add(other: MessageCounts): this {
    this.published += other.published
    this.publishedToConfirm += other.publishedToConfirm
    this.publishedBytes += other.publishedBytes
    this.confirmed += other.confirmed
    this.routed += other.routed
    this.returned += other.returned
    this.dropped += other.dropped
    this.refused += other.refused
    this.delivered += other.delivered
    this.deliveredNoAck += other.deliveredNoAck
    this.got += other.got
    this.gotNoAck += other.gotNoAck
    this.gotEmpty += other.gotEmpty
    this.redelivered += other.redelivered
    this.deliveredBytes += other.deliveredBytes
    this.acked += other.acked
    return this
  }
}

/** How many messages are how large: RabbitMQ's buckets. */
export class SizeCounts {
  /** The largest body of each bucket, octets; one more bucket has no bound. */
  readonly bounds: readonly number[] = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 50_000_000, 100_000_000]
  readonly buckets = new Float64Array(9)

  /** Counts a body of so many octets. */
  add(bytes: number): void {
    let bucket = 0
    while (bucket < 8 && bytes > (this.bounds[bucket] as number)) bucket++
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1
  }
}

/** Messages of an exchange. */
export class ExchangeCounts {
  /** Published to it, and queues that they were routed to. */
  published = 0
  routed = 0
}

/** What one channel has published to one exchange. */
export interface PublishCount {
  readonly exchange: Exchange
  published: number
}

/** How dead letters go on (behaviour.md §9.4); `disabled`: they do not, and are dropped. */
export type DeathStrategy = 'disabled' | 'at_most_once' | 'at_least_once'

/** All strategies, and all reasons. */
export const deathStrategies: readonly DeathStrategy[] = ['disabled', 'at_most_once', 'at_least_once']
export const deathReasons: readonly DeathReason[] = ['rejected', 'expired', 'maxlen', 'delivery_limit']

/** The dead of a queue, by what became of them and why. */
export class DeathCounts {
  readonly disabled = { rejected: 0, expired: 0, maxlen: 0, delivery_limit: 0 }
  readonly at_most_once = { rejected: 0, expired: 0, maxlen: 0, delivery_limit: 0 }
  readonly at_least_once = { rejected: 0, expired: 0, maxlen: 0, delivery_limit: 0 }
  /** Dead letters that other queues are known to have stored (at-least-once). */
  confirmed = 0

  /** Adds what another has counted. */
  add(other: DeathCounts): this {
    for (const strategy of deathStrategies) {
      for (const reason of deathReasons) this[strategy][reason] += other[strategy][reason]
    }
    this.confirmed += other.confirmed
    return this
  }
}
