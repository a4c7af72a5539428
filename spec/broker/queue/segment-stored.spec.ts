// What is stored of a segment: that a chunk and its summary give back what went in, and what damage they notice.

import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { DamagedChunk, Segment } from '../../../src/broker/queue/segment.ts'
import { cases } from './trial/cases.ts'
import type { Kind } from './trial/messages.ts'
import { chunkOf, contents, FIRST_SEQ, memory, packed, segmentOf, summaryOf, unpacked } from './trial/segments.ts'

const stored = (summary: Buffer): Segment => Segment.stored(FIRST_SEQ, summary, memory)
const unsummarised = (chunk: Buffer): Segment => Segment.unsummarised(FIRST_SEQ, chunk, memory)

describe('a chunk', () => {
  const anyChunk = fc.oneof(
    fc.array(fc.constantFrom(...packed), { minLength: 1, maxLength: 12 }),
    fc.constantFrom(...unpacked).map((kind) => [kind]),
  )

  it('gives back what was persistent and is not settled, as its summary says before it is read', () => {
    const property = fc.property(anyChunk, fc.array(fc.nat(11)), (ofKinds, settle) => {
      const written = segmentOf(ofKinds)
      for (const index of settle) if (index < written.count) written.settle(index)
      const expected = contents(written).filter(([, , persistent]) => persistent)
      const read = stored(summaryOf(written))
      expect([read.resident, read.capacity]).toEqual([false, 0])
      expect([read.count, read.committed]).toEqual([ofKinds.length, ofKinds.length])
      expect([read.live, read.livePersistent]).toEqual([expected.length, expected.length])
      expect([read.firstSeq, read.sealed, read.written, read.settledChanged]).toEqual([FIRST_SEQ, true, true, false])
      if (expected.length === 0) return
      read.load(chunkOf(written))
      expect(read.resident).toBe(true)
      expect(contents(read)).toEqual(expected)
      expect(chunkOf(read).equals(chunkOf(written))).toBe(true)
      for (const [index] of expected) read.settle(index)
      expect([read.live, read.livePersistent]).toEqual([0, 0])
    })
    fc.assert(property, cases(300))
  })

  it('without a summary gives back all that was persistent, and another summary', () => {
    const property = fc.property(anyChunk, (ofKinds) => {
      const written = segmentOf(ofKinds)
      const expected = contents(written).filter(([, , persistent]) => persistent)
      const read = unsummarised(chunkOf(written))
      expect([read.count, read.committed]).toEqual([ofKinds.length, ofKinds.length])
      expect([read.live, read.livePersistent]).toEqual([expected.length, expected.length])
      expect([read.resident, read.sealed, read.written, read.settledChanged]).toEqual([true, true, true, true])
      if (expected.length > 0) expect(contents(read)).toEqual(expected)
      expect(summaryOf(read)).toEqual(summaryOf(written))
    })
    fc.assert(property, cases(100))
  })

  it('leaves memory and comes back with all that was not settled, transient or not', () => {
    const property = fc.property(anyChunk, fc.array(fc.nat(11)), (ofKinds, settle) => {
      const segment = segmentOf(ofKinds)
      for (const index of settle) if (index < segment.count) segment.settle(index)
      if (segment.live === 0) return
      const [chunk, summary, expected] = [chunkOf(segment), summaryOf(segment), contents(segment)]
      segment.page()
      expect([segment.resident, segment.capacity, segment.live]).toEqual([false, 0, expected.length])
      segment.load(chunk)
      expect(contents(segment)).toEqual(expected)
      expect(summaryOf(segment)).toEqual(summary)
      for (const [index] of expected) segment.settle(index)
      expect([segment.live, segment.livePersistent]).toEqual([0, 0])
    })
    fc.assert(property, cases(200))
  })

  const contentsOrDamage = (chunk: Buffer) => {
    try {
      return contents(unsummarised(chunk))
    } catch (error) {
      if (error instanceof DamagedChunk) return 'damaged'
      throw error
    }
  }
  const chunks = [['tiny'], ['small', 'empty', 'tiny', 'pieces', 'tiny'], []].map((kinds) => ({
    kinds: kinds as Kind[],
  }))

  it.each(chunks)('with any bit turned over is damaged, or says the same: $kinds', ({ kinds }) => {
    const chunk = chunkOf(segmentOf(kinds))
    const expected = contents(unsummarised(Buffer.from(chunk)))
    let same = 0
    for (let bit = 0; bit < chunk.length * 8; bit++) {
      const flipped = Buffer.from(chunk)
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7))
      const found = contentsOrDamage(flipped)
      if (found === 'damaged') continue
      expect(found).toEqual(expected)
      same++
    }
    // The three reserved octets in front of the checksum.
    expect(same).toBe(24)
  })

  it.each(chunks)('that is cut short or goes on too long is damaged: $kinds', ({ kinds }) => {
    const chunk = chunkOf(segmentOf(kinds))
    const lengths = [...chunk.keys()]
    expect(lengths.filter((length) => contentsOrDamage(chunk.subarray(0, length)) !== 'damaged')).toEqual([])
    const longer = [1, 8, 100].map((more) => Buffer.concat([chunk, Buffer.alloc(more)]))
    expect(longer.map(contentsOrDamage)).toEqual(['damaged', 'damaged', 'damaged'])
  })

  it('of a large body that lost an octet of it is damaged', () => {
    const chunk = chunkOf(segmentOf(['sliced']))
    expect(() => unsummarised(chunk.subarray(0, -1))).toThrow('its checksum is wrong')
    chunk[chunk.length - 1] = (chunk[chunk.length - 1] as number) ^ 1
    expect(() => unsummarised(chunk)).toThrow('its checksum is wrong')
  })

  it('says what is wrong with it', () => {
    const chunk = chunkOf(segmentOf(['tiny', 'tiny']))
    const changed = (change: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(chunk)
      change(bytes)
      bytes.writeUInt32BE(crc32(bytes.subarray(8)), 4)
      return () => unsummarised(bytes)
    }
    expect(changed((bytes) => bytes.writeUInt8(2, 0))).toThrow('it has version 2, this program reads 1')
    expect(changed((bytes) => bytes.writeUInt32BE(3, 8))).toThrow('record 2 of 3 is missing')
    expect(changed((bytes) => bytes.writeUInt32BE(1, 8))).toThrow('its records end at')
    expect(changed((bytes) => bytes.writeUInt32BE(0xffff_ffff, 16))).toThrow('record 1 of 2 is missing')
    expect(() => unsummarised(chunk.subarray(0, 15))).toThrow('it has 15 octets')
  })

  it('is damaged where it has not as many records as its summary says', () => {
    const segment = stored(summaryOf(segmentOf(['tiny', 'tiny'])))
    expect(() => segment.load(chunkOf(segmentOf(['tiny'])))).toThrow('it has 1 records, its summary says 2')
    expect(segment.resident).toBe(false)
  })
})

