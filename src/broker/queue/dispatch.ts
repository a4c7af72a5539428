// Whose turn it is: a ring of consumers, asked one after the other, each message to the next that has room (strict
// round-robin, behaviour.md §7.2). One that has none leaves the ring until it is woken. Knows no messages.

import type { Consumer } from '../consumer.ts'

/** The consumers of one queue. */
export class Dispatch {
  readonly #all = new Set<Consumer>()
  /** The consumer to ask first; the ring is doubly linked through it. */
  #first: Consumer | null = null

  get size(): number {
    return this.#all.size
  }

  /** Whether somebody in the ring might take a message. */
  get waiting(): boolean {
    return this.#first !== null
  }

  [Symbol.iterator](): IterableIterator<Consumer> {
    return this.#all.values()
  }

  has(consumer: Consumer): boolean {
    return this.#all.has(consumer)
  }

  add(consumer: Consumer): void {
    this.#all.add(consumer)
    this.#link(consumer)
  }

  remove(consumer: Consumer): void {
    if (!this.#all.delete(consumer)) return
    if (!consumer.parked) this.#unlink(consumer)
    consumer.parked = false
  }

  /** The next consumer that has room, whose turn is then over; null when nobody has. */
  next(): Consumer | null {
    for (let consumer = this.#first; consumer !== null; consumer = this.#first) {
      if (this.#asked(consumer)) return consumer
    }
    return null
  }

  /** Like `next`, but null as soon as it is the turn of one that will ack. */
  nextNoAck(): Consumer | null {
    for (let consumer = this.#first; consumer?.noAck; consumer = this.#first) {
      if (this.#asked(consumer)) return consumer
    }
    return null
  }

  /** Whether `consumer` has room: then its turn is over. Else it leaves the ring. */
  #asked(consumer: Consumer): boolean {
    if (consumer.hasRoom) {
      this.#first = consumer.next
      return true
    }
    this.#unlink(consumer)
    consumer.parked = true
    return false
  }

  /** Puts a parked consumer that has room again at the end of the ring. Returns whether it did. */
  wake(consumer: Consumer): boolean {
    if (!consumer.parked || !consumer.hasRoom) return false
    consumer.parked = false
    this.#link(consumer)
    return true
  }

  #link(consumer: Consumer): void {
    const first = this.#first
    if (first === null) {
      consumer.next = consumer.previous = consumer
      this.#first = consumer
      return
    }
    const last = first.previous as Consumer
    consumer.next = first
    consumer.previous = last
    last.next = first.previous = consumer
  }

  #unlink(consumer: Consumer): void {
    const { next, previous } = consumer
    if (next === consumer) {
      this.#first = null
    } else {
      ;(previous as Consumer).next = next
      ;(next as Consumer).previous = previous
      if (this.#first === consumer) this.#first = next
    }
    consumer.next = consumer.previous = null
  }
}
