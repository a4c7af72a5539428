// What of a stream reaches the store, by itself: which pages and which drops go into a batch, and what is left to be done
// after one that failed.

import type { Committer } from '../../../src/broker/queue/committer.ts'
import type { Outcome } from '../../../src/broker/queue/publisher.ts'
import { Segment } from '../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { StreamStoring } from '../../../src/broker/queue/stream-storing.ts'
import type { MessageBatch } from '../../../src/broker/store.ts'
import { makeMessage } from './trial/messages.ts'

/** A stored side with a committer and a log that note what they hear. */
function make() {
  const heard: string[] = []
  const committer = {
    gather: (bytes: number) => heard.push(`gather ${bytes}`),
    schedule: (_journal: unknown, urgent: boolean) => heard.push(urgent ? 'urgent' : 'lazy'),
    forget: (_journal: unknown, queueId: number | null) => heard.push(`forget ${queueId}`),
  } as unknown as Committer
  const stream = {
    ...{ queueId: 7, nextSeq: 1, endSeq: 1 },
    summary: () => Buffer.from('summary'),
    isLarge: (page: Segment) => page.used > 4000,
    stored: (endSeq: number) => heard.push(`stored ${endSeq}`),
    pageStored: (page: Segment) => heard.push(`page ${page.firstSeq}`),
  }
  const storing = new StreamStoring(stream, committer)
  const memory = new SegmentMemory(0)
  const told: Outcome[] = []
  const begin = (): Segment => {
    const page = new Segment(stream.nextSeq, 0, memory)
    storing.begin(page)
    return page
  }
  const append = (page: Segment, kind: 'tiny' | 'page' = 'tiny'): void => {
    page.append(makeMessage(stream.nextSeq++, kind), true)
    storing.await(page, page.count - 1, { settle: (_tag, outcome) => told.push(outcome) }, 0)
  }
  const collect = (): MessageBatch => {
    const batch: MessageBatch = { chunks: [], summaries: [], dropped: [], marks: [] }
    storing.collect(batch)
    return batch
  }
  const chunks = (): readonly number[] => collect().chunks.map(({ firstSeq }) => firstSeq)
  return { heard, storing, told, begin, append, collect, chunks }
}

describe('the stored side of a stream', () => {
  it('stores a page with its summary and the mark, and again when it has grown', () => {
    const { heard, storing, told, begin, append, collect, chunks } = make()
    const page = begin()
    append(page)
    const batch = collect()
    expect(batch.chunks.map(({ queueId, firstSeq }) => [queueId, firstSeq])).toEqual([[7, 1]])
    expect(batch.summaries).toEqual([{ queueId: 7, firstSeq: 1, bytes: Buffer.from('summary') }])
    expect(batch.marks).toEqual([{ queueId: 7, nextSeq: 2, headSeq: 2 }])
    storing.committed()
    expect([heard, told]).toEqual([['stored 2'], ['stored']])
    expect(chunks()).toEqual([])
    append(page)
    expect(chunks()).toEqual([1])
  })

  it('ends a page that is large once it is stored, and one that another follows', () => {
    const { heard, storing, begin, append, chunks } = make()
    const large = begin()
    append(large, 'page')
    expect([chunks(), large.sealed]).toEqual([[1], true])
    storing.committed()
    expect(heard).toEqual(['stored 2', 'page 1'])
    const small = begin()
    append(small)
    chunks()
    storing.committed()
    begin()
    expect([heard.slice(2), small.sealed]).toEqual([['stored 3', 'page 2'], true])
  })

  it('does not take for stored what came while a commit was under way', () => {
    const { storing, told, begin, append, chunks } = make()
    const page = begin()
    append(page)
    chunks()
    append(page)
    storing.committed()
    expect([page.committed, told]).toEqual([1, ['stored']])
    expect(chunks()).toEqual([1])
  })

  it.each([
    ['failed', 'rejected'],
    ['unknown', 'unknown'],
  ] as const)('tells publishers of a commit that is %s, and repeats pages and drops', (kind, outcome) => {
    const { storing, told, begin, append, collect } = make()
    append(begin())
    storing.drop(50)
    collect()
    storing.failed(kind)
    expect(told).toEqual([outcome])
    const batch = collect()
    expect([batch.chunks.length, batch.dropped]).toEqual([1, [{ queueId: 7, firstSeq: 50 }]])
    storing.committed()
    expect(collect().dropped).toEqual([])
  })

  it('drops a great many chunks in several commits', () => {
    const { heard, storing, collect } = make()
    for (let seq = 1; seq <= 4500; seq++) storing.drop(seq)
    heard.length = 0
    const counts = [1, 2, 3, 4].map(() => {
      const { length } = collect().dropped
      storing.committed()
      return length
    })
    expect(counts).toEqual([2000, 2000, 500, 0])
    expect(heard.filter((word) => word === 'lazy')).toHaveLength(2)
  })

  it('is pressed while many pages wait', () => {
    const { storing, begin, append, chunks } = make()
    for (let i = 0; i < 40; i++) append(begin())
    expect(storing.pressed).toBe(true)
    chunks()
    storing.committed()
    expect(storing.pressed).toBe(false)
  })

  it('marks what it has stored, and forgets it when the stream is deleted', () => {
    const { heard, storing, told, begin, append } = make()
    storing.mark()
    storing.recovered()
    storing.mark()
    append(begin())
    storing.added(100)
    storing.delete()
    expect([heard, told]).toEqual([['urgent', 'gather 100', 'urgent', 'forget 7'], ['stored']])
  })
})
