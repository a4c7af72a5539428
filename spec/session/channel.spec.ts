// A channel: what it refuses (behaviour.md §4), how it ends with an error (§1.2), in which order it answers (§4.1), how it
// waits for the broker, and what it confirms when the disk is slow or fails (§8.2). Each method has a spec of its own in
// methods/.

import { table } from '../../src/protocol/field-table.ts'
import { encodeHeader } from '../../src/protocol/properties.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { channelClose, connectionClose } from '../support/closes.ts'
import { type FaultyStore, faultyStore } from '../support/fault-store.ts'
import { frameBytes } from '../support/frames.ts'
import { type Arrival, type Peer, publishBytes } from '../support/peer.ts'
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

/** Says something wrong on a channel, and expects the channel to be closed for it. */
async function spoil(peer: Peer, channel: number): Promise<void> {
  expect(await peer.ask(channel, 'queue.declare', { queue: 'none', passive: true })).toMatchObject([
    channelClose(channel, 404, "no queue 'none' in vhost '/'", '50/10'),
  ])
}

/** A queue of these messages. */
async function fill(peer: Peer, queue: string, ...bodies: readonly string[]): Promise<void> {
  await peer.ask(1, 'queue.declare', { queue })
  for (const body of bodies) peer.publish(1, { routingKey: queue, body })
  await peer.heard()
}

describe('a method that no client may send (§4)', () => {
  it.each([
    ['channel.open-ok', '20/11'],
    ['channel.flow-ok', '20/21'],
    ['channel.close-ok', '20/41'],
    ['exchange.declare-ok', '40/11'],
    ['queue.declare-ok', '50/11'],
    ['basic.consume-ok', '60/21'],
    ['basic.deliver', '60/60'],
    ['basic.return', '60/50'],
    ['basic.get-ok', '60/71'],
    ['confirm.select-ok', '85/11'],
    ['tx.commit-ok', '90/21'],
    ['connection.open', '10/40'],
    ['connection.close', '10/50'],
  ] as const)('ends the connection: %s', async (name, ids) => {
    const peer = await world.open({}, 1)
    expect(await peer.ask(1, name)).toMatchObject([connectionClose(503, 'unimplemented method', ids)])
  })

  it('ends the connection when it is unknown or does not decode (§3)', async () => {
    for (const [payload, code, ids] of [
      ['003c00ff', 503, [60, 255]],
      ['00ff0001', 503, [255, 1]],
      ['0032000a0000', 501, [50, 10]],
      ['003c0050000000000000000100ff', 501, [60, 80]],
      ['003c002800000000', 501, [60, 40]],
    ] as const) {
      const peer = await world.open({}, 1)
      peer.write(frameBytes({ type: 1, channel: 1, payload: Buffer.from(payload, 'hex') }))
      expect(await peer.heard()).toMatchObject([
        { name: 'connection.close', replyCode: code, classId: ids[0], methodId: ids[1] },
      ])
    }
  })

  it('ends the connection when a name is no UTF-8, but not in a publish (§3)', async () => {
    const peer = await world.open({}, 1)
    const publish = publishBytes(1, { routingKey: 'xx', body: 'm' })
    publish.fill(0xff, publish.indexOf('xx'), publish.indexOf('xx') + 2)
    peer.write(publish)
    expect(await peer.ask(1, 'channel.flow', { active: true })).toMatchObject([{ name: 'channel.flow-ok' }])
    const declare = Buffer.from('0032000a000001ff0000000000', 'hex')
    peer.write(frameBytes({ type: 1, channel: 1, payload: declare }))
    expect(await peer.heard()).toMatchObject([connectionClose(501, 'Malformed UTF-8 in shortstr')])
  })
})

