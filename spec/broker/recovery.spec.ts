// A log taken back in: what counts as delivered, and what is said of damage. Whole brokers are restarted elsewhere.

import { DamagedChunk } from '../../src/broker/queue/page.ts'
import { type Recoverable, Recovery } from '../../src/broker/recovery.ts'
import type { Lease, Store } from '../../src/broker/store.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { LogBook } from '../support/world.ts'

const QUEUE = 7
const chunkOf = (text: string) => ({ bytes: Buffer.from(text) })

/** Remembers what it was told; chunks and summaries called `damaged` are. */
class Remembering implements Recoverable {
  readonly queueId = QUEUE
  readonly told: unknown[] = []

  recover({ firstSeq, summary }: { firstSeq: number; summary: Buffer }): void {
    this.#check(`${summary}`)
    this.told.push(['summary', firstSeq])
  }

  recoverUnsummarised(firstSeq: number, bytes: Buffer): void {
    this.#check(`${bytes}`)
    this.told.push(['chunk', firstSeq])
  }

  recovered(deliveredBelow: number, nextSeq: number): void {
    this.told.push(['end', deliveredBelow, nextSeq])
  }

  #check(text: string): void {
    if (text === 'damaged') throw new DamagedChunk('it is damaged')
    if (text === 'defect') throw new Error('a defect')
  }
}

describe('a recovery', () => {
  let store: Store
  let lease: Lease
  let log: LogBook
  let remembering: Remembering
  let clock: ManualClock

  beforeEach(async () => {
    store = createMemoryStore()
    lease = await store.open()
    log = new LogBook()
    clock = new ManualClock()
    remembering = new Remembering()
  })

  const fill = (...chunks: readonly (readonly [firstSeq: number, chunk: string, summary: string])[]) =>
    store.messages.commit(lease, {
      chunks: chunks.map(([firstSeq, chunk]) => ({ queueId: QUEUE, firstSeq, ...chunkOf(chunk) })),
      summaries: chunks.map(([firstSeq, , summary]) => ({ queueId: QUEUE, firstSeq, ...chunkOf(summary) })),
      dropped: [],
      marks: [{ queueId: QUEUE, headSeq: 12, nextSeq: 30 }],
    })

  const recover = async (inOrder: boolean) => {
    await new Recovery(store.messages, { logger: log, clock }, inOrder, 3).recover(remembering, { queue: 'q' })
    return remembering.told
  }

  it('takes chunks in by their order, and goes by the mark after an orderly stop', async () => {
    await fill([10, 'b', 's'], [1, 'a', 's'])
    expect(await recover(true)).toEqual([
      ['summary', 1],
      ['summary', 10],
      ['end', 12, 30],
    ])
  })

  it('counts all as delivered after a crash', async () => {
    await fill([1, 'a', 's'])
    expect((await recover(false)).at(-1)).toEqual(['end', Number.MAX_SAFE_INTEGER, 30])
  })

  it('begins with 1 where nothing is stored', async () => {
    expect(await recover(true)).toEqual([['end', Number.MAX_SAFE_INTEGER, 1]])
  })

  it('reads a chunk whose summary is damaged, sets one aside that is damaged too, and says so', async () => {
    await fill([1, 'a', 'damaged'], [2, 'damaged', 'damaged'], [3, 'c', 's'])
    expect((await recover(true)).slice(0, -1)).toEqual([
      ['chunk', 1],
      ['summary', 3],
    ])
    expect(log.lines.length).toBe(3)
  })

  it('says every two seconds how far it has come', async () => {
    await fill([1, 'a', 's'], [2, 'b', 's'], [3, 'c', 's'], [4, 'd', 's'])
    const recovered = remembering.recover.bind(remembering)
    remembering.recover = (chunk) => {
      clock.advance(1000)
      recovered(chunk)
    }
    await recover(true)
    const line = (chunks: number) => ({
      level: 'info',
      fields: { queue: 'q', chunks, queues: 0, of: 3 },
      message: 'still recovering what is stored: 0 of 3 queues are done',
    })
    expect(log.lines).toEqual([line(2), line(4)])
  })

  it('hides no defect', async () => {
    await fill([1, 'a', 'defect'])
    await expect(recover(true)).rejects.toThrow('a defect')
  })
})
