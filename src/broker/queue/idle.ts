// How long a queue has been unused (x-expires, behaviour.md §6.3): no consumer, not declared, nothing taken. Publishing is
// no use of it. Knows time, not the queue.

import type { Clock } from '../clock.ts'
import { Deadline } from './deadline.ts'

/** Waits for a queue to be unused for too long. */
export class Idle {
  readonly #clock: Clock
  readonly #expired: () => void
  readonly #deadline: Deadline
  #expiresMs: number | null = null
  #usedAt = 0
  /** It has consumers. */
  #held = false

  /** @param expired it was unused for as long as it may be */
  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock
    this.#expired = expired
    this.#deadline = new Deadline(clock, () => this.#look())
  }

  /** From now on, and beginning now, it may be unused for so long; null: for ever. */
  allow(expiresMs: number | null): void {
    if (expiresMs === this.#expiresMs) return
    this.#expiresMs = expiresMs
    this.#deadline.cancel()
    this.used()
  }

  /** For how long it has not been used, milliseconds; 0 where that means nothing. */
  get unusedMs(): number {
    return this.#held || this.#expiresMs === null ? 0 : this.#clock.now() - this.#usedAt
  }

  /** It has not been used for so long already. */
  unusedFor(ms: number): void {
    if (this.#expiresMs === null) return
    this.#usedAt = this.#clock.now() - ms
    this.#wait(this.#expiresMs)
  }

  /** It is used. */
  used(): void {
    if (this.#expiresMs === null) return
    this.#usedAt = this.#clock.now()
    this.#wait(this.#expiresMs)
  }

  /** It has consumers now, or has none any more. */
  hold(held: boolean): void {
    this.#held = held
    this.used()
  }

  /** The queue is gone. */
  end(): void {
    this.#expiresMs = null
    this.#deadline.cancel()
  }

  #wait(expiresMs: number): void {
    if (!this.#held) this.#deadline.by(this.#usedAt + expiresMs)
  }

  #look(): void {
    if (this.#expiresMs === null || this.#held) return
    if (this.#clock.now() >= this.#usedAt + this.#expiresMs) this.#expired()
    else this.#wait(this.#expiresMs)
  }
}
