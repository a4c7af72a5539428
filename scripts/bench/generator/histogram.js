// Times in buckets whose width grows with the value: recording costs a few nanoseconds, an answer is exact to 1.6 %.

/** Below this many nanoseconds times are not told apart. */
const UNIT_NS = 64
const PER_OCTAVE = 64
const OCTAVE_BITS = 6
const LONGEST = 0x7fffffff

/** A histogram of durations up to 137 s; longer ones count as that. */
export class Histogram {
  #counts = new Uint32Array((31 - OCTAVE_BITS + 1) * PER_OCTAVE)
  #total = 0
  #maxNs = 0

  record(ns) {
    const units = ns >= LONGEST * UNIT_NS ? LONGEST : ns > 0 ? (ns / UNIT_NS) | 0 : 0
    this.#counts[bucketOf(units)]++
    this.#total++
    if (ns > this.#maxNs) this.#maxNs = ns
  }

  /** @returns {{ p50: number, p95: number, p99: number, max: number, count: number } | undefined} in milliseconds */
  summary() {
    if (this.#total === 0) return undefined
    const at = (share) => Math.min(this.#quantileNs(share), this.#maxNs) / 1e6
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: this.#maxNs / 1e6, count: this.#total }
  }

  #quantileNs(share) {
    const wanted = Math.max(1, Math.ceil(share * this.#total))
    let seen = 0
    const bucket = this.#counts.findIndex((count) => {
      seen += count
      return seen >= wanted
    })
    return middleOf(bucket) * UNIT_NS
  }
}

const bucketOf = (units) => {
  if (units < PER_OCTAVE) return units
  const octave = 31 - Math.clz32(units)
  const step = (units >>> (octave - OCTAVE_BITS)) & (PER_OCTAVE - 1)
  return (octave - OCTAVE_BITS + 1) * PER_OCTAVE + step
}

const middleOf = (bucket) => {
  if (bucket < PER_OCTAVE) return bucket + 0.5
  const octave = Math.floor(bucket / PER_OCTAVE) - 1 + OCTAVE_BITS
  const width = 2 ** (octave - OCTAVE_BITS)
  return (PER_OCTAVE + (bucket % PER_OCTAVE) + 0.5) * width
}
