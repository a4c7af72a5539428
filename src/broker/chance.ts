// Chance, as the broker needs it for choices that nobody has to foresee or to prevent: a number below a limit. Where the
// octets come from is the surroundings' concern.

/** A whole number from 0 to `limit` - 1, each as likely as any other; `limit` is at most 2^32. */
export type Chance = (limit: number) => number

/** Octets that are asked for at a time. */
const STOCK_BYTES = 1024

/** Chance from `random`, which gives so many octets that nobody can guess. */
export function chanceOf(random: (count: number) => Buffer): Chance {
  let stock: Buffer = Buffer.alloc(0)
  let at = 0
  return (limit) => {
    if (at + 4 > stock.length) {
      stock = random(STOCK_BYTES)
      at = 0
    }
    const drawn = stock.readUInt32BE(at)
    at += 4
    return Math.floor((drawn / 2 ** 32) * limit)
  }
}
