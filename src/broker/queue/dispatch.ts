// Whose turn it is: the consumers of a queue by priority, a ring for each; all messages go to the highest priority where
// somebody has room (behaviour.md §7.2). Where a queue has a single active consumer, only that one is asked. Knows no
// messages.

import type { Consumer } from '../consumer.ts'
import { Ring } from './ring.ts'
import type { SingleActive } from './single-active.ts'

/** The consumers of one queue. */
export class Dispatch {
  readonly #single: SingleActive | null
  readonly #all = new Set<Consumer>()
  /** The ring of the highest priority; there is always one. */
  #top = new Ring(0)
  /** Who is asked, where only one may be. */
  #chosen: Consumer | null = null

  /** @param single the rule by which one consumer is active; null: all are */
  constructor(single: SingleActive | null = null) {
    this.#single = single
  }

  get size(): number {
    return this.#all.size
  }

  /** Whether somebody might take a message. */
  get waiting(): boolean {
    for (let ring: Ring | null = this.#top; ring !== null; ring = ring.below) if (!ring.empty) return true
    return false
  }

  /** Who is asked, where only one may be; null also where all may. */
  get chosen(): Consumer | null {
    return this.#chosen
  }

  [Symbol.iterator](): IterableIterator<Consumer> {
    return this.#all.values()
  }

  has(consumer: Consumer): boolean {
    return this.#all.has(consumer)
  }

  /** Whether `consumer` may not come in: it or one that is there wants the queue for itself (behaviour.md §7.1). */
  excludes(consumer: Consumer): boolean {
    if (consumer.exclusive && this.#single !== null) return true
    const [other] = this.#all
    return other !== undefined && (other.exclusive || consumer.exclusive)
  }

  add(consumer: Consumer): void {
    this.#all.add(consumer)
    if (this.#single === null) this.#join(consumer)
    else this.#elect(this.#single)
  }

  /** Returns whether another one may take messages now, who could not before. */
  remove(consumer: Consumer): boolean {
    if (!this.#all.delete(consumer)) return false
    const before = this.#chosen
    if (this.#single === null) this.#leave(consumer)
    else this.#elect(this.#single)
    return this.#chosen !== null && this.#chosen !== before
  }

  /** The next consumer that has room, whose turn is then over; null when nobody has. */
  next(): Consumer | null {
    for (let ring: Ring | null = this.#top; ring !== null; ring = ring.below) {
      const consumer = ring.next()
      if (consumer !== null) return consumer
    }
    return null
  }

  /** Like `next`, but null as soon as it is the turn of one that will ack. */
  nextNoAck(): Consumer | null {
    for (let ring: Ring | null = this.#top; ring !== null; ring = ring.below) {
      const consumer = ring.nextNoAck()
      if (consumer !== null || !ring.empty) return consumer
    }
    return null
  }

  /** Asks a parked consumer again, if it has room. */
  wake(consumer: Consumer): void {
    if (!consumer.parked) return
    // It may have finished what it was to finish before another takes over.
    if (this.#single !== null) this.#elect(this.#single)
    if (this.#single === null || consumer === this.#chosen) this.#ringOf(consumer).wake(consumer)
  }

  /** Asks whom `single` chooses, and nobody else. */
  #elect(single: SingleActive): void {
    const { active } = single
    const chosen = single.choose(this.#all)
    if (chosen !== this.#chosen) {
      if (this.#chosen !== null) this.#leave(this.#chosen)
      this.#chosen = chosen
      if (chosen !== null) this.#join(chosen)
    }
    // Whoever is to finish first has to be heard of when it has.
    if (active !== null && active !== chosen) active.parked = chosen === null && this.#all.has(active)
  }

  #join(consumer: Consumer): void {
    this.#ringOf(consumer).join(consumer)
  }

  #leave(consumer: Consumer): void {
    const ring = this.#ringOf(consumer)
    ring.leave(consumer)
    if (ring.members === 0) this.#drop(ring)
  }

  /** The ring of `consumer`'s priority, made where there is none. */
  #ringOf({ priority }: Consumer): Ring {
    let above: Ring | null = null
    let ring: Ring | null = this.#top
    while (ring !== null && ring.priority > priority) {
      above = ring
      ring = ring.below
    }
    if (ring !== null && ring.priority === priority) return ring
    const made = new Ring(priority)
    made.below = ring
    if (above === null) this.#top = made
    else above.below = made
    return made
  }

  #drop(ring: Ring): void {
    if (this.#top === ring) {
      this.#top = ring.below ?? new Ring(0)
      return
    }
    let above = this.#top
    while (above.below !== ring) above = above.below as Ring
    above.below = ring.below
  }
}
