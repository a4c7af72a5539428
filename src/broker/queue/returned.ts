// Messages that came back, waiting to be delivered again: a min-heap of sequence numbers, so that the oldest leaves
// first whatever the order they came in (behaviour.md §7.6, "requeue position, classic"). Knows numbers only.

/** A min-heap of sequence numbers. */
export class Returned {
  #heap: number[] = []

  get size(): number {
    return this.#heap.length
  }

  push(seq: number): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(seq)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((heap[parent] as number) <= seq) break
      heap[at] = heap[parent] as number
      at = parent
    }
    heap[at] = seq
  }

  /** Takes the smallest out; -1 when there is none. */
  pop(): number {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined) return -1
    const smallest = heap[0]
    if (smallest === undefined) return last
    this.#sink(last)
    return smallest
  }

  /** Puts `seq` in the place of the smallest and lets it sink to where it belongs. */
  #sink(seq: number): void {
    const heap = this.#heap
    let at = 0
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
