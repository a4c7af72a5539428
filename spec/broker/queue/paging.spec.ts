// Reading segments back: once each, and what is said where it fails. That nothing is lost by it is for chance to try
// (log-trial.spec.ts); when a queue pages is in classic-paging.spec.ts.

import { Paging } from '../../../src/broker/queue/paging.ts'
import { Segment } from '../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import type { ChunkKey } from '../../../src/broker/store.ts'
import { makeMessage } from './trial/messages.ts'

const QUEUE_ID = 4

describe('paging', () => {
  const memory = new SegmentMemory(0)
  const other = Buffer.from(new Segment(9, 0, memory).chunk())
  let reads: { readonly key: ChunkKey; readonly end: (result: Buffer | null | Error) => void }[]
  let lost: [firstSeq: number, messages: number, why: string][]
  let done: [firstSeq: number, readable: boolean][]
  let paging: Paging

  beforeEach(() => {
    ;[reads, lost, done] = [[], [], []]
    paging = new Paging(QUEUE_ID, {
      memory,
      read: (key) =>
        new Promise((resolve, reject) => {
          reads.push({ key, end: (result) => (result instanceof Error ? reject(result) : resolve(result)) })
        }),
      lost: ({ queueId, firstSeq }, messages, why) => {
        expect(queueId).toBe(QUEUE_ID)
        lost.push([firstSeq, messages, why])
      },
    })
  })

  /** A segment of three messages, one of them settled, that has left memory, and the chunk to read it from. */
  function paged(firstSeq: number): readonly [Segment, Buffer] {
    const segment = new Segment(firstSeq, 0, memory)
    for (let id = 0; id < 3; id++) segment.append(makeMessage(id, 'small'), true)
    segment.settle(1)
    const chunk = Buffer.from(segment.chunk())
    segment.page()
    return [segment, chunk]
  }

  const load = (segment: Segment) =>
    paging.load(segment, ({ firstSeq }, readable) => {
      done.push([firstSeq, readable])
    })
  const end = async (which: number, result: Buffer | null | Error) => {
    reads[which]?.end(result)
    await new Promise((resolve) => setImmediate(resolve))
  }

  it('reads a segment once, however often it is asked for meanwhile', async () => {
    const [segment, chunk] = paged(1)
    load(segment)
    load(segment)
    expect(reads.map(({ key }) => key)).toEqual([{ queueId: QUEUE_ID, firstSeq: 1 }])
    await end(0, chunk)
    expect([segment.resident, done, lost]).toEqual([true, [[1, true]], []])
    load(segment)
    expect(reads).toHaveLength(1)
  })

  it('reads several at a time, which come in any order', async () => {
    const [[one, first], [two, second]] = [paged(1), paged(4)]
    load(one)
    load(two)
    await end(1, second)
    expect([one.resident, two.resident]).toEqual([false, true])
    await end(0, first)
    expect([one.resident, done]).toEqual([
      true,
      [
        [4, true],
        [1, true],
      ],
    ])
  })

  it('reads a segment again that has left memory again', async () => {
    const [segment, chunk] = paged(1)
    load(segment)
    await end(0, chunk)
    segment.page()
    load(segment)
    await end(1, chunk)
    expect([segment.resident, done.length]).toEqual([true, 2])
  })

  it.each([
    ['nothing is there', () => null, 'it is not there'],
    ['the store fails', () => new Error('no such disk'), 'Error: no such disk'],
    ['it is too short', (chunk: Buffer) => chunk.subarray(0, 9), 'it has 9 octets, a page head has 16'],
    ['it is another one', () => other, 'it has 0 records, its summary says 3'],
  ] as const)('says so where %s, with the number of messages that are missing', async (_, result, why) => {
    const [segment, chunk] = paged(5)
    load(segment)
    const { used } = memory
    await end(0, result(chunk))
    expect([lost, done, segment.resident]).toEqual([[[5, 2, why]], [[5, false]], false])
    expect(memory.used).toBe(used)
  })

  it.each([
    ['that comes', (chunk: Buffer) => chunk],
    ['that is gone', () => null],
    ['that does not come', () => new Error('no such disk')],
  ] as const)(
    'takes nothing in and says nothing of a chunk %s when all of it was settled meanwhile',
    async (_, result) => {
      const [segment, chunk] = paged(1)
      load(segment)
      segment.settleAll()
      segment.release()
      const { used } = memory
      await end(0, result(chunk))
      expect([lost, memory.used - used, done.length]).toEqual([[], 0, 1])
    },
  )

  it('does not read what is settled as a whole', () => {
    const [segment] = paged(1)
    segment.settleAll()
    load(segment)
    expect(reads).toEqual([])
  })
})
