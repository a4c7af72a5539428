// What becomes of deliveries (behaviour.md §7.2, §7.3, §7.6): acks, nacks and rejects, single and multiple, where requeued
// messages go, and who may be given the next message because of it.

import { table } from '../../src/protocol/field-table.ts'
import { channelClose } from '../support/closes.ts'
import { type Arrival, method, methodBytes, type Peer, publishBytes } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World
let peer: Peer

beforeEach(async () => {
  world = await World.create()
  peer = await world.open({}, 1, 2)
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

async function fill(queue: string, ...bodies: readonly string[]): Promise<void> {
  await peer.ask(2, 'queue.declare', { queue })
  for (const body of bodies) peer.publish(2, { routingKey: queue, body })
  await peer.heard()
}

/** Bodies and tags of deliveries, in order: `a1` is body a, tag 1; `*` after it, redelivered. */
function deliveries(arrivals: readonly Arrival[]): readonly string[] {
  return arrivals.flatMap((each) =>
    each.name === 'basic.deliver' || each.name === 'basic.get-ok'
      ? [`${each.body}${each.deliveryTag}${each.redelivered ? '*' : ''}`]
      : [],
  )
}

async function consume(queue: string, prefetchCount = 0): Promise<readonly string[]> {
  peer.send(1, 'basic.qos', { prefetchCount })
  return deliveries(await peer.ask(1, 'basic.consume', { queue }))
}

async function take(queue: string, count: number): Promise<readonly string[]> {
  for (let i = 0; i < count; i++) peer.send(1, 'basic.get', { queue })
  return deliveries(await peer.heard())
}

describe('an ack', () => {
  it('settles one delivery, or with `multiple` all up to it', async () => {
    await fill('q', 'a', 'b', 'c', 'd')
    await consume('q')
    await peer.ask(1, 'basic.ack', { deliveryTag: 2 })
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 3 })
    await peer.ask(1, 'basic.ack', { deliveryTag: 3, multiple: true })
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 1 })
  })

  it('of 0 with `multiple` settles everything, also nothing', async () => {
    await fill('q', 'a', 'b')
    await consume('q')
    for (let i = 0; i < 2; i++) {
      expect(await peer.ask(1, 'basic.ack', { deliveryTag: 0, multiple: true })).toEqual([])
      expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 0 })
    }
  })

  it('settles deliveries of several queues and gets at once', async () => {
    await fill('q', 'a', 'b')
    await fill('r', 'c')
    await take('q', 1)
    await consume('q')
    await consume('r')
    await peer.ask(1, 'basic.ack', { deliveryTag: 3, multiple: true })
    expect([world.stats('q'), world.stats('r')]).toMatchObject([{ unacked: 0 }, { unacked: 0 }])
  })
})

describe('a delivery tag that is unknown', () => {
  const ids = { 'basic.ack': '60/80', 'basic.nack': '60/120', 'basic.reject': '60/90' } as const

  it.each([
    ['basic.ack', { deliveryTag: 3 }],
    ['basic.ack', { deliveryTag: 3, multiple: true }],
    ['basic.ack', { deliveryTag: 0 }],
    ['basic.ack', { deliveryTag: 1 }],
    ['basic.ack', { deliveryTag: 1, multiple: true }],
    ['basic.nack', { deliveryTag: 7, requeue: true }],
    ['basic.nack', { deliveryTag: 7, multiple: true }],
    ['basic.nack', { deliveryTag: 0, requeue: true }],
    ['basic.reject', { deliveryTag: 7 }],
    ['basic.reject', { deliveryTag: 0, requeue: true }],
    ['basic.reject', { deliveryTag: 2 ** 52 }],
  ] as const)('closes the channel: %s %j', async (name, fields) => {
    await fill('q', 'a', 'b', 'c')
    await take('q', 1)
    peer.send(1, 'basic.ack', { deliveryTag: 1 })
    peer.send(1, 'basic.get', { queue: 'q' })
    peer.send(1, 'basic.get', { queue: 'q', noAck: true })
    await peer.heard()
    expect(await peer.ask(1, name, fields)).toMatchObject([
      channelClose(1, 406, `unknown delivery tag ${fields.deliveryTag}`, ids[name]),
    ])
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 1 })
  })

  it('is one of another channel, too', async () => {
    await fill('q', 'a')
    await take('q', 1)
    expect(await peer.ask(2, 'basic.ack', { deliveryTag: 1 })).toMatchObject([
      channelClose(2, 406, 'unknown delivery tag 1', '60/80'),
    ])
    expect(world.stats('q')).toMatchObject({ unacked: 1 })
  })
})

