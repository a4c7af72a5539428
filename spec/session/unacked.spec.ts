// The ring of unsettled deliveries: its rules one by one (behaviour.md §7.6), then all of them at once, in any order,
// against a map that does the same the slow way.

import fc from 'fast-check'
import type { Queue } from '../../src/broker/queue/queue.ts'
import { type Delivery, Unacked } from '../../src/session/unacked.ts'
import { cases } from '../support/arbitraries.ts'

const queueNamed = (name: string): Queue => ({ name }) as Queue
const queue = queueNamed('q')

/** A ring that holds these tags; the sequence of each is ten times its tag. */
function ringOf(...tags: readonly number[]): Unacked {
  const ring = new Unacked()
  for (const tag of tags) ring.add(tag, queue, null, tag * 10)
  return ring
}

/** The tags that `take` hands to its taker. */
function taken(take: (taker: (tag: number) => void) => unknown): readonly number[] {
  const tags: number[] = []
  take((tag) => tags.push(tag))
  return tags
}

describe('unacked deliveries', () => {
  it('hand out what was noted with the tag', () => {
    const ring = new Unacked()
    const consumer = { tag: 'c' } as never
    ring.add(1, queue, null, 10)
    ring.add(2, queueNamed('r'), consumer, 20)
    const heard: unknown[] = []
    ring.take(2, (...delivery) => heard.push(delivery))
    expect(heard).toEqual([[2, { name: 'r' }, consumer, 20]])
    expect(ring.size).toBe(1)
  })

  it('can be looked at, and held by somebody else, without being taken', () => {
    const ring = ringOf(1, 2, 3)
    expect(new Unacked().oldest).toBe(Number.POSITIVE_INFINITY)
    ring.take(2, () => {})
    expect(taken((visit) => ring.each(visit))).toEqual([1, 3])
    ring.exchange(3, () => queueNamed('other'))
    const holders: unknown[] = []
    ring.each((_tag, holder) => holders.push(holder))
    expect([holders, ring.size, ring.oldest]).toEqual([[queue, { name: 'other' }], 2, 1])
    ring.take(1, () => {})
    expect(ring.oldest).toBe(3)
  })

  it('are settled once', () => {
    const ring = ringOf(1, 2, 3)
    expect(taken((taker) => ring.take(2, taker))).toEqual([2])
    expect(ring.take(2, () => {})).toBe(false)
    expect(ring.takeUpTo(2, () => {})).toBe(false)
    expect(ring.size).toBe(2)
  })

  it('are not there below the oldest, above the newest, and in an empty ring', () => {
    const ring = ringOf(5, 6)
    for (const tag of [0, 4, 7, Number.MAX_SAFE_INTEGER]) expect(ring.take(tag, () => {})).toBe(false)
    expect(new Unacked().take(1, () => {})).toBe(false)
    expect(new Unacked().takeUpTo(1, () => {})).toBe(false)
  })

  it('are settled oldest first up to a tag, which has to be outstanding itself', () => {
    const ring = ringOf(1, 2, 3, 4)
    ring.take(2, () => {})
    expect(taken((taker) => ring.takeUpTo(3, taker))).toEqual([1, 3])
    expect(taken((taker) => ring.takeUpTo(5, taker))).toEqual([])
    expect(taken((taker) => ring.takeAll(taker))).toEqual([4])
    expect(ring.size).toBe(0)
  })

  it('may become more while they are taken, for what dies may come back to the same channel: those stay', () => {
    for (const { settle, heard } of [
      { settle: (ring: Unacked, taker: (tag: number) => void) => ring.takeUpTo(13, taker), heard: 13 },
      { settle: (ring: Unacked, taker: (tag: number) => void) => ring.takeAll(taker), heard: 14 },
    ]) {
      const ring = ringOf(...Array.from({ length: 14 }, (_, index) => index + 1))
      let last = 14
      const tags: number[] = []
      settle(ring, (tag) => {
        tags.push(tag)
        ring.add(++last, queue, null, 0)
      })
      expect(tags).toEqual(Array.from({ length: heard }, (_, index) => index + 1))
      expect([ring.size, ring.oldest]).toEqual([14, heard + 1])
    }
  })

  it('may have gaps between their tags, as no-ack deliveries leave them', () => {
    const ring = ringOf(1, 4, 5, 9, 20)
    for (const tag of [2, 3, 6, 19]) expect(ring.take(tag, () => {})).toBe(false)
    expect(taken((taker) => ring.take(9, taker))).toEqual([9])
    expect(taken((taker) => ring.takeUpTo(20, taker))).toEqual([1, 4, 5, 20])
  })

  it('go back under their old tags, among those that stayed', () => {
    const ring = ringOf(1, 2, 3, 4)
    const back: Delivery[] = []
    for (const tag of [3, 1]) ring.take(tag, (tag, queue, consumer, seq) => back.push({ tag, queue, consumer, seq }))
    ring.restore(back)
    expect(taken((taker) => ring.takeAll(taker))).toEqual([1, 2, 3, 4])
  })

  it('keep only what is unsettled when one old delivery stays out for long', () => {
    const ring = ringOf(1)
    for (let tag = 2; tag <= 5000; tag++) {
      ring.add(tag, queue, null, tag)
      ring.take(tag, () => {})
    }
    expect(taken((taker) => ring.takeUpTo(1, taker))).toEqual([1])
    expect(ring.size).toBe(0)
  })
})

