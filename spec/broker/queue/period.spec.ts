// Periods as people write them for streams.

import { checkBeginning, periodMs } from '../../../src/broker/queue/period.ts'

describe('a period', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['7D', 604_800_000],
    ['1M', 2_592_000_000],
    ['2Y', 63_072_000_000],
    ['0s', 0],
  ])('of %s has %i milliseconds', (text, ms) => {
    expect(periodMs(text)).toBe(ms)
  })

  it.each(['', '5', 's', '1w', '-1s', '1.5h', '1s ', '1S'])('is not %j', (text) => {
    expect(periodMs(text)).toBeNull()
  })
})

it('has to begin with a digit where RabbitMQ failed at others', () => {
  for (const text of ['5', '5x', '7D']) expect(() => checkBeginning(text)).not.toThrow()
  for (const text of ['', 'x', '-1s'])
    expect(() => checkBeginning(text)).toThrow(expect.objectContaining({ code: 541 }))
})
