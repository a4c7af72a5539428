// Reads everything that a data directory holds, without a change to it, and tells which records are not what was once
// written. What a chunk or a declared thing means is for the visitor to judge.

import { type ChunkKey, type MetaEntry, type QueueMark, StoreError } from '../../broker/store.ts'
import { type Engine, readError } from './database.ts'
import {
  decodeMark,
  decodeMeta,
  decodeNumber,
  firstSeqOf,
  namespace,
  namespaceRange,
  queueIdOf,
  versionKey,
} from './layout.ts'
import { checkFormat } from './opening.ts'
import { Scratch } from './scratch.ts'

/** Something that does not hold. `queueId` is null where it is no queue's. */
export interface Damage {
  readonly queueId: number | null
  readonly cause: string
}

/** Hears what a store holds: declared things first, then marks, then chunks in order of queue and sequence. */
export interface StoreVisitor {
  entry(entry: MetaEntry): void
  mark(mark: QueueMark): void
  /** Of a chunk and its summary one may be missing. */
  chunk(key: ChunkKey, chunk: Buffer | null, summary: Buffer | null): void
  damaged(damage: Damage): void
}

const SLICE = { highWaterMarkBytes: 2 ** 20 }
const CHUNK_KEY_BYTES = 17
const MARK_KEY_BYTES = 9

type Found = readonly [key: Buffer, value: Buffer]

/**
 * Shows the store in `directory` to `visitor`. Rejects with `StoreError`: kind `locked` when somebody has it open,
 * `damaged` when it is not a store of ours, or nothing of it can be read, `failed` when there is none.
 */
export async function inspectLevelStore(directory: string, visitor: StoreVisitor): Promise<void> {
  const scratch = await Scratch.open(directory)
  try {
    for (const drop of await scratch.drops()) visitor.damaged({ queueId: null, cause: `the engine's log: ${drop}` })
    const inspection = new Inspection(scratch.engine, visitor)
    await inspection.counters(directory)
    await inspection.entries()
    await inspection.marks()
    await inspection.chunks()
    await inspection.strangers()
  } finally {
    await scratch.close()
  }
}

class Inspection {
  readonly #engine: Engine
  readonly #visitor: StoreVisitor
  /** What one side of a walk does not show any more says nothing about the other side. */
  #cutShort = false

  constructor(engine: Engine, visitor: StoreVisitor) {
    this.#engine = engine
    this.#visitor = visitor
  }

  async counters(directory: string): Promise<void> {
    let formatHolds = true
    await this.#guard(null, async () => {
      for (const key of Object.values(versionKey)) {
        const value = await this.#engine.get(key)
        const holds = value === undefined || this.#decode(null, () => decodeNumber(key, value)) !== null
        if (key === versionKey.format) formatHolds = holds
      }
    })
    if (formatHolds) await checkFormat(this.#engine, directory)
  }

  async entries(): Promise<void> {
    await this.#each(namespace.meta, ([key, value]) => {
      const entry = this.#decode(null, () => decodeMeta(key, value))
      if (entry) this.#visitor.entry(entry)
    })
  }

  async marks(): Promise<void> {
    await this.#each(namespace.mark, ([key, value]) => {
      if (key.length !== MARK_KEY_BYTES) return this.#stranger(key)
      const mark = this.#decode(queueIdOf(key), () => decodeMark(key, value))
      if (mark) this.#visitor.mark(mark)
    })
  }

  /** Walks chunks and summaries side by side. */
  async chunks(): Promise<void> {
    const chunks = this.#walk(namespace.chunk)
    const summaries = this.#walk(namespace.summary)
    let chunk = await chunks.next()
    let summary = await summaries.next()
    while (!this.#cutShort && !(chunk.done && summary.done)) {
      const order = compare(chunk.value, summary.value)
      const [key] = (order > 0 ? summary.value : chunk.value) as Found
      const address = { queueId: queueIdOf(key), firstSeq: firstSeqOf(key) }
      this.#visitor.chunk(address, order <= 0 ? bytesOf(chunk.value) : null, order >= 0 ? bytesOf(summary.value) : null)
      if (order <= 0) chunk = await chunks.next()
      if (order >= 0) summary = await summaries.next()
    }
  }

  /** Keys that the layout does not know. */
  async strangers(): Promise<void> {
    const known = Object.values(namespace).sort((a, b) => a - b)
    await this.#guard(null, async () => {
      let from = Buffer.alloc(0)
      for (const prefix of known) {
        for await (const key of this.#engine.keys({ gte: from, lt: Buffer.of(prefix) })) this.#stranger(key)
        from = Buffer.of(prefix + 1)
      }
      for await (const key of this.#engine.keys({ gte: from })) this.#stranger(key)
      const counters = Object.values(versionKey)
      for await (const key of this.#engine.keys(namespaceRange(namespace.version))) {
        if (!counters.some((counter) => counter.equals(key))) this.#stranger(key)
      }
    })
  }

  async *#walk(prefix: number): AsyncGenerator<Found, undefined> {
    try {
      for await (const found of this.#engine.iterator({ ...namespaceRange(prefix), ...SLICE })) {
        if (found[0].length === CHUNK_KEY_BYTES) yield found
        else this.#stranger(found[0])
      }
    } catch (cause) {
      this.#cutShort = true
      this.#unreadable(prefix, cause)
    }
    return undefined
  }

  async #each(prefix: number, visit: (found: Found) => void): Promise<void> {
    await this.#guard(prefix, async () => {
      for await (const found of this.#engine.iterator({ ...namespaceRange(prefix), ...SLICE })) visit(found)
    })
  }

  async #guard(prefix: number | null, read: () => Promise<void>): Promise<void> {
    try {
      await read()
    } catch (cause) {
      this.#unreadable(prefix, cause)
    }
  }

  /** Where the engine cannot go on, nothing behind is seen. Throws what is no damage. */
  #unreadable(prefix: number | null, cause: unknown): void {
    const error = readError(cause)
    if (error.kind !== 'damaged') throw error
    const where = prefix === null ? '' : `under '${String.fromCharCode(prefix)}' `
    this.#visitor.damaged({ queueId: null, cause: `what follows ${where}cannot be read: ${error.message}` })
  }

  #decode<T>(queueId: number | null, decode: () => T): T | null {
    try {
      return decode()
    } catch (cause) {
      if (!(cause instanceof StoreError)) throw cause
      this.#visitor.damaged({ queueId, cause: cause.message })
      return null
    }
  }

  #stranger(key: Buffer): void {
    const cause = `the layout knows no key like ${JSON.stringify(key.toString('latin1'))}`
    this.#visitor.damaged({ queueId: null, cause })
  }
}

/** Which of two records comes first by its address; a walk that has ended is behind everything. */
function compare(one: Found | undefined, other: Found | undefined): number {
  if (one === undefined) return other === undefined ? 0 : 1
  return other === undefined ? -1 : one[0].compare(other[0], 1, undefined, 1)
}

function bytesOf(found: Found | undefined): Buffer | null {
  return found === undefined ? null : found[1]
}
