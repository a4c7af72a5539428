// What each object is measured by: RabbitMQ's names, as a live RabbitMQ gave them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { look } from '../../../src/management/metrics/look.ts'
import {
  channelLabels,
  channelMetrics,
  connectionLabels,
  connectionMetrics,
  exchangeLabels,
  exchangeMetrics,
  queueCoarse,
  queueConsumers,
  queueDeliveries,
  queueLabels,
  queueMetrics,
} from '../../../src/management/metrics/objects.ts'
import { Api } from '../../support/api.ts'

/** What RabbitMQ has and we do not: of Erlang's processes, and of its way to store. */
const foreign = [
  ...['queue_process_reductions_total', 'queue_messages_ready_ram', 'queue_messages_unacked_ram'],
  ...['queue_disk_reads_total', 'queue_disk_writes_total'],
]

describe('the metrics of objects', () => {
  it('have the names that RabbitMQ has for queues', () => {
    const text = readFileSync(join(__dirname, '../samples/metrics_per_object.txt'), 'utf8')
    const theirs = [...text.matchAll(/^rabbitmq_(queue_\w+)\{/gm)].map(([, name]) => name as string)
    const ours = [...queueCoarse, ...queueMetrics, ...queueDeliveries].map(({ name }) => name)
    expect(new Set(theirs).size).toBeGreaterThan(15)
    expect([...new Set(theirs)].filter((name) => !ours.includes(name) && !foreign.includes(name))).toEqual([])
    expect(queueConsumers.map(({ name }) => name)).toEqual(['queue_consumers'])
  })

  it('are read from objects that are there', async () => {
    const api = await Api.create()
    const peer = await api.world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    for (const body of ['a', 'bb']) peer.publish(1, { routingKey: 'q', body })
    await peer.ask(1, 'basic.get', { queue: 'q' })
    const { queues, exchanges, channels, connections } = await look(api.context)
    const values = <T>(rows: readonly { readonly name: string; readonly value: (of: T) => number }[], of: T) =>
      Object.fromEntries(rows.map(({ name, value }) => [name, value(of)]))
    const [queue, exchange, channel, connection] = [queues[0]!, exchanges[0]!, channels[0]!, connections[0]!]
    expect(values([...queueCoarse, ...queueMetrics, ...queueDeliveries], queue)).toMatchObject({
      ...{ queue_messages_ready: 1, queue_messages_unacked: 1, queue_messages: 2, queue_consumers: 0 },
      ...{ queue_messages_ready_bytes: 2, queue_messages_unacked_bytes: 1, queue_messages_bytes: 3 },
      ...{ queue_get_ack_total: 1, queue_messages_published_total: 2, queue_head_message_timestamp: Number.NaN },
    })
    expect(values(exchangeMetrics, exchange)).toEqual({
      ...{ exchange_messages_published_in_total: 2, exchange_messages_published_out_total: 2 },
    })
    expect(values(channelMetrics, channel)).toMatchObject({ channel_messages_unacked: 1, channel_get_ack_total: 1 })
    expect(values(connectionMetrics, connection)).toMatchObject({ connection_channels: 1 })
    expect([queueLabels(queue), exchangeLabels(exchange)]).toEqual([
      { vhost: '/', queue: 'q' },
      { vhost: '/', exchange: '' },
    ])
    expect([connectionLabels(connection), channelLabels(channel)]).toMatchObject([
      { connection: connection.name },
      { channel: `${connection.name} (1)` },
    ])
    await api.close()
  })
})
