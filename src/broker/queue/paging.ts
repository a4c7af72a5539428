// What of a log is in memory: segments that the store has leave it when memory is short and they are far from the head,
// and come back ahead of need. Knows segments and where chunks are read; not which messages are in them.

import type { ChunkKey } from '../store.ts'
import { DamagedChunk } from './page.ts'
import type { Segment } from './segment.ts'
import type { SegmentMemory } from './segment-memory.ts'

/** Segments after the head that are kept, and read back ahead of need. */
export const AHEAD = 4

/** Where a log's chunks are read back, and who hears of it. */
export interface PagingHost {
  readonly memory: SegmentMemory
  /** The bytes of a stored chunk; null when there is none. */
  read(key: ChunkKey): Promise<Buffer | null>
  /** A chunk cannot be read: its messages are lost to the queue, what lies in the store stays there. */
  lost(key: ChunkKey, messages: number, why: string): void
}

/** What a log needs of its surroundings. */
export interface LogHost extends PagingHost {
  /** Messages that were stored only are in memory now, or given up: `atHand` may say something else. */
  loaded(): void
}

/** Reads the segments of one log back. */
export class Paging {
  readonly #queueId: number
  readonly #host: PagingHost
  readonly #loading = new Set<Segment>()

  constructor(queueId: number, host: PagingHost) {
    this.#queueId = queueId
    this.#host = host
  }

  /**
   * Reads a segment back, unless it is on its way or settled, and calls `done`: with false when it cannot be read, and then it is
   * for the caller to give its messages up.
   */
  load(segment: Segment, done: (segment: Segment, readable: boolean) => void): void {
    if (segment.resident || segment.live === 0 || this.#loading.has(segment)) return
    this.#loading.add(segment)
    const key = { queueId: this.#queueId, firstSeq: segment.firstSeq }
    const ended = (why: string | null): void => {
      this.#loading.delete(segment)
      if (why !== null && segment.live > 0) this.#host.lost(key, segment.live, why)
      done(segment, why === null)
    }
    this.#host.read(key).then(
      (bytes) => ended(bytes === null ? 'it is not there' : loaded(segment, bytes)),
      (error: unknown) => ended(String(error)),
    )
  }
}

/** Gives a segment its bytes; returns what is wrong with them, or null. */
function loaded(segment: Segment, bytes: Buffer): string | null {
  // It may have been settled as a whole (purged) while it was read.
  if (segment.live === 0) return null
  try {
    segment.load(bytes)
    return null
  } catch (error) {
    if (error instanceof DamagedChunk) return error.message
    throw error
  }
}
