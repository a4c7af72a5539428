// How much memory messages occupy, all queues of a broker together. A count and a budget; who lets go of what is decided
// elsewhere.

/** The memory that the segments of all queues occupy together. */
export class SegmentMemory {
  /** Octets; kept by the segments. */
  used = 0
  readonly budget: number

  /** @param budget octets from which on what is stored leaves memory */
  constructor(budget: number) {
    this.budget = budget
  }

  get short(): boolean {
    return this.used > this.budget
  }
}
