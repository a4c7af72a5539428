// Class channel, and access.request (behaviour.md §4). What a channel's end does to the rest is in ../channel.spec.ts.

import { connectionClose } from '../../support/closes.ts'
import type { Peer } from '../../support/peer.ts'
import { World } from '../../support/world.ts'

let world: World
let peer: Peer

beforeEach(async () => {
  world = await World.create()
  peer = await world.open({}, 1)
})

describe('channel.close', () => {
  it('comes after what was published before it, which is still confirmed', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'confirm.select')
    for (let i = 0; i < 3; i++) peer.publish(1, { routingKey: 'q', body: 'm' })
    expect(await peer.ask(1, 'channel.close', { replyCode: 200 })).toMatchObject([
      { name: 'basic.ack', deliveryTag: 3, multiple: true },
      { name: 'channel.close-ok' },
    ])
    expect(world.stats('q')).toMatchObject({ ready: 3 })
  })

  it('gives everything unacked back, of consumers and of gets, and ends its consumers', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    for (let i = 0; i < 2; i++) peer.publish(1, { routingKey: 'q', body: 'm' })
    await peer.ask(1, 'basic.get', { queue: 'q' })
    await peer.ask(1, 'basic.consume', { queue: 'q' })
    await peer.ask(1, 'channel.close')
    expect(world.stats('q')).toEqual({ ready: 2, unacked: 0, consumers: 0 })
  })

  it('leaves exclusive queues alone: they belong to the connection (§6.3)', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'mine', exclusive: true })
    await peer.ask(1, 'channel.close')
    expect(world.stats('mine')).toMatchObject({ ready: 0 })
  })
})

describe('channel.flow', () => {
  it('that wants deliveries is answered', async () => {
    expect(await peer.ask(1, 'channel.flow', { active: true })).toMatchObject([
      { channel: 1, name: 'channel.flow-ok', active: true },
    ])
  })

  it('that wants none ends the connection', async () => {
    expect(await peer.ask(1, 'channel.flow', { active: false })).toMatchObject([
      connectionClose(540, 'active=false', '20/20'),
    ])
  })
})

describe('access.request', () => {
  it('is answered with ticket 1, whatever it asks for', async () => {
    expect(await peer.ask(1, 'access.request', { realm: '/nowhere', exclusive: true })).toMatchObject([
      { channel: 1, name: 'access.request-ok', ticket: 1 },
    ])
  })
})
