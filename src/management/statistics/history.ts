// The past of numbers that belong together: a value for each tick of the statistics' clock, the last so many of them.
// A number that has never changed takes no room. Knows numbers by their place; not what they count.

/** Ticks that are remembered: ten minutes, and one to compare with. */
export const TICKS = 121

/** The numbers of one object. */
export class History {
  /** The first tick with a value. */
  readonly born: number
  /** When a value was found changed for the last time, milliseconds since 1970. */
  changedAt: number
  readonly #first: readonly number[]
  /** By place in the values; null: still the first. The value of tick `t` is at `t % TICKS`. */
  readonly #rings: (Float64Array | null)[]

  constructor(tick: number, values: readonly number[], atMs = 0) {
    this.born = tick
    this.changedAt = atMs
    this.#first = values
    this.#rings = values.map(() => null)
  }

  /** The values at `tick`, the one after the last that was recorded. */
  record(tick: number, values: readonly number[], atMs = 0): void {
    if (this.differs(tick - 1, values)) this.changedAt = atMs
    for (const [place, value] of values.entries()) {
      const first = this.#first[place] as number
      let ring = this.#rings[place] as Float64Array | null
      if (ring === null) {
        if (value === first) continue
        ring = new Float64Array(TICKS).fill(first)
        this.#rings[place] = ring
      }
      ring[tick % TICKS] = value
    }
  }

  /** Whether these are others than at `tick`. */
  differs(tick: number, values: readonly number[]): boolean {
    for (let place = 0; place < values.length; place++) if (values[place] !== this.at(tick, place)) return true
    return false
  }

  /** The value at a tick that is not forgotten; 0 before there was one. */
  at(tick: number, place: number): number {
    if (tick < this.born) return 0
    return this.#rings[place]?.[tick % TICKS] ?? (this.#first[place] as number)
  }
}
