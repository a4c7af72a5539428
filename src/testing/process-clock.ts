// The real time, for one life of a broker: when that is cut short, as by a crash, nothing that it still waits for happens.

import type { Clock, Timer } from '../broker/clock.ts'

/** A clock that can be cut. */
export class ProcessClock implements Clock {
  readonly #timers = new Set<NodeJS.Timeout>()
  #cut = false

  now(): number {
    return Date.now()
  }

  after(ms: number, task: () => void): Timer {
    if (this.#cut) return { cancel: () => {} }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      task()
    }, ms).unref()
    this.#timers.add(timer)
    return {
      cancel: () => {
        clearTimeout(timer)
        this.#timers.delete(timer)
      },
    }
  }

  soon(task: () => void): void {
    setImmediate(() => {
      if (!this.#cut) task()
    })
  }

  /** Nothing rings any more, and no turn ends. */
  cut(): void {
    this.#cut = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
