// What is stored beside a stream's chunk: written, read back, damaged, and made anew from the chunk.

import { DamagedChunk } from '../../../src/broker/queue/page.ts'
import { Segment } from '../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { readStreamSummary, summarise, writeStreamSummary } from '../../../src/broker/queue/stream-summary.ts'
import { makeMessage } from './trial/messages.ts'

const chunk = {
  ...{ firstSeq: 11, count: 3, bodyBytes: 2 ** 40, bytes: 2 ** 31 },
  ...{ firstAt: 1_700_000_000_000, lastAt: 1_800_000_000_000, segmentSeq: 5 },
}

describe('the summary of a chunk of a stream', () => {
  it('comes back as it was written', () => {
    expect(readStreamSummary(11, writeStreamSummary(chunk, 12))).toEqual({ ...chunk, commitSeq: 12 })
  })

  it('is known to be damaged, whichever octet is', () => {
    const summary = writeStreamSummary(chunk, 12)
    for (let at = 0; at < summary.length; at++) {
      const damaged = Buffer.from(summary)
      damaged[at] = (damaged[at] as number) ^ 1
      expect(() => readStreamSummary(11, damaged)).toThrow(DamagedChunk)
    }
    expect(() => readStreamSummary(11, summary.subarray(0, 51))).toThrow('its summary has 51 octets')
  })

  it('can be made anew from the chunk', () => {
    const segment = new Segment(11, 0, new SegmentMemory(0))
    for (const [id, expiresAt] of [
      [1, 700],
      [2, 800],
    ] as const) {
      const message = makeMessage(id, 'small')
      message.expiresAt = expiresAt
      segment.append(message, true)
    }
    const bytes = Buffer.from(segment.chunk())
    const known = { firstSeq: 11, count: 2, bodyBytes: 240, bytes: bytes.length, firstAt: 700, lastAt: 800 }
    expect(summarise(11, bytes, 5)).toEqual({ ...known, segmentSeq: 5 })
    expect(() => summarise(11, bytes.subarray(1), 5)).toThrow(DamagedChunk)
  })
})
