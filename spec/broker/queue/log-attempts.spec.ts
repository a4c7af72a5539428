// What a log remembers of messages that came back: in memory, in the store, and after a restart (behaviour.md §10, §15).

import { Message } from '../../../src/broker/message.ts'
import { type Attempt, NO_ATTEMPT } from '../../../src/broker/queue/attempts.ts'
import { Committer } from '../../../src/broker/queue/committer.ts'
import { Log } from '../../../src/broker/queue/log.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import type { Lease } from '../../../src/broker/store.ts'
import { createMemoryStore } from '../../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../../support/fault-store.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { HeldReads } from './trial/held-reads.ts'
import { idOf, type Kind, makeMessage } from './trial/messages.ts'

const QUEUE_ID = 3
const once: Attempt = { failed: 1, acquired: 1, fate: 0, dueMs: 0 }

describe('a log whose messages come back', () => {
  let store: FaultyStore
  let lease: Lease
  let clock: ManualClock
  let reads: HeldReads
  let loaded: jest.Mock
  let log: Log

  function open(): Log {
    const listener = { failed: () => {}, succeeded: () => {} }
    reads = new HeldReads(store.messages)
    loaded = jest.fn()
    const host = {
      memory: new SegmentMemory(0),
      read: reads.read.bind(reads),
      lost: () => {},
      loaded,
    }
    return new Log(QUEUE_ID, new Committer(store.messages, lease, clock, listener), host, 1, 'in-turn')
  }

  /** What a new start finds. */
  async function recover(): Promise<Log> {
    const again = open()
    for await (const chunk of store.messages.recover(QUEUE_ID)) again.recover(chunk)
    const mark = await store.messages.mark(QUEUE_ID)
    again.recovered(mark?.headSeq ?? 1, mark?.nextSeq ?? 1)
    return again
  }

  const append = (kind: Kind, ...ids: readonly number[]) => ids.map((id) => log.append(makeMessage(id, kind), true))

  /** The messages that can be taken, in order. */
  function takeAll(it: Log): readonly number[] {
    const view = new Message()
    const ids: number[] = []
    while (it.atHand()) {
      it.take(view)
      ids.push(idOf(view))
    }
    return ids
  }

  async function stored(): Promise<void> {
    clock.advance(20)
    await clock.pass()
  }

  beforeEach(async () => {
    store = faultyStore(createMemoryStore())
    lease = await store.open()
    clock = new ManualClock()
    log = open()
  })

  afterEach(() => store.close())

  it('knows nothing of those that did not', () => {
    const [seq] = append('tiny', 1) as [number]
    expect([log.attempt(seq), log.holds(seq), log.holds(seq + 1), [...log.aside]]).toEqual([
      NO_ATTEMPT,
      true,
      false,
      [],
    ])
  })

  it('gives them in the order they came in, where they are to leave in turn (§7.6, quorum)', () => {
    const [one, two, three] = append('tiny', 1, 2, 3, 4) as [number, number, number]
    const view = new Message()
    for (let i = 0; i < 3; i++) if (log.atHand()) log.take(view)
    for (const seq of [three, one, two]) log.giveBack(seq)
    expect(takeAll(log)).toEqual([3, 1, 2, 4])
  })

  it('reads one that was taken, and forgets what it knows of one that is settled', () => {
    const [seq] = append('tiny', 1, 2) as [number]
    takeAll(log)
    const view = new Message()
    log.read(seq, view)
    expect(idOf(view)).toBe(1)
    log.note(seq, once)
    expect(log.attempt(seq)).toEqual(once)
    log.settle(seq)
    expect([log.attempt(seq), log.holds(seq)]).toEqual([NO_ATTEMPT, false])
  })

  it('tells who waits for one that went elsewhere with the next commit, not before', async () => {
    const told: string[] = []
    const publisher = { settle: (tag: number, outcome: string) => told.push(`${tag} ${outcome}`) }
    const [one, two] = append('tiny', 1, 2) as [number, number]
    log.awaitStored(two, publisher, 2)
    takeAll(log)
    log.settleElsewhere(one)
    log.awaitElsewhere(one, publisher, 1)
    log.settleElsewhere(two)
    expect([told, log.unacked]).toEqual([[], 0])
    await stored()
    expect(told).toEqual(['1 stored', '2 stored'])
  })

  it.each<Kind>(['tiny', 'large'])(
    'stores what it knows of a %s message, without its chunk being written again',
    async (kind) => {
      const [one, two] = append(kind, 1, 2) as [number, number]
      takeAll(log)
      await stored()
      const commit = jest.spyOn(store.messages, 'commit')
      log.note(two, once)
      await stored()
      expect(commit.mock.calls.map(([, { chunks, summaries }]) => [chunks.length, summaries.length])).toEqual([[0, 1]])
      const again = await recover()
      expect([again.attempt(one), again.attempt(two), again.ready]).toEqual([NO_ATTEMPT, once, 2])
    },
  )

  it('stores it with a message that was not stored yet', async () => {
    const [seq] = append('tiny', 1) as [number]
    takeAll(log)
    log.note(seq, once)
    await stored()
    expect((await recover()).attempt(seq)).toEqual(once)
  })

  describe('and stand aside after a restart', () => {
    const waiting: Attempt = { ...once, dueMs: 5 }
    let again: Log
    let seqs: readonly number[]

    beforeEach(async () => {
      seqs = append('page', ...Array.from({ length: 300 }, (_, i) => i))
      await stored()
      takeAll(log)
      // One in the first segment, one in the last.
      for (const at of [1, 298]) log.note(seqs[at] as number, waiting)
      await stored()
      again = await recover()
    })

    it('passes over them', async () => {
      expect([...again.aside]).toEqual([seqs[1], seqs[298]])
      expect([again.ready, again.unacked]).toEqual([298, 2])
      const given: number[] = []
      for (let round = 0; round < 10; round++) {
        given.push(...takeAll(again))
        await reads.endAll()
      }
      expect(given).toEqual(seqs.map((_, id) => id).filter((id) => id !== 1 && id !== 298))
    })

    it('reads them back when they are asked for, and gives them in their time', async () => {
      const seq = seqs[298] as number
      expect([again.canRead(seq), again.canRead(seq)]).toEqual([false, false])
      await reads.endAll()
      expect(loaded).toHaveBeenCalled()
      expect(again.canRead(seq)).toBe(true)
      again.giveBack(seq)
      again.atHand()
      const view = new Message()
      expect([again.take(view), idOf(view), again.redelivered]).toEqual([seq, 298, true])
      again.settle(seq)
      expect([again.canRead(seq), again.holds(seq)]).toEqual([false, false])
    })

    it('gives them up with a chunk that cannot be read', async () => {
      const seq = seqs[298] as number
      again.canRead(seq)
      await new Promise((resolve) => setImmediate(resolve))
      for (const read of reads.held.splice(0)) read.end('gone')
      await new Promise((resolve) => setImmediate(resolve))
      expect([again.holds(seq), again.canRead(seq)]).toEqual([false, false])
      expect([again.ready >= 0, again.unacked]).toEqual([true, 0])
    })

    it('lets a purge take all that can be taken, and not them', async () => {
      expect(again.purge()).toBe(298)
      expect([again.ready, again.readyBytes, again.unacked, again.atHand()]).toEqual([0, 0, 2, false])
      expect(seqs.filter((seq) => again.holds(seq))).toEqual([seqs[1], seqs[298]])
      await stored()
      again = await recover()
      expect([again.ready, again.readyBytes, again.unacked, [...again.aside]]).toEqual([0, 0, 2, [seqs[1], seqs[298]]])
    })

    it('lets a purge in the midst of a segment that was read back leave them where they are', async () => {
      again.atHand()
      await reads.endAll()
      again.atHand()
      const taken = again.take(new Message())
      expect(again.purge()).toBe(297)
      expect(seqs.filter((seq) => again.holds(seq))).toEqual([taken, seqs[1], seqs[298]])
      expect([again.ready, again.readyBytes, again.unacked]).toEqual([0, 0, 3])
    })

    it('lets a purge leave one alone that somebody has by now', async () => {
      const seq = seqs[298] as number
      again.canRead(seq)
      await reads.endAll()
      again.note(seq, NO_ATTEMPT)
      again.giveBack(seq)
      again.atHand()
      expect(again.take(new Message())).toBe(seq)
      expect(again.purge()).toBe(298)
      expect([again.holds(seq), again.unacked]).toEqual([true, 2])
    })
  })
})
