// A connection as operators see it.

import type { ConnectionPeer } from '../../src/broker/peers.ts'
import { connectionClose } from '../support/closes.ts'
import type { Peer } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await World.create()
})

const views = (): readonly ConnectionPeer[] => [...world.broker.connections.peers()]

describe('the view of a connection', () => {
  it('says who it is, from where, and what was agreed on', async () => {
    world.clock.advance(5000)
    const connectedAt = world.clock.now()
    await world.open({ capabilities: ['basic.nack'], heartbeat: 30, frameMax: 8192, channelMax: 7 })
    expect(views()).toHaveLength(1)
    const seen = views().map((peer) => ({
      name: peer.name,
      user: peer.user,
      vhost: peer.vhost,
      remote: peer.remote,
      local: peer.local,
      tls: peer.tls,
      mechanism: peer.mechanism,
      clientProperties: peer.clientProperties,
      connectedAt: peer.connectedAt,
      agreed: [peer.channelMax, peer.frameMax, peer.timeoutSeconds],
      state: peer.state,
    }))
    expect(seen).toEqual([
      {
        name: '127.0.0.1:50001 -> 127.0.0.1:5672',
        user: 'guest',
        vhost: '/',
        remote: { host: '127.0.0.1', port: 50_001 },
        local: { host: '127.0.0.1', port: 5672 },
        tls: null,
        mechanism: 'PLAIN',
        connectedAt,
        agreed: [7, 8192, 30],
        state: 'running',
        clientProperties: new Map([['capabilities', expect.anything()]]),
      },
    ])
  })

  it('counts octets, reads and writes', async () => {
    const peer = await world.open()
    const [view] = views() as [ConnectionPeer]
    const before = { in: view.bytesIn, out: view.bytesOut, reads: view.reads, writes: view.writes }
    expect(before.in).toBeGreaterThan(8)
    expect(before.out).toBeGreaterThan(100)
    await peer.ask(1, 'channel.open')
    expect(view.bytesIn - before.in).toBe(13)
    expect([view.reads - before.reads, view.writes - before.writes]).toEqual([1, 1])
    expect(view.bytesOut).toBeGreaterThan(before.out)
    expect([view.channelCount, [...view.channels].map(({ number }) => number)]).toEqual([1, [1]])
    peer.transport.stall(true)
    await peer.ask(2, 'channel.open')
    expect(view.pendingBytes).toBeGreaterThan(0)
  })

  it('is blocking while an alarm is on, and blocked once it publishes', async () => {
    const peer = await world.open({}, 1)
    const [view] = views() as [ConnectionPeer]
    world.broker.alarms.raise('memory')
    expect(view.state).toBe('blocking')
    peer.publish(1, { routingKey: 'q' })
    await peer.heard()
    expect(view.state).toBe('blocked')
    world.broker.alarms.clear('memory')
    expect(view.state).toBe('running')
  })

  it('ends it with the words that are asked for', async () => {
    const peer = (await world.open({}, 1)) as Peer
    const [view] = views() as [ConnectionPeer]
    view.end('enough')
    expect(view.state).toBe('closing')
    expect(await peer.heard()).toEqual([connectionClose(320, 'enough')])
    await peer.ask(0, 'connection.close-ok')
    expect(views()).toEqual([])
    expect(world.broker.connections.churn).toEqual({ opened: 1, closed: 1, channelsOpened: 1, channelsClosed: 1 })
  })
})
