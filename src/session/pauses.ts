// Why a peer is not read from. There may be several reasons at a time; it is read from again when none is left.

import type { Transport } from './transport.ts'

/**
 * `pressed`: a queue it publishes to cannot keep up, until the next turn. `congested`: it does not take what it is sent.
 * `held`: a channel holds back more frames than it should. `blocked`: it publishes while a resource alarm is on.
 */
export type PauseReason = 'pressed' | 'congested' | 'held' | 'blocked'

/** A bit for each: most connections never have one, and a set of them would cost each of them its memory. */
const bits: { readonly [reason in PauseReason]: number } = { pressed: 1, congested: 2, held: 4, blocked: 8 }

/** The reasons of one connection. */
export class Pauses {
  readonly #transport: Transport
  #reasons = 0

  constructor(transport: Transport) {
    this.#transport = transport
  }

  get any(): boolean {
    return this.#reasons !== 0
  }

  has(reason: PauseReason): boolean {
    return (this.#reasons & bits[reason]) !== 0
  }

  add(reason: PauseReason): void {
    if (!this.any) this.#transport.pause()
    this.#reasons |= bits[reason]
  }

  remove(reason: PauseReason): void {
    if (!this.has(reason)) return
    this.#reasons &= ~bits[reason]
    if (!this.any) this.#transport.resume()
  }
}
