// The queue as everything outside sees it: the only way in for channels, exchanges and administration, so that a queue
// may one day live on another node. Types only.

import type { FieldTable } from '../../protocol/field-table.ts'
import type { Access } from '../access/access.ts'
import type { Consumer } from '../consumer.ts'
import type { DeathCounts, MessageCounts } from '../counts.ts'
import type { Message } from '../message.ts'
import type { ConnectionPeer } from '../peers.ts'
import type { Look } from './browse.ts'
import type { Outcome, Publisher } from './publisher.ts'
import type { QueueSettings } from './settings.ts'

/**
 * Who declares things, and may use an exclusive queue that it declared: a connection. `id` is positive and not used again.
 */
export interface Owner {
  readonly id: number
  readonly user: string
  readonly vhost: string
  /** What it may do in its vhost. */
  readonly access: Access
  readonly exclusiveQueues: Set<Queue>
  /** The connection has ended. */
  gone: boolean
  /** Ends the connection, for this reason (320); does nothing where it has ended. */
  end: (reason: string) => void
  /** The connection as others see it; none where it is something else. */
  peer?: ConnectionPeer | null
}

/** What makes a queue what it is; fixed when it is declared. */
export interface QueueSpec {
  /** Never used for another queue, also not after a restart. */
  readonly id: number
  readonly name: string
  readonly vhost: string
  readonly durable: boolean
  readonly autoDelete: boolean
  /** The connection it belongs to; null when it is not exclusive. */
  readonly owner: Owner | null
  readonly arguments: FieldTable
}

/** What basic.get answers with; null when the queue is empty. */
export interface Got {
  /** Holds until the queue is called again. */
  readonly message: Message
  readonly seq: number
  readonly redelivered: boolean
  /** Messages ready after this one was taken. */
  readonly remaining: number
}

/** Counts, exact at the moment of asking. */
export interface QueueStats {
  readonly ready: number
  readonly unacked: number
  readonly consumers: number
}

/** What is there for a consumer and was not given to it: in a stream behind its own place, elsewhere all that is ready. */
export interface Lag {
  readonly messages: number
  /** When the oldest of them came, as `readySince` says it. */
  readonly since: number | null
}

/** More of the same, which takes longer: what operators look at. */
export interface QueueDetails extends QueueStats {
  /** Octets of the bodies of what is ready, and of what is unacked. */
  readonly readyBytes: number
  readonly unackedBytes: number
  /** Messages that survive a restart; octets of their bodies, estimated where only some of the messages do. */
  readonly persistent: number
  readonly persistentBytes: number
  /** Messages that are in memory, and octets of their bodies; the others are in the store only. */
  readonly resident: number
  readonly residentBytes: number
  /** Octets of memory that messages occupy, and of the store (estimated for what was never read since the start). */
  readonly memoryBytes: number
  readonly storedBytes: number
  /**
   * When the oldest ready message came, milliseconds since 1970, or earlier: it is when the first of its segment came, and
   * for what was recovered, when the broker started. null: none is ready, or nobody knows.
   */
  readonly readySince: number | null
  /** What the property timestamp of the next message says, seconds since 1970; null where it says nothing or is not in memory. */
  readonly headTimestamp: number | null
  readonly consumerList: readonly Consumer[]
  /** What each of them has before it, in the same order. */
  readonly lags: readonly Lag[]
  /** Who is given messages, where one consumer is at a time. */
  readonly activeConsumer: Consumer | null
  /** Whether a consumer would take a message now. */
  readonly attended: boolean
}

/** Where a route ends: a queue, or a waiting room that sends the message on later. */
export interface Receiver {
  /** A queue's name; null: it is none, and a message that nothing else receives counts as unroutable for now. */
  readonly name: string | null
  /** It is a queue that does not count as one: what nothing else receives is returned too, where it is mandatory (§12). */
  readonly uncounted?: boolean
  /**
   * So many messages wait, for consumers that are there, that publishers should pause for a turn (house.md §4,
   * "Fairness").
   */
  readonly pressed: boolean
  /**
   * Adds a message. Returns its outcome where that is known at once; else 'pending', and `publisher.settle(tag, …)` will
   * be called once, after this call. Without a publisher nobody waits.
   */
  publish(message: Message, publisher: Publisher | null, tag: number): Outcome | 'pending'
}

/** A queue. Messages that were taken are named by their sequence number. */
export interface Queue extends QueueSpec, Receiver {
  readonly name: string
  /** What its arguments, and policies, make of it now. */
  readonly settings: QueueSettings
  /** What has been done with its messages, since it is there or the broker has started. */
  readonly counts: MessageCounts
  /** Those that died in it; null: none did. */
  readonly deaths: DeathCounts | null
  /** No longer declared: publishes and settlements are accepted and mean nothing. */
  readonly deleted: boolean
  /**
   * Adds a consumer, which is delivered to from the end of the turn on (so that consume-ok goes first).
   * Throws `ChannelError` 403 when the queue or the consumer is exclusive and others are there.
   */
  consume(consumer: Consumer): void
  /** Ends a consumer; its unacked messages stay out. */
  cancel(consumer: Consumer): void
  /** `consumer` may have room again: it is asked from the next `handOut` on. */
  wake(consumer: Consumer): void
  /** Delivers what there is to those who were woken. */
  handOut(): void
  /** Takes one message for basic.get; `noAck`: who gets it will not ack it. It has to be settled all the same. */
  get(noAck?: boolean): Promise<Got | null> | Got | null
  /** A message that was taken is done with; `unasked`: who took it said that it would not ack it. */
  ack(seq: number, unasked?: boolean): void
  /**
   * A message that was taken is refused: back to its place, or it dies. `failed`: where it comes back, that delivery counts
   * as a failed one (behaviour.md §10); `lost`: who had it is gone, and nobody has given it back.
   */
  reject(seq: number, requeue: boolean, failed?: boolean, lost?: boolean): void
  /** Somebody has asked for it by declaring it, also passively: that is a use (behaviour.md §6.3, x-expires). */
  used(): void
  /**
   * Shows its messages to `look`, behind the message `after` where it is named, without taking any: in the order in which
   * they would be given. Ends with the last, or when `look` returns false.
   */
  browse(look: Look, after?: number): Promise<void>
  /**
   * Takes a message out, wherever it stands: shows it to `use`, and settles it in the same turn where that returns true.
   * Resolves with false where it is not ready (any more), or `use` returned false. Throws `ConnectionError` 540 in streams.
   */
  withdraw(seq: number, use: (message: Message) => boolean): Promise<boolean>
  /** Drops all ready messages; returns how many. */
  purge(): Promise<number> | number
  stats(): Promise<QueueStats> | QueueStats
  details(): Promise<QueueDetails> | QueueDetails
}
