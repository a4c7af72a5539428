// Which chunks of a stream are in memory, and how those that are not come back.

import { Segment } from '../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { StreamPages } from '../../../src/broker/queue/stream-pages.ts'
import { makeMessage } from './trial/messages.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A page of one message, stored as a whole. */
function page(firstSeq: number, memory: SegmentMemory): Segment {
  const segment = new Segment(firstSeq, 0, memory)
  segment.append(makeMessage(firstSeq, 'vast'), true)
  segment.sealed = true
  segment.committed = 1
  return segment
}

/** Pages over a store that holds the chunks 1 to 99 of one message each, but for those that are `wrong`. */
function make(budget: number, wrong: { readonly [firstSeq: number]: Buffer | null | Error } = {}) {
  const memory = new SegmentMemory(budget)
  const reads: number[] = []
  const read = async ({ firstSeq }: { firstSeq: number }) => {
    reads.push(firstSeq)
    const found = Object.hasOwn(wrong, firstSeq)
      ? wrong[firstSeq]
      : Buffer.from(page(firstSeq, new SegmentMemory(0)).chunk())
    if (found instanceof Error) throw found
    return found as Buffer | null
  }
  const pages = new StreamPages(7, { memory, read })
  const done: [firstSeq: number, why: string | null][] = []
  const load = (firstSeq: number, count = 1) => pages.load(firstSeq, count, (seq, why) => done.push([seq, why]))
  return { memory, reads, pages, done, load }
}

describe('the pages of a stream', () => {
  it('are read once, however many ask', async () => {
    const { pages, reads, done, load } = make(0)
    load(1)
    load(1)
    await settled()
    load(1)
    expect([reads, done, pages.get(1)?.count]).toEqual([[1], [[1, null]], 1])
  })

  it('say what is wrong with a chunk', async () => {
    const wrong = { 1: null, 2: Buffer.alloc(30), 3: new Error('no disk') }
    const { done, load, pages } = make(0, wrong)
    for (const seq of [1, 2, 3]) load(seq)
    load(4, 5)
    await settled()
    expect(done).toEqual([
      [1, 'it is not there'],
      [2, expect.stringContaining('version')],
      [3, 'Error: no disk'],
      [4, 'it has 1 records, its summary says 5'],
    ])
    expect([1, 2, 3, 4].map((seq) => pages.get(seq))).toEqual([null, null, null, null])
  })

  it('let those go that were not asked for lately, all but a few where memory is short', async () => {
    const { pages, load } = make(0)
    for (let seq = 1; seq <= 3; seq++) load(seq)
    await settled()
    expect(pages.get(1)).not.toBeNull()
    load(4)
    await settled()
    expect([1, 2, 3, 4].map((seq) => pages.get(seq) !== null)).toEqual([true, false, true, true])
  })

  it('keep what is being written until it is stored, and then only where somebody reads', () => {
    const { pages, memory } = make(0)
    const [one, two] = [page(1, memory), page(2, memory)]
    one.committed = 0
    pages.add(one)
    pages.add(two)
    pages.drop(1)
    expect(pages.get(1)).toBe(one)
    one.committed = 1
    pages.stored(one)
    pages.readers = 1
    pages.stored(two)
    expect([pages.get(1), pages.get(2)]).toEqual([null, two])
    expect(one.resident).toBe(false)
    pages.readers = 0
    expect([pages.get(2), two.resident]).toEqual([null, false])
  })

  it('tell nobody anything once the stream has ended', async () => {
    const { pages, done, load, memory } = make(0)
    load(1)
    pages.close()
    await settled()
    expect([done, memory.used]).toEqual([[], 0])
  })
})
