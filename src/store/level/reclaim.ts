// Gives the disk back what dropped chunks occupied. LevelDB moves files of a log that only grows from level to level
// without rewriting them, so that deletions may never meet what they delete: the range has to be compacted by hand.
// Knows keys and sizes; when chunks are dropped is the broker's affair.

import type { ChunkKey, ChunkWrite } from '../../broker/store.ts'
import { chunkKey, namespace } from './layout.ts'

/** Octets of dropped chunks that are worth a compaction. */
const WORTH_BYTES = 64 * 2 ** 20
/** What a chunk is taken to have before any was written. */
const USUAL_BYTES = 64 * 2 ** 10

/** Compacts the keys from `start` to `end`. */
export type Compact = (start: Buffer, end: Buffer) => Promise<void>

/** The dropped chunks of one database. */
export class Reclaim {
  readonly #compact: Compact
  readonly #failed: (error: unknown) => void
  /** The highest chunk dropped, by queue: what lies before it is mostly dropped too, for a queue is a FIFO. */
  readonly #upTo = new Map<number, number>()
  #usualBytes = USUAL_BYTES
  #droppedBytes = 0
  #running: Promise<void> | null = null

  constructor(compact: Compact, failed: (error: unknown) => void) {
    this.#compact = compact
    this.#failed = failed
  }

  /** Chunks were stored: their size is what dropped ones are taken to have. */
  stored(chunks: readonly ChunkWrite[]): void {
    for (const { bytes } of chunks) this.#usualBytes += (bytes.length - this.#usualBytes) / 16
  }

  /** Chunks were dropped; begins a compaction, beside everything else, when it is worth it. */
  dropped(keys: readonly ChunkKey[]): void {
    for (const { queueId, firstSeq } of keys) {
      this.#upTo.set(queueId, Math.max(this.#upTo.get(queueId) ?? 0, firstSeq))
    }
    this.#droppedBytes += keys.length * this.#usualBytes
    if (this.#droppedBytes >= WORTH_BYTES) this.#running ??= this.#run()
  }

  /** Resolves when no compaction runs. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    const ranges = [...this.#upTo]
    this.#upTo.clear()
    this.#droppedBytes = 0
    try {
      for (const [queueId, firstSeq] of ranges) {
        const from = chunkKey(namespace.chunk, { queueId, firstSeq: 0 })
        await this.#compact(from, chunkKey(namespace.chunk, { queueId, firstSeq }))
      }
    } catch (error) {
      this.#failed(error)
    }
    this.#running = null
  }
}
