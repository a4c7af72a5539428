// Dead letters that stay until they are stored elsewhere (behaviour.md §9.4, at-least-once), over a log in memory.

import type { DeathPublisher, Sent } from '../../../src/broker/dead-letters.ts'
import type { DeathReason } from '../../../src/broker/death.ts'
import { Message } from '../../../src/broker/message.ts'
import { AtLeastOnce } from '../../../src/broker/queue/at-least-once.ts'
import { Log } from '../../../src/broker/queue/log.ts'
import type { Outcome } from '../../../src/broker/queue/publisher.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { published } from '../../support/site.ts'

const RETRY_MS = 5000

describe('dead letters that are to arrive', () => {
  let clock: ManualClock
  let log: Log
  let dying: AtLeastOnce
  let sent: [body: string, reason: DeathReason][]
  /** What becomes of each, in order; stored where nothing is said. */
  let outcomes: Sent[]
  /** Queues beside that will answer later, for each that is pending. */
  let later: number

  function taken(...bodies: readonly string[]): readonly number[] {
    return bodies.map((body) => {
      log.append(published('', 'q', body), true)
      log.atHand()
      return log.take(new Message())
    })
  }

  const send = (message: Message, reason: DeathReason, publisher: DeathPublisher, seq: number): Sent => {
    sent.push([message.copyBody().toString(), reason])
    const outcome = outcomes.shift() ?? 'stored'
    if (outcome === 'pending') for (let i = 0; i < later; i++) publisher.expect(seq)
    return outcome
  }

  const held = (seqs: readonly number[]) => seqs.map((seq) => log.holds(seq))

  beforeEach(() => {
    clock = new ManualClock()
    const host = { memory: new SegmentMemory(0), read: () => Promise.resolve(null), lost: () => {}, loaded: () => {} }
    log = new Log(3, null, host)
    sent = []
    outcomes = []
    later = 1
    dying = new AtLeastOnce(log, { clock, send })
  })

  it('are sent at the end of the turn, in the order in which they died', () => {
    const [a, b] = taken('a', 'b') as [number, number]
    dying.die(b, 'expired')
    dying.die(a, 'rejected')
    expect([sent, dying.size]).toEqual([[], 2])
    clock.endTurn()
    expect(sent).toEqual([
      ['b', 'expired'],
      ['a', 'rejected'],
    ])
    expect([held([a, b]), dying.size]).toEqual([[false, false], 0])
  })

  it('are settled when the last of their queues has stored them', () => {
    const [a] = taken('a') as [number]
    outcomes = ['pending']
    later = 2
    dying.die(a, 'delivery_limit')
    clock.endTurn()
    dying.settle(a, 'stored')
    expect([held([a]), dying.size]).toEqual([[true], 1])
    dying.settle(a, 'stored')
    expect([held([a]), dying.size]).toEqual([[false], 0])
    // Nobody is told twice, but it would do no harm.
    dying.settle(a, 'stored')
    expect(dying.size).toBe(0)
  })

  it('are elsewhere from the time when all of their queues have them, unless one refuses', () => {
    const [a, b, c] = taken('a', 'b', 'c') as [number, number, number]
    outcomes = ['pending', 'pending', 'lost']
    later = 2
    for (const seq of [a, b, c]) dying.die(seq, 'rejected')
    const elsewhere = () => [a, b, c].map((seq) => dying.isElsewhere(seq))
    expect(elsewhere()).toEqual([false, false, false])
    clock.endTurn()
    expect(elsewhere()).toEqual([true, true, false])
    dying.settle(b, 'rejected')
    dying.settle(a, 'stored')
    expect(elsewhere()).toEqual([true, false, false])
    dying.settle(a, 'stored')
    expect([elsewhere(), held([a, b, c])]).toEqual([
      [false, false, false],
      [false, true, true],
    ])
  })

  it.each<Sent>(['rejected', 'unknown', 'lost'])('stay when they are %s, and are tried again later', (outcome) => {
    const seqs = taken('a', 'b')
    outcomes = [outcome]
    for (const seq of seqs) dying.die(seq, 'rejected')
    clock.endTurn()
    // Others need not wait for it.
    expect([sent.length, held(seqs), dying.size]).toEqual([2, [true, false], 1])
    clock.advance(RETRY_MS - 1)
    clock.endTurn()
    expect(sent).toHaveLength(2)
    clock.advance(1)
    clock.endTurn()
    expect([sent.length, held(seqs), dying.size, clock.timers]).toEqual([3, [false, false], 0, 0])
  })

  it.each<Outcome>(['rejected', 'unknown'])('stay when one of their queues says %s later', (outcome) => {
    const [a] = taken('a') as [number]
    outcomes = ['pending']
    later = 2
    dying.die(a, 'rejected')
    clock.endTurn()
    dying.settle(a, outcome)
    dying.settle(a, 'stored')
    expect([held([a]), dying.size]).toEqual([[true], 1])
    clock.advance(RETRY_MS)
    clock.endTurn()
    expect([sent.length, held([a])]).toEqual([2, [false]])
  })

  it('are given up where they would turn in a circle', () => {
    const [a] = taken('a') as [number]
    outcomes = ['dropped']
    dying.die(a, 'expired')
    clock.endTurn()
    expect(held([a])).toEqual([false])
  })

  it('are on their way 32 at a time', () => {
    const seqs = taken(...Array.from({ length: 40 }, (_, i) => `${i}`))
    outcomes = seqs.map(() => 'pending')
    for (const seq of seqs) dying.die(seq, 'rejected')
    clock.endTurn()
    expect([sent.length, dying.size]).toEqual([32, 40])
    for (const seq of seqs.slice(0, 5)) dying.settle(seq, 'stored')
    clock.endTurn()
    expect([sent.length, dying.size]).toEqual([37, 35])
  })

  it('rest 32 at a time, and hold up those behind them then', () => {
    const seqs = taken(...Array.from({ length: 40 }, (_, i) => `${i}`))
    outcomes = seqs.slice(0, 32).map(() => 'lost')
    for (const seq of seqs) dying.die(seq, 'rejected')
    clock.endTurn()
    expect([sent.length, dying.size]).toEqual([32, 40])
    clock.advance(RETRY_MS)
    clock.endTurn()
    clock.endTurn()
    expect([sent.length, dying.size]).toEqual([72, 0])
    expect(sent.slice(32).map(([body]) => Number(body))).toEqual(seqs.map((_, i) => i))
  })

  it('are forgotten with what they are of: a purge takes both', () => {
    const [a, b] = taken('a', 'b') as [number, number]
    dying.die(a, 'rejected')
    dying.die(b, 'rejected')
    log.settle(a)
    clock.endTurn()
    expect(sent).toEqual([['b', 'rejected']])
  })

  it('end with their queue', () => {
    const [a, b] = taken('a', 'b') as [number, number]
    outcomes = ['pending', 'lost']
    for (const seq of [a, b]) dying.die(seq, 'rejected')
    clock.endTurn()
    dying.end()
    dying.settle(a, 'stored')
    clock.advance(RETRY_MS)
    clock.endTurn()
    expect([sent.length, clock.timers]).toEqual([2, 0])
  })

  describe('after a restart', () => {
    it('are sent once they are read back, and others that stand aside are not', () => {
      const fates = new Map([
        [4, 0],
        [5, 3],
      ])
      let readable = false
      const settle = jest.fn()
      const fake = {
        aside: { [Symbol.iterator]: () => fates.keys() },
        attempt: (seq: number) => ({ fate: fates.get(seq) }),
        holds: () => true,
        canRead: () => readable,
        read: (_seq: number, into: Message) => into.view(published('', 'q', 'a')),
        settle,
      }
      const again = new AtLeastOnce(fake as unknown as Log, { clock, send })
      again.recovered()
      clock.endTurn()
      expect([sent, again.size]).toEqual([[], 1])
      readable = true
      again.loaded()
      clock.endTurn()
      expect([sent, settle.mock.calls, again.size]).toEqual([[['a', 'maxlen']], [[5]], 0])
    })
  })
})