describe('content out of place (§3)', () => {
  const header = frameBytes({ type: 2, channel: 1, payload: encodeHeader({}, 3) })

  it.each([
    ['a header', header],
    ['a body', frameBytes({ type: 3, channel: 1, payload: Buffer.from('abc') })],
  ])('ends the connection: %s without a publish', async (_, bytes) => {
    const peer = await world.open({}, 1)
    peer.write(bytes)
    expect(await peer.heard()).toMatchObject([
      connectionClose(505, 'expected method frame, got non method frame instead'),
    ])
  })

  it('ends the connection: a method after a publish', async () => {
    const peer = await world.open({}, 1)
    peer.send(1, 'basic.publish', { routingKey: 'q' })
    expect(await peer.ask(1, 'channel.close')).toMatchObject([
      connectionClose(505, 'expected content header for class 60, got non content header frame instead', '60/40'),
    ])
  })

  it('ends the connection: a method in the middle of a body', async () => {
    const peer = await world.open({}, 1)
    peer.send(1, 'basic.publish', { routingKey: 'q' })
    peer.write(header)
    expect(await peer.ask(1, 'channel.close')).toMatchObject([
      connectionClose(505, 'expected content body, got non content body frame instead', '60/40'),
    ])
  })
})

describe('a channel that was closed for an error (§1.2)', () => {
  it('drops methods and whole messages until close-ok', async () => {
    const peer = await world.open({}, 1, 2)
    await fill(peer, 'q')
    await spoil(peer, 1)
    peer.send(1, 'queue.declare', { queue: 'late' })
    peer.send(1, 'basic.ack', { deliveryTag: 77 })
    peer.publish(1, { routingKey: 'q', body: 'late' })
    peer.publish(1, { exchange: 'no such exchange', body: '' })
    expect(await peer.heard()).toEqual([])
    expect([world.stats('late'), world.stats('q')]).toMatchObject([null, { ready: 0 }])
    peer.send(1, 'channel.close-ok')
    expect(await peer.ask(1, 'channel.open')).toMatchObject([{ name: 'channel.open-ok' }])
  })

  it('wants a message that was begun to be finished before close-ok', async () => {
    const peer = await world.open({}, 1)
    await spoil(peer, 1)
    peer.send(1, 'basic.publish', { routingKey: 'q' })
    expect(await peer.ask(1, 'channel.close-ok')).toMatchObject([
      connectionClose(505, 'expected content header for class 60, got non content header frame instead', '60/40'),
    ])
  })

  it('is not opened again before close-ok', async () => {
    const peer = await world.open({}, 1)
    await spoil(peer, 1)
    expect(await peer.ask(1, 'channel.open')).toMatchObject([
      connectionClose(504, "second 'channel.open' seen", '20/10'),
    ])
  })

  it('answers a close that crosses its own, and waits for close-ok all the same', async () => {
    const peer = await world.open({}, 1)
    await spoil(peer, 1)
    expect(await peer.ask(1, 'channel.close')).toMatchObject([{ channel: 1, name: 'channel.close-ok' }])
    peer.send(1, 'channel.close-ok')
    expect(await peer.ask(1, 'channel.open')).toMatchObject([{ name: 'channel.open-ok' }])
  })

  it('gives back at once what is of classic queues it consumes, and the rest with close-ok', async () => {
    const peer = await world.open({}, 1, 2)
    const quorum = table({ 'x-queue-type': 'quorum' })
    await peer.ask(1, 'queue.declare', { queue: 'm', durable: true, arguments: quorum })
    for (const queue of ['q', 'r', 's']) await fill(peer, queue, 'a', 'b')
    for (const body of ['c', 'd']) peer.publish(1, { routingKey: 'm', body })
    for (const queue of ['q', 'r', 'm']) await peer.ask(2, 'basic.get', { queue })
    for (const queue of ['q', 's', 'm']) await peer.ask(2, 'basic.consume', { queue, consumerTag: queue })
    await peer.ask(2, 'basic.cancel', { consumerTag: 's' })
    await spoil(peer, 2)
    const of = ([ready, unacked]: readonly number[]) => ({ ready, unacked })
    const stats = () => ['q', 'r', 's', 'm'].map((queue) => world.stats(queue))
    expect(stats()).toMatchObject([of([2, 0]), of([1, 1]), of([0, 2]), of([0, 2])])
    await peer.ask(2, 'channel.close-ok')
    expect(stats()).toMatchObject([of([2, 0]), of([2, 0]), of([2, 0]), of([2, 0])])
    for (const body of ['a', 'b']) {
      expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ body, redelivered: true }])
    }
  })

  it('forgets its transaction, and confirms nothing more', async () => {
    const peer = await world.open({}, 1, 2, 3)
    await fill(peer, 'q', 'a')
    await peer.ask(2, 'tx.select')
    await peer.ask(2, 'basic.get', { queue: 'q' })
    peer.send(2, 'basic.ack', { deliveryTag: 1 })
    peer.publish(2, { routingKey: 'q', body: 'b' })
    await spoil(peer, 2)
    await peer.ask(2, 'channel.close-ok')
    expect(world.stats('q')).toMatchObject({ ready: 1, unacked: 0 })
    await peer.ask(1, 'queue.declare', { queue: 'd', durable: true })
    await peer.ask(3, 'confirm.select')
    const hold = store.messages.holdNextCommit()
    peer.publish(3, { routingKey: 'd', body: 'm', properties: { deliveryMode: 2 } })
    await peer.heard()
    await hold.reached
    await spoil(peer, 3)
    hold.release()
    expect(await peer.heard()).toEqual([])
  })

  it('says what it had to confirm before it says that it is closed', async () => {
    const peer = await world.open({}, 1)
    await fill(peer, 'q')
    await peer.ask(1, 'confirm.select')
    peer.publish(1, { routingKey: 'q', body: 'm' })
    peer.publish(1, { exchange: 'none', body: 'm' })
    expect(await peer.heard()).toMatchObject([
      { name: 'basic.ack', deliveryTag: 1 },
      channelClose(1, 404, "no exchange 'none' in vhost '/'", '60/40'),
    ])
  })
})

