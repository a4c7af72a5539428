// What of a log is stored, by itself: which changes reach a batch, and what a failed one leaves to be done. With the rest
// of the log, and at random, it is on trial in log-trial.spec.ts.

import type { Committer, Journal } from '../../../src/broker/queue/committer.ts'
import type { Outcome } from '../../../src/broker/queue/publisher.ts'
import { Segment } from '../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { Storing } from '../../../src/broker/queue/storing.ts'
import type { MessageBatch } from '../../../src/broker/store.ts'
import { makeMessage } from './trial/messages.ts'

const emptyBatch = (): MessageBatch => ({ chunks: [], summaries: [], dropped: [], marks: [] })

/** A stored side with a committer that notes what it is asked. */
const make = () => {
  const asked: string[] = []
  const scheduled: Journal[] = []
  const committer = {
    schedule: (journal: Journal, urgent: boolean) => {
      scheduled.push(journal)
      asked.push(urgent ? 'urgent' : 'lazy')
    },
    forget: (_journal: unknown, queueId: number | null) => asked.push(`forget ${queueId}`),
  } as unknown as Committer
  const stored: Segment[] = []
  const log = { queueId: 7, nextSeq: 4, headSeq: 2, segmentStored: (segment: Segment) => stored.push(segment) }
  const storing = new Storing(log, committer)
  const segment = new Segment(1, 0, new SegmentMemory(0))
  const collect = (): MessageBatch => {
    const batch = emptyBatch()
    storing.collect(batch)
    return batch
  }
  return { asked, scheduled, stored, storing, segment, collect }
}

describe('the stored side of a log', () => {
  it('puts a new segment into the batch with its summary, and the mark of the queue', () => {
    const { asked, stored, storing, segment, collect } = make()
    segment.append(makeMessage(1, 'tiny'), true)
    storing.touch(segment)
    expect(asked).toEqual(['urgent'])
    const batch = collect()
    expect(batch.chunks.map(({ queueId, firstSeq }) => [queueId, firstSeq])).toEqual([[7, 1]])
    expect(batch.summaries.map(({ queueId, firstSeq }) => [queueId, firstSeq])).toEqual([[7, 1]])
    expect(batch.marks).toEqual([{ queueId: 7, nextSeq: 4, headSeq: 2 }])
    storing.committed()
    expect(segment.committed).toBe(1)
    expect(stored).toEqual([segment])
  })

  it('stores a summary alone when only settlements came', () => {
    const { asked, storing, segment, collect } = make()
    segment.append(makeMessage(1, 'tiny'), true)
    segment.append(makeMessage(2, 'tiny'), true)
    storing.touch(segment)
    collect()
    storing.committed()
    segment.settle(0)
    storing.touch(segment)
    expect(asked).toEqual(['urgent', 'lazy'])
    const batch = collect()
    expect([batch.chunks.length, batch.summaries.length]).toEqual([0, 1])
  })

  it('does not store what needs no store', () => {
    const { storing, segment, collect } = make()
    segment.append(makeMessage(1, 'tiny'), false)
    storing.touch(segment)
    expect(collect().chunks).toEqual([])
  })

  it('repeats what a failed commit did not do, and drops nothing that it stores again', () => {
    const { storing, segment, collect } = make()
    segment.append(makeMessage(1, 'tiny'), true)
    storing.touch(segment)
    storing.drop(1)
    storing.drop(99)
    collect()
    storing.failed('failed')
    const batch = collect()
    expect(batch.chunks).toHaveLength(1)
    expect(batch.dropped).toEqual([{ queueId: 7, firstSeq: 99 }])
  })

  it('repeats only the summary of a segment that has left memory', () => {
    const { storing, segment, collect } = make()
    for (let id = 1; id <= 3; id++) segment.append(makeMessage(id, 'page'), true)
    storing.touch(segment)
    collect()
    storing.committed()
    segment.page()
    segment.settle(0)
    storing.touch(segment)
    collect()
    storing.failed('failed')
    const batch = collect()
    expect([batch.chunks.length, batch.summaries.length]).toEqual([0, 1])
  })

  it('has nothing to mark or to forget until something was stored', () => {
    const { asked, storing, collect } = make()
    storing.mark()
    storing.delete()
    expect(asked).toEqual(['forget null'])
    collect()
    storing.mark()
    storing.delete()
    expect(asked).toEqual(['forget null', 'urgent', 'forget 7'])
  })

  describe('tells who waits for all that has changed', () => {
    const told: [number, Outcome][] = []
    const waiting = (tag: number) => ({
      publisher: { settle: (tag: number, outcome: Outcome) => told.push([tag, outcome]) },
      tag,
    })

    beforeEach(() => {
      told.length = 0
    })

    it('when the commit that takes it has ended, and those who came later with the next', () => {
      const { asked, storing, collect } = make()
      storing.await(waiting(1))
      expect(asked).toEqual(['urgent'])
      collect()
      storing.await(waiting(2))
      storing.committed()
      expect(told).toEqual([[1, 'stored']])
      collect()
      storing.committed()
      expect(told).toEqual([
        [1, 'stored'],
        [2, 'stored'],
      ])
    })

    it.each([
      ['failed', 'rejected'],
      ['unknown', 'unknown'],
    ] as const)('when that has %s: %s', (kind, outcome) => {
      const { storing, collect } = make()
      storing.await(waiting(1))
      collect()
      storing.failed(kind)
      expect(told).toEqual([[1, outcome]])
    })

    it('with the next commit when the log ends: what they wait for lies in other logs', () => {
      const { storing, collect, scheduled } = make()
      storing.await(waiting(1))
      collect()
      storing.await(waiting(2))
      storing.close()
      storing.committed()
      expect(told).toEqual([])
      const aftermath = scheduled.at(-1) as Journal
      const batch = emptyBatch()
      aftermath.collect(batch)
      expect(batch).toEqual(emptyBatch())
      aftermath.committed()
      expect(told).toEqual([
        [1, 'stored'],
        [2, 'stored'],
      ])
    })

    it.each([
      ['failed', 'rejected'],
      ['unknown', 'unknown'],
    ] as const)('when the commit after the end has %s: %s', (kind, outcome) => {
      const { storing, scheduled } = make()
      storing.await(waiting(1))
      storing.close()
      scheduled.at(-1)?.failed(kind)
      expect(told).toEqual([[1, outcome]])
    })
  })
})
