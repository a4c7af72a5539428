// One opening of a store: the lease it granted, whether writes are still taken, and what is in flight. Shared by all
// adapters, so that fencing and closing mean the same in each. It knows no engine and no data.

import { type Lease, StoreError } from '../broker/store.ts'

/**
 * Guards the calls of a store between `begin` and `end`. A store that is not open, or that stopped writing after an
 * error, answers `failed`; a lease that is not the newest, `fenced`.
 */
export class Tenure {
  #epoch = 0
  #open = false
  #halted: StoreError | null = null
  readonly #inFlight = new Set<Promise<unknown>>()

  get open(): boolean {
    return this.#open
  }

  /** Grants the lease of a new opening; every earlier lease is fenced from here on. */
  begin(epoch: number): Lease {
    this.#epoch = epoch
    this.#open = true
    this.#halted = null
    return { epoch }
  }

  /** Throws `StoreError` unless the store is open. */
  checkOpen(): void {
    if (!this.#open) throw new StoreError('failed', 'the store is not open')
  }

  /** Throws `StoreError` unless the store is open and takes writes under this lease. */
  checkWrite(lease: Lease): void {
    if (lease.epoch !== this.#epoch) {
      throw new StoreError('fenced', `the lease of epoch ${lease.epoch} ended, the newest is ${this.#epoch}`)
    }
    this.checkOpen()
    if (this.#halted !== null) throw this.#halted
  }

  /** Refuses every write from now until the next opening, because `cause` left the engine's log in doubt. */
  halt(cause: StoreError): void {
    if (this.#halted !== null) return
    const message = `the store stopped writing until it is opened again, because of: ${cause.message}`
    this.#halted = new StoreError('failed', message, { cause })
  }

  /** Makes `end` wait for the promise, whichever way it settles. Returns the same promise. */
  track<T>(promise: Promise<T>): Promise<T> {
    this.#inFlight.add(promise)
    const forget = () => this.#inFlight.delete(promise)
    promise.then(forget, forget)
    return promise
  }

  /** Takes no more calls and resolves once everything tracked has settled. */
  async end(): Promise<void> {
    this.#open = false
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight)
  }
}
