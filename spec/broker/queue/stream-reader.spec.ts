// One reader's way through a log: in order, past what it does not want, over what is gone.

import { Message } from '../../../src/broker/message.ts'
import { Segment } from '../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { StreamFilter } from '../../../src/broker/queue/stream-filter.ts'
import type { StreamLog } from '../../../src/broker/queue/stream-log.ts'
import { NOTHING, SKIPPED, StreamReader } from '../../../src/broker/queue/stream-reader.ts'
import { table } from '../../../src/protocol/field-table.ts'
import { messageOf } from './trial/stream-scene.ts'

/** A page of these bodies; the message of sequence n was added at n × 1000 and has its body for a filter value. */
function page(firstSeq: number, ...bodies: readonly string[]): Segment {
  const segment = new Segment(firstSeq, 0, new SegmentMemory(0))
  for (const body of bodies) {
    const message = messageOf(body, { headers: table({ 'x-stream-filter-value': body }) })
    message.expiresAt = (firstSeq + segment.count) * 1000
    segment.append(message, true)
  }
  return segment
}

/** A log of these pages; a reader asks nothing else of it. */
function logOf(pages: Segment[], endSeq: number) {
  const log = {
    endSeq,
    firstSeq: pages[0]?.firstSeq ?? 1,
    page: (seq: number) => pages.find(({ firstSeq, count }) => firstSeq + count > seq) ?? null,
  }
  return log as unknown as StreamLog & { endSeq: number }
}

function readAll(reader: StreamReader): readonly string[] {
  const read: string[] = []
  const message = new Message()
  for (let seq = reader.next(message); seq !== NOTHING; seq = reader.next(message)) {
    read.push(seq === SKIPPED ? '-' : `${seq}${message.copyBody()}`)
  }
  return read
}

describe('a reader', () => {
  const start = { seq: 1, notBefore: 0 }

  it('reads page after page, as far as is stored', () => {
    const log = logOf([page(1, 'a', 'b'), page(3, 'c', 'd')], 4)
    const reader = new StreamReader(log, start, null)
    expect(reader.lag).toBe(3)
    expect(readAll(reader)).toEqual(['1a', '2b', '3c'])
    log.endSeq = 5
    expect([reader.lag, readAll(reader), reader.lag]).toEqual([1, ['4d'], 0])
  })

  it('goes on behind what is gone', () => {
    const pages = [page(1, 'a', 'b'), page(5, 'e')]
    const reader = new StreamReader(logOf(pages, 6), start, null)
    expect(readAll(reader)).toEqual(['1a', '2b', '5e'])
  })

  it('asks again for a page that has left memory', () => {
    const pages = [page(1, 'a', 'b')]
    const reader = new StreamReader(logOf(pages, 3), start, null)
    reader.next(new Message())
    pages[0]?.page()
    pages[0] = page(1, 'a', 'b')
    expect(readAll(reader)).toEqual(['2b'])
  })

  it('passes over what was added before its time, and what its filter does not want', () => {
    const log = logOf([page(1, 'a', 'b', 'c', 'b')], 5)
    expect(readAll(new StreamReader(log, { seq: 1, notBefore: 3000 }, null))).toEqual(['-', '-', '3c', '4b'])
    const filter = StreamFilter.of(table({ 'x-stream-filter': 'b' }))
    expect(readAll(new StreamReader(log, start, filter))).toEqual(['-', '2b', '-', '4b'])
  })

  it('is behind by nothing where it waits for what is to come', () => {
    expect(new StreamReader(logOf([page(1, 'a')], 2), { seq: 50, notBefore: 0 }, null).lag).toBe(0)
  })
})
