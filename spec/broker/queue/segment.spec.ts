// The segment: its page and its summary octet by octet, what it says of records, the damage it notices, its memory.

import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { encodeRouting, Message } from '../../../src/broker/message.ts'
import { DamagedChunk } from '../../../src/broker/queue/page.ts'
import type { Outcome, Publisher } from '../../../src/broker/queue/publisher.ts'
import { SEGMENT_BYTES, Segment } from '../../../src/broker/queue/segment.ts'
import { messageFrom } from '../../support/message.ts'
import { cases } from './trial/cases.ts'
import { idOf, type Kind, kinds, makeMessage } from './trial/messages.ts'
import { chunkOf, FIRST_SEQ, memory, segmentOf, stored, summaryOf } from './trial/segments.ts'

const packed = kinds.filter((kind) => !['large', 'vast'].includes(kind))
const unpacked = kinds.filter((kind) => !packed.includes(kind))

const unsummarised = (chunk: Buffer): Segment => Segment.unsummarised(FIRST_SEQ, chunk, memory)

/** What can be read: the number and the persistence of each record that is not settled. */
function contents(segment: Segment): readonly (readonly [index: number, id: number, persistent: boolean])[] {
  const view = new Message()
  const found: [number, number, boolean][] = []
  for (let index = 0; index < segment.count; index++) {
    if (segment.isSettled(index)) continue
    segment.read(index, view)
    found.push([index, idOf(view), view.persistent])
  }
  return found
}

function messageOf(header: string, body: Buffer): Message {
  return messageFrom(encodeRouting('x', 'key'), Buffer.from(header), body)
}