describe('a summary', () => {
  /** As segment.ts draws it. */
  const summary = (count: number, ...bitmap: number[]): Buffer => {
    const counted = Buffer.alloc(4)
    counted.writeUInt32BE(count)
    const rest = Buffer.concat([counted, Buffer.from(bitmap)])
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(rest))
    return Buffer.concat([sum, rest])
  }

  it('has the number of records and a bit for each that is settled or transient', () => {
    const segment = segmentOf(new Array<Kind>(11).fill('tiny'))
    expect(summaryOf(segment)).toEqual(summary(11, 0b00100100, 0b001))
    for (const index of [0, 5, 10]) segment.settle(index)
    expect(summaryOf(segment)).toEqual(summary(11, 0b00100101, 0b101))
    expect(summaryOf(segmentOf(['empty']))).toEqual(summary(1, 0))
  })

  it('takes what a shorter one does not speak of as not settled', () => {
    expect(stored(summary(20, 0b11)).live).toBe(18)
    expect(stored(summary(20)).live).toBe(20)
  })

  it('with any bit turned over, or cut short within its head, is damaged', () => {
    const whole = summary(11, 0b00100101, 0b101)
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole)
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7))
      expect(() => stored(flipped)).toThrow(DamagedChunk)
    }
    for (const length of whole.keys()) expect(() => stored(whole.subarray(0, length))).toThrow(DamagedChunk)
    expect(() => stored(Buffer.alloc(7))).toThrow('its summary has 7 octets')
    expect(() => stored(Buffer.alloc(8, 1))).toThrow('the checksum of its summary is wrong')
  })
})
