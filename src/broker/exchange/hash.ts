// Hashes that decide where messages go: the same for the same text in every process, now and after an upgrade. Not for
// secrets, not against those who look for collisions.

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const GOLDEN = 0x9e3779b9

/** 32 bits that depend on every character of `text` (FNV-1a over UTF-16 units, then mixed). */
export function hashText(text: string): number {
  let hash = FNV_OFFSET
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME)
  return mixed(hash)
}

/**
 * One of `buckets` buckets, counted from 0, for a hash: jump consistent hashing (Lamping and Veach, 2014). A bucket more
 * takes its share of the hashes evenly from the others, and no hash moves between those.
 */
export function jump(hash: number, buckets: number): number {
  let bucket = 0
  let state = hash
  for (let next = 0; next < buckets; ) {
    bucket = next
    state = (state + GOLDEN) | 0
    next = Math.floor((bucket + 1) / ((mixed(state) + 1) / 2 ** 32))
  }
  return bucket
}

/** Every bit of the result depends on every bit of `value` (the finish of MurmurHash3). */
function mixed(value: number): number {
  let bits = value
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
