// Chance that comes out the same each time.

import { seeded } from '../../../src/testing/faults/chance.ts'

describe('seeded chance', () => {
  it('is the same for the same seed, and another for another', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seeded(seed))
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  it('is spread evenly from 0 up to 1', () => {
    const random = seeded(1)
    const drawn = Array.from({ length: 10_000 }, random)
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...drawn)).toBeLessThan(1)
    expect(drawn.filter((number) => number < 0.1).length / 1000).toBeCloseTo(1, 0)
  })
})
