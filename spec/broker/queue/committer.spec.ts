// Group commit over a store whose disk waits and fails on demand, with journals that only count.

import { Committer, type Journal } from '../../../src/broker/queue/committer.ts'
import type { MessageBatch, Store, StoreErrorKind } from '../../../src/broker/store.ts'
import { createMemoryStore } from '../../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../../support/fault-store.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const LAZY_MS = 20
const RETRY_MS = 1000
const NOT_WRITTEN = { applied: false }

/** Stores a number that grows with every change, and notes what it is told. */
class Counter implements Journal {
  readonly queueId: number
  readonly told: (StoreErrorKind | 'committed')[] = []
  changes = 0

  constructor(queueId: number) {
    this.queueId = queueId
  }

  collect({ marks }: MessageBatch): void {
    marks.push({ queueId: this.queueId, nextSeq: this.changes, headSeq: 0 })
  }

  committed(): void {
    this.told.push('committed')
  }

  failed(kind: StoreErrorKind): void {
    this.told.push(kind)
  }
}

describe('the committer', () => {
  let inner: Store
  let store: FaultyStore
  let clock: ManualClock
  let committer: Committer
  let commits: jest.SpyInstance
  let heard: string[]
  let [a, b]: readonly [Counter, Counter] = [new Counter(1), new Counter(2)]

  beforeEach(async () => {
    inner = createMemoryStore()
    store = faultyStore(inner)
    const lease = await store.open()
    clock = new ManualClock()
    heard = []
    committer = new Committer(store.messages, lease, clock, {
      failed: ({ kind }) => heard.push(kind),
      succeeded: () => heard.push('works'),
    })
    commits = jest.spyOn(store.messages, 'commit')
    a = new Counter(1)
    b = new Counter(2)
  })

  afterEach(() => store.close())

  /** `journal` changes and asks for a commit. */
  function change(journal: Counter, urgent = true): void {
    journal.changes++
    committer.schedule(journal, urgent)
  }

  const stored = async (journal: Counter) => (await store.messages.mark(journal.queueId))?.nextSeq ?? null

  describe('begins', () => {
    it('at the end of the turn when somebody waits, with everything that changed in the turn', async () => {
      change(a)
      change(b)
      change(a)
      expect(commits).not.toHaveBeenCalled()
      await clock.pass()
      expect(commits).toHaveBeenCalledTimes(1)
      expect([await stored(a), await stored(b)]).toEqual([2, 1])
      expect([a.told, b.told]).toEqual([['committed'], ['committed']])
    })

    it('a little later when nobody waits', async () => {
      change(a, false)
      await clock.pass()
      clock.advance(LAZY_MS - 1)
      await clock.pass()
      expect(commits).not.toHaveBeenCalled()
      change(b, false)
      expect(clock.timers).toBe(1)
      clock.advance(1)
      await clock.pass()
      expect(commits).toHaveBeenCalledTimes(1)
      expect([await stored(a), await stored(b)]).toEqual([1, 1])
    })

    it('for those for whom nobody waits as well, once somebody does for another', async () => {
      change(a, false)
      change(b, true)
      await clock.pass()
      expect([await stored(a), await stored(b)]).toEqual([1, 1])
      expect(clock.timers).toBe(0)
    })

    describe('where commits linger', () => {
      beforeEach(async () => {
        await store.close()
        const listener = { failed: () => {}, succeeded: () => {} }
        const grouping = { lingerMs: 5, batchBytes: 1000 }
        committer = new Committer(store.messages, await store.open(), clock, listener, grouping)
      })

      it('so much later, with all that came meanwhile, and the next one again', async () => {
        for (let round = 1; round <= 2; round++) {
          change(a)
          await clock.pass()
          clock.advance(4)
          change(b)
          await clock.pass()
          expect(commits).toHaveBeenCalledTimes(round - 1)
          clock.advance(1)
          await clock.pass()
          expect(commits).toHaveBeenCalledTimes(round)
        }
        expect([await stored(a), await stored(b), clock.timers]).toEqual([2, 2, 0])
      })

      it('at the end of the turn once enough has come, or somebody waits for what was to be lazy', async () => {
        change(a, false)
        change(a)
        committer.gather(999)
        change(a)
        await clock.pass()
        expect([commits.mock.calls.length, clock.timers]).toEqual([0, 1])
        committer.gather(1)
        change(b)
        await clock.pass()
        expect([commits.mock.calls.length, clock.timers]).toEqual([1, 0])
        expect([await stored(a), await stored(b)]).toEqual([3, 1])
      })
    })

    it('not at all when nothing changed', async () => {
      change(a)
      await clock.pass()
      clock.advance(10 * RETRY_MS)
      await clock.pass()
      expect(commits).toHaveBeenCalledTimes(1)
    })
  })

  describe('has one commit in flight', () => {
    it('and makes one more of all that arrives meanwhile', async () => {
      const hold = store.messages.holdNextCommit()
      change(a)
      await clock.pass()
      await hold.reached
      for (let turn = 0; turn < 3; turn++) {
        change(a)
        change(b, turn === 1)
        await clock.pass()
      }
      expect(commits).toHaveBeenCalledTimes(1)
      expect(a.told).toEqual([])
      hold.release()
      await clock.settle()
      expect(a.told).toEqual(['committed'])
      await clock.pass()
      expect(commits).toHaveBeenCalledTimes(2)
      expect([a.told, b.told]).toEqual([['committed', 'committed'], ['committed']])
      expect([await stored(a), await stored(b)]).toEqual([4, 3])
    })

    it('and lets what nobody waits for wait for company after it', async () => {
      const hold = store.messages.holdNextCommit()
      change(a)
      await clock.pass()
      change(b, false)
      hold.release()
      await clock.pass()
      await clock.pass()
      expect(commits).toHaveBeenCalledTimes(1)
      clock.advance(LAZY_MS)
      expect(commits).toHaveBeenCalledTimes(2)
    })
  })

  describe('after a failure', () => {
    it.each<StoreErrorKind>(['failed', 'unknown'])('tells all journals, rests and tries again: %s', async (kind) => {
      store.messages.failNextCommit(kind, NOT_WRITTEN)
      change(a)
      change(b)
      await clock.pass()
      expect([a.told, b.told, heard]).toEqual([[kind], [kind], [kind]])
      change(a)
      await clock.pass()
      clock.advance(RETRY_MS - 1)
      await clock.pass()
      expect(commits).toHaveBeenCalledTimes(1)
      clock.advance(1)
      await clock.pass()
      expect([a.told, heard]).toEqual([
        [kind, 'committed'],
        [kind, 'works'],
      ])
      expect(await stored(a)).toBe(2)
    })

    it('goes on resting while the store goes on failing', async () => {
      for (let i = 0; i < 3; i++) store.messages.failNextCommit('failed', NOT_WRITTEN)
      change(a)
      await clock.pass()
      for (let round = 0; round < 3; round++) {
        committer.schedule(a, true)
        clock.advance(RETRY_MS)
        await clock.pass()
      }
      expect(a.told).toEqual(['failed', 'failed', 'failed', 'committed'])
    })

    it('takes an error that no store may reject with as leaving everything in doubt', async () => {
      commits.mockRejectedValueOnce(new TypeError('out of order'))
      change(a)
      await clock.pass()
      expect([a.told, heard]).toEqual([['unknown'], ['unknown']])
    })

    it('tries the store even if nothing is left to be stored, and says that it works again', async () => {
      const hold = store.messages.holdNextCommit()
      change(a)
      await clock.pass()
      committer.forget(a, null)
      hold.fail('failed', NOT_WRITTEN)
      await clock.pass()
      expect(heard).toEqual(['failed'])
      clock.advance(RETRY_MS)
      await clock.pass()
      expect(heard).toEqual(['failed', 'works'])
    })
  })

  describe('forgets a journal', () => {
    it('and stores nothing of it any more', async () => {
      change(a)
      change(b)
      committer.forget(a, null)
      await clock.pass()
      expect([await stored(a), await stored(b)]).toEqual([null, 1])
      expect(a.told).toEqual([])
    })

    it('and drops its queue after the commit in flight, which may still hold something of it', async () => {
      change(a)
      await clock.pass()
      const hold = store.messages.holdNextCommit()
      const drops = jest.spyOn(store.messages, 'dropQueue')
      change(a)
      change(b)
      await clock.pass()
      committer.forget(a, a.queueId)
      await clock.pass()
      expect(drops).not.toHaveBeenCalled()
      hold.release()
      await clock.pass()
      expect(await store.messages.queueIds()).toEqual([b.queueId])
      expect(b.told).toEqual(['committed'])
    })

    it.each([true, false])(
      'whose commit in flight fails (written: %s), and does not hear of it again',
      async (applied) => {
        const hold = store.messages.holdNextCommit()
        change(a)
        await clock.pass()
        // A journal that is told of a failure asks for another commit.
        jest.spyOn(a, 'failed').mockImplementation(() => committer.schedule(a, true))
        committer.forget(a, a.queueId)
        hold.fail('unknown', { applied })
        await clock.pass()
        clock.advance(RETRY_MS)
        await clock.pass()
        expect(await store.messages.queueIds()).toEqual([])
      },
    )

    it('and says that its queue could not be dropped, and later that the store works', async () => {
      jest.spyOn(store.messages, 'dropQueue').mockRejectedValueOnce(new Error('no'))
      committer.forget(a, a.queueId)
      await clock.pass()
      expect(heard).toEqual(['unknown'])
      clock.advance(RETRY_MS)
      await clock.pass()
      expect(heard).toEqual(['unknown', 'works'])
    })
  })

  it('goes on after a rest that a commit outlasted', async () => {
    let refuse: (error: Error) => void = () => {}
    const refused = new Promise<void>((_, reject) => {
      refuse = reject
    })
    jest.spyOn(store.messages, 'dropQueue').mockReturnValueOnce(refused)
    committer.forget(b, b.queueId)
    await clock.settle()
    const hold = store.messages.holdNextCommit()
    change(a)
    await clock.pass()
    refuse(new Error('no'))
    await clock.settle()
    clock.advance(RETRY_MS)
    hold.release()
    await clock.settle()
    expect(heard).toEqual(['unknown', 'works'])
    change(a)
    await clock.pass()
    expect(await stored(a)).toBe(2)
  })

  describe('ends', () => {
    it.each([true, false])('and commits nothing any more (urgent: %s)', (urgent) => {
      change(a, urgent)
      committer.end()
      change(b, urgent)
      clock.endTurn()
      clock.advance(RETRY_MS)
      clock.endTurn()
      expect([commits.mock.calls.length, clock.timers]).toEqual([0, 0])
    })

    it('and does not try again what fails after that', async () => {
      const hold = store.messages.holdNextCommit()
      change(a)
      clock.endTurn()
      await hold.reached
      committer.end()
      hold.fail('failed', NOT_WRITTEN)
      await clock.settle()
      expect([a.told, clock.timers]).toEqual([['failed'], 0])
    })
  })

  describe('flushes', () => {
    it('what is in flight, what is not, and the queues to be dropped', async () => {
      change(b)
      await clock.pass()
      const hold = store.messages.holdNextCommit()
      change(a)
      await clock.pass()
      change(a, false)
      committer.forget(b, b.queueId)
      const flushed = jest.fn()
      const flush = committer.flush().then(flushed)
      await clock.settle()
      expect(flushed).not.toHaveBeenCalled()
      hold.release()
      await flush
      expect(await stored(a)).toBe(2)
      expect(await store.messages.queueIds()).toEqual([a.queueId])
      expect(clock.timers).toBe(0)
    })

    it('not before a queue is dropped', async () => {
      let drop: () => void = () => {}
      const dropped = new Promise<void>((resolve) => {
        drop = resolve
      })
      jest.spyOn(store.messages, 'dropQueue').mockReturnValueOnce(dropped)
      committer.forget(b, b.queueId)
      const flushed = jest.fn()
      const flush = committer.flush().then(flushed)
      await clock.settle()
      expect(flushed).not.toHaveBeenCalled()
      drop()
      await flush
    })

    it('nothing where there is nothing', async () => {
      await committer.flush()
      expect(commits).not.toHaveBeenCalled()
    })

    it('even a store that rests, and commits as ever after that', async () => {
      store.messages.failNextCommit('failed', NOT_WRITTEN)
      change(a)
      await clock.pass()
      change(a)
      await committer.flush()
      expect(await stored(a)).toBe(2)
      change(a)
      await clock.pass()
      expect(await stored(a)).toBe(3)
    })

    it('without complaint where the store fails', async () => {
      store.messages.failNextCommit('failed', NOT_WRITTEN)
      change(a)
      await committer.flush()
      expect(a.told).toEqual(['failed'])
    })
  })
})
