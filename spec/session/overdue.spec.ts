// Deliveries that are not settled in time (behaviour.md §7.7), seen by the client and in the queue.

import { table } from '../../src/protocol/field-table.ts'
import { channelClose } from '../support/closes.ts'
import type { Arrival, Peer } from '../support/peer.ts'
import { World } from '../support/world.ts'

const HALF_HOUR_MS = 1_800_000

let world: World
let peer: Peer

async function begin(consumerTimeoutMs: number | null = null, capabilities = ['consumer_cancel_notify']) {
  world = await World.create({ limits: { consumerTimeoutMs } })
  peer = await world.open({ capabilities }, 1, 2)
  await peer.ask(2, 'queue.declare', { queue: 'classic', durable: true })
  await declareQuorum('quorum')
}

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

async function declareQuorum(queue: string, more: Parameters<typeof table>[0] = {}) {
  await peer.ask(2, 'queue.declare', { queue, durable: true, arguments: table({ 'x-queue-type': 'quorum', ...more }) })
}

async function fill(routingKey: string, ...bodies: readonly string[]) {
  for (const body of bodies) peer.publish(2, { routingKey, body })
  await peer.heard()
}

async function consume(queue: string, args: Parameters<typeof table>[0] = {}, prefetchCount = 0) {
  await peer.ask(1, 'basic.qos', { prefetchCount })
  return bodies(await peer.ask(1, 'basic.consume', { queue, consumerTag: 'ct', arguments: table(args) }))
}

/** Lets `ms` pass as an idle broker lets it: the sweep comes by. */
async function pass(ms: number): Promise<Arrival[]> {
  await world.pass(ms, Math.min(ms, 60_000))
  return peer.take()
}

function bodies(arrivals: readonly Arrival[]): readonly string[] {
  return arrivals.flatMap((each) =>
    each.name === 'basic.deliver' ? [`${each.body}${each.redelivered ? '*' : ''}`] : [],
  )
}

const cancel = { name: 'basic.cancel', channel: 1, consumerTag: 'ct', noWait: true }
const timedOut = (ms: number) =>
  channelClose(
    1,
    406,
    `delivery acknowledgement on channel 1 timed out. Timeout value used: ${ms} ms. This timeout value can be configured, see consumers doc guide to learn more`,
    '0/0',
  )

