// The log, case by case: what it did wrong once, and what chance (log-trial.spec.ts) does not look at.

import { Message } from '../../../src/broker/message.ts'
import { Committer } from '../../../src/broker/queue/committer.ts'
import { Log } from '../../../src/broker/queue/log.ts'
import { Segment } from '../../../src/broker/queue/segment.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import type { Lease, MessageBatch } from '../../../src/broker/store.ts'
import { createMemoryStore } from '../../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../../support/fault-store.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { LogTrial } from './trial/log-trial.ts'
import { idOf, type Kind, makeMessage } from './trial/messages.ts'

const QUEUE_ID = 3

describe('a log without a store', () => {
  const host = {
    memory: new SegmentMemory(0),
    read: () => Promise.reject(new Error('there is no store')),
    lost: () => {},
    loaded: () => {},
  }
  const log = () => new Log(QUEUE_ID, null, host)
  const next = (it: Log, view: Message) => (it.atHand() ? it.take(view) : -1)

  it('numbers messages from 1 on and gives them in that order', () => {
    const it = log()
    const view = new Message()
    expect([1, 2, 3].map((id) => it.append(makeMessage(id, 'tiny'), true))).toEqual([1, 2, 3])
    expect([next(it, view), idOf(view)]).toEqual([1, 1])
    expect([next(it, view), idOf(view)]).toEqual([2, 2])
    expect([it.ready, it.unacked]).toEqual([1, 2])
  })

  it('gives back a message to its place, ahead of those never delivered (behaviour.md §7.6)', () => {
    const it = log()
    const view = new Message()
    for (let id = 0; id < 5; id++) it.append(makeMessage(id, 'tiny'), false)
    const taken = [0, 1, 2].map(() => next(it, view))
    it.giveBack(taken[1] as number)
    const rest = [0, 1, 2].map(() => [next(it, view) < 0, idOf(view), it.redelivered])
    expect(rest).toEqual([
      [false, 1, true],
      [false, 3, false],
      [false, 4, false],
    ])
    expect(next(it, view)).toBe(-1)
  })

  it('gives back several in their old order, in whatever order they come back', () => {
    const it = log()
    const view = new Message()
    for (let id = 0; id < 6; id++) it.append(makeMessage(id, 'tiny'), false)
    const taken = [0, 1, 2, 3].map(() => next(it, view))
    for (const at of [2, 0, 3]) it.giveBack(taken[at] as number)
    expect([0, 1, 2, 3, 4].map(() => next(it, view) && idOf(view))).toEqual([0, 2, 3, 4, 5])
  })

  it.each<Kind>(['tiny', 'large'])('promises nobody news of a %s message that is settled already', (kind) => {
    const it = log()
    const seq = it.append(makeMessage(1, kind), true)
    it.settle(next(it, new Message()))
    const settle = jest.fn()
    expect(it.awaitStored(seq, { settle }, 1)).toBe(false)
  })
})

describe('a log of very many segments', () => {
  it('gives its messages in order while those behind it are forgotten', async () => {
    const trial = await LogTrial.begin()
    for (let i = 0; i < 150; i++) trial.append('large', false, false)
    for (let i = 0; i < 100; i++) trial.take()
    trial.giveBack(90)
    for (let i = 0; i < 80; i++) trial.settle(0)
    for (let i = 0; i < 20; i++) trial.take()
    trial.settleAll()
    trial.append('large', false, false)
    for (let i = 0; i < 32; i++) trial.take()
    await trial.settleToNothing()
  })
})

describe('a log that is recovered', () => {
  it('passes over what is settled in a segment that is done with before the head has left it', async () => {
    const trial = await LogTrial.begin()
    trial.append('large', true, false)
    trial.append('tiny', true, false)
    trial.append('tiny', false, false)
    await trial.endTurn()
    trial.append('large', true, false)
    await trial.stop()
    await trial.endReads()
    expect([trial.take(), trial.take()]).toEqual([true, true])
    trial.settle(1)
    expect(trial.take()).toBe(true)
  })

  it('remembers over two orderly stops what had been delivered', async () => {
    const trial = await LogTrial.begin()
    for (let i = 0; i < 3; i++) trial.append('tiny', true, false)
    trial.take()
    await trial.stop()
    await trial.stop()
    await trial.endReads()
    expect([trial.take(), trial.take(), trial.take()]).toEqual([true, true, true])
  })
})

