// Why a peer is not read from. There may be several reasons at a time; it is read from again when none is left.

import type { Transport } from './transport.ts'

/**
 * `pressed`: a queue it publishes to cannot keep up, until the next turn. `congested`: it does not take what it is sent.
 * `held`: a channel holds back more frames than it should. `blocked`: it publishes while a resource alarm is on.
 */
export type PauseReason = 'pressed' | 'congested' | 'held' | 'blocked'

/** The reasons of one connection. */
export class Pauses {
  readonly #transport: Transport
  readonly #reasons = new Set<PauseReason>()

  constructor(transport: Transport) {
    this.#transport = transport
  }

  get any(): boolean {
    return this.#reasons.size > 0
  }

  has(reason: PauseReason): boolean {
    return this.#reasons.has(reason)
  }

  add(reason: PauseReason): void {
    if (!this.any) this.#transport.pause()
    this.#reasons.add(reason)
  }

  remove(reason: PauseReason): void {
    if (this.#reasons.delete(reason) && !this.any) this.#transport.resume()
  }
}
