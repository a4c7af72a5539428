// Consumers of equal priority, asked one after the other: a ring in the order in which they had their last turn, so that of
// those that have room the one that has waited longest is next, whatever has happened in between (strict round-robin,
// behaviour.md §7.2). One that has none leaves the ring until it is woken, and takes its old place then. Knows no messages.

import type { Consumer } from '../consumer.ts'

/** A ring of consumers, doubly linked through them. */
export class Ring {
  readonly priority: number
  /** The ring of the next lower priority that has consumers. */
  below: Ring | null = null
  /** Consumers that belong here, asked or not. */
  members = 0
  /** The consumer to ask first. */
  #first: Consumer | null = null
  /** The turns that were had; a newcomer counts as having had one. */
  #turns = 0

  constructor(priority: number) {
    this.priority = priority
  }

  /** Whether nobody here might take a message. */
  get empty(): boolean {
    return this.#first === null
  }

  /** Takes a newcomer in, who is asked when all others have had their turn. */
  join(consumer: Consumer): void {
    this.members++
    consumer.parked = false
    consumer.turn = ++this.#turns
    this.#link(consumer)
  }

  leave(consumer: Consumer): void {
    this.members--
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

  /** Whether `consumer`, who comes first, has room: then its turn is over. Else it leaves the ring. */
  #asked(consumer: Consumer): boolean {
    if (consumer.hasRoom) {
      consumer.turn = ++this.#turns
      this.#first = consumer.next
      return true
    }
    this.#unlink(consumer)
    consumer.parked = true
    return false
  }

  /** Puts a parked consumer that has room again in its place. */
  wake(consumer: Consumer): void {
    if (!consumer.parked || !consumer.hasRoom) return
    consumer.parked = false
    this.#link(consumer)
  }

  /** Links `consumer` in behind those whose last turn was before its own. */
  #link(consumer: Consumer): void {
    const first = this.#first
    if (first === null) {
      consumer.next = consumer.previous = consumer
      this.#first = consumer
      return
    }
    const next = behind(first, consumer)
    const previous = next.previous as Consumer
    consumer.next = next
    consumer.previous = previous
    next.previous = previous.next = consumer
    if (consumer.turn < first.turn) this.#first = consumer
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

/** The consumer before which `consumer` belongs; `first` also where it belongs at the end. Mostly found at either end. */
function behind(first: Consumer, consumer: Consumer): Consumer {
  const { turn } = consumer
  if ((first.previous as Consumer).turn < turn) return first
  let at = first
  while (at.turn < turn) at = at.next as Consumer
  return at
}
