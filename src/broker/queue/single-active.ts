// The single active consumer of a queue (behaviour.md §7.2): which of its consumers is delivered to while the others wait.
// On a classic queue the one registered first, as long as it is there; on a quorum queue one of higher priority takes
// over, as soon as the one before it has nothing outstanding.

import type { Consumer } from '../consumer.ts'

/** The choice of one queue. */
export class SingleActive {
  readonly #byPriority: boolean
  #active: Consumer | null = null

  /** @param byPriority whether a consumer of higher priority takes over (quorum queues) */
  constructor(byPriority: boolean) {
    this.#byPriority = byPriority
  }

  /** The consumer whose queue it is now, also while it only finishes what it holds. */
  get active(): Consumer | null {
    return this.#active
  }

  /** Who of `consumers`, listed as they came, may be given messages; null: nobody before the active one has finished. */
  choose(consumers: ReadonlySet<Consumer>): Consumer | null {
    const best = this.#best(consumers)
    const active = this.#active !== null && consumers.has(this.#active) ? this.#active : null
    const stays = active !== null && (best === null || best.priority <= active.priority || !this.#byPriority)
    if (!stays && active !== null && active.unacked > 0) return null
    this.#active = stays ? active : best
    return this.#active
  }

  #best(consumers: Iterable<Consumer>): Consumer | null {
    let best: Consumer | null = null
    for (const consumer of consumers) {
      if (best === null || (this.#byPriority && consumer.priority > best.priority)) best = consumer
    }
    return best
  }
}
