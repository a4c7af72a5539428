// Many durations in little memory: a histogram whose buckets are a fixed share wide, so that percentiles are exact to
// that share. Knows nothing of what is measured.

/** Buckets in a doubling: a percentile is off by less than 3 in 100. */
const IN_A_DOUBLING = 24

/** Nothing is told apart below this. */
const LEAST_MS = 0.001

/** Durations, and what they come to. */
export class Latencies {
  readonly #buckets: number[] = []
  #count = 0
  #most = 0
  #least = Number.POSITIVE_INFINITY
  #sum = 0

  /** Counts one. */
  add(ms: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log2(Math.max(ms, LEAST_MS) / LEAST_MS) * IN_A_DOUBLING))
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.#count++
    this.#sum += ms
    if (ms > this.#most) this.#most = ms
    if (ms < this.#least) this.#least = ms
  }

  /** The duration that this share (0 to 1) of all does not exceed. */
  percentile(share: number): number {
    let rest = Math.ceil(this.#count * share)
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      rest -= this.#buckets[bucket] ?? 0
      if (rest <= 0) return Math.min(this.#most, LEAST_MS * 2 ** (bucket / IN_A_DOUBLING))
    }
    return this.#most
  }

  /** Least, mean, percentiles and most, in milliseconds; null when there was none. */
  summary(): Readonly<Record<string, number>> | null {
    if (this.#count === 0) return null
    return {
      min: rounded(this.#least),
      mean: rounded(this.#sum / this.#count),
      p50: rounded(this.percentile(0.5)),
      p95: rounded(this.percentile(0.95)),
      p99: rounded(this.percentile(0.99)),
      p999: rounded(this.percentile(0.999)),
      max: rounded(this.#most),
    }
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
