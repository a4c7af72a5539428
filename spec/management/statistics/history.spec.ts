// The past of numbers: what is remembered of them, and for how long.

import { History, TICKS } from '../../../src/management/statistics/history.ts'

describe('a history', () => {
  it('knows values from its first tick on, and none before', () => {
    const history = new History(3, [10, 20])
    history.record(4, [11, 20])
    history.record(5, [15, 21])
    expect([2, 3, 4, 5].map((tick) => history.at(tick, 0))).toEqual([0, 10, 11, 15])
    expect([2, 3, 4, 5].map((tick) => history.at(tick, 1))).toEqual([0, 20, 20, 21])
  })

  it('remembers the last ticks, also where a value changes late', () => {
    const history = new History(0, [7])
    for (let tick = 1; tick < 3 * TICKS; tick++) history.record(tick, [tick < 2 * TICKS ? 7 : tick])
    const last = 3 * TICKS - 1
    expect([last, last - 1, last - TICKS + 1].map((tick) => history.at(tick, 0))).toEqual([last, last - 1, 2 * TICKS])
  })

  it('knows when a value was found changed last', () => {
    const history = new History(0, [7, 8], 100)
    history.record(1, [7, 8], 200)
    expect([history.changedAt, history.differs(1, [7, 8]), history.differs(1, [7, 9])]).toEqual([100, false, true])
    history.record(2, [7, 9], 300)
    history.record(3, [7, 9], 400)
    expect(history.changedAt).toBe(300)
  })
})
