// What a quorum queue counts and what follows from it (behaviour.md §10), over a log in memory.

import { Message } from '../../../src/broker/message.ts'
import { Log } from '../../../src/broker/queue/log.ts'
import { Quorum } from '../../../src/broker/queue/quorum.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { type QueueSettings, settingsOf } from '../../../src/broker/queue/settings.ts'
import { table, toPlain } from '../../../src/protocol/field-table.ts'
import { decodeProperties } from '../../../src/protocol/properties.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { published } from '../../support/site.ts'

type PlainArguments = Parameters<typeof table>[0]

describe('a quorum queue', () => {
  let clock: ManualClock
  let log: Log
  let quorum: Quorum
  let given: number[]

  const settings = (args: PlainArguments = {}): QueueSettings =>
    settingsOf(table({ 'x-queue-type': 'quorum', ...args }))

  /** A message that a consumer has. */
  function taken(headers: PlainArguments = {}): number {
    log.append(published('', 'q', 'body', { headers: table(headers), priority: 2 }), true)
    log.atHand()
    return log.take(new Message())
  }

  /** What a consumer is shown of a message. */
  function shown(seq: number): unknown {
    const message = new Message()
    log.read(seq, message)
    quorum.annotate(seq, message)
    const { headers, priority } = decodeProperties(message.header, message.headerStart, message.headerEnd)
    expect([priority, message.copyBody().toString()]).toEqual([2, 'body'])
    return toPlain(headers ?? new Map())
  }

  beforeEach(() => {
    clock = new ManualClock(1000)
    const host = {
      memory: new SegmentMemory(0),
      read: () => Promise.resolve(null),
      lost: () => {},
      loaded: () => {},
    }
    log = new Log(3, null, host, 1, 'in-turn')
    given = []
    quorum = new Quorum(log, { clock, giveBack: (seq) => given.push(seq) })
  })

  it('lets go behind others what is given back, not what was lost, where the settings say so', () => {
    const behind = { ...settings(), requeuesBehind: true, deliveryLimit: 2 }
    const ends = (lost: boolean) => [false, true].map((failed) => quorum.comesBack(taken({}), failed, behind, lost))
    expect(ends(false)).toEqual(['behind', 'behind'])
    expect(ends(true)).toEqual(['ready', 'ready'])
    expect(quorum.comesBack(taken({}), true, { ...behind, deliveryLimit: 0 })).toBe('dies')
  })

  describe('shows consumers', () => {
    it('nothing of a first delivery', () => {
      expect(shown(taken({ a: 1 }))).toEqual({ a: 1 })
    })

    it('how often it was handed out, and how often that failed', () => {
      const seq = taken({ a: 1 })
      expect(quorum.comesBack(seq, false, settings())).toBe('ready')
      expect(shown(seq)).toEqual({ a: 1, 'x-acquired-count': 1 })
      quorum.comesBack(seq, true, settings())
      quorum.comesBack(seq, true, settings())
      expect(shown(seq)).toEqual({ a: 1, 'x-acquired-count': 3, 'x-delivery-count': 2 })
    })

    it('its own counts, whatever the publisher wrote', () => {
      const seq = taken({ 'x-delivery-count': 'many', 'x-acquired-count': 9 })
      quorum.comesBack(seq, true, settings())
      expect(shown(seq)).toEqual({ 'x-acquired-count': 1, 'x-delivery-count': 1 })
    })
  })

  describe('gives a message up', () => {
    it.each<[string, PlainArguments, number]>([
      ['after 21 deliveries', {}, 21],
      ['as the limit says', { 'x-delivery-limit': 3 }, 4],
      ['at the first failure where that is the limit', { 'x-delivery-limit': 0 }, 1],
    ])('%s', (_, args, deliveries) => {
      const seq = taken()
      const ends = Array.from({ length: deliveries }, () => quorum.comesBack(seq, true, settings(args)))
      expect(ends.slice(0, -1).every((end) => end === 'ready')).toBe(true)
      expect(ends.at(-1)).toBe('dies')
    })

    it('never for what is no failure, or where there is no limit', () => {
      const seq = taken()
      for (let i = 0; i < 50; i++) expect(quorum.comesBack(seq, false, settings())).toBe('ready')
      const unlimited = settings({ 'x-delivery-limit': -1 })
      for (let i = 0; i < 50; i++) expect(quorum.comesBack(seq, true, unlimited)).toBe('ready')
    })
  })

  describe('keeps what comes back away', () => {
    const retry = (type: string, args: PlainArguments = {}) =>
      settings({ 'x-delayed-retry-type': type, 'x-delayed-retry-min': 100, ...args })

    it.each([
      ['all', 'waits', 'waits'],
      ['failed', 'waits', 'ready'],
      ['returned', 'ready', 'waits'],
      ['disabled', 'ready', 'ready'],
    ])('as %s says', (type, failed, returned) => {
      expect(quorum.comesBack(taken(), true, retry(type))).toBe(failed)
      expect(quorum.comesBack(taken(), false, retry(type))).toBe(returned)
    })

    it('not at all where there is no time', () => {
      expect(quorum.comesBack(taken(), true, settings({ 'x-delayed-retry-type': 'all' }))).toBe('ready')
      expect(quorum.comesBack(taken(), true, retry('all', { 'x-delayed-retry-min': 0 }))).toBe('ready')
    })

    it('longer with each failure, up to the longest', () => {
      const seq = taken()
      const waits = [100, 200, 250, 250].map((ms) => {
        expect(quorum.comesBack(seq, true, retry('all', { 'x-delayed-retry-max': 250 }))).toBe('waits')
        expect(quorum.waiting).toBe(1)
        clock.advance(ms - 1)
        const early = given.splice(0)
        clock.advance(1)
        return [early, given.splice(0)]
      })
      expect(waits).toEqual(waits.map(() => [[], [seq]]))
      expect([quorum.waiting, shown(seq)]).toEqual([0, { 'x-acquired-count': 4, 'x-delivery-count': 4 }])
    })

    it('as long as the least where there is no longest, and where nothing failed', () => {
      const seq = taken()
      for (const failed of [true, true, false, false]) {
        quorum.comesBack(seq, failed, retry('all'))
        clock.advance(100)
      }
      expect(given).toEqual([seq, seq, seq, seq])
    })

    it('no more once it is gone, or the queue is', () => {
      const [one, two] = [taken(), taken()]
      quorum.comesBack(one, true, retry('all'))
      log.settle(one)
      clock.advance(100)
      quorum.comesBack(two, true, retry('all'))
      quorum.end()
      clock.advance(100)
      expect([given, quorum.waiting]).toEqual([[], 0])
    })
  })

  describe('that is recovered', () => {
    /** A log that knows of these messages, of which some are not in memory. */
    function recovered(dueMs: number, readable: () => boolean): Quorum {
      const attempt = { failed: 1, acquired: 1, fate: 0, dueMs }
      const notes = new Map([[7, attempt]])
      const aside = { [Symbol.iterator]: () => notes.keys() }
      const host = { clock, giveBack: (seq: number) => given.push(seq) }
      const fake = {
        attempt: () => notes.get(7) ?? attempt,
        note: (seq: number, noted: typeof attempt) => notes.set(seq, noted),
        holds: () => true,
        canRead: readable,
      }
      const again = new Quorum({ ...fake, aside } as unknown as Log, host)
      again.recovered()
      return again
    }

    it('goes on to wait for the time it waited for', () => {
      const again = recovered(1500, () => true)
      clock.advance(499)
      expect([given, again.waiting]).toEqual([[], 1])
      clock.advance(1)
      expect([given, again.waiting]).toEqual([[7], 0])
    })

    it('waits for a message to be read back whose time has come', () => {
      let readable = false
      const again = recovered(900, () => readable)
      clock.advance(0)
      again.loaded()
      expect([given, again.waiting]).toEqual([[], 1])
      readable = true
      again.loaded()
      expect([given, again.waiting]).toEqual([[7], 0])
    })
  })
})