describe('a page', () => {
  const head = (count: number, records: Buffer) => {
    const counted = Buffer.alloc(8)
    counted.writeUInt32BE(count)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(Buffer.concat([counted, records])))
    return Buffer.concat([Buffer.from([1, 0, 0, 0]), sum, counted])
  }
  const record = (flags: number, header: string, body: Buffer) => {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(1 + 2 + 4 + 4 + header.length + body.length)
    const headerSize = Buffer.alloc(4)
    headerSize.writeUInt32BE(header.length)
    return Buffer.concat([
      size,
      Buffer.from([flags]),
      Buffer.from('\x01x\x03key'),
      headerSize,
      Buffer.from(header),
      body,
    ])
  }

  it('is laid out as segment.ts draws it', () => {
    const segment = new Segment(FIRST_SEQ, 0, memory)
    segment.append(messageOf('HEADER', Buffer.from('body')), true)
    segment.append(messageOf('', Buffer.alloc(0)), false)
    const records = Buffer.concat([record(1, 'HEADER', Buffer.from('body')), record(0, '', Buffer.alloc(0))])
    expect(chunkOf(segment)).toEqual(Buffer.concat([head(2, records), records]))
    expect(segment.used).toBe(16 + records.length)
  })

  it('is the same when it is asked for again, and grows by appending', () => {
    const segment = segmentOf(['tiny', 'small'])
    const before = chunkOf(segment)
    expect(chunkOf(segment)).toEqual(before)
    segment.append(makeMessage(2, 'small'), false)
    expect(chunkOf(segment).subarray(16, before.length)).toEqual(before.subarray(16))
    expect(contents(segment)).toHaveLength(3)
  })
})

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
  const chunks = [['tiny'], ['small', 'empty', 'tiny', 'small', 'tiny'], []].map((kinds) => ({
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
    const chunk = chunkOf(segmentOf(['large']))
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

describe('a segment', () => {
  it('takes records until it is full', () => {
    const segment = new Segment(FIRST_SEQ, 0, memory)
    const page = makeMessage(0, 'page')
    const large = makeMessage(0, 'large')
    expect([segment.takes(page), segment.takes(large)]).toEqual([true, true])
    while (segment.takes(page)) segment.append(page, true)
    expect(segment.used).toBeLessThanOrEqual(SEGMENT_BYTES)
    expect(segment.used + 9 + page.recordBytes).toBeGreaterThan(SEGMENT_BYTES)
    expect([segment.takes(large), segment.takes(makeMessage(0, 'empty'))]).toEqual([false, true])
    segment.sealed = true
    expect(segment.takes(makeMessage(0, 'empty'))).toBe(false)
  })

  it.each<Kind>(['vast'])('of a %s body takes nothing more', (kind) => {
    const segment = segmentOf([kind])
    expect(segment.takes(makeMessage(1, 'empty'))).toBe(false)
  })

  it('takes a record that is larger than a segment if it is the first', () => {
    const segment = new Segment(FIRST_SEQ, 0, memory)
    const huge = messageOf('h'.repeat(SEGMENT_BYTES + 1), Buffer.from('body'))
    expect(segment.takes(huge)).toBe(true)
    segment.append(huge, true)
    const view = new Message()
    segment.read(0, view)
    expect([view.headerEnd - view.headerStart, view.copyBody().toString()]).toEqual([SEGMENT_BYTES + 1, 'body'])
    expect(segment.takes(makeMessage(1, 'empty'))).toBe(false)
  })

  it('grows by doubling, up to its limit, and keeps what it has', () => {
    const segment = new Segment(FIRST_SEQ, 0, memory)
    const capacities = new Set<number>([segment.capacity])
    let ids = 0
    while (segment.takes(makeMessage(ids, 'small'))) {
      segment.append(makeMessage(ids++, 'small'), true)
      capacities.add(segment.capacity)
    }
    expect([...capacities]).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256].map((kilo) => kilo * 1024))
    expect(contents(segment).map(([, id]) => id)).toEqual([...Array(ids).keys()])
  })

  it('settles each record once', () => {
    const settle = fc.array(fc.nat(699), { maxLength: 1500, size: 'max' })
    const property = fc.property(fc.integer({ min: 1, max: 700 }), settle, (count, indexes) => {
      const segment = segmentOf(new Array<Kind>(count).fill('empty'))
      const live = new Set(Array(count).keys())
      const wrong = indexes.filter((index) => index < count && segment.settle(index) !== live.delete(index))
      expect(wrong).toEqual([])
      expect(contents(segment).map(([index]) => index)).toEqual([...live])
      expect(segment.live).toBe(live.size)
      expect(segment.livePersistent).toBe([...live].filter((index) => index % 3 !== 2).length)
    })
    fc.assert(property, cases(60))
  })

  it('is empty after a reset, as a new one', () => {
    const segment = segmentOf(['small', 'page', 'tiny'])
    for (let index = 0; index < 3; index++) segment.settle(index)
    segment.written = segment.dirty = true
    segment.committed = 3
    const { capacity } = segment
    segment.reset(FIRST_SEQ + 3)
    const fresh = new Segment(FIRST_SEQ + 3, 0, memory)
    const state = (it: Segment) => [it.firstSeq, it.count, it.live, it.livePersistent, it.committed, it.used]
    const flags = (it: Segment) => [it.sealed, it.written, it.settledChanged, it.dirty, it.settle(0)]
    expect([state(segment), flags(segment)]).toEqual([state(fresh), flags(fresh)])
    expect(segment.capacity).toBe(capacity)
    for (const it of [segment, fresh]) it.append(makeMessage(9, 'small'), true)
    expect(chunkOf(segment)).toEqual(chunkOf(fresh))
    expect(contents(segment)).toEqual([[0, 9, true]])
  })

  it('keeps no memory after a release, but knows that all of it is settled', () => {
    const segment = segmentOf(['small', 'page'])
    segment.settle(0)
    segment.settle(1)
    segment.release()
    expect([segment.capacity, segment.sealed]).toEqual([0, true])
    expect([segment.isSettled(0), segment.isSettled(1), segment.settle(1)]).toEqual([true, true, false])
  })
})

describe('those who wait for a record', () => {
  /** Notes who was told what. */
  class Notes implements Publisher {
    readonly told: [tag: number, outcome: Outcome][] = []

    settle(tag: number, outcome: Outcome): void {
      this.told.push([tag, outcome])
    }
  }

  function waitingFor(indexes: readonly number[], count: number): readonly [Segment, Notes] {
    const segment = new Segment(FIRST_SEQ, 0, memory)
    const notes = new Notes()
    for (let index = 0; index < count; index++) {
      segment.append(makeMessage(index, 'tiny'), true)
      segment.await(index, indexes.includes(index) ? notes : null, 100 + index)
    }
    return [segment, notes]
  }

  it('hear of it in order, once it is stored, and never again', () => {
    const [segment, { told }] = waitingFor([1, 2, 4, 5], 6)
    segment.settleWaiting(0, 'stored')
    segment.settleWaiting(1, 'stored')
    expect(told).toEqual([])
    segment.settleWaiting(3, 'stored')
    expect(told.splice(0)).toEqual([
      [101, 'stored'],
      [102, 'stored'],
    ])
    segment.settleWaiting(5, 'unknown')
    segment.settleWaiting(5, 'rejected')
    segment.settleWaiting(6, 'rejected')
    segment.settleWaiting(6, 'stored')
    expect(told).toEqual([
      [104, 'unknown'],
      [105, 'rejected'],
    ])
  })

  it('hear that it is stored when it is settled, and not again when it is written or not', () => {
    const [segment, { told }] = waitingFor([0, 2, 3], 4)
    segment.settle(2)
    segment.settle(1)
    expect(told.splice(0)).toEqual([[102, 'stored']])
    segment.settleWaiting(4, 'rejected')
    expect(told).toEqual([
      [100, 'rejected'],
      [103, 'rejected'],
    ])
  })

  it('are each told once, whatever comes in which order', () => {
    const act = fc.oneof(
      fc.record({ act: fc.constantFrom('silent' as const, 'waits' as const) }),
      fc.record({ act: fc.constantFrom('settle' as const, 'stored' as const, 'unknown' as const), upTo: fc.nat(30) }),
    )
    const property = fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
      const segment = new Segment(FIRST_SEQ, 0, memory)
      const notes = new Notes()
      const expected: [number, Outcome][] = []
      const waiting = new Set<number>()
      const tell = (tag: number, outcome: Outcome) => waiting.delete(tag) && expected.push([tag, outcome])
      for (const next of acts) {
        if ('upTo' in next) {
          const upTo = Math.min(next.upTo, segment.count)
          if (next.act === 'settle' && upTo < segment.count) {
            segment.settle(upTo)
            tell(upTo, 'stored')
          } else if (next.act !== 'settle') {
            segment.settleWaiting(upTo, next.act)
            for (const tag of [...waiting]) if (tag < upTo) tell(tag, next.act)
          }
        } else {
          const index = segment.append(makeMessage(0, 'empty'), true)
          if (next.act === 'waits') waiting.add(index)
          if (next.act === 'waits' || index % 2 === 0) segment.await(index, next.act === 'waits' ? notes : null, index)
        }
      }
      expect(notes.told).toEqual(expected)
    })
    fc.assert(property, cases(1000))
  })
})
