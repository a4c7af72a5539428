// Connections, channels and consumers as they are shown: all that RabbitMQ's tools look for.

import type { ChannelPeer, ConnectionPeer } from '../../../src/broker/peers.ts'
import {
  channelDetails,
  channelName,
  channelView,
  connectionView,
  consumerView,
  fullChannelView,
} from '../../../src/management/views/peers.ts'
import { Api } from '../../support/api.ts'

describe('the views of peers', () => {
  let api: Api
  let connection: ConnectionPeer
  let channel: ChannelPeer

  beforeEach(async () => {
    api = await Api.create()
    const peer = await api.world.open({ capabilities: ['basic.nack'] }, 1)
    const single = new Map([['x-single-active-consumer', { tag: 't' as const, value: true }]])
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'queue.declare', { queue: 'single', arguments: single })
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'a' })
    await peer.ask(1, 'basic.consume', { queue: 'single', consumerTag: 'b', noAck: true })
    await peer.ask(1, 'basic.consume', { queue: 'single', consumerTag: 'c' })
    connection = [...api.broker.connections.peers()][0] as ConnectionPeer
    channel = [...connection.channels][0] as ChannelPeer
  })

  afterEach(() => api.close())

  it('show a connection', () => {
    expect(connectionView(api.context, connection)).toMatchObject({
      name: '127.0.0.1:50001 -> 127.0.0.1:5672',
      ...{
        user: 'guest',
        vhost: '/',
        state: 'running',
        protocol: 'AMQP 0-9-1',
        auth_mechanism: 'PLAIN',
        type: 'network',
      },
      ...{ peer_host: '127.0.0.1', peer_port: 50_001, host: '127.0.0.1', port: 5672, ssl: false, channels: 1 },
      client_properties: { capabilities: { 'basic.nack': true } },
      recv_oct_details: { rate: 0 },
    })
  })

  it('show a channel, alone and with its consumers', () => {
    expect(channelName(channel)).toBe(`${connection.name} (1)`)
    const plain = { number: 1, consumer_count: 3, confirm: false, transactional: false, messages_unacknowledged: 0 }
    expect(channelView(api.context, channel)).toMatchObject(plain)
    const full = fullChannelView(api.context, channel)
    expect(full).toMatchObject(plain)
    expect(full).toHaveProperty('consumer_details.length', 3)
    expect(channelDetails(api.context, channel)).toMatchObject({ connection_name: connection.name, number: 1 })
  })

  it('show what a channel has published, and what its consumers were given', async () => {
    const { world } = api
    const peer = await world.open({}, 1)
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'd', noAck: true })
    peer.publish(1, { exchange: 'amq.topic', body: '1' })
    for (const body of ['1', '2']) peer.publish(1, { routingKey: 'q', body })
    await peer.heard()
    await world.clock.pass()
    const other = [...api.broker.connections.peers()].flatMap(({ channels }) => [...channels])[1] as ChannelPeer
    const still = { rate: expect.any(Number) }
    const exchange = (name: string, publish: number) => ({
      exchange: { name, vhost: '/' },
      stats: { publish, publish_details: still },
    })
    const deliveries = (deliver: number, noAck: number) => [
      {
        queue: { name: 'q', vhost: '/' },
        stats: expect.objectContaining({ ack: 0, deliver, deliver_get: 1, deliver_no_ack: noAck, ack_details: still }),
      },
    ]
    expect(fullChannelView(api.context, other)).toMatchObject({
      publishes: [exchange('amq.topic', 1), exchange('', 2)],
      deliveries: deliveries(0, 1),
    })
    expect(fullChannelView(api.context, channel)).toMatchObject({ publishes: [], deliveries: deliveries(1, 0) })
    const name = { connection_name: other.connection.peer.name, number: 1 }
    const { body: queue } = await api.ask('/api/queues/%2F/q')
    expect(queue.deliveries).toMatchObject([
      { stats: { deliver: 1 } },
      { channel_details: name, stats: { deliver_no_ack: 1 } },
    ])
    const { body: topic } = await api.ask('/api/exchanges/%2F/amq.topic')
    expect(topic.incoming).toMatchObject([{ channel_details: name, stats: { publish: 1 } }])
  })

  it('show who of the consumers is active', () => {
    const views = [...channel.consumerList].map((consumer) => consumerView(api.context, consumer, channel))
    expect(views).toMatchObject([
      { consumer_tag: 'a', ack_required: true, active: true, activity_status: 'up', queue: { name: 'q', vhost: '/' } },
      { consumer_tag: 'b', ack_required: false, active: true, activity_status: 'single_active' },
      { consumer_tag: 'c', active: false, activity_status: 'waiting' },
    ])
  })
})
