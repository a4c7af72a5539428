// Queues' logs kept in memory, for the store that forgets everything with the process.

import type {
  ChunkKey,
  ChunkWrite,
  Lease,
  MessageBatch,
  MessageStore,
  QueueMark,
  StoredChunk,
} from '../../broker/store.ts'
import type { Tenure } from '../tenure.ts'

interface Log {
  readonly chunks: Map<number, Buffer>
  readonly settled: Map<number, Buffer>
  mark: QueueMark | null
}

/**
 * Holds a copy of every chunk until it is dropped: `read` has to give back what was committed, and a store opened
 * again within the process recovers it (docs/decisions/0020).
 */
export class MemoryLog implements MessageStore {
  readonly #tenure: Tenure
  readonly #logs = new Map<number, Log>()

  constructor(tenure: Tenure) {
    this.#tenure = tenure
  }

  async commit(lease: Lease, batch: MessageBatch): Promise<void> {
    this.#tenure.checkWrite(lease)
    for (const chunk of batch.chunks) this.#log(chunk.queueId).chunks.set(chunk.firstSeq, copyOf(chunk))
    for (const set of batch.settled) this.#log(set.queueId).settled.set(set.firstSeq, copyOf(set))
    for (const { queueId, firstSeq } of batch.dropped) {
      const log = this.#logs.get(queueId)
      log?.chunks.delete(firstSeq)
      log?.settled.delete(firstSeq)
    }
    for (const { queueId, nextSeq, headSeq } of batch.marks) this.#log(queueId).mark = { queueId, nextSeq, headSeq }
  }

  async read({ queueId, firstSeq }: ChunkKey): Promise<Buffer | null> {
    this.#tenure.checkOpen()
    const bytes = this.#logs.get(queueId)?.chunks.get(firstSeq)
    return bytes === undefined ? null : Buffer.from(bytes)
  }

  async *recover(queueId: number): AsyncIterable<StoredChunk> {
    this.#tenure.checkOpen()
    const log = this.#logs.get(queueId)
    if (log === undefined) return
    const chunks = [...log.chunks].sort(([a], [b]) => a - b)
    const settled = new Map(log.settled)
    for (const [firstSeq, bytes] of chunks) {
      const set = settled.get(firstSeq)
      yield { firstSeq, bytes: Buffer.from(bytes), settled: set === undefined ? null : Buffer.from(set) }
    }
  }

  async mark(queueId: number): Promise<QueueMark | null> {
    this.#tenure.checkOpen()
    return this.#logs.get(queueId)?.mark ?? null
  }

  async queueIds(): Promise<readonly number[]> {
    this.#tenure.checkOpen()
    const ids: number[] = []
    for (const [queueId, log] of this.#logs) if (log.chunks.size > 0 || log.mark !== null) ids.push(queueId)
    return ids.sort((a, b) => a - b)
  }

  async dropQueue(lease: Lease, queueId: number): Promise<void> {
    this.#tenure.checkWrite(lease)
    this.#logs.delete(queueId)
  }

  #log(queueId: number): Log {
    let log = this.#logs.get(queueId)
    if (log === undefined) {
      log = { chunks: new Map(), settled: new Map(), mark: null }
      this.#logs.set(queueId, log)
    }
    return log
  }
}

function copyOf({ bytes }: ChunkWrite): Buffer {
  const [only] = bytes
  return only !== undefined && bytes.length === 1 ? Buffer.from(only) : Buffer.concat(bytes)
}
