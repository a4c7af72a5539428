// Which segments of a stream go.

import { expendable, nextAging, type StreamSegment } from '../../../src/broker/queue/stream-retention.ts'

/** Segments of so many octets; the last message of segment i was added at (i + 1) × 1000. */
const segments = (...sizes: readonly number[]): StreamSegment[] =>
  sizes.map((bytes, i) => ({ firstSeq: i * 10 + 1, bytes, lastAt: (i + 1) * 1000 }))
const all = { maxBytes: null, maxAgeMs: null }

describe('retention', () => {
  it('keeps all where nothing is said', () => {
    expect(expendable(segments(1e12, 1e12), all, 1e15)).toBe(0)
    expect(nextAging(segments(1, 1), all)).toBeNull()
  })

  it('lets the oldest segments go until the rest is small enough', () => {
    const of = (maxBytes: number) => expendable(segments(100, 100, 100), { ...all, maxBytes }, 0)
    expect([of(300), of(299), of(200), of(199), of(100)]).toEqual([0, 1, 1, 2, 2])
  })

  it('never lets the segment go that is being written', () => {
    expect(expendable(segments(100), { maxBytes: 0, maxAgeMs: 1 }, 1e9)).toBe(0)
    expect(expendable(segments(100, 100), { maxBytes: 0, maxAgeMs: 1 }, 1e9)).toBe(1)
    expect(expendable([], { maxBytes: 0, maxAgeMs: 1 }, 1e9)).toBe(0)
  })

  it('lets segments go whose last message is older than it may be', () => {
    const at = (now: number) => expendable(segments(1, 1, 1), { ...all, maxAgeMs: 5000 }, now)
    expect([at(6000), at(6001), at(7000), at(7001), at(1e9)]).toEqual([0, 1, 1, 2, 2])
  })

  it('says when the next one becomes too old', () => {
    expect(nextAging(segments(1, 1), { ...all, maxAgeMs: 5000 })).toBe(6001)
    expect(nextAging(segments(1), { ...all, maxAgeMs: 5000 })).toBeNull()
  })
})
