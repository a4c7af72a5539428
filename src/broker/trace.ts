// What a broker tells somebody who watches its messages: where each goes inside the broker, and how it ends there. An
// interface only. A production broker has no watcher, and pays a comparison with null for it; what peers do with messages
// is the session's to tell (session/watch.ts).

import type { Consumer } from './consumer.ts'
import type { DeathBed } from './dead-letters.ts'
import type { DeathReason } from './death.ts'
import type { Message } from './message.ts'
import type { Queue, Receiver } from './queue/queue.ts'

/** Somebody who watches messages. Messages are views that hold during the call only; no call may throw. */
export interface Trace {
  /** A message has its place in a queue. */
  queued(queue: Queue, seq: number, message: Message): void
  /**
   * A message that died in a queue is sent on to `queues` through the dead-letter exchange; `letter` is what it has become.
   * No queues: there is no way for it.
   */
  deadLettered(bed: DeathBed, reason: DeathReason, letter: Message, queues: readonly Receiver[]): void
  /** A message ends in `queue` for this reason and goes nowhere. */
  dropped(queue: Queue, seq: number, reason: DeathReason): void
  /** A consumer is there (`began`), or is not any more. */
  consuming(consumer: Consumer, began: boolean): void
  /** So many messages were taken out of a queue at once. */
  purged(queue: Queue, count: number): void
}
