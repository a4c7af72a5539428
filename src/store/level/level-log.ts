// Queues' logs in LevelDB. Chunks are opaque here; what a record looks like is the queue's affair.

import {
  type ChunkKey,
  type Lease,
  type MessageBatch,
  type MessageStore,
  type QueueMark,
  type StoredChunk,
  StoreError,
} from '../../broker/store.ts'
import type { Tenure } from '../tenure.ts'
import { type Database, readError, reasonOf, type WriteBatch } from './database.ts'
import {
  chunkKey,
  decodeMark,
  encodeMark,
  firstSeqOf,
  namespace,
  namespaceRange,
  queueIdOf,
  queueKey,
  queueRange,
} from './layout.ts'
import { Reclaim } from './reclaim.ts'

/** Summaries are read in slices of this many bytes, at least one at a time. */
const READ_AHEAD_BYTES = 2 ** 20

/** Writes each batch as one record of the engine. */
export class LevelLog implements MessageStore {
  readonly #tenure: Tenure
  readonly #database: Database
  readonly #reclaim: Reclaim
  #newestCommit: Promise<unknown> = Promise.resolve()

  constructor(tenure: Tenure, database: Database, warn: (message: string) => void) {
    this.#tenure = tenure
    this.#database = database
    this.#reclaim = new Reclaim(
      (start, end) => tenure.track(database.compact(start, end)),
      (error) => warn(`space on the disk was not given back: ${reasonOf(error)}`),
    )
  }

  async commit(lease: Lease, batch: MessageBatch): Promise<void> {
    this.#tenure.checkWrite(lease)
    // Chained, because the array form costs ten times as much on the main thread.
    const writes = this.#database.engine.batch()
    try {
      fill(writes, batch)
    } catch (cause) {
      await writes.close()
      throw new StoreError('failed', 'the batch cannot be written', { cause })
    }
    this.#newestCommit = this.#tenure.track(this.#database.write(writes))
    this.#reclaim.stored(batch.chunks)
    await this.#newestCommit
    if (batch.dropped.length > 0) this.#reclaim.dropped(batch.dropped)
  }

  async read(key: ChunkKey): Promise<Buffer | null> {
    return this.#get(chunkKey(namespace.chunk, key))
  }

  /** Sees the queue as it is when the first chunk is asked for, whatever is committed later. */
  async *recover(queueId: number): AsyncIterable<StoredChunk> {
    this.#tenure.checkOpen()
    const options = { ...queueRange(namespace.summary, queueId), highWaterMarkBytes: READ_AHEAD_BYTES }
    const summaries = this.#database.engine.iterator(options)
    try {
      for (;;) {
        const found = await summaries.next().catch(rethrow)
        if (found === undefined) return
        yield { firstSeq: firstSeqOf(found[0]), summary: found[1] }
      }
    } finally {
      await summaries.close()
    }
  }

  async mark(queueId: number): Promise<QueueMark | null> {
    const key = queueKey(namespace.mark, queueId)
    const value = await this.#get(key)
    return value === null ? null : decodeMark(key, value)
  }

  async queueIds(): Promise<readonly number[]> {
    this.#tenure.checkOpen()
    try {
      const ids = new Set<number>()
      for await (const key of this.#database.engine.keys(namespaceRange(namespace.mark))) ids.add(queueIdOf(key))
      await this.#addIdsOfChunks(ids)
      return [...ids].sort((a, b) => a - b)
    } catch (cause) {
      throw readError(cause)
    }
  }

  async dropQueue(lease: Lease, queueId: number): Promise<void> {
    this.#tenure.checkWrite(lease)
    await this.#tenure.track(this.#clearQueue(queueId))
  }

  /** Leaps from queue to queue, for a queue may have many chunks. */
  async #addIdsOfChunks(ids: Set<number>): Promise<void> {
    const keys = this.#database.engine.keys(namespaceRange(namespace.chunk))
    try {
      for (let key = await keys.next(); key !== undefined; key = await keys.next()) {
        const queueId = queueIdOf(key)
        ids.add(queueId)
        keys.seek(queueKey(namespace.chunk, queueId + 1))
      }
    } finally {
      await keys.close()
    }
  }

  /**
   * The engine deletes a range in many steps, none of them synced. The mark goes last and alone, so that after a crash
   * in between the queue is still listed, and with a sync that carries the earlier steps to the disk as well.
   */
  async #clearQueue(queueId: number): Promise<void> {
    await this.#newestCommit.catch(() => {})
    const { engine } = this.#database
    try {
      await engine.clear(queueRange(namespace.chunk, queueId))
      await engine.clear(queueRange(namespace.summary, queueId))
    } catch (cause) {
      throw this.#database.halt(`the data directory did not delete a queue: ${reasonOf(cause)}`, cause)
    }
    await this.#database.write(engine.batch().del(queueKey(namespace.mark, queueId)))
  }

  async #get(key: Buffer): Promise<Buffer | null> {
    this.#tenure.checkOpen()
    try {
      return (await this.#database.engine.get(key, { fillCache: false })) ?? null
    } catch (cause) {
      throw readError(cause)
    }
  }
}

function fill(writes: WriteBatch, batch: MessageBatch): void {
  for (const chunk of batch.chunks) writes.put(chunkKey(namespace.chunk, chunk), chunk.bytes)
  for (const summary of batch.summaries) writes.put(chunkKey(namespace.summary, summary), summary.bytes)
  for (const key of batch.dropped) {
    writes.del(chunkKey(namespace.chunk, key))
    writes.del(chunkKey(namespace.summary, key))
  }
  for (const mark of batch.marks) writes.put(queueKey(namespace.mark, mark.queueId), encodeMark(mark))
}

function rethrow(cause: unknown): never {
  throw readError(cause)
}