describe('order (§4.1)', () => {
  it('puts consume-ok before the first delivery, and nothing after cancel-ok', async () => {
    const peer = await world.open({}, 1)
    await fill(peer, 'q', 'a', 'b', 'c')
    peer.send(1, 'basic.qos', { prefetchCount: 1 })
    peer.send(1, 'basic.consume', { queue: 'q', consumerTag: 't' })
    expect(names(await peer.heard())).toEqual(['basic.qos-ok', 'basic.consume-ok', 'basic.deliver'])
    peer.send(1, 'basic.ack', { deliveryTag: 1 })
    peer.send(1, 'basic.cancel', { consumerTag: 't' })
    peer.send(1, 'basic.nack', { deliveryTag: 0, multiple: true, requeue: true })
    const heard = await peer.heard()
    expect(heard.at(-1)).toMatchObject({ name: 'basic.cancel-ok' })
  })

  it('shows a get what was published before it', async () => {
    const peer = await world.open({}, 1)
    await fill(peer, 'q')
    peer.publish(1, { routingKey: 'q', body: 'm' })
    peer.send(1, 'basic.get', { queue: 'q' })
    peer.send(1, 'basic.get', { queue: 'q' })
    expect(names(await peer.heard())).toEqual(['basic.get-ok', 'basic.get-empty'])
  })

  it('puts the return before the confirm of the same publish', async () => {
    const peer = await world.open({}, 1)
    await peer.ask(1, 'confirm.select')
    for (let i = 1; i <= 3; i++) peer.publish(1, { routingKey: 'nowhere', mandatory: i !== 2, body: `${i}` })
    expect(await peer.heard()).toMatchObject([
      { name: 'basic.return', replyCode: 312, replyText: 'NO_ROUTE', routingKey: 'nowhere', body: '1' },
      { name: 'basic.return', body: '3' },
      { name: 'basic.ack', deliveryTag: 3, multiple: true },
    ])
  })

  it('puts delete-ok before the notice to the consumer, also when bindings have to go from disk', async () => {
    const peer = await world.open({ capabilities: ['consumer_cancel_notify'] }, 1)
    const exchange = { exchange: 'x', type: 'fanout', durable: true, autoDelete: true }
    await peer.ask(1, 'exchange.declare', exchange)
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'x' })
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 't' })
    const hold = store.meta.holdNextCommit()
    peer.send(1, 'queue.delete', { queue: 'q' })
    await hold.reached
    const early = await peer.heard()
    hold.release()
    expect(names([...early, ...(await peer.heard())])).toEqual(['queue.delete-ok', 'basic.cancel'])
  })

  it('numbers deliveries and gets alike, also those that need no ack (§7.2)', async () => {
    const peer = await world.open({}, 1)
    await fill(peer, 'q', 'a', 'b', 'c')
    peer.send(1, 'basic.get', { queue: 'q', noAck: true })
    peer.send(1, 'basic.get', { queue: 'q' })
    peer.send(1, 'basic.consume', { queue: 'q', noAck: true })
    const heard = await peer.heard()
    expect(heard.map((each) => ('deliveryTag' in each ? each.deliveryTag : each.name))).toEqual([
      1,
      2,
      'basic.consume-ok',
      3,
    ])
    expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ name: 'basic.get-empty' }])
    peer.publish(1, { routingKey: 'q', body: 'd' })
    expect(await peer.heard()).toMatchObject([{ name: 'basic.deliver', deliveryTag: 4 }])
  })
})

