// Dispatch as one would write it without thinking of speed: a list of consumers, each with the time of its last turn, and
// the set of those that are not asked because they had no room.

import type { Consumer } from '../../../../src/broker/consumer.ts'

/** Strict round-robin among those of the highest priority (behaviour.md §7.2), the slow way. */
export class RoundRobin {
  readonly #lastTurn = new Map<Consumer, number>()
  #turns = 0
  readonly #parked = new Set<Consumer>()

  get waiting(): boolean {
    return this.#order.length > 0
  }

  add(consumer: Consumer): void {
    this.#lastTurn.set(consumer, ++this.#turns)
  }

  remove(consumer: Consumer): void {
    this.#lastTurn.delete(consumer)
    this.#parked.delete(consumer)
  }

  /** The first that `hasRoom`; who is asked in vain is asked no more until it is woken. */
  next(hasRoom: (consumer: Consumer) => boolean, willing: (consumer: Consumer) => boolean): Consumer | null {
    for (;;) {
      const [consumer] = this.#order
      if (!consumer || !willing(consumer)) return null
      if (hasRoom(consumer)) {
        this.#lastTurn.set(consumer, ++this.#turns)
        return consumer
      }
      this.#parked.add(consumer)
    }
  }

  /** Who has room again is asked when it would have been asked before. */
  wake(consumer: Consumer, hasRoom: (consumer: Consumer) => boolean): boolean {
    return hasRoom(consumer) && this.#parked.delete(consumer)
  }

  /** Those that are asked: the higher priority first, then whose last turn is longest ago. */
  get #order(): readonly Consumer[] {
    const last = (consumer: Consumer) => this.#lastTurn.get(consumer) ?? 0
    return [...this.#lastTurn.keys()]
      .filter((consumer) => !this.#parked.has(consumer))
      .sort((a, b) => b.priority - a.priority || last(a) - last(b))
  }
}
