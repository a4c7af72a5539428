// The end of a turn of the loop: who has output, or something to say that can be said once for many, is called once.

import type { Clock } from '../broker/clock.ts'

/** Somebody to call at the end of the turn. */
export interface TurnTaker {
  turnEnds(): void
}

/** Gathers turn takers; all connections of a broker share one. */
export class Turn {
  readonly #clock: Clock
  #takers: TurnTaker[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `taker` at the end of this turn. A taker adds itself once per turn at the most. */
  add(taker: TurnTaker): void {
    if (this.#takers.push(taker) === 1) this.#clock.soon(this.#end)
  }

  readonly #end = (): void => {
    const takers = this.#takers
    this.#takers = []
    for (const taker of takers) taker.turnEnds()
  }
}
