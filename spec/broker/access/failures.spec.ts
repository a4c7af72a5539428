// How often somebody may be wrong: tries that are taken, given back, and come back with time.

import { Failures } from '../../../src/broker/access/failures.ts'

let now: number
let failures: Failures

beforeEach(() => {
  now = 1_000_000
  failures = new Failures(() => now)
})

/** How many tries are left for a key; they are taken. */
function left(key: string, perMinute: number): number {
  let tries = 0
  while (failures.take(key, perMinute)) tries++
  return tries
}

describe('tries', () => {
  it('are as many as there may be in a minute, for each key its own', () => {
    expect([left('a', 20), left('b', 20), left('a', 20)]).toEqual([20, 20, 0])
  })

  it('come back one by one', () => {
    expect(left('a', 20)).toBe(20)
    expect(failures.waitMs('a', 20)).toBe(3000)
    now += 2999
    expect(left('a', 20)).toBe(0)
    now += 1
    expect(failures.waitMs('a', 20)).toBe(0)
    expect(left('a', 20)).toBe(1)
    now += 3_600_000
    expect(left('a', 20)).toBe(20)
  })

  it('are given back, and never more than there were', () => {
    failures.take('a', 2)
    for (let i = 0; i < 5; i++) failures.giveBack('a', 2)
    expect(left('a', 2)).toBe(2)
    failures.giveBack('a', 2)
    expect(left('a', 2)).toBe(1)
  })

  it('are any number with 0', () => {
    for (let i = 0; i < 1000; i++) expect(failures.take('a', 0)).toBe(true)
  })

  it('are not lost to a clock that goes back', () => {
    failures.take('a', 2)
    now -= 500_000
    expect(left('a', 2)).toBe(1)
  })

  it('are remembered for so many keys only, and longest where something was tried', () => {
    left('guesser', 20)
    for (let i = 0; i < 30_000; i++) failures.take(`${i}`, 0)
    for (let i = 0; i < 9_999; i++) {
      failures.take(`other ${i}`, 20)
      failures.giveBack(`other ${i}`, 20)
    }
    failures.take('one more', 20)
    expect(left('guesser', 20)).toBe(0)
  })
})