describe('a log over a store', () => {
  let store: FaultyStore
  let lease: Lease
  let clock: ManualClock
  let log: Log
  let commits: jest.SpyInstance

  beforeEach(async () => {
    store = faultyStore(createMemoryStore())
    lease = await store.open()
    clock = new ManualClock()
    const committer = new Committer(store.messages, lease, clock, { failed: () => {}, succeeded: () => {} })
    log = new Log(QUEUE_ID, committer, {
      memory: new SegmentMemory(Number.POSITIVE_INFINITY),
      read: (key) => store.messages.read(key),
      lost: () => {},
      loaded: () => {},
    })
    commits = jest.spyOn(store.messages, 'commit')
  })

  afterEach(() => store.close())

  const append = (kind: Kind, persistent = true) => log.append(makeMessage(1, kind), persistent)
  const take = () => (log.atHand() ? log.take(new Message()) : -1)

  /** Lets everything be committed; returns what each commit wrote and dropped. */
  async function committed(): Promise<readonly object[]> {
    await clock.pass()
    clock.advance(20)
    await clock.pass()
    const batches = commits.mock.calls.map(([, batch]) => batch as MessageBatch)
    commits.mockClear()
    const keys = (of: readonly { readonly firstSeq: number }[]) => of.map(({ firstSeq }) => firstSeq)
    return batches.map(({ chunks, summaries, dropped }) => ({
      chunks: keys(chunks),
      summaries: keys(summaries),
      dropped: keys(dropped),
    }))
  }

  const chunksLeft = async () => {
    const found: number[] = []
    for await (const { firstSeq } of store.messages.recover(QUEUE_ID)) found.push(firstSeq)
    return found
  }

  it('writes what is new, then what is settled, then drops what is done with', async () => {
    for (let i = 0; i < 3; i++) append('tiny')
    expect(await committed()).toEqual([{ chunks: [1], summaries: [1], dropped: [] }])
    log.settle(take())
    expect(await committed()).toEqual([{ chunks: [], summaries: [1], dropped: [] }])
    append('tiny')
    expect(await committed()).toEqual([{ chunks: [1], summaries: [1], dropped: [] }])
    for (let i = 0; i < 3; i++) log.settle(take())
    append('tiny')
    expect(await committed()).toEqual([{ chunks: [5], summaries: [5], dropped: [1] }])
    expect(await committed()).toEqual([])
  })

  it('never writes what is settled before it was written', async () => {
    append('tiny')
    append('large')
    log.settle(take())
    log.settle(take())
    expect(await committed()).toEqual([{ chunks: [], summaries: [], dropped: [] }])
    expect(await chunksLeft()).toEqual([])
  })

  it('writes nothing that need not survive a restart, until something beside it must', async () => {
    append('tiny', false)
    expect(await committed()).toEqual([])
    append('tiny')
    expect(await committed()).toEqual([{ chunks: [1], summaries: [1], dropped: [] }])
  })

  it('writes a small tail again with what follows it, and a tail of 16 KiB never', async () => {
    for (let i = 0; i < 3; i++) append('page')
    expect(await committed()).toEqual([{ chunks: [1], summaries: [1], dropped: [] }])
    append('page')
    expect(await committed()).toEqual([{ chunks: [1], summaries: [1], dropped: [] }])
    append('page')
    expect(await committed()).toEqual([{ chunks: [5], summaries: [5], dropped: [] }])
  })

  it('drops a chunk of which only transient messages are left, and writes it again if it must', async () => {
    append('tiny')
    append('tiny', false)
    await committed()
    log.settle(take())
    expect(await committed()).toEqual([{ chunks: [], summaries: [], dropped: [1] }])
    append('tiny')
    expect(await committed()).toEqual([{ chunks: [1], summaries: [1], dropped: [] }])
    expect(await chunksLeft()).toEqual([1])
  })

  it('does not drop what it writes again after a drop that failed', async () => {
    append('tiny')
    append('tiny', false)
    await committed()
    log.settle(take())
    store.messages.failNextCommit('failed', { applied: false })
    await committed()
    append('tiny')
    clock.advance(1000)
    expect(await committed()).toEqual([{ chunks: [1], summaries: [1], dropped: [] }])
    expect(await chunksLeft()).toEqual([1])
  })

  it('drops a chunk that it finds settled throughout', async () => {
    const segment = new Segment(6, 0, new SegmentMemory(0))
    segment.append(makeMessage(1, 'tiny'), true)
    const key = { queueId: QUEUE_ID, firstSeq: 6 }
    const chunk = { ...key, bytes: segment.chunk() }
    segment.settle(0)
    await store.messages.commit(lease, {
      ...{ chunks: [chunk], summaries: [{ ...key, bytes: segment.summary() }], dropped: [], marks: [] },
    })
    commits.mockClear()
    for await (const found of store.messages.recover(QUEUE_ID)) log.recover(found)
    log.recovered(Number.MAX_SAFE_INTEGER, 1)
    expect([log.ready, take()]).toEqual([0, -1])
    expect(await committed()).toEqual([{ chunks: [], summaries: [], dropped: [6] }])
    expect(append('tiny')).toBe(7)
  })
})
