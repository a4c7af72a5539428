// What is to be done when: a min-heap of times and numbers. Of several at one time the lowest number comes first. Knows
// no clock.

/** Numbers, each with its time. */
export class Agenda {
  #times: number[] = []
  #numbers: number[] = []

  get size(): number {
    return this.#times.length
  }

  /** The first time; Infinity where there is none. */
  get time(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY
  }

  /** The number that is first; -1 where there is none. */
  get first(): number {
    return this.#numbers[0] ?? -1
  }

  add(time: number, number: number): void {
    let at = this.#times.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(time, number, parent)) break
      this.#move(parent, at)
      at = parent
    }
    this.#put(at, time, number)
  }

  /** Takes the first one out. */
  shift(): void {
    const time = this.#times.pop()
    const number = this.#numbers.pop()
    if (time === undefined || number === undefined || this.#times.length === 0) return
    let at = 0
    for (let child = 1; child < this.#times.length; child = 2 * at + 1) {
      const other = child + 1
      if (other < this.#times.length && this.#isBefore(this.#timeAt(other), this.#numberAt(other), child)) child = other
      if (this.#isBefore(time, number, child)) break
      this.#move(child, at)
      at = child
    }
    this.#put(at, time, number)
  }

  clear(): void {
    this.#times = []
    this.#numbers = []
  }

  #isBefore(time: number, number: number, at: number): boolean {
    const there = this.#timeAt(at)
    return time < there || (time === there && number < this.#numberAt(at))
  }

  #timeAt(at: number): number {
    return this.#times[at] as number
  }

  #numberAt(at: number): number {
    return this.#numbers[at] as number
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#timeAt(from), this.#numberAt(from))
  }

  #put(at: number, time: number, number: number): void {
    this.#times[at] = time
    this.#numbers[at] = number
  }
}
