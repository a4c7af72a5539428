// What slows a peer down and what is said at the end of a turn (behaviour.md §2.10; house rule "backpressure everywhere"):
// seen from peers that publish too fast, read too slowly, or publish while an alarm is on.

import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../support/fault-store.ts'
import { frameBytes } from '../support/frames.ts'
import { type Peer, publishBytes } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World
let store: FaultyStore

beforeEach(async () => {
  store = faultyStore(createMemoryStore())
  world = await World.create({ store })
})

const told = { capabilities: ['connection.blocked'] }

async function publisher(options = told): Promise<Peer> {
  const peer = await world.open(options, 1)
  await peer.ask(1, 'queue.declare', { queue: 'q' })
  return peer
}

describe('a resource alarm (§2.10)', () => {
  it('leaves alone who does not publish', async () => {
    const peer = await publisher()
    world.broker.alarms.raise('memory')
    expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ name: 'basic.get-empty' }])
    expect(peer.transport.paused).toBe(false)
  })

  it('blocks who publishes, tells it why, and lets it go on with what it sent meanwhile', async () => {
    const peer = await publisher()
    world.broker.alarms.raise('memory')
    peer.publish(1, { routingKey: 'q', body: 'a' })
    expect(await peer.heard()).toMatchObject([{ channel: 0, name: 'connection.blocked', reason: 'low on memory' }])
    expect(peer.transport.paused).toBe(true)
    peer.publish(1, { routingKey: 'q', body: 'b' })
    peer.send(1, 'queue.declare', { queue: 'q', passive: true })
    expect(await peer.heard()).toEqual([])
    world.broker.alarms.clear('memory')
    expect(await peer.heard()).toMatchObject([
      { channel: 0, name: 'connection.unblocked' },
      { name: 'queue.declare-ok', messageCount: 2 },
    ])
  })

  it('blocks without a word who did not ask to be told', async () => {
    const peer = await publisher({ capabilities: [] })
    world.broker.alarms.raise('disk')
    peer.publish(1, { routingKey: 'q', body: 'a' })
    expect([await peer.heard(), peer.transport.paused]).toEqual([[], true])
    world.broker.alarms.clear('disk')
    expect([await peer.heard(), peer.transport.paused]).toEqual([[], false])
  })

  it('that is followed by another says nothing new, and ends with the last', async () => {
    const peer = await publisher()
    world.broker.alarms.raise('disk')
    world.broker.alarms.raise('memory')
    peer.publish(1, { routingKey: 'q', body: 'a' })
    expect(await peer.heard()).toMatchObject([{ reason: 'low on disk & memory' }])
    world.broker.alarms.clear('disk')
    expect([await peer.heard(), peer.transport.paused]).toEqual([[], true])
    world.broker.alarms.raise('disk')
    world.broker.alarms.clear('memory')
    world.broker.alarms.clear('disk')
    expect(await peer.heard()).toMatchObject([{ name: 'connection.unblocked' }])
  })

  it('blocks a connection that is opened during it at its first publish', async () => {
    world.broker.alarms.raise('disk')
    const peer = await publisher()
    expect(peer.transport.paused).toBe(false)
    peer.publish(1, { routingKey: 'q', body: 'a' })
    expect(await peer.heard()).toMatchObject([{ name: 'connection.blocked', reason: 'low on disk' }])
  })

  it('blocks at the content header, before the body is there', async () => {
    const peer = await publisher()
    world.broker.alarms.raise('memory')
    peer.write(publishBytes(1, { routingKey: 'q', body: 'later' }).subarray(0, -13))
    expect(await peer.heard()).toMatchObject([{ name: 'connection.blocked' }])
  })

  it('is taken for no silence of the peer (§2.9)', async () => {
    const peer = await publisher({ ...told, heartbeat: 2 } as never)
    world.broker.alarms.raise('memory')
    peer.publish(1, { routingKey: 'q', body: 'a' })
    await world.pass(60_000, 1000)
    expect(peer.ended).toBeNull()
    world.broker.alarms.clear('memory')
    await world.pass(10_000, 1000)
    expect(peer.ended).toBe('destroyed')
  })

  it('forgets a connection that is cut while it is blocked', async () => {
    const peer = await publisher()
    world.broker.alarms.raise('memory')
    peer.publish(1, { routingKey: 'q', body: 'a' })
    await peer.drop()
    expect(() => world.broker.alarms.clear('memory')).not.toThrow()
    await world.settle()
    expect([world.connections.size, world.slabs.lent.size, world.clock.timers]).toEqual([0, 0, 0])
  })

  it('says nothing after connection.close', async () => {
    const peer = await publisher()
    world.broker.alarms.raise('memory')
    peer.write(
      Buffer.concat([
        publishBytes(1, { routingKey: 'q', body: 'a' }),
        frameBytes({ type: 8, channel: 1, payload: Buffer.alloc(0) }),
      ]),
    )
    const heard = await peer.heard()
    expect(heard.map(({ name }) => name)).toEqual(['connection.blocked', 'connection.close'])
    world.broker.alarms.clear('memory')
    expect(await peer.heard()).toEqual([])
    expect(peer.transport.paused).toBe(false)
  })
})