describe('a requeued message', () => {
  it('returns to its place: 1 of 0 to 4, while 0 and 2 are out', async () => {
    await fill('q', '0', '1', '2', '3', '4')
    await take('q', 3)
    await peer.ask(1, 'basic.nack', { deliveryTag: 2, requeue: true })
    expect(await take('q', 3)).toEqual(['14*', '35', '46'])
  })

  it.each([
    ['basic.reject', { requeue: true }],
    ['basic.nack', { requeue: true }],
    ['basic.nack', { requeue: true, multiple: true }],
  ] as const)('is redelivered, and others are not: %s %j', async (name, fields) => {
    await fill('q', 'a', 'b')
    await take('q', 1)
    await peer.ask(1, name, { deliveryTag: 1, ...fields })
    expect(await take('q', 2)).toEqual(['a2*', 'b3'])
  })

  it('returns with others of its turn in their old order, whatever order they came back in', async () => {
    await fill('q', 'a', 'b', 'c', 'd', 'e')
    expect(await consume('q', 4)).toEqual(['a1', 'b2', 'c3', 'd4'])
    for (const deliveryTag of [3, 1, 4]) peer.send(1, 'basic.nack', { deliveryTag, requeue: true })
    expect(deliveries(await peer.heard())).toEqual(['a5*', 'c6*', 'd7*'])
  })

  it('returns when its channel is closed, and when its connection is cut', async () => {
    await fill('q', 'a', 'b', 'c')
    await consume('q')
    await peer.ask(1, 'channel.close')
    expect(world.stats('q')).toEqual({ ready: 3, unacked: 0, consumers: 0 })
    await peer.ask(1, 'channel.open')
    await consume('q')
    await peer.drop()
    expect(world.stats('q')).toEqual({ ready: 3, unacked: 0, consumers: 0 })
    peer = await world.open({}, 1)
    expect(await take('q', 3)).toEqual(['a1*', 'b2*', 'c3*'])
  })

  it('goes to another consumer where there is one that has room', async () => {
    await fill('q', 'a', 'b', 'c')
    const other = await world.open({}, 1)
    await consume('q', 1)
    await other.ask(1, 'basic.qos', { prefetchCount: 5 })
    expect(deliveries(await other.ask(1, 'basic.consume', { queue: 'q' }))).toEqual(['b1', 'c2'])
    await peer.ask(1, 'channel.close')
    expect(deliveries(await other.heard())).toEqual(['a3*'])
  })
})

describe('a rejected message', () => {
  it.each([
    ['basic.reject', {}],
    ['basic.nack', {}],
    ['basic.nack', { multiple: true }],
  ] as const)('is dropped: %s %j', async (name, fields) => {
    await fill('q', 'a', 'b')
    await take('q', 1)
    await peer.ask(1, name, { deliveryTag: 1, ...fields })
    expect(world.stats('q')).toMatchObject({ ready: 1, unacked: 0 })
    expect(await take('q', 2)).toEqual(['b2'])
  })
})

