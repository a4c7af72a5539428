// The segment: what its page looks like octet by octet, what it says about records, and how much memory it counts. What is
// stored of it is segment-stored.spec.ts's.

import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { encodeRouting, Message } from '../../../src/broker/message.ts'
import type { Outcome, Publisher } from '../../../src/broker/queue/publisher.ts'
import { DamagedChunk, SEGMENT_BYTES, Segment } from '../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { cases } from './trial/cases.ts'
import { type Kind, kinds, makeMessage } from './trial/messages.ts'
import { chunkOf, contents, FIRST_SEQ, memory, segmentOf, summaryOf } from './trial/segments.ts'

function messageOf(header: string, body: Buffer | readonly Buffer[]): Message {
  const message = new Message()
  const routing = encodeRouting('x', 'key')
  message.setRouting(routing, 0, routing.length)
  message.setHeader(Buffer.from(header), 0, header.length)
  if (Buffer.isBuffer(body)) message.setBody(body, 0, body.length)
  else message.setSlices(body, Buffer.concat(body).length)
  return message
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

  it('looks as if a large body had been copied, which is only referred to', () => {
    const slices = [Buffer.alloc(8000, 'a'), Buffer.alloc(500, 'b')]
    const segment = new Segment(FIRST_SEQ, 0, memory)
    segment.append(messageOf('HEADER', slices), true)
    const records = record(1, 'HEADER', Buffer.concat(slices))
    const [page, ...rest] = segment.chunk()
    expect(Buffer.concat([page as Uint8Array, ...rest])).toEqual(Buffer.concat([head(1, records), records]))
    expect(rest[0]).toBe(slices[0])
    expect(rest[1]).toBe(slices[1])
    expect(segment.used).toBeLessThan(100)
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

describe('the memory of segments', () => {
  const body = (segment: Segment): number => {
    const [, ...slices] = segment.chunk()
    return Buffer.concat(slices).length
  }
  let counted: SegmentMemory

  beforeEach(() => {
    counted = new SegmentMemory(0)
  })

  it.each(kinds)('counts the page and a large body of a %s message, and nothing once they are gone', (kind) => {
    const segments = [1, 2, 3].map((firstSeq) => {
      const segment = new Segment(firstSeq, 0, counted)
      segment.append(makeMessage(firstSeq, kind), true)
      return segment
    })
    const [one, two, three] = segments as [Segment, Segment, Segment]
    expect(counted.used).toBe(3 * (one.capacity + body(one)))
    const [chunk, pageBytes] = [chunkOf(one), one.capacity]
    one.page()
    expect(counted.used).toBe(2 * (two.capacity + body(two)))
    one.load(chunk)
    expect(counted.used).toBe(chunk.length + 2 * (two.capacity + body(two)))
    one.release()
    two.release()
    three.reset(9)
    expect([counted.used, three.capacity]).toEqual([pageBytes, pageBytes])
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

describe('a segment', () => {
  it('takes records until it is full, and a large one alone', () => {
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

  it.each<Kind>(['large', 'sliced', 'vast'])('of a %s body takes nothing more', (kind) => {
    const segment = segmentOf([kind])
    expect(segment.takes(makeMessage(1, 'empty'))).toBe(false)
    expect(segment.capacity).toBeLessThan(2000)
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
