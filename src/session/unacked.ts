// Deliveries that a channel has sent and the client has not settled, by delivery tag: a ring in order of tags, as
// parallel arrays, so that a delivery costs no object. Knows tags and sequence numbers; not what settling does.

import type { Consumer } from '../broker/consumer.ts'
import type { Queue } from '../broker/queue/queue.ts'
import type { Late } from './late.ts'

/** Who is told when a delivery is settled: its queue, or who stands for it where that took too long. */
export type Holder = Queue | Late

/** One delivery, taken out of the ring. `consumer` is null for basic.get. */
export interface Delivery {
  readonly tag: number
  readonly queue: Holder
  readonly consumer: Consumer | null
  readonly seq: number
}

/** Told of each delivery that is taken out. */
export type Taker = (tag: number, queue: Holder, consumer: Consumer | null, seq: number) => void

const SMALLEST = 16
const NONE = new Float64Array(0)

/** The unsettled deliveries of one channel. */
export class Unacked {
  /** Parallel arrays; the entry at `(#head + i) & mask` is the i-th by tag. A settled one has no queue. */
  #tags = NONE
  #seqs = NONE
  #queues: (Holder | null)[] = []
  #consumers: (Consumer | null)[] = []
  #head = 0
  /** Entries from the oldest to the newest, settled ones among them included. */
  #span = 0
  #size = 0

  /** Deliveries outstanding. */
  get size(): number {
    return this.#size
  }

  /** Notes a delivery; tags grow. */
  add(tag: number, queue: Holder, consumer: Consumer | null, seq: number): void {
    if (this.#span === this.#tags.length) this.#rebuild()
    const at = this.#slot(this.#span++)
    this.#tags[at] = tag
    this.#seqs[at] = seq
    this.#queues[at] = queue
    this.#consumers[at] = consumer
    this.#size++
  }

  /** Takes the delivery `tag` out and tells `taker`; false when it is not outstanding. */
  take(tag: number, taker: Taker): boolean {
    const place = this.#find(tag)
    if (place < 0) return false
    this.#takeSlot(this.#slot(place), taker)
    this.#trim()
    return true
  }

  /** Takes out all deliveries up to and including `tag`, oldest first; false when `tag` itself is not outstanding. */
  takeUpTo(tag: number, taker: Taker): boolean {
    if (this.#find(tag) < 0) return false
    this.#takeThrough(tag, taker)
    return true
  }

  /** Takes out everything that is there now, oldest first. */
  takeAll(taker: Taker): void {
    if (this.#span > 0) this.#takeThrough(this.#tags[this.#slot(this.#span - 1)] as number, taker)
  }

  /** The tag of the oldest delivery outstanding; Infinity when there is none. */
  get oldest(): number {
    return this.#span === 0 ? Number.POSITIVE_INFINITY : (this.#tags[this.#head] as number)
  }

  /** Shows `visit` everything outstanding, oldest first, and leaves it where it is. */
  each(visit: Taker): void {
    for (let place = 0; place < this.#span; place++) {
      const at = this.#slot(place)
      const queue = this.#queues[at]
      if (queue)
        visit(this.#tags[at] as number, queue, this.#consumers[at] as Consumer | null, this.#seqs[at] as number)
    }
  }

  /** Whoever `by` names for its consumer holds the delivery `tag`, which is outstanding, from now on. */
  exchange(tag: number, by: (consumer: Consumer | null) => Holder): void {
    const at = this.#slot(this.#find(tag))
    this.#queues[at] = by(this.#consumers[at] as Consumer | null)
  }

  /** Puts deliveries back under their old tags (a rolled back transaction; behaviour.md §8.3). */
  restore(deliveries: readonly Delivery[]): void {
    const all = [...deliveries]
    this.takeAll((tag, queue, consumer, seq) => all.push({ tag, queue, consumer, seq }))
    all.sort((a, b) => a.tag - b.tag)
    for (const { tag, queue, consumer, seq } of all) this.add(tag, queue, consumer, seq)
  }

  #slot(place: number): number {
    return (this.#head + place) & (this.#tags.length - 1)
  }

  /** The entries leave the ring one by one, since `taker` may add others: what dies may come back to the same channel. */
  #takeThrough(tag: number, taker: Taker): void {
    while (this.#span > 0 && (this.#tags[this.#head] as number) <= tag) {
      const at = this.#head
      this.#head = this.#slot(1)
      this.#span--
      this.#takeSlot(at, taker)
    }
    this.#trim()
  }

  #takeSlot(at: number, taker: Taker): void {
    const queue = this.#queues[at]
    if (!queue) return
    const consumer = this.#consumers[at] as Consumer | null
    this.#queues[at] = null
    this.#consumers[at] = null
    this.#size--
    taker(this.#tags[at] as number, queue, consumer, this.#seqs[at] as number)
  }

  /** Lets settled entries go from the old end. */
  #trim(): void {
    while (this.#span > 0 && !this.#queues[this.#head]) {
      this.#head = (this.#head + 1) & (this.#tags.length - 1)
      this.#span--
    }
  }

  /** The place of an outstanding tag, -1 when there is none: tags are mostly without gaps, else bisection. */
  #find(tag: number): number {
    if (this.#span === 0) return -1
    const guess = tag - (this.#tags[this.#head] as number)
    if (guess < 0) return -1
    const place = guess < this.#span && this.#tags[this.#slot(guess)] === tag ? guess : this.#bisect(tag)
    return place >= 0 && this.#queues[this.#slot(place)] ? place : -1
  }

  #bisect(tag: number): number {
    let low = 0
    let high = this.#span - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = this.#tags[this.#slot(middle)] as number
      if (found === tag) return middle
      if (found < tag) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  /** The ring is full: without the settled entries, and twice as large where that gains too little. */
  #rebuild(): void {
    const capacity = this.#tags.length
    const larger = this.#size * 2 > capacity || capacity === 0 ? Math.max(SMALLEST, capacity * 2) : capacity
    const tags = new Float64Array(larger)
    const seqs = new Float64Array(larger)
    const queues = new Array<Holder | null>(larger).fill(null)
    const consumers = new Array<Consumer | null>(larger).fill(null)
    let kept = 0
    for (let place = 0; place < this.#span; place++) {
      const at = this.#slot(place)
      if (!this.#queues[at]) continue
      tags[kept] = this.#tags[at] as number
      seqs[kept] = this.#seqs[at] as number
      queues[kept] = this.#queues[at]
      consumers[kept++] = this.#consumers[at] as Consumer | null
    }
    this.#tags = tags
    this.#seqs = seqs
    this.#queues = queues
    this.#consumers = consumers
    this.#head = 0
    this.#span = kept
  }
}
