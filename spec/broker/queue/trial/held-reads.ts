// Reads of chunks that wait until a trial lets them end, in whatever order, and says how: with what lay there when they
// began, with damage, with nothing, or with an error.

import { type ChunkKey, type MessageStore, StoreError } from '../../../../src/broker/store.ts'

/** How a read ends. */
export type ReadFate = 'whole' | 'damaged' | 'gone' | 'failed'

/** A read that has begun and not ended. */
export interface HeldRead {
  readonly key: ChunkKey
  /** What lay in the store when it began. */
  readonly bytes: Promise<Buffer | null>
  /** Ends it. */
  readonly end: (fate: ReadFate) => void
}

/** The reads of one store. */
export class HeldReads {
  /** Oldest first. */
  readonly held: HeldRead[] = []
  /** Reads begun so far. */
  begun = 0
  readonly #store: MessageStore

  constructor(store: MessageStore) {
    this.#store = store
  }

  /** Resolves when the read is ended. */
  async read(key: ChunkKey): Promise<Buffer | null> {
    this.begun++
    const bytes = this.#store.read(key)
    const fate = await new Promise<ReadFate>((resolve) => this.held.push({ key, bytes, end: resolve }))
    const found = await bytes
    if (fate === 'failed') throw new StoreError('failed', 'the spec made this read fail')
    if (fate === 'gone' || found === null) return null
    return fate === 'damaged' ? damaged(found) : found
  }

  /** Takes out one of those held; undefined when there is none. */
  pick(which: number): HeldRead | undefined {
    return this.held.splice(which % Math.max(this.held.length, 1), 1)[0]
  }

  /** Ends all that are held, and those that begin upon it. Resolves when whoever reads has heard of it. */
  async endAll(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (this.held.length === 0) return
      for (const read of this.held.splice(0)) read.end('whole')
    }
  }
}

/** A copy with one bit turned over, in the last octet. */
function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy[copy.length - 1] = (copy[copy.length - 1] as number) ^ 1
  return copy
}