/** One thing done to the ring; numbers are taken modulo what there is. */
type Step =
  | { readonly does: 'deliver'; readonly skip: number }
  | { readonly does: 'take' | 'takeUpTo'; readonly tag: number }
  | { readonly does: 'takeAll' | 'hold' | 'restore' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('deliver' as const), skip: fc.constantFrom(0, 0, 0, 1, 3) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('take' as const), tag: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('takeUpTo' as const), tag: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('takeAll' as const, 'hold', 'restore') }) },
)

/** The ring, a map that does the same, and what a transaction would hold. */
class Pair {
  readonly ring = new Unacked()
  readonly map = new Map<number, number>()
  held: Delivery[] = []
  next = 1

  do(step: Step): void {
    switch (step.does) {
      case 'deliver':
        this.next += step.skip
        this.ring.add(this.next, queue, null, this.next * 10)
        this.map.set(this.next, this.next * 10)
        this.next++
        break
      case 'take':
        this.#compare(this.map.has(step.tag) ? [step.tag] : [], (taker) => this.ring.take(step.tag, taker))
        break
      case 'takeUpTo':
        this.#compare(this.map.has(step.tag) ? this.#upTo(step.tag) : [], (taker) =>
          this.ring.takeUpTo(step.tag, taker),
        )
        break
      case 'takeAll':
        this.#compare(this.#upTo(Infinity), (taker) => this.ring.takeAll(taker))
        break
      case 'hold':
        this.ring.takeAll((tag, queue, consumer, seq) => this.held.push({ tag, queue, consumer, seq }))
        this.map.clear()
        break
      default:
        this.ring.restore(this.held)
        for (const { tag, seq } of this.held) this.map.set(tag, seq)
        this.held = []
    }
    if (this.ring.size !== this.map.size) throw new Error(`${this.ring.size} outstanding instead of ${this.map.size}`)
  }

  #upTo(last: number): readonly number[] {
    return [...this.map.keys()].filter((tag) => tag <= last).sort((a, b) => a - b)
  }

  #compare(wanted: readonly number[], take: (taker: Parameters<Unacked['takeAll']>[0]) => unknown): void {
    const got: number[] = []
    take((tag, from, _consumer, seq) => got.push(from === queue && seq === tag * 10 ? tag : -tag))
    if (got.join() !== wanted.join()) throw new Error(`took ${got} instead of ${wanted}`)
    for (const tag of wanted) this.map.delete(tag)
  }
}

describe('unacked deliveries and a plain map', () => {
  it('agree, whatever is delivered, settled, held and restored', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const pair = new Pair()
        for (const each of steps) pair.do(each)
        pair.do({ does: 'takeAll' })
      }),
      cases(500),
    )
  })

  it('agree when the ring wraps around many times', () => {
    const pair = new Pair()
    for (let round = 1; round <= 200; round++) {
      for (let i = 0; i < 7; i++) pair.do({ does: 'deliver', skip: 0 })
      pair.do({ does: 'takeUpTo', tag: round * 7 - 3 })
      if (round % 5 === 0) pair.do({ does: 'take', tag: round * 7 - 1 })
    }
  })
})
