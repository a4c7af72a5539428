// Whose turn it is, against the same written slowly (trial/round-robin.ts).

import fc from 'fast-check'
import type { Consumer } from '../../../src/broker/consumer.ts'
import { ClassicQueue } from '../../../src/broker/queue/classic.ts'
import { Dispatch } from '../../../src/broker/queue/dispatch.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { SingleActive } from '../../../src/broker/queue/single-active.ts'
import { table } from '../../../src/protocol/field-table.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { cases } from './trial/cases.ts'
import { deadEnd } from './trial/dead-end.ts'
import { Mailbox } from './trial/mailbox.ts'
import { RoundRobin } from './trial/round-robin.ts'

const queue = new ClassicQueue(
  { id: 1, name: 'q', vhost: '/', durable: false, autoDelete: false, owner: null, arguments: new Map() },
  {
    ...{ clock: new ManualClock(), committer: null, memory: new SegmentMemory(0), unused: () => {} },
    deadLetters: deadEnd(new ManualClock()),
    readChunk: () => Promise.resolve(null),
    chunkLost: () => {},
  },
)

describe('dispatch', () => {
  let dispatch: Dispatch
  let mailbox: Mailbox

  beforeEach(() => {
    dispatch = new Dispatch()
    mailbox = new Mailbox()
  })

  function add(tag: string, noAck = false, priority = 0): Consumer {
    const consumer = mailbox.consumer(queue, { tag, noAck, arguments: table({ 'x-priority': priority }) })
    dispatch.add(consumer)
    return consumer
  }

  const turns = (count: number) => Array.from({ length: count }, () => dispatch.next()?.tag ?? null)

  it('knows nobody to begin with', () => {
    expect([dispatch.size, dispatch.waiting, dispatch.next(), dispatch.nextNoAck()]).toEqual([0, false, null, null])
  })

  it('asks one after the other, in the order in which they came', () => {
    for (const tag of ['a', 'b', 'c']) add(tag)
    expect(turns(7)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a'])
  })

  it('asks a newcomer when all others have had their turn', () => {
    for (const tag of ['a', 'b']) add(tag)
    turns(1)
    add('c')
    expect(turns(4)).toEqual(['b', 'a', 'c', 'b'])
  })

  it('passes over who has no room, and asks it first when it is woken: its turn was longest ago', () => {
    const [, b] = ['a', 'b', 'c'].map((tag) => add(tag))
    mailbox.full.add(b as Consumer)
    expect(turns(3)).toEqual(['a', 'c', 'a'])
    expect(b?.parked).toBe(true)
    mailbox.full.clear()
    dispatch.wake(b as Consumer)
    expect(b?.parked).toBe(false)
    expect(turns(4)).toEqual(['b', 'c', 'a', 'b'])
  })

  it('asks those who were woken in the order of their last turns, whatever order they wake in', () => {
    const [a, b, d] = [add('a'), add('b'), add('c') && add('d')]
    for (const consumer of [a, b, d]) mailbox.full.add(consumer)
    expect(turns(2)).toEqual(['c', 'c'])
    mailbox.full.clear()
    for (const consumer of [d, a, b]) dispatch.wake(consumer)
    expect(turns(5)).toEqual(['a', 'b', 'd', 'c', 'a'])
  })

  it('does not ask who was woken without having room, nor wake who is not asleep', () => {
    const [a] = [add('a')]
    mailbox.full.add(a)
    expect(turns(1)).toEqual([null])
    expect(dispatch.waiting).toBe(false)
    dispatch.wake(a)
    expect(dispatch.waiting).toBe(false)
    mailbox.full.clear()
    for (let i = 0; i < 2; i++) dispatch.wake(a)
    expect([dispatch.waiting, a.parked]).toEqual([true, false])
    expect(turns(2)).toEqual(['a', 'a'])
  })

  it('forgets who is removed, asleep or not, and whoever it was the turn of', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((tag) => add(tag)) as [Consumer, Consumer, Consumer, Consumer]
    mailbox.full.add(b)
    turns(2)
    dispatch.remove(b)
    dispatch.wake(b)
    expect([dispatch.size, b.parked, dispatch.has(b)]).toEqual([3, false, false])
    dispatch.remove(d)
    expect(turns(3)).toEqual(['a', 'c', 'a'])
    dispatch.remove(a)
    dispatch.remove(a)
    dispatch.remove(c)
    expect([dispatch.size, dispatch.waiting, dispatch.next()]).toEqual([0, false, null])
  })

  it('lists its consumers in the order in which they came', () => {
    for (const tag of ['a', 'b', 'c']) add(tag)
    turns(2)
    expect([...dispatch].map(({ tag }) => tag)).toEqual(['a', 'b', 'c'])
  })

  it('gives the turn to one that will not ack only if it is its turn', () => {
    const [a, b, c] = [add('a', true), add('b'), add('c', true)]
    expect(dispatch.nextNoAck()).toBe(a)
    expect(dispatch.nextNoAck()).toBeNull()
    expect(dispatch.next()).toBe(b)
    mailbox.full.add(c)
    expect(dispatch.nextNoAck()).toBe(a)
    expect(c.parked).toBe(true)
  })

  describe('with priorities (§7.2)', () => {
    it('asks the highest of those that have room, in turn', () => {
      const [low, a, b] = [add('low', false, -1), add('a', false, 5), add('b', false, 5)]
      add('middle')
      expect(turns(3)).toEqual(['a', 'b', 'a'])
      for (const consumer of [a, b]) mailbox.full.add(consumer)
      expect(turns(2)).toEqual(['middle', 'middle'])
      mailbox.full.clear()
      dispatch.wake(a)
      expect(turns(2)).toEqual(['a', 'a'])
      for (const consumer of [a, b]) dispatch.remove(consumer)
      expect([...turns(1), dispatch.size]).toEqual(['middle', 2])
      dispatch.remove(low)
      expect([...turns(1), dispatch.waiting]).toEqual(['middle', true])
    })

    it('takes an integer of any width and sign', () => {
      const tags = [
        { tag: 'b', value: -128 },
        { tag: 'l', value: -(2n ** 63n) },
        { tag: 'L', value: 2n ** 63n - 1n },
        { tag: 'u', value: 65_535 },
      ] as const
      for (const value of tags) {
        dispatch.add(mailbox.consumer(queue, { tag: value.tag, arguments: new Map([['x-priority', value]]) }))
      }
      const order = tags.map(() => {
        const next = dispatch.next() as Consumer
        dispatch.remove(next)
        return next.tag
      })
      expect(order).toEqual(['L', 'u', 'b', 'l'])
    })

    it('gives the turn to one that will not ack only if none of higher priority acks', () => {
      add('low', true, 1)
      const acks = add('acks', false, 2)
      expect(dispatch.nextNoAck()).toBeNull()
      mailbox.full.add(acks)
      dispatch.next()
      expect(dispatch.nextNoAck()?.tag).toBe('low')
    })
  })

  describe('with a single active consumer (§7.2)', () => {
    it('asks the one that came first, and the next of them when it has gone', () => {
      dispatch = new Dispatch(new SingleActive(false))
      const [a] = [add('a'), add('b', false, 9), add('c')]
      expect(turns(2)).toEqual(['a', 'a'])
      dispatch.remove(a)
      expect([...turns(2), dispatch.size]).toEqual(['b', 'b', 2])
    })

    it('asks nobody while the one has no room', () => {
      dispatch = new Dispatch(new SingleActive(false))
      const [a, b] = [add('a'), add('b')]
      mailbox.full.add(a)
      expect([...turns(1), dispatch.waiting]).toEqual([null, false])
      dispatch.wake(b)
      expect(dispatch.waiting).toBe(false)
      mailbox.full.clear()
      dispatch.wake(a)
      expect(turns(2)).toEqual(['a', 'a'])
      mailbox.full.add(a)
      turns(1)
      dispatch.remove(a)
      expect(turns(1)).toEqual(['b'])
    })

    it('lets one of higher priority take over on a quorum queue, once the one before has nothing outstanding', () => {
      dispatch = new Dispatch(new SingleActive(true))
      const a = add('a')
      a.unacked = 1
      const b = add('b', false, 1)
      expect([...turns(1), a.parked]).toEqual([null, true])
      dispatch.wake(a)
      expect(turns(1)).toEqual([null])
      a.unacked = 0
      dispatch.wake(a)
      expect([...turns(1), a.parked]).toEqual(['b', false])
      add('c', false, 1)
      dispatch.remove(b)
      expect(turns(1)).toEqual(['c'])
    })

    it('goes on with the one that was to finish when the higher one goes first', () => {
      dispatch = new Dispatch(new SingleActive(true))
      const a = add('a')
      a.unacked = 1
      const b = add('b', false, 1)
      dispatch.remove(b)
      expect([...turns(2), a.parked]).toEqual(['a', 'a', false])
      add('c', false, 1)
      dispatch.remove(a)
      expect([...turns(1), a.parked]).toEqual(['c', false])
    })
  })

  type Step = {
    readonly step: 'add' | 'remove' | 'fill' | 'free' | 'wake' | 'next' | 'nextNoAck'
    readonly who: number
  }
  const step: fc.Arbitrary<Step> = fc.record({
    step: fc.constantFrom('add', 'remove', 'fill', 'free', 'wake', 'wake', 'next', 'next', 'next', 'nextNoAck'),
    who: fc.nat(5),
  })

  /** Takes a step on both sides; returns what each of them says. */
  function take({ step, who }: Step, consumers: (Consumer | null)[], model: RoundRobin): readonly unknown[] {
    const consumer = consumers[who] ?? null
    const hasRoom = (other: Consumer) => !mailbox.full.has(other)
    if (step === 'next') return [dispatch.next(), model.next(hasRoom, () => true)]
    if (step === 'nextNoAck') return [dispatch.nextNoAck(), model.next(hasRoom, ({ noAck }) => noAck)]
    if (step === 'add' && consumer === null) {
      const added = add(`${who}`, who % 2 === 0, (who % 3) - 1)
      model.add(added)
      consumers[who] = added
    }
    if (consumer === null) return [0, 0]
    if (step === 'remove') {
      dispatch.remove(consumer)
      model.remove(consumer)
      consumers[who] = null
    } else if (step === 'fill') mailbox.full.add(consumer)
    else if (step === 'free') mailbox.full.delete(consumer)
    else if (step === 'wake') {
      dispatch.wake(consumer)
      model.wake(consumer, hasRoom)
    }
    return [dispatch.waiting, model.waiting]
  }

  it('gives turns as a list of consumers does', () => {
    const property = fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      dispatch = new Dispatch()
      mailbox = new Mailbox()
      const model = new RoundRobin()
      const consumers: (Consumer | null)[] = []
      const said = steps.map((step) => take(step, consumers, model))
      expect(said.filter(([real, expected]) => real !== expected)).toEqual([])
    })
    fc.assert(property, cases(1500))
  })
})
