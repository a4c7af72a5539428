// The heap of returned messages against an array that is sorted.

import fc from 'fast-check'
import { Returned, ReturnedBehind, ReturnedInTurn, returnedSeqs } from '../../../src/broker/queue/returned.ts'
import { cases } from './trial/cases.ts'

describe('returned messages', () => {
  it('are none to begin with', () => {
    const returned = new Returned()
    expect([returned.size, returned.first, returned.pop(), returned.size]).toEqual([0, -1, -1, 0])
  })

  it('leave oldest first, whatever order they came in', () => {
    // A number: it comes back. null: one leaves.
    const steps = fc.array(fc.option(fc.nat(100), { freq: 3 }), { maxLength: 300, size: 'max' })
    const property = fc.property(steps, (steps) => {
      const returned = new Returned()
      const sorted: number[] = []
      const left: number[] = []
      const expected: number[] = []
      for (const seq of steps) {
        if (seq === null) {
          left.push(returned.first, returned.pop())
          const oldest = sorted.shift() ?? -1
          expected.push(oldest, oldest)
        } else if (!sorted.includes(seq)) {
          returned.push(seq)
          sorted.push(seq)
          sorted.sort((a, b) => a - b)
        }
      }
      expect(left).toEqual(expected)
      expect(returned.size).toBe(sorted.length)
      expect(sorted.map(() => returned.pop())).toEqual(sorted)
    })
    fc.assert(property, cases(500))
  })

  it('may be very many, in the order in which a channel gives them back', () => {
    const returned = new Returned()
    const many = 200_000
    for (let seq = 1; seq <= many; seq++) returned.push(seq)
    const wrong: number[] = []
    for (let seq = 1; seq <= many; seq++) if (returned.pop() !== seq) wrong.push(seq)
    expect(wrong).toEqual([])
  })

  it('have numbers as large as numbers get', () => {
    const returned = new Returned()
    const seqs = [Number.MAX_SAFE_INTEGER, 2 ** 32, 2 ** 31, 1]
    for (const seq of seqs) returned.push(seq)
    expect(seqs.map(() => returned.pop())).toEqual([...seqs].reverse())
  })
})

describe('messages returned in turn', () => {
  it('leave in the order they came in', () => {
    const returned = new ReturnedInTurn()
    expect([returned.size, returned.first, returned.pop()]).toEqual([0, -1, -1])
    const left: number[] = []
    const came: number[] = []
    for (let i = 0; i < 500; i++) {
      const seq = (i * 37) % 500
      returned.push(seq)
      came.push(seq)
      if (i % 3 > 0) left.push(returned.pop())
      if (returned.size > 0) expect(returned.first).toBe(came[left.length])
    }
    while (returned.size > 0) left.push(returned.pop())
    expect(left).toEqual(came)
  })
})

it.each([
  ['heap', () => new Returned()],
  ['row', () => new ReturnedInTurn()],
] as const)('any of a %s can be taken out', (_, make) => {
  const returned = make()
  for (const seq of [5, 3, 9, 1]) returned.push(seq)
  expect([returned.has(3), returned.has(2)]).toEqual([true, false])
  expect([returned.remove(3), returned.remove(3), returned.remove(2)]).toEqual([true, false, false])
  expect(returned.has(3)).toBe(false)
  const left: number[] = []
  for (let seq = returned.pop(); seq >= 0; seq = returned.pop()) left.push(seq)
  expect(left.sort()).toEqual([1, 5, 9])
})

it('whatever is taken out of a heap, the others leave oldest first', () => {
  const many = fc.uniqueArray(fc.nat(1000), { maxLength: 100 })
  const property = fc.property(many, fc.array(fc.nat(1000)), (seqs, taken) => {
    const returned = new Returned()
    for (const seq of seqs) returned.push(seq)
    const out = new Set([...taken, ...seqs.filter((_, at) => at % 3 === 0)])
    for (const seq of out) expect(returned.remove(seq)).toBe(seqs.includes(seq))
    const left = seqs.filter((seq) => !out.has(seq)).sort((a, b) => a - b)
    expect(left.map(() => returned.pop())).toEqual(left)
    expect(returned.size).toBe(0)
  })
  fc.assert(property, cases(500))
})

it.each([
  ['heap', () => new Returned()],
  ['row', () => new ReturnedInTurn()],
] as const)('of a %s very many are taken out in order without looking at all of them', (_, make) => {
  const returned = make()
  const many = 100_000
  for (let seq = 1; seq <= many; seq++) returned.push(seq)
  const wrong: number[] = []
  for (let seq = 1; seq <= many; seq++) if (!returned.has(seq) || !returned.remove(seq)) wrong.push(seq)
  expect(wrong).toEqual([])
})

describe('messages returned behind others', () => {
  it('leave as they do from a list to whose end they are added, and the lost ones before all', () => {
    const steps = fc.array(fc.constantFrom('publish', 'take', 'give back', 'lose'), { maxLength: 200, size: 'max' })
    const property = fc.property(steps, (steps) => {
      const place = { ready: 0, position: 1 }
      const returned = new ReturnedBehind(place)
      const list: number[] = []
      const lost: number[] = []
      const out: number[] = []
      let next = 1
      for (const step of steps) {
        if (step === 'publish') list.push(next++)
        else if (step === 'take' && place.ready > 0) {
          const expected = lost.shift() ?? (list.shift() as number)
          const first = returned.size > 0 ? returned.first : place.position
          expect([first, returned.size > 0 ? returned.pop() : place.position++]).toEqual([expected, expected])
          out.push(expected)
        } else if (out.length > 0 && step !== 'take') {
          const seq = out.shift() as number
          if (step === 'lose') lost.push(seq)
          else list.push(seq)
          returned.push(seq, step === 'lose' ? 0 : next)
        }
        place.ready = list.length + lost.length
      }
      const all = [...lost, ...list.filter((seq) => seq < place.position)]
      expect([...returned]).toEqual(all)
      expect(
        all.map((seq) => [returned.has(seq), returned.remove(seq), returned.has(seq), returned.remove(seq)]),
      ).toEqual(all.map(() => [true, true, false, false]))
      expect([returned.pop(), returned.size]).toEqual([-1, 0])
    })
    fc.assert(property, cases(500))
  })

  it('are made for those who ask for them, as the others are', () => {
    const place = { ready: 3, position: 4 }
    const order = (['in-order', 'in-turn', 'behind'] as const).map((leave) => {
      const returned = returnedSeqs(leave, place)
      for (const [seq, behind] of [
        [2, 4],
        [3, 0],
        [1, 4],
      ] as const)
        returned.push(seq, behind)
      return [1, 2, 3].map(() => returned.pop())
    })
    expect(order).toEqual([
      [1, 2, 3],
      [2, 3, 1],
      [3, 2, 1],
    ])
  })
})
