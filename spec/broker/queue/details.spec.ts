// What operators see of a queue.

import { plainDetails } from '../../../src/broker/queue/details.ts'
import type { QueueDetails } from '../../../src/broker/queue/queue.ts'
import { Site } from '../../support/site.ts'
import { Scene } from './trial/scene.ts'

describe('the details of a queue', () => {
  it('tell octets, memory, store and age', async () => {
    const site = await Site.start(undefined, {}, 1_000_000)
    const queue = await site.declareQueue('q')
    const details = (): QueueDetails => queue.details() as QueueDetails
    expect(details()).toMatchObject({
      ...{ ready: 0, unacked: 0, consumers: 0, readyBytes: 0, unackedBytes: 0, persistent: 0, persistentBytes: 0 },
      ...{ resident: 0, residentBytes: 0, storedBytes: 0, readySince: null, headTimestamp: null, attended: false },
    })
    await site.confirmed(queue, 'stored')
    site.publish('', 'q', 'not', {})
    expect(details()).toMatchObject({ ready: 2, readyBytes: 9, persistent: 1, persistentBytes: 5, resident: 2 })
    expect(details().storedBytes).toBeGreaterThan(6)
    expect(details().memoryBytes).toBeGreaterThanOrEqual(1024)
    expect(details().readySince).toBe(1_000_000)
    await queue.get()
    expect(details()).toMatchObject({ ready: 1, unacked: 1, readyBytes: 3, unackedBytes: 6, residentBytes: 9 })
  })

  it('tell the timestamp of the message that is next, without taking it', async () => {
    const site = await Site.start()
    const queue = await site.declareQueue('q')
    site.publish('', 'q', 'a', { timestamp: 1_700_000_000 })
    site.publish('', 'q', 'b', {})
    expect(queue.details()).toMatchObject({ headTimestamp: 1_700_000_000, ready: 2 })
    await queue.get()
    expect(queue.details()).toMatchObject({ headTimestamp: null, ready: 1 })
  })

  it('tell of several priorities together', async () => {
    const site = await Site.start()
    const queue = await site.declareQueue('q', { arguments: new Map([['x-max-priority', { tag: 'l', value: 4 }]]) })
    site.publish('', 'q', 'low', { priority: 1, timestamp: 1 })
    site.publish('', 'q', 'high', { priority: 3, timestamp: 3 })
    expect(queue.details()).toMatchObject({ ready: 2, readyBytes: 7, headTimestamp: 3 })
  })

  it('tell who consumes, who is active, and whether anybody has room', async () => {
    const scene = await Scene.begin()
    const active = new Map([['x-single-active-consumer', { tag: 't' as const, value: true }]])
    scene.remake({ arguments: active })
    const [a, b] = ['a', 'b'].map((tag) => scene.consume({ tag, prefetch: 1 }))
    expect(scene.queue.details()).toMatchObject({ consumerList: [a, b], activeConsumer: a, attended: true })
    expect(scene.queue.details().lags).toEqual([a, b].map(() => ({ messages: 0, since: null })))
    scene.publish(1)
    expect(scene.queue.details()).toMatchObject({ attended: false, ready: 0, unacked: 1 })
    await scene.store.close()
  })

  it('of what keeps no messages are empty', () => {
    const details = plainDetails({ ready: 0, unacked: 0, consumers: 0 }, [])
    expect(details).toMatchObject({ consumerList: [], attended: false, readySince: null, memoryBytes: 0 })
  })
})
