// Bitmaps of records: their size, and the bits that are kept when they grow.

import { bitmapBytes, countBits, grown, setBit } from '../../../src/broker/queue/bitmap.ts'

describe('a bitmap', () => {
  it('has an octet for each eight records that are begun', () => {
    expect([0, 1, 8, 9, 16].map(bitmapBytes)).toEqual([0, 1, 1, 2, 2])
  })

  it('grows with its highest bit, and keeps the others', () => {
    let bitmap = grown(null, 0)
    const indices = [0, 7, 8, 100, 4000]
    for (const index of indices) {
      bitmap = grown(bitmap, index)
      setBit(bitmap, index)
    }
    expect([bitmap[0], bitmap[1], bitmap[12], bitmap[500], countBits(bitmap)]).toEqual([0x81, 1, 0x10, 1, 5])
    expect(grown(bitmap, 4001)).toBe(bitmap)
  })
})
