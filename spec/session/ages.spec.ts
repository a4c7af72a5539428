// How old delivery tags are, from what was noted of them now and then.

import { Ages } from '../../src/session/ages.ts'

describe('the ages of deliveries', () => {
  let ages: Ages

  beforeEach(() => {
    ages = new Ages()
    for (const [time, tag] of [
      [10, 3],
      [20, 3],
      [30, 8],
      [40, 9],
    ] as const) {
      ages.note(time, tag)
    }
  })

  const lastAt = (...times: readonly number[]) => times.map((time) => ages.lastAt(time))

  it('are known from the first look after the delivery on', () => {
    expect(lastAt(9, 10, 29, 30, 39, 40, 1000)).toEqual([0, 3, 3, 8, 8, 9, 9])
    expect(new Ages().lastAt(1000)).toBe(0)
  })

  it('are forgotten below what is still out', () => {
    ages.forget(8)
    expect(lastAt(29, 30, 40)).toEqual([0, 8, 9])
    ages.forget(Number.POSITIVE_INFINITY)
    expect(lastAt(1000)).toEqual([0])
    ages.note(50, 9)
    expect(lastAt(49, 50)).toEqual([0, 9])
  })
})