describe('a disk that takes nothing', () => {
  it('blocks publishers until it takes something again', async () => {
    const peer = await publisher()
    await peer.ask(1, 'queue.declare', { queue: 'd', durable: true })
    await peer.ask(1, 'confirm.select')
    const persistent = { routingKey: 'd', body: 'm', properties: { deliveryMode: 2 } }
    store.messages.failNextCommit('failed', { applied: false })
    peer.publish(1, persistent)
    expect(await peer.heard()).toMatchObject([{ name: 'basic.nack', deliveryTag: 1 }])
    peer.publish(1, persistent)
    expect(await peer.heard()).toMatchObject([{ name: 'connection.blocked', reason: 'low on disk' }])
    peer.publish(1, persistent)
    await world.pass(1000)
    const heard = await peer.heard()
    expect(heard.map((each) => [each.name, 'deliveryTag' in each ? each.deliveryTag : 0])).toEqual([
      ['connection.unblocked', 0],
      ['basic.ack', 2],
      ['basic.ack', 3],
    ])
  })
})

describe('a queue that cannot keep up', () => {
  it('stops its publishers for the rest of the turn, when it has consumers', async () => {
    const consumer = await world.open({}, 1)
    const peer = await publisher()
    await consumer.ask(1, 'basic.qos', { prefetchCount: 1 })
    await consumer.ask(1, 'basic.consume', { queue: 'q' })
    for (let i = 0; i < 2001; i++) peer.publish(1, { routingKey: 'q', body: 'm' })
    expect(peer.transport.paused).toBe(false)
    peer.publish(1, { routingKey: 'q', body: 'm' })
    expect(peer.transport.paused).toBe(true)
    peer.publish(1, { routingKey: 'q', body: 'm' })
    expect(world.stats('q')).toMatchObject({ ready: 2001, unacked: 1 })
    world.clock.endTurn()
    expect(peer.transport.paused).toBe(false)
    await world.settle()
    expect(world.stats('q')).toMatchObject({ ready: 2002, unacked: 1 })
  })

  it('stops nobody when it has no consumers: then there is nobody to wait for', async () => {
    const peer = await publisher()
    for (let i = 0; i < 3000; i++) peer.publish(1, { routingKey: 'q', body: 'm' })
    expect(peer.transport.paused).toBe(false)
  })
})

describe('a peer that does not read', () => {
  it('is not read from while more than 1 MiB waits for it, and is once it has caught up', async () => {
    const peer = await publisher()
    peer.publish(1, { routingKey: 'q', body: Buffer.alloc(700_000) })
    peer.transport.stall(true)
    for (let i = 0; i < 10; i++) {
      await peer.ask(1, 'basic.get', { queue: 'q' })
      await peer.ask(1, 'basic.recover', { requeue: true })
    }
    expect(peer.transport.paused).toBe(true)
    peer.transport.stall(false)
    const heard = await peer.heard()
    expect(heard.filter(({ name }) => name === 'basic.get-ok')).toHaveLength(10)
    expect(peer.transport.paused).toBe(false)
  })
})
