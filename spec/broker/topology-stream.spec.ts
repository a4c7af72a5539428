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

  it('is deleted whatever the conditions, and nobody counts what goes with it', async () => {
    const site = await Site.start()
    await site.declareQueue('s', stream)
    site.vhost.queues.get('s')?.publish(messageOf('m'), null, 0)
    expect(await site.topology.deleteQueue('s', site.owner, true, true)).toBe(0)
    expect(site.vhost.queues.has('s')).toBe(false)
    await site.broker.stop()
  })
})
