// Durations in a histogram, and how exact its percentiles are.

import { Latencies } from '../../../src/cli/messages/latencies.ts'

describe('latencies', () => {
  it('have percentiles that are exact to a few in a hundred', () => {
    const latencies = new Latencies()
    for (let ms = 1; ms <= 1000; ms++) latencies.add(ms)
    for (const [share, ms] of [
      [0.5, 500],
      [0.95, 950],
      [0.99, 990],
      [1, 1000],
    ] as const) {
      expect(Math.abs(latencies.percentile(share) / ms - 1)).toBeLessThan(0.03)
    }
    expect(latencies.summary()).toMatchObject({ min: 1, mean: 500.5, max: 1000 })
  })

  it('are none without any', () => {
    expect(new Latencies().summary()).toBeNull()
  })
})
