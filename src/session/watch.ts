// What a session tells somebody who watches what peers do with messages, and what such a watcher may have it do instead:
// a test broker lets a publish go wrong here. Types only; a production broker has no watcher.

import type { Consumer } from '../broker/consumer.ts'
import type { Message } from '../broker/message.ts'
import type { Owner, Queue, Receiver } from '../broker/queue/queue.ts'
import type { FailedMethod, ProtocolError } from '../protocol/reply.ts'
import type { Channel } from './channel.ts'
import type { Connection } from './connection.ts'
import type { How } from './settling.ts'
import type { Holder } from './unacked.ts'

/**
 * What becomes of a publish. `goes`: as it should. `unroutable`: as if it led to no queue. `refused`: no queue gets it, a
 * confirm says so. `unconfirmed`: queues get it, and no confirm ever comes.
 */
export type Fate = 'goes' | 'unroutable' | 'refused' | 'unconfirmed'

/** Somebody who watches sessions. Messages are views that hold during the call only; no call may throw. */
export interface Watch {
  /** A client was let in. */
  entered(owner: Owner): void
  /** Its connection is over, in order or not; what it held has come back. */
  left(owner: Owner): void
  /** A whole message has come that leads to `queues`; says what becomes of it. */
  published(channel: Channel, message: Message, queues: readonly Receiver[], mandatory: boolean): Fate
  /** A message, with what its client is not shown (BCC), goes to a consumer, or (null) answers basic.get. */
  delivered(
    channel: Channel,
    queue: Queue,
    consumer: Consumer | null,
    message: Message,
    seq: number,
    tag: number,
    redelivered: boolean,
  ): void
  /** A delivery is settled, or comes back because its channel has ended (`fail`). */
  settled(channel: Channel, queue: Holder, consumer: Consumer | null, seq: number, tag: number, how: How): void
  /** A channel, or (null) the whole connection, is closed with an error, which the method of `ids` has run into. */
  failed(connection: Connection, channel: Channel | null, error: ProtocolError, ids: FailedMethod): void
}
