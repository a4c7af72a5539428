// The queue as everything outside sees it: the only way in for channels, exchanges and administration, so that a queue
// may one day live on another node. Types only.

import type { FieldTable } from '../../protocol/field-table.ts'
import type { Access } from '../access/access.ts'
import type { Consumer } from '../consumer.ts'
import type { Message } from '../message.ts'
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

/** Where a route ends: a queue, or a waiting room that sends the message on later. */
export interface Receiver {
  /** A queue's name; null: it is none, and a message that nothing else receives counts as unroutable for now. */
  readonly name: string | null
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
  /** Takes one message for basic.get. */
  get(): Promise<Got | null> | Got | null
  /** A message that was taken is done with. */
  ack(seq: number): void
  /**
   * A message that was taken is refused: back to its place, or it dies. `failed`: where it comes back, that delivery counts
   * as a failed one (behaviour.md §10).
   */
  reject(seq: number, requeue: boolean, failed?: boolean): void
  /** Somebody has asked for it by declaring it, also passively: that is a use (behaviour.md §6.3, x-expires). */
  used(): void
  /** Drops all ready messages; returns how many. */
  purge(): Promise<number> | number
  stats(): Promise<QueueStats> | QueueStats
}
