// How many wrong passwords somebody may try: a bucket of tries for each key, which an attempt takes from and time fills
// again. What is tried at the same time counts at once; what was right is given back. Knows keys and times, no users.

/** Keys that are remembered; beyond, those that are full again go, then the oldest. */
const MOST_KEYS = 10_000

interface Bucket {
  /** Tries that are left, as of `atMs`. */
  left: number
  atMs: number
}

/** Buckets of one size. */
export class Failures {
  readonly #buckets = new Map<string, Bucket>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * Takes a try for `key`. False when none is left; then nothing is taken.
   * @param perMinute how many there are when nothing was tried, and how many come back in a minute; 0: any number
   */
  take(key: string, perMinute: number): boolean {
    if (perMinute === 0) return true
    const bucket = this.#fill(key, perMinute)
    if (bucket.left < 1) return false
    bucket.left--
    return true
  }

  /** Gives back a try that turned out right. */
  giveBack(key: string, perMinute: number): void {
    const bucket = this.#buckets.get(key)
    if (bucket) bucket.left = Math.min(bucket.left + 1, perMinute)
  }

  /** Milliseconds until there is a try for `key` again. */
  waitMs(key: string, perMinute: number): number {
    const left = this.#fill(key, perMinute).left
    return left >= 1 ? 0 : Math.ceil(((1 - left) * 60_000) / perMinute)
  }

  #fill(key: string, perMinute: number): Bucket {
    const now = this.#now()
    const bucket = this.#buckets.get(key) ?? { left: perMinute, atMs: now }
    bucket.left = leftAt(bucket, now, perMinute)
    bucket.atMs = now
    if (!this.#buckets.has(key)) {
      if (this.#buckets.size >= MOST_KEYS) this.#forget(now, perMinute)
      this.#buckets.set(key, bucket)
    }
    return bucket
  }

  #forget(now: number, perMinute: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (leftAt(bucket, now, perMinute) >= perMinute) this.#buckets.delete(key)
    }
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size >= MOST_KEYS && oldest !== undefined) this.#buckets.delete(oldest)
  }
}

function leftAt({ left, atMs }: Bucket, now: number, perMinute: number): number {
  return Math.min(left + (Math.max(now - atMs, 0) * perMinute) / 60_000, perMinute)
}
