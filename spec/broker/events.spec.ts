// Events: who hears of them, and what they cost where nobody does.

import { type BrokerEvent, Events, eventNames } from '../../src/broker/events.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { LogBook } from '../support/world.ts'

describe('events', () => {
  let heard: BrokerEvent[]
  let log: LogBook
  let events: Events

  beforeEach(() => {
    heard = []
    log = new LogBook()
    events = new Events({ clock: new ManualClock(1234), logger: log })
  })

  it('are not even put together where nobody listens', () => {
    const fields = jest.fn(() => ({}))
    events.tell('queue.created', fields)
    expect(events.heard).toBe(false)
    expect(fields).not.toHaveBeenCalled()
  })

  it('are told to all who listen, with their time, until they stop', () => {
    const stop = events.listen((event) => heard.push(event))
    events.listen(({ name }) => heard.push({ name, atMs: 0, fields: {} }))
    events.tell('queue.created', () => ({ name: 'q' }))
    expect(events.heard).toBe(true)
    stop()
    events.tell('queue.deleted', () => ({ name: 'q' }))
    expect(heard).toEqual([
      { name: 'queue.created', atMs: 1234, fields: { name: 'q' } },
      { name: 'queue.created', atMs: 0, fields: {} },
      { name: 'queue.deleted', atMs: 0, fields: {} },
    ])
  })

  it('reach others, and whoever tells, where a listener throws', () => {
    events.listen(() => {
      throw new Error('oops')
    })
    events.listen((event) => heard.push(event))
    events.tell('vhost.created', () => ({}))
    expect([heard.length, log.lines.map(({ level }) => level)]).toEqual([1, ['error']])
  })

  it('have names that are sorted and differ', () => {
    expect([...new Set(eventNames)].sort()).toEqual([...eventNames])
  })
})