describe('a delivery of a quorum queue', () => {
  it('returns after half an hour, and its consumer is cancelled', async () => {
    await begin()
    await fill('quorum', 'a', 'b')
    expect(await consume('quorum', {}, 1)).toEqual(['a'])
    expect(await pass(HALF_HOUR_MS - 60_000)).toEqual([])
    expect(await pass(180_000)).toEqual([expect.objectContaining(cancel)])
    expect(world.stats('quorum')).toEqual({ ready: 2, unacked: 0, consumers: 0 })
  })

  it('may be settled late without a word, and then its consumer goes on', async () => {
    await begin()
    await declareQuorum('q', { 'x-consumer-timeout': 1000 })
    await fill('q', 'a', 'b', 'c')
    expect(await consume('q', {}, 2)).toEqual(['a', 'b'])
    await world.pass(1200, 100)
    expect(await peer.heard()).toEqual([expect.objectContaining(cancel)])
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 1 })).toEqual([])
    expect(world.stats('q')).toEqual({ ready: 3, unacked: 0, consumers: 0 })
    expect(bodies(await peer.ask(1, 'basic.nack', { deliveryTag: 2, requeue: true }))).toEqual(['a*', 'b*'])
    expect(world.stats('q')).toEqual({ ready: 1, unacked: 2, consumers: 1 })
  })

  it('is late by itself: what was given later stays out', async () => {
    await begin()
    await fill('quorum', 'a')
    await consume('quorum', { 'x-consumer-timeout': 10_000 })
    await world.pass(6000, 1000)
    await fill('quorum', 'b')
    await world.pass(6000, 1000)
    expect(world.stats('quorum')).toEqual({ ready: 1, unacked: 1, consumers: 0 })
  })

  it('is given to another consumer when it has returned, and counts as handed out, not as failed', async () => {
    await begin()
    await fill('quorum', 'a')
    await consume('quorum', { 'x-consumer-timeout': 1000 })
    const other = await world.open({}, 1)
    await other.ask(1, 'basic.consume', { queue: 'quorum' })
    await world.pass(1300, 100)
    expect(await other.heard()).toMatchObject([
      {
        body: 'a',
        redelivered: true,
        properties: { headers: table({ 'x-acquired-count': 1n }) },
      },
    ])
  })

  it('lets its tag be used again, and is forgotten when its channel ends', async () => {
    await begin()
    await fill('quorum', 'a')
    await consume('quorum', { 'x-consumer-timeout': 1000 })
    await world.pass(1300, 100)
    peer.take()
    expect(await consume('classic')).toEqual([])
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 1 })).toEqual([])
    expect(world.stats('quorum')).toEqual({ ready: 1, unacked: 0, consumers: 0 })
    await peer.ask(1, 'channel.close')
    expect(world.stats('quorum')).toEqual({ ready: 1, unacked: 0, consumers: 0 })
    expect(world.clock.timers).toBe(0)
  })

  it('is let go with its consumer when the queue is deleted meanwhile', async () => {
    await begin()
    await fill('quorum', 'a')
    await consume('quorum', { 'x-consumer-timeout': 1000 })
    await world.pass(1300, 100)
    await peer.ask(2, 'queue.delete', { queue: 'quorum' })
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 1 })).toEqual([])
    expect(await consume('classic')).toEqual([])
  })

  it('ends the channel of a client that does not know cancel notifications', async () => {
    await begin(null, [])
    await fill('quorum', 'a')
    await consume('quorum', { 'x-consumer-timeout': 1000 })
    await world.pass(1300, 100)
    expect(await peer.heard()).toMatchObject([timedOut(-1)])
    expect(world.stats('quorum')).toEqual({ ready: 1, unacked: 0, consumers: 0 })
  })

  it('of basic.get just returns', async () => {
    await begin(5000, [])
    await fill('quorum', 'a')
    await peer.ask(1, 'basic.get', { queue: 'quorum' })
    await world.pass(6000, 500)
    expect(await peer.heard()).toEqual([])
    expect(world.stats('quorum')).toEqual({ ready: 1, unacked: 0, consumers: 0 })
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 1 })).toEqual([])
  })
})

describe('a delivery of a classic queue', () => {
  it('may take any time, and nobody looks for it', async () => {
    await begin()
    await fill('classic', 'a')
    expect(await consume('classic')).toEqual(['a'])
    expect(world.clock.timers).toBe(0)
  })

  it.each([
    ['the broker', 5000, {}],
    ['its consumer', null, { 'x-consumer-timeout': 5000 }],
  ])('ends the channel after the time that %s allows', async (_, setting, args) => {
    await begin(setting)
    await fill('classic', 'a', 'b')
    await consume('classic', args)
    await peer.ask(1, 'basic.ack', { deliveryTag: 1 })
    await world.pass(4500, 500)
    expect(peer.take()).toEqual([])
    await world.pass(2000, 500)
    expect(await peer.heard()).toMatchObject([timedOut(5000)])
    expect(world.stats('classic')).toEqual({ ready: 1, unacked: 0, consumers: 0 })
    expect(world.clock.timers).toBe(0)
  })

  it('takes the time of its queue, also for basic.get', async () => {
    await begin()
    await peer.ask(2, 'queue.declare', { queue: 'timed', arguments: table({ 'x-consumer-timeout': 2000 }) })
    await fill('timed', 'a')
    await peer.ask(1, 'basic.get', { queue: 'timed' })
    await world.pass(3000, 200)
    expect(await peer.heard()).toMatchObject([timedOut(2000)])
  })

  it('is not missed while it is settled in time', async () => {
    await begin(1000)
    await consume('classic', {}, 1)
    for (let tag = 1; tag <= 30; tag++) {
      await fill('classic', 'a')
      await world.pass(300, 100)
      expect(await peer.ask(1, 'basic.ack', { deliveryTag: tag })).toEqual([])
    }
  })

  it('of a consumer that does not ack is none, and 0 stands for any time', async () => {
    await begin(0)
    await fill('classic', 'a')
    await peer.ask(1, 'basic.consume', { queue: 'classic', noAck: true, arguments: table({ 'x-consumer-timeout': 5 }) })
    await peer.ask(1, 'basic.consume', { queue: 'quorum' })
    expect(world.clock.timers).toBe(0)
  })
})
