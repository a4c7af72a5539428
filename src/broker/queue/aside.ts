// Recovered and readmitted messages that are not to be taken in their turn: those that wait for a time, and those that
// are to leave the queue (attempts.ts). Knows sequence numbers and segments; not what they wait for.

import { isAside } from './attempts.ts'
import type { Segment } from './segment.ts'

/** The messages of one log that stand aside until they are given back or settled. */
export class Aside {
  #seqs: Set<number> | null = null

  /** None ever stood aside. */
  get isEmpty(): boolean {
    return this.#seqs === null
  }

  has(seq: number): boolean {
    return this.#seqs?.has(seq) === true
  }

  [Symbol.iterator](): Iterator<number> {
    return (this.#seqs ?? [])[Symbol.iterator]()
  }

  /** Takes in one that was taken. */
  add(seq: number): void {
    this.#seqs ??= new Set()
    this.#seqs.add(seq)
  }

  /** Takes in those of a recovered segment; returns how many there are. */
  adopt(segment: Segment): number {
    const seqs = asideIn(segment)
    for (const seq of seqs) this.add(seq)
    return seqs.length
  }

  /** How many of a segment, of which nothing was taken, stand aside. */
  countIn(segment: Segment): number {
    return this.#seqs === null ? 0 : asideIn(segment).length
  }
}

function asideIn({ firstSeq, attempts }: Segment): readonly number[] {
  return [...(attempts ?? [])].flatMap(([index, attempt]) => (isAside(attempt) ? [firstSeq + index] : []))
}
