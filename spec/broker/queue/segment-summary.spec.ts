// What of a segment is known without its records, and what its records occupy.

import { crc32 } from 'node:zlib'
import { DamagedChunk } from '../../../src/broker/queue/page.ts'
import { SEGMENT_BYTES, Segment } from '../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { type Kind, kinds, makeMessage } from './trial/messages.ts'
import { chunkOf, FIRST_SEQ, segmentOf, stored, summaryOf } from './trial/segments.ts'

describe('a summary', () => {
  /** As segment.ts draws it. */
  const summary = (count: number, bodyBytes: number, ...bitmap: number[]): Buffer => {
    const counted = Buffer.alloc(12)
    counted.writeUInt32BE(count)
    counted.writeUInt32BE(bodyBytes, 8)
    const rest = Buffer.concat([counted, Buffer.from(bitmap)])
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(rest))
    return Buffer.concat([sum, rest])
  }

  it('has the number of records, octets of bodies, and a bit for each that is settled or transient', () => {
    const segment = segmentOf(new Array<Kind>(11).fill('tiny'))
    expect(summaryOf(segment)).toEqual(summary(11, 8 * 9, 0b00100100, 0b001))
    for (const index of [0, 5, 10]) segment.settle(index)
    expect(summaryOf(segment)).toEqual(summary(11, 6 * 9, 0b00100101, 0b101))
    expect(summaryOf(segmentOf(['empty']))).toEqual(summary(1, 0, 0))
  })

  it.each(kinds)('knows the octets of %s bodies that are not settled, as the records do', (kind) => {
    const segment = segmentOf([kind])
    const bodyBytes = segment.bodyBytesAt(0)
    expect(bodyBytes).toBe(makeMessage(0, kind).bodyBytes)
    expect([segment.readyBodyBytes, stored(summaryOf(segment)).readyBodyBytes]).toEqual([bodyBytes, bodyBytes])
    segment.page()
    expect(segment.readyBodyBytes).toBe(bodyBytes)
  })

  it('tells octets of transient bodies only while somebody can still get them', () => {
    const segment = segmentOf(['tiny', 'tiny', 'tiny'])
    expect([segment.readyBodyBytes, stored(summaryOf(segment)).readyBodyBytes]).toEqual([27, 18])
    for (const index of [0, 1, 2]) segment.settle(index)
    expect(segment.readyBodyBytes).toBe(0)
  })

  it('takes what a shorter one does not speak of as not settled', () => {
    expect(stored(summary(20, 9, 0b11)).live).toBe(18)
    expect(stored(summary(20, 9)).live).toBe(20)
  })

  it('with any bit turned over, or cut short within its head, is damaged', () => {
    const whole = summary(11, 54, 0b00100101, 0b101)
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole)
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7))
      expect(() => stored(flipped)).toThrow(DamagedChunk)
    }
    for (const length of whole.keys()) expect(() => stored(whole.subarray(0, length))).toThrow(DamagedChunk)
    expect(() => stored(Buffer.alloc(15))).toThrow('its summary has 15 octets')
    expect(() => stored(Buffer.alloc(16, 1))).toThrow('the checksum of its summary is wrong')
  })
})

describe('the memory of segments', () => {
  let counted: SegmentMemory

  beforeEach(() => {
    counted = new SegmentMemory(0)
  })

  it.each(kinds)('counts the page of a %s message, and nothing once it is gone', (kind) => {
    const segments = [1, 2, 3].map((firstSeq) => {
      const segment = new Segment(firstSeq, 0, counted)
      segment.append(makeMessage(firstSeq, kind), true)
      return segment
    })
    const [one, two, three] = segments as [Segment, Segment, Segment]
    expect(counted.used).toBe(3 * one.capacity)
    const [chunk, pageBytes] = [chunkOf(one), one.capacity]
    one.page()
    expect(counted.used).toBe(2 * two.capacity)
    one.load(chunk)
    expect(counted.used).toBe(chunk.length + 2 * two.capacity)
    one.release()
    two.release()
    three.reset(9)
    const kept = pageBytes > SEGMENT_BYTES ? 1024 : pageBytes
    expect([counted.used, three.capacity]).toEqual([kept, kept])
  })

  it('counts nothing of what is only known by its summary, nor of what is damaged', () => {
    const written = segmentOf(['tiny', 'small'])
    const segment = Segment.stored(FIRST_SEQ, summaryOf(written), counted)
    expect(counted.used).toBe(0)
    const chunk = chunkOf(written)
    chunk.writeUInt32BE(0xffff_ffff, 16)
    chunk.writeUInt32BE(crc32(chunk.subarray(8)), 4)
    expect(() => segment.load(chunk)).toThrow(DamagedChunk)
    expect(() => Segment.unsummarised(FIRST_SEQ, chunk, counted)).toThrow(DamagedChunk)
    expect(counted.used).toBe(0)
  })
})
