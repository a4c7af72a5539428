// The agenda against a sorted list.

import fc from 'fast-check'
import { Agenda } from '../../src/broker/agenda.ts'
import { cases } from '../support/arbitraries.ts'

describe('an agenda', () => {
  it('has nothing first while it is empty', () => {
    const agenda = new Agenda()
    agenda.shift()
    expect([agenda.size, agenda.time, agenda.first]).toEqual([0, Number.POSITIVE_INFINITY, -1])
  })

  it('gives numbers by time, and by number at one time, whatever order they came in', () => {
    const steps = fc.array(fc.oneof(fc.nat(8), fc.constant(null)), { maxLength: 60 })
    fc.assert(
      fc.property(steps, (steps) => {
        const agenda = new Agenda()
        const sorted: (readonly [time: number, number: number])[] = []
        for (const [number, time] of steps.entries()) {
          if (time === null) {
            sorted.shift()
            agenda.shift()
          } else {
            agenda.add(time, number)
            sorted.push([time, number])
            sorted.sort(([a, i], [b, j]) => a - b || i - j)
          }
          const [first] = sorted
          expect([agenda.time, agenda.first]).toEqual(first ? [...first] : [Number.POSITIVE_INFINITY, -1])
          expect(agenda.size).toBe(sorted.length)
        }
      }),
      cases(500),
    )
  })

  it('is empty when it is cleared', () => {
    const agenda = new Agenda()
    for (const number of [1, 2, 3]) agenda.add(9 - number, number)
    agenda.clear()
    expect([agenda.size, agenda.first]).toEqual([0, -1])
  })
})
