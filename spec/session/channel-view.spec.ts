// A channel as operators see it: what its client has set, what is outstanding, and what was counted.

import type { ChannelPeer } from '../../src/broker/peers.ts'
import type { Peer } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World
let peer: Peer

beforeEach(async () => {
  world = await World.create()
  peer = await world.open({}, 1)
  await peer.ask(1, 'queue.declare', { queue: 'q' })
})

function view(): ChannelPeer {
  const [connection] = world.broker.connections.peers()
  const [channel] = connection?.channels ?? []
  if (!channel) throw new Error('there is no channel')
  return channel
}

describe('the view of a channel', () => {
  it('says what it is, and of which connection', async () => {
    await peer.ask(1, 'basic.qos', { prefetchCount: 7 })
    await peer.ask(1, 'confirm.select')
    expect(view()).toMatchObject({ number: 1, prefetch: 7, sharedPrefetch: 0, confirming: true, transactional: false })
    expect(view().connection.peer.user).toBe('guest')
    expect(view().openedAt).toBe(world.clock.now())
  })

  it('counts what is unacked, unconfirmed and uncommitted', async () => {
    await peer.ask(1, 'tx.select')
    peer.publish(1, { routingKey: 'q' })
    await peer.heard()
    expect([view().transactional, view().uncommittedPublishes, view().counts.published]).toEqual([true, 1, 0])
    await peer.ask(1, 'tx.commit')
    await peer.ask(1, 'basic.get', { queue: 'q' })
    expect([view().uncommittedPublishes, view().counts.published, view().unackedCount]).toEqual([0, 1, 1])
    await peer.ask(1, 'basic.ack', { deliveryTag: 1 })
    expect([view().uncommittedAcks, view().unackedCount]).toEqual([1, 0])
  })

  it('knows which publishes no confirm was sent for', async () => {
    await peer.ask(1, 'confirm.select')
    peer.publish(1, { routingKey: 'q', properties: { deliveryMode: 1 } })
    expect([view().unconfirmedCount, view().counts.confirmed]).toEqual([1, 0])
    await peer.heard()
    expect([view().unconfirmedCount, view().counts.confirmed]).toEqual([0, 1])
    expect(view().counts).toMatchObject({ published: 1, publishedToConfirm: 1, routed: 1 })
  })

  it('counts deliveries by how they are acked, in the channel, the consumer and the queue', async () => {
    for (const body of ['1', '22', '333', '4444']) peer.publish(1, { routingKey: 'q', body })
    await peer.ask(1, 'basic.get', { queue: 'q', noAck: true })
    await peer.ask(1, 'basic.get', { queue: 'q' })
    await peer.ask(1, 'basic.reject', { deliveryTag: 2, requeue: true })
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'c' })
    await peer.ask(1, 'basic.ack', { deliveryTag: 4, multiple: true })
    const counted = {
      delivered: 3,
      deliveredNoAck: 0,
      got: 1,
      gotNoAck: 1,
      redelivered: 1,
      acked: 2,
      deliveredBytes: 12,
    }
    expect(view().counts).toMatchObject({ ...counted, published: 4, publishedBytes: 10 })
    expect(world.vhost.queues.get('q')?.counts).toMatchObject({ ...counted, published: 4, publishedBytes: 10 })
    expect([...view().consumerList]).toMatchObject([{ tag: 'c', delivered: 3, acked: 2 }])
    expect(view().consumerCount).toBe(1)
    await peer.ask(1, 'basic.cancel', { consumerTag: 'c' })
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'd', noAck: true })
    peer.publish(1, { routingKey: 'q' })
    await peer.heard()
    expect(view().counts.deliveredNoAck).toBe(1)
    expect(world.vhost.queues.get('q')?.counts.deliveredNoAck).toBe(1)
    await peer.ask(1, 'basic.get', { queue: 'q' })
    expect([view().counts.gotEmpty, world.vhost.queues.get('q')?.counts.gotEmpty]).toEqual([1, 1])
  })

  it('counts what is unroutable, returned or dropped, and what exchanges route', async () => {
    peer.publish(1, { exchange: 'amq.fanout' })
    peer.publish(1, { exchange: 'amq.fanout', mandatory: true })
    await peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'amq.fanout' })
    peer.publish(1, { exchange: 'amq.fanout' })
    await peer.heard()
    expect(view().counts).toMatchObject({ published: 3, routed: 1, dropped: 1, returned: 1 })
    expect(world.vhost.exchange('amq.fanout').counts).toEqual({ published: 3, routed: 1 })
  })
})
