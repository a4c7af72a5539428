// A queue whose messages are in this process, of whatever type: what the vhost's tables, recovery and the broker's stop ask
// of it beside what channels do. Types only.

import type { Recoverable } from '../recovery.ts'
import type { Glance, Look } from './browse.ts'
import type { Idle } from './idle.ts'
import type { Queue } from './queue.ts'
import type { QueueSettings } from './settings.ts'

/** A queue of this process. */
export interface LocalQueue extends Queue {
  /** How long it has been unused; null: it stays for ever. */
  readonly idle: Idle | null
  /** The numbers of its logs in the store. */
  readonly logIds: readonly number[]
  /** The log of that number, to be recovered: until all queues are (`begin`), the queue does nothing by itself. */
  log(logId: number): Recoverable
  /** All queues are recovered. */
  begin(): void
  /** Its settings have changed (a policy did): they hold from now on, also for what is there. */
  apply(settings: QueueSettings): void
  /**
   * Shows its messages to `look` as `browse` does, but in this turn, to who has read before what is in the store only. What
   * is not stored yet is shown, and no dead letter that another queue has already: each message is in one place.
   */
  glance(glance: Glance, look: Look): void
  /** The broker stops in order: nothing goes on by itself any more, how far the queue has come is to be stored. */
  mark(): void
  /** It is no longer declared: consumers are told once the turn's replies are out, what it held is dropped. */
  retire(): void
}
