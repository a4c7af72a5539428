// The memory that messages lie in, all queues of a broker together: how much of it is used, and pages that are used again
// (memory that is new costs the kernel and the garbage collector more than the messages in it). Who lets go of what is
// decided elsewhere.

/** What messages of all queues may occupy before those that are stored leave memory. */
const BUDGET_BYTES = 64 * 1024 * 1024
/** The share of the memory limit that they may occupy before all the others leave memory as well. */
const PRESSURE = 0.4
/** The smallest and the largest page that is kept for use, octets; powers of two between them. */
const SMALLEST_KEPT = 16 * 1024
const LARGEST_KEPT = 256 * 1024
/** Octets of pages that are kept for use at the most. */
const KEPT_BYTES = 8 * 1024 * 1024

/** The memory of the segments of all queues. */
export class SegmentMemory {
  /** Octets that segments occupy. */
  used = 0
  /** What time it is, as exact as who sets it: segments note when they are begun. Milliseconds since 1970. */
  now = 0
  readonly budget: number
  readonly #pressure: number
  readonly #free = new Map<number, Buffer[]>()
  #freeBytes = 0

  /**
   * @param budget octets from which on what is stored leaves memory
   * @param pressure octets from which on what need not be stored is stored to leave memory as well
   */
  constructor(budget: number, pressure: number = Number.POSITIVE_INFINITY) {
    this.budget = budget
    this.#pressure = pressure
  }

  /** The memory of a broker that blocks publishers from `memoryLimit` octets on. */
  static within(memoryLimit: number = Number.POSITIVE_INFINITY): SegmentMemory {
    return new SegmentMemory(BUDGET_BYTES, memoryLimit * PRESSURE)
  }

  /** Whether more is used than should be. */
  get short(): boolean {
    return this.used > this.budget
  }

  /** Whether so much is used that everything that can leave should. */
  get pressed(): boolean {
    return this.used > this.#pressure
  }

  /** Segments occupy so many octets more (or less). */
  count(bytes: number): void {
    this.used += bytes
  }

  /** A page of `bytes` octets that nobody else views. */
  take(bytes: number): Buffer {
    const page = this.#free.get(bytes)?.pop()
    if (page === undefined) return Buffer.allocUnsafeSlow(bytes)
    this.#freeBytes -= bytes
    return page
  }

  /** A page is not needed any more: nobody views it. */
  give(page: Buffer): void {
    const bytes = page.length
    if (!isKept(bytes) || this.#freeBytes + bytes > KEPT_BYTES || page.buffer.byteLength !== bytes) return
    const pages = this.#free.get(bytes)
    if (pages) pages.push(page)
    else this.#free.set(bytes, [page])
    this.#freeBytes += bytes
  }
}

function isKept(bytes: number): boolean {
  return bytes >= SMALLEST_KEPT && bytes <= LARGEST_KEPT && (bytes & (bytes - 1)) === 0
}
