// Messages by priority (behaviour.md §9.3): highest first, in order within a level, back to their place when they return,
// and all of it after a restart.

import { Message } from '../../../src/broker/message.ts'
import { Committer } from '../../../src/broker/queue/committer.ts'
import { Log } from '../../../src/broker/queue/log.ts'
import { logCount, makeBacklog, Priorities } from '../../../src/broker/queue/priority.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { settingsOf } from '../../../src/broker/queue/settings.ts'
import { encodeHeader } from '../../../src/protocol/properties.ts'
import { createMemoryStore } from '../../../src/store/memory/memory-store.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { type Fields, tableOf } from '../exchange/table.ts'
import { makeMessage } from './trial/messages.ts'

const QUEUE_ID = 100

/** A message whose body is its number. */
function prioritised(id: number, priority: number | null, bodyBytes = 1): Message {
  const message = new Message()
  const like = makeMessage(id, 'tiny')
  message.setRouting(like.routing, like.routingStart, like.routingEnd)
  const header = encodeHeader(
    { ...(priority === null ? {} : { priority }), expiration: String(id), headers: new Map() },
    1,
  )
  message.setHeader(header, 0, header.length)
  message.setBody(Buffer.alloc(bodyBytes, id), 0, bodyBytes)
  message.expiresAt = id
  return message
}