describe('a message', () => {
  it('of 16 MiB passes; one octet more is refused (§8.1)', async () => {
    const peer = await world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    const body = Buffer.alloc(16_777_216, 'x')
    peer.publish(1, { routingKey: 'q', body })
    const [got] = await peer.ask(1, 'basic.get', { queue: 'q', noAck: true })
    if (got?.name !== 'basic.get-ok') throw new Error(`${got?.name} came`)
    expect([got.body?.length, Math.max(...(got.frames ?? []))]).toEqual([16_777_216, 131_064])
    peer.publish(1, { routingKey: 'q', body: Buffer.concat([body, Buffer.of(1)]) })
    expect(await peer.heard()).toMatchObject([
      channelClose(1, 406, 'message size 16777217 is larger than configured max size 16777216', '60/40'),
    ])
  })

  it.each([4096, 8192, 131_072])(
    'goes out in frames of the frame-max that its receiver has agreed on: %i',
    async (frameMax) => {
      const publisher = await world.open({}, 1)
      const receiver = await world.open({ frameMax }, 1)
      await publisher.ask(1, 'queue.declare', { queue: 'q' })
      await receiver.ask(1, 'basic.consume', { queue: 'q', noAck: true })
      publisher.publish(1, { routingKey: 'q', body: Buffer.alloc(300_000, 'y') })
      await publisher.heard()
      const [delivered] = await receiver.heard()
      expect(delivered?.body).toHaveLength(300_000)
      expect(new Set(delivered?.frames?.slice(0, -1))).toEqual(new Set([frameMax - 8]))
    },
  )

  it('is not delivered while the consumer reads nothing, and is as soon as it does', async () => {
    const publisher = await world.open({}, 1)
    const consumer = await world.open({}, 1)
    await publisher.ask(1, 'queue.declare', { queue: 'q' })
    await consumer.ask(1, 'basic.consume', { queue: 'q' })
    consumer.transport.stall(true)
    for (let i = 0; i < 100; i++) publisher.publish(1, { routingKey: 'q', body: Buffer.alloc(100_000, `${i % 10}`) })
    await publisher.heard()
    const { ready, unacked } = world.stats('q') as { ready: number; unacked: number }
    expect([ready + unacked, unacked < 25]).toEqual([100, true])
    consumer.transport.stall(false)
    expect(await consumer.heard()).toHaveLength(100)
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 100 })
  })

  it.each([100, 4088, 4089, 8191, 8192, 50_000])(
    'of %i octets leaves as it was, although its place in the queue is used again before that',
    async (size) => {
      const peer = await world.open({ frameMax: 4096 }, 1)
      await fill(peer, 'q', 'a'.repeat(size))
      peer.send(1, 'basic.get', { queue: 'q', noAck: true })
      peer.publish(1, { routingKey: 'q', body: 'b'.repeat(size) })
      const [got] = await peer.heard()
      expect([got?.body?.length, new Set(got?.body)]).toEqual([size, new Set(['a'])])
    },
  )

  it('that is large survives the publisher and its buffers', async () => {
    const publisher = await world.open({}, 1)
    await publisher.ask(1, 'queue.declare', { queue: 'q' })
    for (const size of [10, 8191, 8192, 200_000]) {
      publisher.publish(1, { routingKey: 'q', body: Buffer.alloc(size, `${size}`) })
    }
    await publisher.heard()
    await publisher.drop()
    const consumer = await world.open({}, 1)
    for (const size of [10, 8191, 8192, 200_000]) {
      const [got] = await consumer.ask(1, 'basic.get', { queue: 'q' })
      expect(got?.body).toBe(Buffer.alloc(size, `${size}`).toString())
    }
  })
})
