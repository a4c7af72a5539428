// What has a past: names and values stand in the same order, and everything is looked at.

import type { Consumer } from '../../../src/broker/consumer.ts'
import { MessageCounts } from '../../../src/broker/counts.ts'
import {
  churnNames,
  churnValues,
  dataNames,
  dataValues,
  deliveryNames,
  deliveryValues,
  exchangeNames,
  lengthNames,
  lengthValues,
  messageNames,
  messageValues,
  probes,
  publishNames,
  sumOf,
} from '../../../src/management/statistics/probes.ts'
import { World } from '../../support/world.ts'

const named = (names: readonly string[], values: readonly number[]) =>
  Object.fromEntries(names.map((name, index) => [name, values[index]]))

describe('the values of counts', () => {
  it('stand under their names', async () => {
    const counts = Object.assign(new MessageCounts(), { acked: 1, confirmed: 2, delivered: 3, deliveredNoAck: 4 })
    Object.assign(counts, { dropped: 5, got: 6, gotEmpty: 7, gotNoAck: 8, published: 9, redelivered: 10, returned: 11 })
    expect(named(messageNames, messageValues(counts))).toEqual({
      ...{ ack: 1, confirm: 2, deliver: 3, deliver_get: 21, deliver_no_ack: 4, drop_unroutable: 5, get: 6 },
      ...{ get_empty: 7, get_no_ack: 8, publish: 9, redeliver: 10, return_unroutable: 11 },
    })
    expect(named(lengthNames, lengthValues({ ready: 2, unacked: 3 }))).toEqual({
      ...{ messages: 5, messages_ready: 2, messages_unacknowledged: 3 },
    })
    expect(named(dataNames, dataValues({ bytesIn: 1, bytesOut: 2 }))).toEqual({ recv_oct: 1, send_oct: 2 })
    expect(exchangeNames).toEqual(['publish_in', 'publish_out'])
    const consumer = { acked: 1, delivered: 2, noAck: false } as Consumer
    expect(named(deliveryNames, deliveryValues(consumer))).toEqual({
      ...{ ack: 1, deliver: 2, deliver_get: 2, deliver_no_ack: 0 },
    })
    expect(publishNames).toEqual(['publish'])
    const { broker } = await World.create()
    broker.census.queuesDeclared = 9
    expect(named(churnNames, churnValues(broker))).toMatchObject({ queue_declared: 9, channel_created: 0 })
  })
})

describe('the probes of a broker', () => {
  it('are of its connections, channels, queues, exchanges and vhosts, of itself and of what comes and goes', async () => {
    const world = await World.create()
    const peer = await world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'queue.declare', { queue: 'r' })
    await peer.ask(1, 'basic.consume', { queue: 'r', consumerTag: 'c' })
    peer.publish(1, { routingKey: 'q' })
    await peer.heard()
    const { broker, vhost } = world
    const counts = new Map([['/', Object.assign(new MessageCounts(), { published: 5 })]])
    broker.census.counts.published = 2
    const found = new Map([...probes(broker, counts)].map(({ subject, values }) => [subject, values]))
    expect(found.size).toBe(1 + 2 + 2 + 2 + 7 + 1 + 1)
    const queue = vhost.queues.get('q') as object
    expect(found.get(queue)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0])
    expect(found.get(vhost.exchange(''))).toEqual([1, 1])
    const [channel] = [...broker.connections.peers()].flatMap(({ channels }) => [...channels])
    expect([...(channel?.consumerList ?? [])].map((consumer) => found.get(consumer))).toEqual([[0, 0, 0, 0]])
    expect([...(channel?.publishes ?? [])].map((count) => found.get(count))).toEqual([[1]])
    expect(found.get(vhost)?.[9]).toBe(5)
    expect(found.get(broker)?.[9]).toBe(7)
    expect(sumOf(broker, counts).published).toBe(7)
  })
})
