// Whose turn it is, against the same written slowly (trial/round-robin.ts).

import fc from 'fast-check'
import type { Consumer } from '../../../src/broker/consumer.ts'
import { ClassicQueue } from '../../../src/broker/queue/classic.ts'
import { Dispatch } from '../../../src/broker/queue/dispatch.ts'
import { SegmentMemory } from '../../../src/broker/queue/segment-memory.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { cases } from './trial/cases.ts'
import { Mailbox } from './trial/mailbox.ts'
import { RoundRobin } from './trial/round-robin.ts'

const queue = new ClassicQueue(
  { id: 1, name: 'q', vhost: '/', durable: false, autoDelete: false, owner: null, arguments: new Map() },
  {
    ...{ clock: new ManualClock(), committer: null, memory: new SegmentMemory(0), unused: () => {} },
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

  function add(tag: string, noAck = false): Consumer {
    const consumer = mailbox.consumer(queue, { tag, noAck })
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

  it('passes over who has no room, and asks it last when it is woken', () => {
    const [, b] = ['a', 'b', 'c'].map((tag) => add(tag))
    mailbox.full.add(b as Consumer)
    expect(turns(3)).toEqual(['a', 'c', 'a'])
    expect(b?.parked).toBe(true)
    mailbox.full.clear()
    expect(dispatch.wake(b as Consumer)).toBe(true)
    expect(turns(4)).toEqual(['c', 'a', 'b', 'c'])
  })

  it('does not ask who was woken without having room, nor wake who is not asleep', () => {
    const [a] = [add('a')]
    mailbox.full.add(a)
    expect(turns(1)).toEqual([null])
    expect(dispatch.waiting).toBe(false)
    expect(dispatch.wake(a)).toBe(false)
    mailbox.full.clear()
    expect([dispatch.wake(a), dispatch.wake(a)]).toEqual([true, false])
  })

  it('forgets who is removed, asleep or not, and whoever it was the turn of', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((tag) => add(tag)) as [Consumer, Consumer, Consumer, Consumer]
    mailbox.full.add(b)
    turns(2)
    dispatch.remove(b)
    expect([dispatch.size, b.parked, dispatch.has(b), dispatch.wake(b)]).toEqual([3, false, false, false])
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
      const added = add(`${who}`, who % 2 === 0)
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
    else if (step === 'wake') return [dispatch.wake(consumer), model.wake(consumer, hasRoom)]
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
