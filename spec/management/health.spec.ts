// Whether the broker is well, and what is said where it is not.

import {
  alarmsOn,
  connectionFacts,
  connectionsFull,
  notReady,
  portClosed,
  protocolSilent,
} from '../../src/management/health.ts'
import { World } from '../support/world.ts'

describe('a broker', () => {
  const sight = async () => ({
    broker: (await World.create()).broker,
    node: { name: 'n', version: '0', startedAt: 0 },
    listeners: () => [{ protocol: 'amqp', address: '::', port: 5672 }],
  })

  it('is well as long as no alarm is on', async () => {
    const seen = await sight()
    expect([alarmsOn(seen), notReady(seen)]).toEqual([null, null])
    seen.broker.alarms.raise('disk')
    expect(alarmsOn(seen)).toMatchObject({ alarms: [{ node: 'n', resource: 'disk' }] })
    expect(notReady(seen)).toBeNull()
    seen.broker.alarms.raise('store')
    expect(notReady(seen)?.reason).toBe('the store takes nothing')
  })

  it('says whether it takes more connections', async () => {
    const seen = await sight()
    expect(connectionsFull(seen)).toBeNull()
    expect(connectionFacts(seen.broker)).toEqual({ limit: 'infinity', connections: 0 })
    seen.broker.adjust({ connectionMax: 1 })
    seen.broker.registerOwner()
    expect(connectionsFull(seen)).toMatchObject({ limit: 1, connections: 1 })
  })

  it('says which ports and protocols there are', async () => {
    const seen = await sight()
    expect(portClosed(seen, 5672)).toBeNull()
    expect(portClosed(seen, 1)).toMatchObject({ missing: 1, ports: [5672] })
    for (const name of ['amqp', 'AMQP', 'amqp091', 'amqp0-9-1']) expect(protocolSilent(seen, name)).toBeNull()
    expect(protocolSilent(seen, 'mqtt')).toMatchObject({ missing: 'mqtt', protocols: ['amqp'] })
    expect(notReady({ ...seen, listeners: () => [] })?.reason).toBe('no port is open for AMQP')
  })
})
