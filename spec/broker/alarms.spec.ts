// Resource alarms: which are on, in RabbitMQ's words (behaviour.md §2.10), and who hears of their end.

import { type AlarmListener, Alarms } from '../../src/broker/alarms.ts'

const counting = (): AlarmListener & { told: number } => ({
  told: 0,
  alarmsEnded() {
    this.told++
  },
})

describe('alarms', () => {
  it('are off to begin with', () => {
    expect(new Alarms().on).toBe(false)
  })

  it.each([
    [['memory'], 'low on memory'],
    [['disk'], 'low on disk'],
    [['store'], 'low on disk'],
    [['disk', 'store'], 'low on disk'],
    [['memory', 'disk'], 'low on disk & memory'],
  ] as const)('say of %j: %s', (resources, reason) => {
    const alarms = new Alarms()
    for (const resource of resources) alarms.raise(resource)
    expect(alarms.reason).toBe(reason)
  })

  it('say whether raising or clearing changed anything', () => {
    const alarms = new Alarms()
    expect([alarms.raise('disk'), alarms.raise('disk'), alarms.clear('disk'), alarms.clear('disk')]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  it('tell those who wait once, when the last one has ended', () => {
    const alarms = new Alarms()
    const listener = counting()
    alarms.raise('disk')
    alarms.raise('memory')
    alarms.await(listener)
    alarms.clear('disk')
    expect(listener.told).toBe(0)
    alarms.clear('memory')
    alarms.raise('disk')
    alarms.clear('disk')
    expect(listener.told).toBe(1)
  })

  it('do not tell who has gone', () => {
    const alarms = new Alarms()
    const listener = counting()
    alarms.raise('disk')
    alarms.await(listener)
    alarms.forget(listener)
    alarms.clear('disk')
    expect(listener.told).toBe(0)
  })
})
