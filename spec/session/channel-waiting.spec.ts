// A channel while something waits: for the broker, for the disk, for its turn.

import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { channelClose } from '../support/closes.ts'
import { type FaultyStore, faultyStore } from '../support/fault-store.ts'
import type { Arrival, Peer } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World
let store: FaultyStore

beforeEach(async () => {
  store = faultyStore(createMemoryStore())
  world = await World.create({ store })
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

const names = (arrivals: readonly Arrival[]) => arrivals.map(({ name }) => name)

describe('a method that waits for the broker', () => {
  it('keeps later methods and messages of its channel waiting, in their order', async () => {
    const peer = await world.open({}, 1)
    const hold = store.meta.holdNextCommit()
    peer.send(1, 'queue.declare', { queue: 'd', durable: true })
    peer.send(1, 'confirm.select')
    peer.publish(1, { routingKey: 'd', body: 'x'.repeat(300_000) })
    peer.publish(1, { routingKey: '', mandatory: true, body: '' })
    peer.send(1, 'basic.get', { queue: 'd', noAck: true })
    peer.send(1, 'queue.declare', { queue: 'e', durable: true })
    peer.send(1, 'channel.flow', { active: true })
    await hold.reached
    expect(await peer.heard()).toEqual([])
    hold.release()
    expect(names(await peer.heard())).toEqual([
      'queue.declare-ok',
      'confirm.select-ok',
      'basic.return',
      'basic.get-ok',
      'queue.declare-ok',
      'channel.flow-ok',
      'basic.ack',
    ])
  })

  it('keeps no other channel and no other connection waiting', async () => {
    const peer = await world.open({}, 1, 2)
    const other = await world.open({}, 1)
    const hold = store.meta.holdNextCommit()
    peer.send(1, 'queue.declare', { queue: 'd', durable: true })
    await hold.reached
    expect(await peer.ask(2, 'queue.declare', { queue: 't' })).toMatchObject([{ channel: 2, queue: 't' }])
    expect(await other.ask(1, 'basic.get', { queue: 't' })).toMatchObject([{ name: 'basic.get-empty' }])
    hold.release()
    expect(await peer.heard()).toMatchObject([{ channel: 1, queue: 'd' }])
  })

  it('that ends with an error drops what was kept waiting', async () => {
    const peer = await world.open({}, 1, 2)
    await peer.ask(2, 'queue.declare', { queue: 'd', durable: true })
    const hold = store.meta.holdNextCommit()
    peer.send(2, 'queue.delete', { queue: 'd' })
    await hold.reached
    peer.send(1, 'queue.declare', { queue: 'd', durable: false })
    peer.send(1, 'queue.declare', { queue: 'late' })
    hold.release()
    expect(await peer.heard()).toMatchObject([
      channelClose(
        1,
        406,
        "inequivalent arg 'durable' for queue 'd' in vhost '/': received 'false' but current is 'true'",
        '50/10',
      ),
      { channel: 2, name: 'queue.delete-ok' },
    ])
    expect(world.stats('late')).toBeNull()
  })

  it('stops reading once a thousand frames wait, and reads on when it is done', async () => {
    const peer = await world.open({}, 1)
    const hold = store.meta.holdNextCommit()
    peer.send(1, 'queue.declare', { queue: 'd', durable: true })
    await hold.reached
    for (let i = 0; i < 999; i++) peer.send(1, 'channel.flow', { active: true })
    expect(peer.transport.paused).toBe(false)
    for (let i = 0; i < 500; i++) peer.send(1, 'channel.flow', { active: true })
    expect(peer.transport.paused).toBe(true)
    hold.release()
    expect(await peer.heard()).toHaveLength(1500)
    expect(peer.transport.paused).toBe(false)
  })

  it('loses what was kept waiting when the connection is cut', async () => {
    const peer = await world.open({}, 1)
    const hold = store.meta.holdNextCommit()
    peer.send(1, 'queue.declare', { queue: 'd', durable: true })
    peer.send(1, 'queue.declare', { queue: 'late' })
    peer.send(1, 'queue.declare', { queue: 'mine', exclusive: true })
    await hold.reached
    await peer.drop()
    hold.release()
    await world.settle()
    expect([...world.vhost.queues.keys()]).toEqual(['d'])
    expect([world.connections.size, world.clock.timers, world.slabs.lent.size]).toEqual([0, 0, 0])
  })
})

describe('a confirm (§8.2)', () => {
  const persistent = { properties: { deliveryMode: 2 } }

  async function confirming(): Promise<Peer> {
    const peer = await world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'd', durable: true })
    await peer.ask(1, 'queue.declare', { queue: 't' })
    await peer.ask(1, 'confirm.select')
    return peer
  }

  it('of a persistent message waits for the disk', async () => {
    const peer = await confirming()
    const hold = store.messages.holdNextCommit()
    peer.publish(1, { routingKey: 'd', body: 'm', ...persistent })
    expect(await peer.heard()).toEqual([])
    hold.release()
    expect(await peer.heard()).toMatchObject([{ name: 'basic.ack', deliveryTag: 1, multiple: false }])
  })

  it.each([
    ['transient, durable queue', 'd', {}],
    ['persistent, transient queue', 't', persistent],
    ['unroutable', 'nowhere', persistent],
  ])('of another does not wait: %s', async (_, routingKey, rest) => {
    const peer = await confirming()
    store.messages.holdNextCommit()
    peer.publish(1, { routingKey, body: 'm', ...rest })
    expect(await peer.heard()).toMatchObject([{ name: 'basic.ack', deliveryTag: 1 }])
  })

  it('overtakes one that waits, and covers it with `multiple` once it is settled', async () => {
    const peer = await confirming()
    const hold = store.messages.holdNextCommit()
    peer.publish(1, { routingKey: 'd', body: '1', ...persistent })
    peer.publish(1, { routingKey: 't', body: '2' })
    expect(await peer.heard()).toMatchObject([{ name: 'basic.ack', deliveryTag: 2, multiple: false }])
    peer.publish(1, { routingKey: 't', body: '3' })
    hold.release()
    expect(await peer.heard()).toMatchObject([{ name: 'basic.ack', deliveryTag: 3, multiple: true }])
  })

  it.each(['failed', 'unknown'] as const)('is a nack when the commit is %s, one per message', async (kind) => {
    const peer = await confirming()
    store.messages.failNextCommit(kind, { applied: false })
    peer.publish(1, { routingKey: 'd', body: '1', ...persistent })
    peer.publish(1, { routingKey: 't', body: '2', ...persistent })
    peer.publish(1, { routingKey: 'd', body: '3', ...persistent })
    const said = await peer.heard()
    expect(said.filter(({ name }) => name === 'basic.nack')).toMatchObject([
      { deliveryTag: 1, multiple: false, requeue: true },
      { deliveryTag: 3, multiple: false, requeue: true },
    ])
    expect(said.filter(({ name }) => name === 'basic.ack')).toMatchObject([{ deliveryTag: 2, multiple: false }])
    expect(world.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    world.log.lines.length = 0
  })

  it('is an ack when the message is consumed, or its queue deleted, before the disk has it', async () => {
    const peer = await confirming()
    store.messages.holdNextCommit()
    peer.publish(1, { routingKey: 'd', body: '1', ...persistent })
    peer.publish(1, { routingKey: 'd', body: '2', ...persistent })
    expect(await peer.heard()).toEqual([])
    expect(names(await peer.ask(1, 'basic.get', { queue: 'd', noAck: true }))).toEqual(['basic.get-ok', 'basic.ack'])
    expect(names(await peer.ask(1, 'queue.delete', { queue: 'd' })).sort()).toEqual(['basic.ack', 'queue.delete-ok'])
  })

  it('answers a thousand publishes of one turn at once', async () => {
    const peer = await confirming()
    for (let i = 0; i < 1000; i++) peer.publish(1, { routingKey: 'd', body: 'm', ...persistent })
    expect(await peer.heard()).toMatchObject([{ name: 'basic.ack', deliveryTag: 1000, multiple: true }])
  })
})
