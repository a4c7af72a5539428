// Buffers that output is gathered in: of one size, lent to connections that have something to send and taken back once
// it is sent, so that an idle connection owns none.

/** 64 KiB: larger gains nothing, smaller costs system calls (measured, see docs/decisions). */
export const SLAB_BYTES = 64 * 1024
/** Slabs kept for the next borrower. */
const KEPT = 64

/** A pool of slabs. */
export class Slabs {
  readonly #free: Buffer[] = []

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES)
  }

  give(slab: Buffer): void {
    if (this.#free.length < KEPT) this.#free.push(slab)
  }
}
