// A store of messages that keeps book: which messages a commit held and how it ended. It forwards everything to the
// store inside, and tells its listener before the committer hears of it.

import {
  type ChunkKey,
  type Lease,
  type MessageBatch,
  type MessageStore,
  type QueueMark,
  type StoredChunk,
  StoreError,
  type StoreErrorKind,
} from '../../../../src/broker/store.ts'
import { readUint32 } from '../../../../src/protocol/frame.ts'

/** Sequence numbers `from` to `to`, the latter not included. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** Told of the commits of a watched store. */
export interface CommitListener {
  /** A commit has been given to the store. */
  began(chunks: readonly Range[]): void
  /** It has ended; null: it is durable. */
  ended(error: StoreErrorKind | null): void
}

/** Where a page keeps its number of records (segment.ts draws it). */
const COUNT_AT = 8

/** Watches the commits of `inner`. */
export class WatchedStore implements MessageStore {
  readonly #inner: MessageStore
  readonly #listener: CommitListener
  #inFlight = 0

  constructor(inner: MessageStore, listener: CommitListener) {
    this.#inner = inner
    this.#listener = listener
  }

  async commit(lease: Lease, batch: MessageBatch): Promise<void> {
    if (this.#inFlight > 0) throw new Error('two commits at a time')
    this.#inFlight++
    this.#listener.began(batch.chunks.map(({ firstSeq, bytes }) => rangeOf(firstSeq, bytes)))
    try {
      await this.#inner.commit(lease, batch)
      this.#listener.ended(null)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#listener.ended(error.kind)
      throw error
    } finally {
      this.#inFlight--
    }
  }

  read(key: ChunkKey): Promise<Buffer | null> {
    return this.#inner.read(key)
  }

  recover(queueId: number): AsyncIterable<StoredChunk> {
    return this.#inner.recover(queueId)
  }

  mark(queueId: number): Promise<QueueMark | null> {
    return this.#inner.mark(queueId)
  }

  queueIds(): Promise<readonly number[]> {
    return this.#inner.queueIds()
  }

  dropQueue(lease: Lease, queueId: number): Promise<void> {
    return this.#inner.dropQueue(lease, queueId)
  }
}

/** The messages of a chunk that begins with `page`. */
export function rangeOf(firstSeq: number, page: Uint8Array): Range {
  return { from: firstSeq, to: firstSeq + readUint32(page, COUNT_AT) }
}
