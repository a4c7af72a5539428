// A thousand connections that come, work, and die without a close, at every point of a conversation: what they leave
// behind is counted exactly, down to the objects themselves. (A hundred over sockets are in ../server/listener.spec.ts.)

import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import type { Connection } from '../../src/session/connection.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../support/fault-store.ts'
import { collectGarbage } from '../support/garbage.ts'
import { type Peer, publishBytes } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World
let store: FaultyStore

beforeEach(async () => {
  store = faultyStore(createMemoryStore())
  world = await World.create({ store })
  const peer = await world.open({}, 1)
  await peer.ask(1, 'queue.declare', { queue: 'shared' })
  await peer.ask(1, 'queue.declare', { queue: 'stored', durable: true })
  await peer.drop()
})

/** Everything that a connection can own: queues, bindings, exchanges, consumers, deliveries, confirms. */
async function settleIn(peer: Peer, name: string): Promise<void> {
  peer.send(1, 'queue.declare', { queue: `mine ${name}`, exclusive: true })
  peer.send(1, 'queue.declare', { queue: `auto ${name}`, autoDelete: true })
  peer.send(1, 'exchange.declare', { exchange: `x ${name}`, type: 'topic', autoDelete: true })
  peer.send(1, 'queue.bind', { queue: `mine ${name}`, exchange: `x ${name}`, routingKey: '#' })
  peer.send(1, 'queue.bind', { queue: `auto ${name}`, exchange: 'amq.direct', routingKey: name })
  peer.send(1, 'basic.qos', { prefetchCount: 2 })
  for (const queue of [`mine ${name}`, `auto ${name}`, 'shared']) peer.send(1, 'basic.consume', { queue })
  peer.send(2, 'channel.open')
  await peer.ask(2, 'confirm.select')
  for (const routingKey of [`mine ${name}`, `auto ${name}`]) {
    for (let i = 0; i < 4; i++) peer.publish(2, { routingKey, body: 'm', properties: { deliveryMode: 2 } })
  }
  const heard = await peer.heard()
  expect(heard.filter((each) => each.name === 'basic.ack')).toMatchObject([{ deliveryTag: 8, multiple: true }])
  expect(heard.filter((each) => each.name === 'basic.deliver').length).toBeGreaterThanOrEqual(4)
}

/** How far a connection comes before it dies. */
const deaths: readonly (readonly [string, (peer: Peer) => unknown])[] = [
  ['idle', () => {}],
  ['with messages unacked of a shared queue', (peer) => peer.publish(2, { routingKey: 'shared', body: 's' })],
  ['with messages gotten', (peer) => peer.ask(1, 'basic.get', { queue: 'shared' })],
  [
    'in the middle of a body',
    (peer) => peer.write(publishBytes(2, { routingKey: 'shared', body: 'half' }).subarray(0, -3)),
  ],
  [
    'in the middle of a large body',
    (peer) => peer.write(publishBytes(2, { body: Buffer.alloc(50_000) }).subarray(0, -9)),
  ],
  [
    'in a transaction',
    async (peer) => {
      peer.send(3, 'channel.open')
      await peer.ask(3, 'tx.select')
      peer.publish(3, { routingKey: 'shared', body: 'never' })
      await peer.ask(3, 'basic.get', { queue: 'shared' })
      peer.send(3, 'basic.ack', { deliveryTag: 0, multiple: true })
    },
  ],
  [
    'without reading what it is sent',
    async (peer) => {
      peer.transport.stall(true)
      peer.send(1, 'queue.declare', { queue: 'large', exclusive: true })
      for (let i = 0; i < 15; i++) peer.publish(2, { routingKey: 'large', body: Buffer.alloc(100_000) })
      await peer.ask(1, 'basic.consume', { queue: 'large', noAck: true })
    },
  ],
  ['after a channel error', (peer) => peer.ask(1, 'queue.declare', { queue: 'none', passive: true })],
  ['after a connection error', (peer) => peer.ask(0, 'queue.declare')],
  ['after its close', (peer) => peer.ask(0, 'connection.close', { replyCode: 200 })],
  ['at its close', (peer) => peer.send(0, 'connection.close', { replyCode: 200 })],
]

/** Lets a connection live and die; its heartbeat has begun. Returns what may be left of it once it is collected. */
async function live(index: number): Promise<WeakRef<Connection>> {
  const before = new Set(world.connections)
  const [, die] = deaths[index % deaths.length] as (typeof deaths)[number]
  const peer = await world.open({ heartbeat: 60, capabilities: ['consumer_cancel_notify'] }, 1)
  const [connection] = [...world.connections].filter((each) => !before.has(each))
  await settleIn(peer, `${index}`)
  await die(peer)
  await peer.drop()
  return new WeakRef(connection as Connection)
}

/** Lets these peers die, and returns what may be left of their connections: nothing else here holds on to them. */
async function weakly(make: () => Promise<readonly Peer[]>): Promise<readonly WeakRef<Connection>[]> {
  const peers = await make()
  const refs = [...world.connections].map((connection) => new WeakRef(connection))
  for (const peer of peers) peer.transport.vanish()
  await world.settle()
  return refs
}