describe('a backlog with priorities', () => {
  const view = new Message()
  let store: ReturnType<typeof createMemoryStore>
  let committer: Committer
  let opened: number[]
  let backlog: Priorities

  beforeEach(async () => {
    store = createMemoryStore()
    const listener = { failed: () => {}, succeeded: () => {} }
    committer = new Committer(store.messages, await store.open(), new ManualClock(), listener)
    backlog = make()
  })

  function make(highest = 9, otherwise = 0, dropsLowest = false): Priorities {
    opened = []
    const memory = new SegmentMemory(Number.MAX_SAFE_INTEGER)
    return new Priorities(QUEUE_ID, { highest, otherwise, dropsLowest }, (logId) => {
      opened.push(logId)
      const read = store.messages.read.bind(store.messages)
      return new Log(logId, committer, { memory, read, lost: () => {}, loaded: () => {} })
    })
  }

  const append = (...messages: readonly (readonly [id: number, priority: number | null])[]): readonly number[] =>
    messages.map(([id, priority]) => backlog.append(prioritised(id, priority), true))

  /** Takes the next message; returns its number and its sequence number. */
  function take(): readonly [id: number, seq: number] {
    expect(backlog.atHand()).toBe(true)
    const seq = backlog.take(view)
    return [view.copyBody()[0] as number, seq]
  }

  function takeAll(): number[] {
    const ids = []
    while (backlog.ready > 0) ids.push(take()[0])
    return ids
  }

  it('gives the highest first, and in order within a level', () => {
    append([1, 0], [2, 5], [3, 9], [4, 5], [5, null], [6, 1])
    expect(backlog.ready).toBe(6)
    expect(takeAll()).toEqual([3, 2, 4, 6, 1, 5])
    expect([backlog.ready, backlog.unacked, backlog.atHand()]).toEqual([0, 6, false])
  })

  it('takes what is above the highest for the highest', () => {
    append([1, 9], [2, 255], [3, 8])
    expect(takeAll()).toEqual([1, 2, 3])
  })

  it('has a priority for messages that have none', () => {
    backlog = make(31, 4)
    append([1, null], [2, 3], [3, 5], [4, 4])
    expect(takeAll()).toEqual([3, 1, 4, 2])
  })

  it('makes a log for each level that has a message, and no other', () => {
    append([1, 3], [2, 3], [3, 7])
    expect(opened).toEqual([QUEUE_ID + 3, QUEUE_ID + 7])
    expect([{ maxPriority: null }, { maxPriority: 1 }, { maxPriority: 255 }].map(logCount)).toEqual([1, 2, 256])
  })

  it('is what a queue has that tells priorities apart; others have one log', () => {
    const host = { memory: new SegmentMemory(0), read: async () => null, lost: () => {}, loaded: () => {} }
    const of = (fields: Fields) => makeBacklog(QUEUE_ID, settingsOf(tableOf(fields)), null, host)
    expect(of({})).toBeInstanceOf(Log)
    expect(of({ 'x-max-priority': 1 })).toBeInstanceOf(Priorities)
    expect(of({ 'x-queue-type': 'quorum' })).toBeInstanceOf(Priorities)
  })

  it('gives numbers that are never the same, whatever the number of levels', () => {
    for (const highest of [1, 2, 10, 255]) {
      backlog = make(highest)
      const seqs = append(...Array.from({ length: 600 }, (_, id) => [id & 255, id % (highest + 1)] as const))
      expect(new Set(seqs).size).toBe(600)
      expect(seqs.every((seq) => Number.isSafeInteger(seq) && seq > 0)).toBe(true)
      for (let i = 0; i < 600; i++) backlog.settle(take()[1])
      expect([backlog.unacked, backlog.ready]).toEqual([0, 0])
    }
  })

  it('takes back what returns to its place in its level', () => {
    append([1, 1], [2, 5], [3, 5], [4, 1])
    const taken = [take(), take(), take()]
    expect(taken.map(([id]) => id)).toEqual([2, 3, 1])
    for (const [, seq] of [...taken].reverse()) backlog.giveBack(seq)
    expect(take()[0]).toBe(2)
    expect(backlog.redelivered).toBe(true)
    expect(takeAll()).toEqual([3, 1, 4])
    expect(backlog.redelivered).toBe(false)
  })

  it.each([
    ['its head', false, [4, 1, 2, 3]],
    ['the oldest of the lowest level', true, [2, 3, 1, 4]],
  ])('parts with %s first, as its rules say', (_, dropsLowest, order) => {
    backlog = make(9, 0, dropsLowest)
    append([1, 5], [2, 1], [3, 1], [4, 9])
    const parted = []
    while (backlog.atHandLast()) {
      backlog.settle(backlog.takeLast(view))
      parted.push(view.copyBody()[0])
    }
    expect(parted).toEqual(order)
    expect(backlog.unacked).toBe(0)
  })

  it('counts octets, and knows when its head expires', () => {
    for (const [id, priority, bodyBytes] of [
      [7, 1, 10],
      [8, 5, 100],
    ] as const) {
      backlog.append(prioritised(id, priority, bodyBytes), true)
    }
    expect([backlog.readyBytes, backlog.headExpiresAt]).toEqual([110, 8])
    take()
    expect([backlog.readyBytes, backlog.headExpiresAt]).toEqual([10, 7])
    take()
    expect([backlog.readyBytes, backlog.headExpiresAt]).toEqual([0, 0])
  })

  it('purges all levels, and keeps what is out', () => {
    append([1, 5], [2, 1], [3, 9])
    const [, seq] = take()
    expect(backlog.purge()).toBe(2)
    expect([backlog.ready, backlog.unacked]).toEqual([0, 1])
    backlog.settle(seq)
    expect(backlog.unacked).toBe(0)
  })

  it('remembers what befell a message by its number', () => {
    const [seq = 0] = append([1, 5])
    take()
    const attempt = { failed: 2, acquired: 3, fate: 0, dueMs: 0 }
    backlog.note(seq, attempt)
    expect(backlog.attempt(seq)).toEqual(attempt)
    expect([backlog.holds(seq), backlog.canRead(seq)]).toEqual([true, true])
    backlog.read(seq, view)
    expect(view.copyBody()[0]).toBe(1)
    backlog.settle(seq)
    expect(backlog.holds(seq)).toBe(false)
  })

  it('tells who waits for a message when it is stored', async () => {
    const told: number[] = []
    const [low = 0, high = 0] = append([1, 1], [2, 9])
    const publisher = { settle: (tag: number) => told.push(tag) }
    expect([backlog.awaitStored(high, publisher, 2), backlog.awaitStored(low, publisher, 1)]).toEqual([true, true])
    await committer.flush()
    expect(told.sort()).toEqual([1, 2])
  })

  it('comes back from the store as it was, each level from its own log', async () => {
    append([1, 1], [2, 9], [3, 1], [4, 5])
    const [, seq] = take()
    backlog.note(seq, { failed: 1, acquired: 1, fate: 1, dueMs: 0 })
    backlog.mark()
    await committer.flush()
    backlog = make()
    for (const logId of await store.messages.queueIds()) {
      const log = backlog.log(logId)
      for await (const chunk of store.messages.recover(logId)) log.recover(chunk)
      const mark = await store.messages.mark(logId)
      log.recovered(mark?.headSeq ?? 0, mark?.nextSeq ?? 1)
    }
    // The one that is out is to leave the queue: it is not taken.
    expect([...backlog.aside]).toEqual([seq])
    expect(backlog.ready).toBe(3)
    await new Promise((resolve) => setImmediate(resolve))
    expect(takeAll()).toEqual([4, 1, 3])
  })

  it('forgets what is stored of it when it is deleted', async () => {
    append([1, 1], [2, 9])
    await committer.flush()
    backlog.delete()
    await committer.flush()
    expect(await store.messages.queueIds()).toEqual([])
  })
})
