// Which chunks of a stream are in memory: those that are being written, and those that somebody reads, which all readers
// share. What nobody has asked for lately goes first. Knows segments and where chunks are read; not who reads.

import type { ChunkKey } from '../store.ts'
import { DamagedChunk } from './page.ts'
import type { PagingHost } from './paging.ts'
import { SEGMENT_BYTES, Segment } from './segment.ts'

/** Octets of pages that one stream keeps for its readers; fewer where memory is short. */
const KEPT_BYTES = 8 * 1024 * 1024
const KEPT_BYTES_SHORT = 1024 * 1024
/** Pages that each reader needs if no two read the same ones, and how far that goes. */
const PAGES_EACH = 2
const MOST_BYTES = 64 * 1024 * 1024

/** How much is in memory. */
export interface Resident {
  readonly messages: number
  readonly bodyBytes: number
  /** Octets of memory. */
  readonly bytes: number
}

/** The chunks of one stream that are in memory, by their first sequence numbers. */
export class StreamPages {
  readonly #queueId: number
  readonly #host: Pick<PagingHost, 'memory' | 'read'>
  /** Those asked for last come last. */
  readonly #pages = new Map<number, Segment>()
  readonly #loading = new Set<number>()
  /** Octets of pages that may go. */
  #spare = 0
  #readers = 0
  #closed = false

  constructor(queueId: number, host: Pick<PagingHost, 'memory' | 'read'>) {
    this.#queueId = queueId
    this.#host = host
  }

  /** The page of that chunk, if it is in memory. */
  get(firstSeq: number): Segment | null {
    const page = this.#pages.get(firstSeq)
    if (page === undefined) return null
    this.#pages.delete(firstSeq)
    this.#pages.set(firstSeq, page)
    return page
  }

  /** How many read. When nobody does, all that may go goes. */
  set readers(count: number) {
    this.#readers = count
    if (count > 0) return
    for (const firstSeq of [...this.#pages.keys()]) this.drop(firstSeq)
  }

  get resident(): Resident {
    let messages = 0
    let bodyBytes = 0
    let bytes = 0
    for (const page of this.#pages.values()) {
      messages += page.count
      bodyBytes += page.readyBodyBytes
      bytes += page.capacity
    }
    return { messages, bodyBytes, bytes }
  }

  /** A page that is being written: it stays until it is stored. */
  add(page: Segment): void {
    this.#pages.set(page.firstSeq, page)
  }

  /** A page is stored as a whole: it may go. */
  stored(page: Segment): void {
    this.#spare += page.capacity
    if (this.#readers > 0) this.#trim()
    else this.drop(page.firstSeq)
  }

  /**
   * Reads a chunk, unless it is there or on its way, and calls `done`: with what is wrong where it cannot be read, else
   * with null, and then its page is there.
   */
  load(firstSeq: number, count: number, done: (firstSeq: number, why: string | null) => void): void {
    if (this.#pages.has(firstSeq) || this.#loading.has(firstSeq)) return
    this.#loading.add(firstSeq)
    const key: ChunkKey = { queueId: this.#queueId, firstSeq }
    const ended = (why: string | null): void => {
      this.#loading.delete(firstSeq)
      if (!this.#closed) done(firstSeq, why)
    }
    this.#host.read(key).then(
      (bytes) => ended(bytes === null ? 'it is not there' : this.#take(firstSeq, count, bytes)),
      (error: unknown) => ended(String(error)),
    )
  }

  /** Keeps what was read; returns what is wrong with it, or null. */
  #take(firstSeq: number, count: number, bytes: Buffer): string | null {
    if (this.#closed) return null
    try {
      const page = Segment.whole(firstSeq, bytes, this.#host.memory)
      if (page.count !== count) {
        page.page()
        return `it has ${page.count} records, its summary says ${count}`
      }
      this.#pages.set(firstSeq, page)
      this.#spare += page.capacity
      this.#trim()
      return null
    } catch (error) {
      if (error instanceof DamagedChunk) return error.message
      throw error
    }
  }

  /** Lets the page of a chunk go, if it is here and may. */
  drop(firstSeq: number): void {
    const page = this.#pages.get(firstSeq)
    if (page === undefined || !isSpare(page)) return
    this.#pages.delete(firstSeq)
    this.#spare -= page.capacity
    page.page()
  }

  /** The stream has ended. */
  close(): void {
    this.#closed = true
    for (const page of this.#pages.values()) page.page()
    this.#pages.clear()
    this.#spare = 0
  }

  /** Lets go what is too much, but for the page that came last: somebody waits for it. */
  #trim(): void {
    const kept = this.#host.memory.short ? KEPT_BYTES_SHORT : KEPT_BYTES
    const most = Math.max(kept, Math.min(this.#readers * PAGES_EACH * SEGMENT_BYTES, MOST_BYTES))
    if (this.#spare <= most) return
    const [newest] = [...this.#pages.keys()].slice(-1)
    for (const firstSeq of [...this.#pages.keys()]) {
      if (this.#spare <= most) return
      if (firstSeq !== newest) this.drop(firstSeq)
    }
  }
}

/** Whether a page is in the store as a whole, and will not change. */
function isSpare(page: Segment): boolean {
  return page.sealed && page.committed === page.count
}
