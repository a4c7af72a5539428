// Streams among other queues: declared, published to, deleted on no conditions (behaviour.md §6.4), and there again after a
// restart.

import { StreamQueue } from '../../src/broker/queue/stream.ts'
import { table } from '../../src/protocol/field-table.ts'
import { Site } from '../support/site.ts'
import { messageOf } from './queue/trial/stream-scene.ts'

const stream = { arguments: table({ 'x-queue-type': 'stream' }) }

describe('a stream', () => {
  it('is a queue of its own kind, to which messages are routed', async () => {
    const site = await Site.start()
    await site.declareQueue('s', stream)
    const { queues } = site.vhost.route(messageOf('m'))
    expect(queues[0]).toBeInstanceOf(StreamQueue)
    await site.broker.stop()
  })

  it('is kept as a policy says, as soon as it says so', async () => {
    const site = await Site.start()
    await site.declareQueue('s', { arguments: table({ 'x-queue-type': 'stream', 'x-max-age': '1h' }) })
    const definition = { 'max-age': '1D', 'stream-max-segment-size-bytes': 1000, 'max-length-bytes': 5 }
    await site.broker.administration.putPolicy('/', 'p', { pattern: 's', applyTo: 'streams', definition })
    const kept = { maxAgeMs: 86_400_000, segmentBytes: 1000, maxLengthBytes: 5 }
    expect(site.vhost.queues.get('s')?.settings).toMatchObject(kept)
    await site.broker.administration.deletePolicy('/', 'p')
    expect(site.vhost.queues.get('s')?.settings).toMatchObject({ maxAgeMs: 3_600_000, segmentBytes: null })
    await site.broker.stop()
  })

  it('is what a vhost says that queues are without a type', async () => {
    const site = await Site.start()
    await site.broker.administration.putVhost('/', { defaultQueueType: 'stream' })
    await site.declareQueue('s')
    expect(site.vhost.queues.get('s')).toBeInstanceOf(StreamQueue)
    await site.broker.stop()
  })

  it('is deleted whatever the conditions, and nobody counts what goes with it', async () => {
    const site = await Site.start()
    await site.declareQueue('s', stream)
    site.vhost.queues.get('s')?.publish(messageOf('m'), null, 0)
    expect(await site.topology.deleteQueue('s', site.owner, true, true)).toBe(0)
    expect(site.vhost.queues.has('s')).toBe(false)
    await site.broker.stop()
  })
})
