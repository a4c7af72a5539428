// Comes by every now and then to look for what is overdue: one timer for all channels of a broker, and none while nothing
// can become overdue. Knows how long the shortest wait is; not what is waited for.

import type { Clock, Timer } from '../broker/clock.ts'

/** Somebody with something that can become overdue. */
export interface Swept {
  /** Looks for what is overdue at `now`, milliseconds since 1970. */
  sweep(now: number): void
}

/** How often it comes by: so many times within the shortest wait, within these bounds (milliseconds). */
const TIMES = 10
const OFTENEST_MS = 100
/** RabbitMQ looks once a minute (behaviour.md §7.7). */
const SELDOMEST_MS = 60_000

/** The sweep of one broker. */
export class Sweep {
  readonly #clock: Clock
  readonly #swept = new Set<Swept>()
  #everyMs = SELDOMEST_MS
  #timer: Timer | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Comes by at `swept` from now on, where something may be overdue after `ms`. */
  add(swept: Swept, ms: number): void {
    const everyMs = Math.min(SELDOMEST_MS, Math.max(OFTENEST_MS, Math.floor(ms / TIMES)))
    if (this.#swept.size === 0 || everyMs < this.#everyMs) {
      this.#everyMs = everyMs
      this.#timer?.cancel()
      this.#wait()
    }
    this.#swept.add(swept)
  }

  remove(swept: Swept): void {
    if (!this.#swept.delete(swept) || this.#swept.size > 0) return
    this.#timer?.cancel()
    this.#timer = null
  }

  #wait(): void {
    this.#timer = this.#clock.after(this.#everyMs, () => {
      this.#wait()
      const now = this.#clock.now()
      for (const swept of [...this.#swept]) swept.sweep(now)
    })
  }
}
