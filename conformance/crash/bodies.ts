/**
 * Chance that can be repeated, and message bodies that need not be remembered: both follow from a seed. Knows nothing of
 * brokers.
 */

const largestBytes = 2 ** 20

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The bodies of one run, 1 octet to 1 MiB: mostly small, some too large for a page, now and then several frames. */
export class Bodies {
  readonly #seed: number
  readonly #pool = Buffer.alloc(2 * largestBytes)

  constructor(seed: number) {
    this.#seed = seed
    const random = seededRandom(seed)
    for (let at = 0; at < this.#pool.length; at += 4) this.#pool.writeUInt32LE(Math.floor(random() * 2 ** 32), at)
  }

  /** The body of message `id`, always the same. */
  of(id: number): Buffer {
    const random = seededRandom(Math.imul(id, 0x9e3779b1) ^ this.#seed)
    const bytes = sizeOf(random(), random())
    const start = Math.floor(random() * (this.#pool.length - bytes))
    return this.#pool.subarray(start, start + bytes)
  }
}

function sizeOf(kind: number, share: number): number {
  const upTo = (limit: number) => 1 + Math.floor(share * limit)
  if (kind < 0.05) return 1
  if (kind < 0.7) return upTo(400)
  if (kind < 0.9) return upTo(4096)
  if (kind < 0.985) return upTo(65_536)
  return kind < 0.998 ? upTo(400_000) : largestBytes
}
