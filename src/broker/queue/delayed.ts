// Messages that nobody is to get before a time: in order of that time, with one timer for all of them. Knows numbers and
// the clock; not why a message waits.

import type { Clock } from '../clock.ts'
import { Deadline } from './deadline.ts'
import { Returned } from './returned.ts'

/** Sequence numbers that wait for their time. */
export class Delayed {
  readonly #clock: Clock
  readonly #deadline: Deadline
  readonly #due: (seq: number) => void
  /** The times, each once, earliest first; and who waits for each. */
  readonly #times = new Returned()
  readonly #waiting = new Map<number, number[]>()
  #size = 0

  /** @param due is called for each, in order of their times, and in the order they came where these are the same */
  constructor(clock: Clock, due: (seq: number) => void) {
    this.#clock = clock
    this.#due = due
    this.#deadline = new Deadline(clock, () => this.#wake())
  }

  get size(): number {
    return this.#size
  }

  /** `seq` is to wait until `dueMs`, milliseconds since 1970. */
  add(seq: number, dueMs: number): void {
    this.#size++
    const others = this.#waiting.get(dueMs)
    if (others) {
      others.push(seq)
      return
    }
    this.#waiting.set(dueMs, [seq])
    this.#times.push(dueMs)
    this.#deadline.by(dueMs)
  }

  /** Nobody waits any more. */
  end(): void {
    this.#deadline.cancel()
    this.#waiting.clear()
    while (this.#times.size > 0) this.#times.pop()
    this.#size = 0
  }

  #wake(): void {
    const now = this.#clock.now()
    while (this.#times.size > 0 && this.#times.first <= now) {
      const time = this.#times.pop()
      const seqs = this.#waiting.get(time) ?? []
      this.#waiting.delete(time)
      this.#size -= seqs.length
      for (const seq of seqs) this.#due(seq)
    }
    if (this.#times.size > 0) this.#deadline.by(this.#times.first)
  }
}
