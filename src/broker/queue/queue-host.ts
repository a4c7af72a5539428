// What a queue of this process is given of the world: the clock, the store, and those who have to hear of what happens to it.
// Types only.

import type { Clock } from '../clock.ts'
import type { Consumer } from '../consumer.ts'
import type { DeadLetters } from '../dead-letters.ts'
import type { Dialect } from '../dialect.ts'
import type { ChunkKey } from '../store.ts'
import type { Trace } from '../trace.ts'
import type { Committer } from './committer.ts'
import type { Queue } from './queue.ts'
import type { SegmentMemory } from './segment-memory.ts'

/** What a queue needs of its surroundings. */
export interface QueueHost {
  readonly clock: Clock
  /** Which RabbitMQ this is; Leveret itself where it is not said. */
  readonly dialect?: Dialect
  /** null where nothing is stored. */
  readonly committer: Committer | null
  /** The memory that messages of all queues share. */
  readonly memory: SegmentMemory
  readonly deadLetters: DeadLetters
  /** Who watches messages; nobody but in tests. */
  readonly trace?: Trace | null | undefined
  /** A consumer is there (`began`), or is not any more. */
  consuming?(consumer: Consumer, began: boolean): void
  /** Reads a stored chunk back; null when it is not there. */
  readChunk(key: ChunkKey): Promise<Buffer | null>
  /** A stored chunk cannot be read: so many messages are missing from the queue. */
  chunkLost(queue: Queue, key: ChunkKey, messages: number, why: string): void
  /** The last consumer of an auto-delete queue has gone, or nobody has used the queue for as long as it may be unused. */
  unused(queue: Queue): void
}
