// Bitmaps of records: one bit for each, lowest of each octet first. Knows octets only.

/** The number of bits set in each octet. */
const BITS_SET = Uint8Array.from({ length: 256 }, (_, octet) => octet.toString(2).replaceAll('0', '').length)

/** Octets of a bitmap of so many records. */
export function bitmapBytes(count: number): number {
  return (count + 7) >>> 3
}

/** Sets bit `index`. */
export function setBit(bitmap: Uint8Array, index: number): void {
  bitmap[index >>> 3] = (bitmap[index >>> 3] as number) | (1 << (index & 7))
}

/** How many bits are set. */
export function countBits(bitmap: Uint8Array): number {
  let count = 0
  for (const octet of bitmap) count += BITS_SET[octet] as number
  return count
}

/** A bitmap that has a bit `index`: `bitmap` itself, or a larger copy. */
export function grown(bitmap: Uint8Array | null, index: number): Uint8Array {
  const needed = (index >>> 3) + 1
  if (bitmap && bitmap.length >= needed) return bitmap
  const larger = new Uint8Array(Math.max(needed, (bitmap?.length ?? 4) * 2))
  if (bitmap) larger.set(bitmap)
  return larger
}
