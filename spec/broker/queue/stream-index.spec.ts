// The index of a stream's chunks against a plain array of them.

import fc from 'fast-check'
import { StreamIndex } from '../../../src/broker/queue/stream-index.ts'
import type { StreamChunk } from '../../../src/broker/queue/stream-summary.ts'
import { cases } from './trial/cases.ts'

type Step = readonly [step: 'push' | 'grow' | 'remove', of: number]

function chunkAt(firstSeq: number, count: number): StreamChunk {
  return {
    firstSeq,
    count,
    bodyBytes: count * 5,
    bytes: 16 + count * 9,
    firstAt: firstSeq,
    lastAt: firstSeq,
    segmentSeq: 1,
  }
}

/** Does a step to both. Sequence numbers are times as well. */
function take(index: StreamIndex, chunks: StreamChunk[], [step, of]: Step, next: number): number {
  if (step === 'push' || chunks.length === 0) {
    const chunk = chunkAt(next, 1 + (of % 3))
    index.push(chunk)
    chunks.push({ ...chunk })
    return next + chunk.count
  }
  const last = chunks.at(-1) as StreamChunk
  if (step === 'grow' && last.firstSeq + last.count === next) {
    index.grow(5, next, last.bytes + 9)
    const { count, bodyBytes, bytes } = last
    chunks.splice(-1, 1, { ...last, count: count + 1, bodyBytes: bodyBytes + 5, bytes: bytes + 9, lastAt: next })
    return next + 1
  }
  const row = of % 2 === 0 ? 0 : of % chunks.length
  index.remove(row)
  chunks.splice(row, 1)
  return next + 1
}

describe('an index of chunks', () => {
  it('finds what an array of them has, whatever came and went', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('push', 'push', 'grow', 'remove'), fc.nat(50)), { maxLength: 80 })
    const property = fc.property(steps as fc.Arbitrary<Step[]>, (steps) => {
      const index = new StreamIndex()
      const chunks: StreamChunk[] = []
      const next = steps.reduce((next, step) => take(index, chunks, step, next), 1)
      expect(Array.from({ length: index.size }, (_, row) => index.chunk(row))).toEqual(chunks)
      expect(index.messages).toBe(chunks.reduce((sum, { count }) => sum + count, 0))
      expect(index.bodyBytes).toBe(chunks.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0))
      for (let seq = 0; seq <= next + 1; seq++) {
        expect(index.find(seq)).toBe(chunks.findIndex(({ firstSeq, count }) => firstSeq + count > seq))
        expect(index.rowOf(seq)).toBe(chunks.findIndex(({ firstSeq }) => firstSeq === seq))
        expect(index.findTime(seq)).toBe(chunks.findIndex(({ lastAt }) => lastAt >= seq))
      }
    })
    fc.assert(property, cases(300))
  })
})