/** What is left of the connections, beside the two shared queues. */
async function left(refs: readonly WeakRef<Connection>[]) {
  // What was settled is taken off the disk a little later.
  await world.pass(100)
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await world.settle()
  }
  return {
    connections: world.connections.size,
    objects: refs.filter((ref) => ref.deref() !== undefined).length,
    timers: world.clock.timers,
    tasks: world.clock.tasks,
    slabs: world.slabs.lent.size,
    queues: [...world.vhost.queues.keys()],
    bindings: world.vhost.bindings.size,
    exchanges: [...world.vhost.exchanges.keys()].filter((name) => name !== '' && !name.startsWith('amq.')),
    stored: await store.messages.queueIds(),
  }
}

const nothing = {
  connections: 0,
  objects: 0,
  timers: 0,
  tasks: 0,
  slabs: 0,
  queues: ['shared', 'stored'],
  bindings: 0,
  exchanges: [],
  stored: [],
}

describe('a thousand connections that die without a close', () => {
  it('leave no queue, consumer, timer, slab or object behind, and no message unacked', async () => {
    const refs: WeakRef<Connection>[] = []
    for (let index = 0; index < 1000; index++) refs.push(await live(index))
    expect(await left(refs)).toEqual(nothing)
    const published = refs.filter((_, index) => index % deaths.length === 1).length
    expect(world.stats('shared')).toEqual({ ready: published, unacked: 0, consumers: 0 })
    expect(world.log.defects).toEqual([])
  })

  it('leave nothing behind when they die together', async () => {
    const refs = await weakly(async () => {
      const peers: Peer[] = []
      for (let index = 0; index < 100; index++) {
        peers.push(await world.open({ heartbeat: 60 }, 1))
        await settleIn(peers.at(-1) as Peer, `${index}`)
      }
      expect([world.vhost.queues.size, world.clock.timers > 99]).toEqual([202, true])
      return peers
    })
    expect(refs).toHaveLength(100)
    expect(await left(refs)).toEqual(nothing)
  })

  it('leave nothing behind before they are open', async () => {
    const refs = await weakly(async () => {
      const peers = Array.from({ length: 250 }, () => world.connect())
      for (const [index, peer] of peers.entries()) {
        peer.write(PROTOCOL_HEADER.subarray(0, index % 9))
        if (index % 3 > 0) peer.startOk()
        if (index % 3 > 1) peer.tuneOk({ heartbeat: 60 })
      }
      await world.settle()
      return peers
    })
    expect(await left(refs)).toEqual(nothing)
  })
})

describe('connections that die while they are blocked', () => {
  it('leave nothing behind although the alarm goes on', async () => {
    const refs = await weakly(async () => {
      const peers: Peer[] = []
      for (let index = 0; index < 50; index++) {
        const peer = await world.open({ heartbeat: 60, capabilities: ['connection.blocked'] }, 1)
        world.broker.alarms.raise('memory')
        peer.publish(1, { routingKey: 'nowhere', body: 'm' })
        expect(await peer.heard()).toMatchObject([{ name: 'connection.blocked' }])
        peers.push(peer)
      }
      return peers
    })
    expect(await left(refs)).toEqual(nothing)
  })
})

describe('connections that die while the disk is slow', () => {
  it('leave nothing behind once it has answered', async () => {
    const meta = store.meta.holdNextCommit()
    const messages = store.messages.holdNextCommit()
    const refs = await weakly(async () => {
      const peers: Peer[] = []
      for (let index = 0; index < 50; index++) {
        const peer = await world.open({ heartbeat: 60 }, 1, 2, 3)
        peers.push(peer)
        peer.send(1, 'queue.declare', { queue: `new ${index}`, durable: true, autoDelete: true })
        peer.send(1, 'queue.declare', { queue: `held ${index}`, exclusive: true })
        peer.send(1, 'basic.consume', { queue: `held ${index}` })
        peer.send(2, 'confirm.select')
        peer.publish(2, { routingKey: 'stored', body: 'p', properties: { deliveryMode: 2 } })
        peer.send(3, 'tx.select')
        peer.publish(3, { routingKey: 'stored', body: 't', properties: { deliveryMode: 2 } })
        peer.send(3, 'tx.commit')
        if (index % 2 === 0) peer.send(0, 'connection.close', { replyCode: 200 })
        await peer.heard()
      }
      return peers
    })
    await Promise.all([meta.reached, messages.reached])
    meta.release()
    messages.release()
    await world.settle()
    expect(world.stats('stored')).toEqual({ ready: 100, unacked: 0, consumers: 0 })
    const cleaner = await world.open({}, 1)
    for (let index = 0; index < 50; index++) await cleaner.ask(1, 'queue.delete', { queue: `new ${index}` })
    await cleaner.ask(1, 'queue.purge', { queue: 'stored' })
    await cleaner.drop()
    const { stored, ...rest } = await left(refs)
    const { stored: _, ...wanted } = nothing
    expect(rest).toEqual(wanted)
    expect(stored.length).toBeLessThanOrEqual(1)
  })
})
