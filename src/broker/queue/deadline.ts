// One timer that rings not later than the earliest time it was asked for. Who is called looks what time it is: it may
// ring early, and says nothing of why.

import type { Clock, Timer } from '../clock.ts'

/** The longest that a timer of Node can wait, milliseconds. */
const LONGEST_MS = 2 ** 31 - 1

/** A timer that is set again and again, and mostly need not be. */
export class Deadline {
  readonly #clock: Clock
  readonly #reached: () => void
  #timer: Timer | null = null
  #at = Number.POSITIVE_INFINITY

  constructor(clock: Clock, reached: () => void) {
    this.#clock = clock
    this.#reached = reached
  }

  /** Rings at `at`, milliseconds since 1970, or before. */
  by(at: number): void {
    if (this.#at <= at) return
    this.#timer?.cancel()
    this.#at = at
    this.#timer = this.#clock.after(Math.min(Math.max(at - this.#clock.now(), 0), LONGEST_MS), this.#rings)
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#at = Number.POSITIVE_INFINITY
  }

  readonly #rings = (): void => {
    this.cancel()
    this.#reached()
  }
}
