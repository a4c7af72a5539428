// One consumer's place in a stream: what it is given next. Knows the log's pages; not other readers, and not whether its
// consumer has room.

import type { Message } from '../message.ts'
import type { Segment } from './segment.ts'
import type { StreamFilter } from './stream-filter.ts'
import type { StreamLog } from './stream-log.ts'
import type { StreamStart } from './stream-offset.ts'

/** Nothing to read now. */
export const NOTHING = 0
/** What was next is not for this reader. */
export const SKIPPED = -1

/** Reads one stream in order. */
export class StreamReader {
  readonly #log: StreamLog
  readonly #filter: StreamFilter | null
  #notBefore: number
  /** The next message to look at. */
  #seq: number
  #page: Segment | null = null

  constructor(log: StreamLog, { seq, notBefore }: StreamStart, filter: StreamFilter | null) {
    this.#log = log
    this.#seq = seq
    this.#notBefore = notBefore
    this.#filter = filter
  }

  /** The message that it looks at next. */
  get seq(): number {
    return this.#seq
  }

  /** Messages that are there and were not looked at yet. */
  get lag(): number {
    return Math.max(this.#log.endSeq - Math.max(this.#seq, this.#log.firstSeq), 0)
  }

  /**
   * Points `into` at the next message and returns its sequence number; `NOTHING` where there is none, or it is being read from
   * the store; `SKIPPED` where it is not for this reader, and the one behind it may be.
   */
  next(into: Message): number {
    if (this.#seq >= this.#log.endSeq) return NOTHING
    const page = this.#pageAtHand()
    if (page === null) return NOTHING
    const seq = this.#seq++
    page.read(seq - page.firstSeq, into)
    if (this.#notBefore > 0) {
      // In a stream's record this is when it was added.
      if (into.expiresAt < this.#notBefore) return SKIPPED
      this.#notBefore = 0
    }
    return this.#filter?.wants(into) === false ? SKIPPED : seq
  }

  #pageAtHand(): Segment | null {
    const held = this.#page
    if (held?.resident && this.#seq < held.firstSeq + held.count) return held
    const page = this.#log.page(this.#seq)
    this.#page = page
    // What was there may be gone: too old, or damaged.
    if (page !== null && page.firstSeq > this.#seq) this.#seq = page.firstSeq
    return page
  }
}
