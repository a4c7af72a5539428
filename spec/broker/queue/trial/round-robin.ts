// Dispatch as one would write it without thinking of speed: a list of consumers in the order in which they are asked, and
// the set of those that are not asked because they had no room.

import type { Consumer } from '../../../../src/broker/consumer.ts'

/** Strict round-robin (behaviour.md §7.2), the slow way. */
export class RoundRobin {
  /** The one to be asked first comes first. */
  #order: Consumer[] = []
  readonly #parked = new Set<Consumer>()

  get waiting(): boolean {
    return this.#order.length > 0
  }

  add(consumer: Consumer): void {
    this.#order.push(consumer)
  }

  remove(consumer: Consumer): void {
    this.#order = this.#order.filter((other) => other !== consumer)
    this.#parked.delete(consumer)
  }

  /** The first that `hasRoom`; who is asked in vain is asked no more until it is woken. */
  next(hasRoom: (consumer: Consumer) => boolean, willing: (consumer: Consumer) => boolean): Consumer | null {
    for (;;) {
      const consumer = this.#order[0]
      if (!consumer || !willing(consumer)) return null
      this.#order.shift()
      if (hasRoom(consumer)) {
        this.#order.push(consumer)
        return consumer
      }
      this.#parked.add(consumer)
    }
  }

  /** Who has room again is asked last. */
  wake(consumer: Consumer, hasRoom: (consumer: Consumer) => boolean): boolean {
    if (!this.#parked.has(consumer) || !hasRoom(consumer)) return false
    this.#parked.delete(consumer)
    this.#order.push(consumer)
    return true
  }
}
