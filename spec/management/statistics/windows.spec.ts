// What a query asks to see of the past.

import { NO_WINDOWS, windowsOf } from '../../../src/management/statistics/windows.ts'

describe('windows', () => {
  it('are none where nothing is asked for, or only half of it', () => {
    expect(windowsOf({})).toEqual(NO_WINDOWS)
    expect(windowsOf({ lengths_age: '60' })).toEqual(NO_WINDOWS)
  })

  it('are in milliseconds, each by its own name', () => {
    const query = { lengths_age: '60', lengths_incr: '5', msg_rates_age: '600', msg_rates_incr: '30' }
    expect(windowsOf(query)).toEqual({
      ...NO_WINDOWS,
      lengths: { ageMs: 60_000, incrementMs: 5000 },
      rates: { ageMs: 600_000, incrementMs: 30_000 },
    })
  })

  it.each([
    ['0', '5'],
    ['60', '0'],
    ['5', '60'],
    ['x', '5'],
    ['-60', '-5'],
  ])('cannot be of age %s in steps of %s', (data_rates_age, data_rates_incr) => {
    expect(() => windowsOf({ data_rates_age, data_rates_incr })).toThrow(
      /^data_rates_age and data_rates_incr: expected/,
    )
  })
})
