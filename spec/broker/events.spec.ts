// Events: who hears of them, and what they cost where nobody does.

import { type BrokerEvent, Events, eventNames } from '../../src/broker/events.ts'
import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { LogBook, World } from '../support/world.ts'

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

describe('what is told', () => {
  it('are connections, channels, logins and alarms, with who they are', async () => {
    const world = await World.create()
    const heard: [string, object][] = []
    world.broker.events.listen(({ name, fields }) => heard.push([name, fields]))
    const peer = await world.open({}, 1)
    await peer.ask(1, 'channel.close')
    world.broker.alarms.raise('memory')
    world.broker.alarms.raise('memory')
    world.broker.alarms.clear('memory')
    await peer.drop()
    const names = heard.map(([name]) => name)
    expect(names).toEqual([
      ...['user.authentication.success', 'connection.created', 'channel.created', 'channel.closed'],
      ...['alarm.set', 'alarm.cleared', 'connection.closed'],
    ])
    const name = '127.0.0.1:50001 -> 127.0.0.1:5672'
    expect(heard[1]?.[1]).toMatchObject({ name, user: 'guest', vhost: '/', client_properties: { capabilities: {} } })
    expect(heard[2]?.[1]).toMatchObject({ name, number: 1 })
    expect(heard[4]?.[1]).toEqual({ resource: 'memory' })
  })

  it('are logins that are refused, which are counted', async () => {
    const world = await World.create()
    const heard: string[] = []
    world.broker.events.listen(({ name }) => heard.push(name))
    const peer = world.connect({ password: 'wrong' })
    peer.write(PROTOCOL_HEADER)
    peer.startOk()
    await peer.heard()
    expect(heard).toEqual(['user.authentication.failure'])
    expect(world.broker.census).toMatchObject({ loginsAccepted: 0, loginsRefused: 1 })
  })
})
