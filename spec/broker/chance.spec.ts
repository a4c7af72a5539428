// Numbers from octets: within their limit, evenly, and few questions for octets.

import { chanceOf } from '../../src/broker/chance.ts'
import { seededRandom } from '../support/site.ts'

describe('chance', () => {
  it('gives whole numbers below the limit, each about as often', () => {
    const chance = chanceOf(octets())
    const counts = Array.from({ length: 5 }, () => 0)
    for (let i = 0; i < 10_000; i += 1) {
      const drawn = chance(5)
      counts[drawn] = (counts[drawn] ?? 0) + 1
    }
    expect(counts).toHaveLength(5)
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200)
  })

  it('asks for octets once in many numbers', () => {
    const random = jest.fn(octets())
    const chance = chanceOf(random)
    for (let i = 0; i < 512; i += 1) chance(2)
    expect(random).toHaveBeenCalledTimes(2)
  })

  it('has nothing to choose among none', () => expect(chanceOf(octets())(0)).toBe(0))
})

/** As many octets as are asked for, the same in every run. */
function octets(): (count: number) => Buffer {
  const random = seededRandom()
  return (count) => Buffer.concat(Array.from({ length: Math.ceil(count / 64) }, () => random(64))).subarray(0, count)
}
