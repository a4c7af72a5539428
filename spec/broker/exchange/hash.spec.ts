// Hashes: the same for ever, even, and consistent.

import { hashText, jump } from '../../../src/broker/exchange/hash.ts'

const keys = Array.from({ length: 20_000 }, (_, i) => `key.${i}`)

describe('the hash of a text', () => {
  // Whoever changes these moves messages of running systems to other queues.
  it.each([
    ['', 2872998923],
    ['a', 444641715],
    ['key.17', 3975167882],
    ['ключ', 3185335672],
  ])('of %j is what it has always been', (text, hash) => expect(hashText(text)).toBe(hash))

  it('is spread evenly, whatever few buckets there are', () => {
    for (const buckets of [2, 3, 10]) {
      const counts = Array.from({ length: buckets }, () => 0)
      for (const key of keys) {
        const bucket = hashText(key) % buckets
        counts[bucket] = (counts[bucket] ?? 0) + 1
      }
      for (const count of counts) expect(Math.abs(count / (keys.length / buckets) - 1)).toBeLessThan(0.05)
    }
  })
})

describe('a jump', () => {
  it('ends in a bucket that there is, in each as often', () => {
    for (const buckets of [1, 2, 7, 100]) {
      const counts = Array.from({ length: buckets }, () => 0)
      for (const key of keys) {
        const bucket = jump(hashText(key), buckets)
        counts[bucket] = (counts[bucket] ?? 0) + 1
      }
      expect(counts).toHaveLength(buckets)
      for (const count of counts) expect(Math.abs(count / (keys.length / buckets) - 1)).toBeLessThan(0.3)
    }
  })

  it('stays where it was when a bucket is added, or goes into the new one', () => {
    for (const buckets of [1, 4, 33]) {
      let moved = 0
      for (const key of keys) {
        const [before, after] = [jump(hashText(key), buckets), jump(hashText(key), buckets + 1)]
        if (before === after) continue
        moved += 1
        expect(after).toBe(buckets)
      }
      expect(Math.abs(moved / (keys.length / (buckets + 1)) - 1)).toBeLessThan(0.1)
    }
  })

  it('stays what it has always been', () => {
    expect(keys.slice(0, 12).map((key) => jump(hashText(key), 1000))).toEqual([
      688, 859, 26, 297, 586, 633, 630, 297, 17, 227, 836, 261,
    ])
  })
})
