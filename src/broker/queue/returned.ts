// Messages that came back, waiting to be delivered again. In a classic queue the oldest leaves first, whatever the order
// they came in: a min-heap. In a quorum queue they leave in the order they came in (behaviour.md §7.6, "requeue position");
// in one of RabbitMQ 3.13, behind those that waited then. Knows numbers only.

/** Sequence numbers of messages that came back. */
export interface ReturnedSeqs extends Iterable<number> {
  /** Those that leave before the next that never did; they all may. */
  readonly size: number
  /** The next one; -1 when there is none. */
  readonly first: number
  /** `behind`: the first number that was not given yet, where what waits now is to leave before it; else 0. */
  push(seq: number, behind: number): void
  /** Takes the next one out; -1 when there is none. */
  pop(): number
  /** Whether this one is there. Looks at all of them, at the next one first. */
  has(seq: number): boolean
  /** Takes this one out; false when it is not there. Looks at all of them, at the next one first. */
  remove(seq: number): boolean
}

/** How those that came back leave. */
export type Leave = 'in-order' | 'in-turn' | 'behind'

/** Nothing yet that would leave so; `place` is where the log stands. */
export function returnedSeqs(leave: Leave, place: LogPlace): ReturnedSeqs {
  if (leave === 'behind') return new ReturnedBehind(place)
  return leave === 'in-turn' ? new ReturnedInTurn() : new Returned()
}

/** They leave in the order they came in. */
export class ReturnedInTurn implements ReturnedSeqs {
  #seqs: number[] = []
  #first = 0

  get size(): number {
    return this.#seqs.length - this.#first
  }

  get first(): number {
    return this.#seqs[this.#first] ?? -1
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#seqs.slice(this.#first).values()
  }

  push(seq: number): void {
    this.#seqs.push(seq)
  }

  pop(): number {
    if (this.size === 0) return -1
    const seq = this.#seqs[this.#first++] as number
    if (this.#first > 32 && this.#first * 2 > this.#seqs.length) {
      this.#seqs.splice(0, this.#first)
      this.#first = 0
    }
    return seq
  }

  has(seq: number): boolean {
    return this.#seqs.includes(seq, this.#first)
  }

  remove(seq: number): boolean {
    if (seq === this.first) return this.pop() === seq
    const at = this.#seqs.indexOf(seq, this.#first)
    if (at >= 0) this.#seqs.splice(at, 1)
    return at >= 0
  }
}

/** Where a log stands, to those who wait for it. */
export interface LogPlace {
  /** Messages that can be taken, those that came back among them. */
  readonly ready: number
  /** The next message that never was taken has this number, or a larger one. */
  readonly position: number
}

/** Some leave once the log has come to where it ended when they came; the others before all of those, in turn. */
export class ReturnedBehind implements ReturnedSeqs {
  readonly #place: LogPlace
  readonly #first = new ReturnedInTurn()
  readonly #behind = new ReturnedInTurn()
  /** Where the log ended when each of those came. */
  readonly #ends = new Map<number, number>()

  constructor(place: LogPlace) {
    this.#place = place
  }

  get size(): number {
    const [first, all] = [this.#first.size, this.#first.size + this.#behind.size]
    // Where there is nothing else, nothing has to be waited for.
    if (first > 0 || all === this.#place.ready) return all
    return this.#place.position >= (this.#ends.get(this.#behind.first) ?? Number.POSITIVE_INFINITY) ? all : 0
  }

  get first(): number {
    return this.#first.size > 0 ? this.#first.first : this.#behind.first
  }

  *[Symbol.iterator](): Iterator<number> {
    yield* this.#first
    yield* this.#behind
  }

  push(seq: number, behind: number): void {
    if (behind === 0) return this.#first.push(seq)
    this.#ends.set(seq, behind)
    this.#behind.push(seq)
  }

  pop(): number {
    if (this.#first.size > 0) return this.#first.pop()
    this.#ends.delete(this.#behind.first)
    return this.#behind.pop()
  }

  has(seq: number): boolean {
    return this.#first.has(seq) || this.#behind.has(seq)
  }

  remove(seq: number): boolean {
    this.#ends.delete(seq)
    return this.#first.remove(seq) || this.#behind.remove(seq)
  }
}

/** The smallest leaves first. */
export class Returned implements ReturnedSeqs {
  #heap: number[] = []

  get size(): number {
    return this.#heap.length
  }

  /** The smallest; -1 when there is none. */
  get first(): number {
    return this.#heap[0] ?? -1
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#heap.values()
  }

  push(seq: number): void {
    this.#heap.push(seq)
    this.#rise(seq, this.#heap.length - 1)
  }

  /** Takes the smallest out; -1 when there is none. */
  pop(): number {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined) return -1
    const smallest = heap[0]
    if (smallest === undefined) return last
    this.#sink(last, 0)
    return smallest
  }

  has(seq: number): boolean {
    return this.#heap.includes(seq)
  }

  remove(seq: number): boolean {
    const heap = this.#heap
    const at = heap.indexOf(seq)
    if (at < 0) return false
    const last = heap.pop() as number
    if (at === heap.length) return true
    if (last < seq) this.#rise(last, at)
    else this.#sink(last, at)
    return true
  }

  /** Puts `seq` in the place `at`, which is free, and lets it rise to where it belongs. */
  #rise(seq: number, from: number): void {
    const heap = this.#heap
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((heap[parent] as number) <= seq) break
      heap[at] = heap[parent] as number
      at = parent
    }
    heap[at] = seq
  }

  /** Puts `seq` there and lets it sink to where it belongs. */
  #sink(seq: number, from: number): void {
    const heap = this.#heap
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++
      if ((heap[child] as number) >= seq) break
      heap[at] = heap[child] as number
      at = child
    }
    heap[at] = seq
  }
}