describe('settling', () => {
  it('makes room for the next message of the same consumer', async () => {
    await fill('q', 'a', 'b', 'c')
    expect(await consume('q', 1)).toEqual(['a1'])
    expect(deliveries(await peer.ask(1, 'basic.ack', { deliveryTag: 1 }))).toEqual(['b2'])
    expect(deliveries(await peer.ask(1, 'basic.reject', { deliveryTag: 2 }))).toEqual(['c3'])
  })

  it('makes room for as many as it settled', async () => {
    await fill('q', ...'abcdefgh')
    await consume('q', 2)
    await consume('q', 2)
    const heard = await peer.ask(1, 'basic.ack', { deliveryTag: 4, multiple: true })
    expect(deliveries(heard)).toEqual(['e5', 'f6', 'g7', 'h8'])
    const tags = heard.map((each) => ('consumerTag' in each ? each.consumerTag : ''))
    for (const tag of new Set(tags)) expect(tags.filter((each) => each === tag)).toHaveLength(2)
  })

  it('with `multiple` asks all whom it makes room for before it gives anybody a second message', async () => {
    await fill('q', ...'abcdefghi')
    for (const consumerTag of ['x', 'y', 'z']) {
      peer.send(1, 'basic.qos', { prefetchCount: 2 })
      await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag })
    }
    const heard = await peer.ask(1, 'basic.ack', { deliveryTag: 6, multiple: true })
    expect(heard.map((each) => ('consumerTag' in each ? each.consumerTag : ''))).toEqual(['x', 'y', 'z'])
  })

  it('makes room for what is published right behind it', async () => {
    await fill('q')
    for (const [consumerTag, priority] of [
      ['low', 0],
      ['high', 1],
    ] as const) {
      await peer.ask(1, 'basic.qos', { prefetchCount: 2 - priority })
      await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag, arguments: table({ 'x-priority': priority }) })
    }
    const publish = (body: string) => publishBytes(1, { routingKey: 'q', body })
    const ack = methodBytes(1, method('basic.ack', { deliveryTag: 1 }))
    peer.write(Buffer.concat([publish('a'), publish('b'), ack, publish('c')]))
    const tags = (await peer.heard()).map((each) => ('consumerTag' in each ? each.consumerTag : each.name))
    expect(tags).toEqual(['high', 'low', 'high'])
  })

  it('on several channels at once lets their consumers take turns', async () => {
    await fill('q', ...'abcdefgh')
    await peer.ask(3, 'channel.open')
    for (const channel of [1, 3]) {
      await peer.ask(channel, 'basic.qos', { prefetchCount: 2 })
      await peer.ask(channel, 'basic.consume', { queue: 'q' })
    }
    const ack = method('basic.ack', { deliveryTag: 2, multiple: true })
    peer.write(Buffer.concat([methodBytes(1, ack), methodBytes(3, ack)]))
    expect((await peer.heard()).map(({ channel, body }) => `${body} on ${channel}`)).toEqual([
      ...['e on 1', 'f on 3', 'g on 1', 'h on 3'],
    ])
  })

  it('of one queue makes room in a shared limit for another queue (§7.3)', async () => {
    await fill('q', 'a')
    await fill('r', 'b', 'c')
    await peer.ask(1, 'basic.qos', { prefetchCount: 1, global: true })
    peer.send(1, 'basic.consume', { queue: 'q' })
    peer.send(1, 'basic.consume', { queue: 'r' })
    expect(deliveries(await peer.heard())).toEqual(['a1'])
    expect(deliveries(await peer.ask(1, 'basic.ack', { deliveryTag: 1 }))).toEqual(['b2'])
  })

  it('gives the next message of the same queue under a shared limit, until there is none', async () => {
    await fill('q', 'a', 'b', 'c')
    await peer.ask(1, 'basic.qos', { prefetchCount: 1, global: true })
    expect(deliveries(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toEqual(['a1'])
    expect(deliveries(await peer.ask(1, 'basic.ack', { deliveryTag: 1 }))).toEqual(['b2'])
    expect(deliveries(await peer.ask(1, 'basic.nack', { deliveryTag: 2 }))).toEqual(['c3'])
  })

  it('makes room for consumers that do not ack, who wait while a shared limit is used up and use up none of it', async () => {
    await fill('q', 'a')
    await fill('r', 'b', 'c')
    await peer.ask(1, 'basic.qos', { prefetchCount: 1, global: true })
    expect(deliveries(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toEqual(['a1'])
    expect(deliveries(await peer.ask(1, 'basic.consume', { queue: 'r', noAck: true }))).toEqual([])
    expect(deliveries(await peer.ask(1, 'basic.ack', { deliveryTag: 1 }))).toEqual(['b2', 'c3'])
  })

  it('is not needed by consumers of a quorum queue for more, whom a shared limit does not bind', async () => {
    const quorum = table({ 'x-queue-type': 'quorum' })
    await peer.ask(2, 'queue.declare', { queue: 'm', durable: true, arguments: quorum })
    await peer.ask(1, 'basic.consume', { queue: 'm' })
    await fill('q', 'a', 'b')
    await peer.ask(1, 'basic.qos', { prefetchCount: 1, global: true })
    for (const body of ['c', 'd']) peer.publish(2, { routingKey: 'm', body })
    expect(deliveries(await peer.heard())).toEqual(['c1', 'd2'])
    expect(deliveries(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toEqual(['a3'])
    expect(deliveries(await peer.ask(1, 'basic.ack', { deliveryTag: 2, multiple: true }))).toEqual([])
    expect(deliveries(await peer.ask(1, 'basic.ack', { deliveryTag: 3 }))).toEqual(['b4'])
  })

  it.each([
    ['alone', Buffer.alloc(0)],
    ['together with a publish to one of them', publishBytes(1, { routingKey: 'q', body: 'n' })],
  ])('gives queues with backlogs turns under a shared limit, where each ack comes %s', async (_, publish) => {
    await fill('q', 'a', 'b', 'c')
    await fill('r', 'd', 'e', 'f')
    await peer.ask(1, 'basic.qos', { prefetchCount: 1, global: true })
    peer.send(1, 'basic.consume', { queue: 'q' })
    const heard = [...deliveries(await peer.ask(1, 'basic.consume', { queue: 'r' }))]
    for (let deliveryTag = 1; deliveryTag <= 5; deliveryTag++) {
      peer.write(Buffer.concat([methodBytes(1, method('basic.ack', { deliveryTag })), publish]))
      heard.push(...deliveries(await peer.heard()))
    }
    expect(heard).toEqual(['a1', 'd2', 'b3', 'e4', 'c5', 'f6'])
  })

  it('of a cancelled consumer’s messages makes room in a shared limit as well', async () => {
    await fill('q', 'a')
    await fill('r', 'b')
    await peer.ask(1, 'basic.qos', { prefetchCount: 1, global: true })
    peer.send(1, 'basic.consume', { queue: 'q', consumerTag: 'gone' })
    expect(deliveries(await peer.ask(1, 'basic.consume', { queue: 'r' }))).toEqual(['a1'])
    await peer.ask(1, 'basic.cancel', { consumerTag: 'gone' })
    expect(deliveries(await peer.ask(1, 'basic.ack', { deliveryTag: 1 }))).toEqual(['b2'])
  })

  it('of a get makes room for nobody: gets are not limited', async () => {
    await fill('q', 'a', 'b', 'c')
    await peer.ask(1, 'basic.qos', { prefetchCount: 1, global: true })
    expect(await take('q', 1)).toEqual(['a1'])
    expect(deliveries(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toEqual(['b2'])
    expect(deliveries(await peer.ask(1, 'basic.ack', { deliveryTag: 1 }))).toEqual([])
  })

  it('for a queue that is deleted is accepted without a word (§6.3)', async () => {
    await fill('q', 'a', 'b', 'c')
    await consume('q')
    await peer.ask(2, 'queue.delete', { queue: 'q' })
    peer.send(1, 'basic.ack', { deliveryTag: 1 })
    peer.send(1, 'basic.nack', { deliveryTag: 2, requeue: true })
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 3 })).toEqual([])
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 3 })).toMatchObject([{ name: 'channel.close' }])
  })
})
