// Leveret's own family: lag, age, disk, drops, and how fast consumers are.

import { labelled } from '../../../src/management/metrics/family.ts'
import { look } from '../../../src/management/metrics/look.ts'
import { queueLabels } from '../../../src/management/metrics/objects.ts'
import { ownFamilies } from '../../../src/management/metrics/own.ts'
import { Api } from '../../support/api.ts'

describe('the own family', () => {
  it('says how far behind a queue is, what was dropped and why, and what consumers did', async () => {
    const api = await Api.create()
    const peer = await api.world.open({}, 1)
    const limited = new Map([['x-max-length', { tag: 'l' as const, value: 2 }]])
    await peer.ask(1, 'queue.declare', { queue: 'q', arguments: limited })
    for (const body of ['1', '2', '3']) peer.publish(1, { routingKey: 'q', body })
    peer.publish(1, { routingKey: 'nowhere' })
    await peer.heard()
    api.world.clock.advance(3000)
    await peer.ask(1, 'queue.declare', { queue: 'busy' })
    await peer.ask(1, 'basic.consume', { queue: 'busy', consumerTag: 'c' })
    peer.publish(1, { routingKey: 'busy' })
    await peer.ask(1, 'basic.ack', { deliveryTag: 1 })
    const seen = await look(api.context)
    const families = new Map(
      ownFamilies(seen, labelled(seen.queues, queueLabels), true).map(({ name, samples }) => [name, samples]),
    )
    const value = (name: string, labels: object) =>
      families.get(name)?.find((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))
        ?.value
    expect(value('leveret_queue_lag_messages', { queue: 'q' })).toBe(2)
    expect(value('leveret_queue_lag_seconds', { queue: 'q' })).toBe(3)
    expect(value('leveret_queue_lag_seconds', { queue: 'busy' })).toBe(0)
    expect(value('leveret_messages_dropped_total', { queue: 'q', reason: 'maxlen' })).toBe(1)
    expect(value('leveret_messages_dropped_total', { reason: 'unroutable' })).toBe(1)
    expect(value('leveret_messages_dropped_total', { queue: 'q', reason: 'expired' })).toBe(0)
    expect(value('leveret_consumer_delivered_total', { queue: 'busy', consumer_tag: 'c' })).toBe(1)
    expect(value('leveret_consumer_acked_total', { consumer_tag: 'c' })).toBe(1)
    expect(value('leveret_disk_bytes', { queue: 'q', kind: 'messages' })).toBe(0)
    const sums = ownFamilies(seen, labelled(seen.queues, queueLabels), false).find(
      ({ name }) => name === 'leveret_messages_dropped_total',
    )?.samples
    expect(sums?.filter((sample) => sample.value > 0)).toEqual([
      { labels: { vhost: '', queue: '', reason: 'maxlen' }, value: 1 },
      { labels: { vhost: '', queue: '', reason: 'unroutable' }, value: 1 },
    ])
    await api.close()
  })

  it('says how far behind each consumer of a stream is', async () => {
    const api = await Api.create()
    const peer = await api.world.open({}, 1)
    const stream = new Map([['x-queue-type', { tag: 'S' as const, value: 'stream' }]])
    await peer.ask(1, 'queue.declare', { queue: 's', durable: true, arguments: stream })
    await peer.ask(1, 'basic.qos', { prefetchCount: 1 })
    await peer.ask(1, 'basic.consume', { queue: 's', consumerTag: 'c' })
    for (const body of ['1', '2', '3']) peer.publish(1, { routingKey: 's', body })
    await peer.heard()
    const lags = ownFamilies(await look(api.context), labelled([], queueLabels), true).find(
      ({ name }) => name === 'leveret_stream_consumer_lag_messages',
    )
    expect(lags?.samples).toMatchObject([{ labels: { queue: 's', consumer_tag: 'c' }, value: 2 }])
    await api.close()
  })
})
