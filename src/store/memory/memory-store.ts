// A store whose disk is the memory of this process: for ephemeral brokers and for tests. Closing it ends the lease and
// forgets what is ephemeral; opening the same object again finds the rest, as a restart on a data directory would.

import {
  type ChunkKey,
  type Lease,
  type MessageBatch,
  type MessageStore,
  type MetaEntry,
  type QueueMark,
  type Store,
  type StoredChunk,
  StoreError,
} from '../../broker/store.ts'
import { MetaCommits } from '../meta-commits.ts'
import type { DurableWrite } from '../meta-table.ts'
import { Tenure } from '../tenure.ts'

/** Creates a store that holds everything in memory and loses it with the object. */
export function createMemoryStore(): Store {
  return new MemoryStore()
}

class MemoryStore implements Store {
  readonly meta: MetaCommits
  readonly messages: MemoryLog
  readonly #tenure = new Tenure()
  readonly #entries = new Map<string, MetaEntry>()
  #rev = 0
  #epoch = 0

  constructor() {
    this.meta = new MetaCommits(this.#tenure, { write: (writes, rev) => this.#write(writes, rev) })
    this.messages = new MemoryLog(this.#tenure)
  }

  async open(): Promise<Lease> {
    if (this.#tenure.open) throw new StoreError('locked', 'the store is open already')
    const entries = [...this.#entries.values()].sort(byKey)
    this.meta.reset({ entries, rev: this.#rev })
    this.#epoch += 1
    return this.#tenure.begin(this.#epoch)
  }

  async close(): Promise<void> {
    await this.#tenure.end()
    this.meta.end()
  }

  async #write(writes: readonly DurableWrite[], rev: number): Promise<void> {
    for (const { key, value, rev } of writes) {
      if (value === null) this.#entries.delete(key)
      else this.#entries.set(key, { key, value, rev })
    }
    this.#rev = rev
  }
}

interface Log {
  readonly chunks: Map<number, Buffer>
  readonly summaries: Map<number, Buffer>
  mark: QueueMark | null
}

/**
 * Holds a copy of every chunk until it is dropped: `read` has to give back what was committed, and a store opened
 * again within the process recovers it (docs/decisions/0020).
 */
class MemoryLog implements MessageStore {
  readonly #tenure: Tenure
  readonly #logs = new Map<number, Log>()

  constructor(tenure: Tenure) {
    this.#tenure = tenure
  }

  async commit(lease: Lease, batch: MessageBatch): Promise<void> {
    this.#tenure.checkWrite(lease)
    for (const chunk of batch.chunks) this.#log(chunk.queueId).chunks.set(chunk.firstSeq, Buffer.from(chunk.bytes))
    for (const summary of batch.summaries)
      this.#log(summary.queueId).summaries.set(summary.firstSeq, Buffer.from(summary.bytes))
    for (const { queueId, firstSeq } of batch.dropped) {
      const log = this.#logs.get(queueId)
      log?.chunks.delete(firstSeq)
      log?.summaries.delete(firstSeq)
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
    for (const [firstSeq, summary] of [...log.summaries].sort(([a], [b]) => a - b)) {
      this.#tenure.checkOpen()
      yield { firstSeq, summary: Buffer.from(summary) }
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
      log = { chunks: new Map(), summaries: new Map(), mark: null }
      this.#logs.set(queueId, log)
    }
    return log
  }
}

/** The order of the keys' UTF-8 bytes, as every engine has it. */
function byKey(a: MetaEntry, b: MetaEntry): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))
}
