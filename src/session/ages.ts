// How old the deliveries of a channel are, as exactly as somebody looks at a clock: delivery tags only grow, so that it is
// enough to note now and then which was the last. A delivery costs nothing.

/** When delivery tags were given. */
export class Ages {
  /** Parallel arrays, oldest first: at this time, no tag beyond this one had been given. */
  #times: number[] = []
  #tags: number[] = []

  /** At `now`, `tag` is the last that was given. */
  note(now: number, tag: number): void {
    if (this.#tags.at(-1) === tag) return
    this.#times.push(now)
    this.#tags.push(tag)
  }

  /** The last tag that was certainly given at `time` or before; 0: none. */
  lastAt(time: number): number {
    let low = 0
    let high = this.#times.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#times[middle] as number) <= time) low = middle + 1
      else high = middle
    }
    return low === 0 ? 0 : (this.#tags[low - 1] as number)
  }

  /** Tags below `tag` are of no interest any more. */
  forget(tag: number): void {
    const kept = this.#tags.findIndex((each) => each >= tag)
    const gone = kept < 0 ? this.#tags.length : kept
    this.#times.splice(0, gone)
    this.#tags.splice(0, gone)
  }
}
