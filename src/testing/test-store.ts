// The disk of a test broker: memory that outlives the broker, so that it can be restarted or killed and find again what it
// had stored; and that can be made slow, or fail. Each life of the broker has its own way to it, which ends with that life.

import { type MessageBatch, type Store, StoreError } from '../broker/store.ts'
import { createMemoryStore } from '../store/memory/memory-store.ts'

/** What is in the way of commits of messages. */
export interface Friction {
  /** Milliseconds that a commit takes longer. */
  readonly delayMs: number
  /** Whether it fails then. */
  readonly fails: boolean
}

/** One life's way to the disk. */
export interface Tenancy {
  readonly store: Store
  /** The broker has crashed: nothing that it still does reaches the disk. Resolves when another life may begin. */
  cut(): Promise<void>
}

/** A disk in memory. */
export class TestStore {
  /** What is in the way of commits from now on. */
  friction: Friction | null = null
  #disk = createMemoryStore()

  /** All that is stored is gone. */
  erase(): void {
    this.#disk = createMemoryStore()
  }

  /** A way to the disk for one life of a broker. */
  begin(): Tenancy {
    const disk = this.#disk
    let over = false
    const end = async (): Promise<void> => {
      if (over) return
      over = true
      await disk.close()
    }
    const store: Store = {
      meta: disk.meta,
      messages: {
        commit: (lease, batch) => this.#commit(batch, () => disk.messages.commit(lease, batch)),
        read: (key) => disk.messages.read(key),
        recover: (queueId) => disk.messages.recover(queueId),
        mark: (queueId) => disk.messages.mark(queueId),
        queueIds: () => disk.messages.queueIds(),
        dropQueue: (lease, queueId) => disk.messages.dropQueue(lease, queueId),
      },
      open: () => disk.open(),
      close: end,
    }
    return { store, cut: end }
  }

  async #commit(batch: MessageBatch, write: () => Promise<void>): Promise<void> {
    const { friction } = this
    if (friction === null || batch.chunks.length === 0) return write()
    // Copied before the first wait: the octets may change after it (store.ts, ChunkWrite).
    for (const [index, chunk] of batch.chunks.entries())
      batch.chunks[index] = { ...chunk, bytes: Buffer.from(chunk.bytes) }
    for (const [index, each] of batch.summaries.entries()) {
      batch.summaries[index] = { ...each, bytes: Buffer.from(each.bytes) }
    }
    await new Promise<void>((resolve) => void setTimeout(resolve, friction.delayMs).unref())
    if (friction.fails) throw new StoreError('failed', 'a test has the disk fail')
    return write()
  }
}
