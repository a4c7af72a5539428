// What the journal of a test broker consists of. Types only: plain data that survives JSON.

import type { DeathReason } from '../broker/death.ts'
import type { SeenMessage } from './seen-message.ts'

/** What every event says. */
interface Noted {
  /** Grows by one with every event. */
  readonly number: number
  /** Milliseconds since 1970, by the clock of messages. */
  readonly at: number
  readonly vhost: string
  /** The test in which it happened, where the runner's plug-in says so. */
  readonly test?: string
}

/** Whose doing it was. */
interface Done extends Noted {
  /** The connection's number, counted from 1. */
  readonly connection: number
  readonly channel: number
}

/** A whole publish came in, and this became of it. */
export interface Published extends Done {
  readonly event: 'published'
  readonly user: string
  readonly message: SeenMessage
  /** The queues that it was routed to. */
  readonly routed: readonly string[]
  readonly mandatory: boolean
  /** Whether the publisher waits for a confirm. */
  readonly confirm: boolean
  /** `returned` and `dropped`: it led to no queue; `refused` and `unconfirmed`: a fault had it so. */
  readonly outcome: 'routed' | 'returned' | 'dropped' | 'refused' | 'unconfirmed'
}

/** A message has its place in a queue. */
export interface Queued extends Noted {
  readonly event: 'queued'
  readonly queue: string
  readonly sequence: number
}

/** A message was given to a consumer, or (null) to basic.get. */
export interface Delivered extends Done {
  readonly event: 'delivered'
  readonly queue: string
  readonly sequence: number
  readonly consumer: string | null
  readonly deliveryTag: number
  readonly redelivered: boolean
  readonly noAck: boolean
  readonly message: SeenMessage
}

/** A delivery is settled; `returned`: its channel has ended before. */
export interface Settled extends Done {
  readonly event: 'settled'
  readonly how: 'acked' | 'rejected' | 'requeued' | 'returned'
  readonly queue: string
  readonly sequence: number
  readonly deliveryTag: number
  readonly consumer: string | null
  readonly message: SeenMessage | null
}

/** A message died and was sent on; nowhere where `routed` is empty. */
export interface DeadLettered extends Noted {
  readonly event: 'dead-lettered'
  readonly queue: string
  readonly reason: DeathReason
  readonly message: SeenMessage
  readonly routed: readonly string[]
}

/** A message ended in its queue and went nowhere. */
export interface Dropped extends Noted {
  readonly event: 'dropped'
  readonly queue: string
  readonly sequence: number
  readonly reason: DeathReason
}

/** A queue was emptied. */
export interface Purged extends Noted {
  readonly event: 'purged'
  readonly queue: string
  readonly count: number
}

/** A consumer is there, or is not any more. */
export interface Consuming extends Noted {
  readonly event: 'consuming' | 'cancelled'
  readonly queue: string
  readonly consumer: string
  readonly noAck: boolean
  /** Unacked messages that it may hold, by itself or with the others of its channel; 0: any number. */
  readonly prefetch: number
}

/** A client has come, or has gone: in order or not. */
export interface Connected extends Noted {
  readonly event: 'connected' | 'disconnected'
  readonly connection: number
  readonly user: string
}

/** A channel, or (channel 0) a connection, was closed with an error. */
export interface Failed extends Done {
  readonly event: 'failed'
  readonly code: number
  readonly text: string
  /** What the client had asked for, `basic.publish` for instance; null where it was nothing that it asked for. */
  readonly method: string | null
  /** Whether the channel's publishes are confirmed. */
  readonly confirm: boolean
}

/** One thing that happened in a broker. */
export type BrokerEvent =
  | Published
  | Queued
  | Delivered
  | Settled
  | DeadLettered
  | Dropped
  | Purged
  | Consuming
  | Connected
  | Failed

/** An event before the journal has noted it. */
export type Unnoted = BrokerEvent extends infer E
  ? E extends Noted
    ? Omit<E, 'number' | 'at' | 'test'>
    : never
  : never
