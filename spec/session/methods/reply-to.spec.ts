// Direct reply-to from one connection to another (behaviour.md §12).

import { channelClose } from '../../support/closes.ts'
import type { Peer } from '../../support/peer.ts'
import { World } from '../../support/world.ts'

const REPLY_TO = 'amq.rabbitmq.reply-to'

let world: World
let client: Peer
let server: Peer

beforeEach(async () => {
  world = await World.create()
  client = await world.open({}, 1, 2)
  server = await world.open({}, 1)
  await server.ask(1, 'queue.declare', { queue: 'rpc' })
  await server.ask(1, 'basic.consume', { queue: 'rpc', noAck: true })
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

async function consume(channel = 1, noAck = true) {
  return client.ask(channel, 'basic.consume', { queue: REPLY_TO, consumerTag: `replies ${channel}`, noAck })
}

/** Asks, and returns the name that the server is to answer to. */
async function asked(channel = 1): Promise<string> {
  const properties = { replyTo: REPLY_TO, correlationId: 'c1', expiration: '60000', messageId: 'm1' }
  client.publish(channel, { routingKey: 'rpc', body: 'question', properties })
  expect(await client.heard()).toEqual([])
  const [delivery] = await server.heard()
  const { replyTo, ...others } = delivery?.properties ?? {}
  expect(others).toEqual({ correlationId: 'c1', expiration: '60000', messageId: 'm1' })
  return replyTo ?? ''
}

const returned = { name: 'basic.return', replyCode: 312, body: 'answer' }

describe('direct reply-to', () => {
  it('brings the answer to the channel that asked, under a name of its own', async () => {
    expect(await consume()).toMatchObject([{ name: 'basic.consume-ok', consumerTag: 'replies 1' }])
    await consume(2)
    const names = [await asked(1), await asked(2)]
    expect(new Set(names).size).toBe(2)
    await server.ask(1, 'confirm.select')
    for (const [at, routingKey] of names.entries()) {
      const channel = at + 1
      server.publish(1, { routingKey, mandatory: true, body: 'answer', properties: { correlationId: 'c1' } })
      expect(await server.heard()).toMatchObject([{ name: 'basic.ack', deliveryTag: channel }])
      const fields = { deliveryTag: 1, redelivered: false, exchange: '', routingKey, consumerTag: `replies ${channel}` }
      const properties = { correlationId: 'c1' }
      expect(await client.heard()).toEqual([
        expect.objectContaining({ name: 'basic.deliver', channel, ...fields, body: 'answer', properties }),
      ])
    }
    expect(world.vhost.queues.size).toBe(1)
  })

  it.each([
    ['its consumer is cancelled', () => client.ask(1, 'basic.cancel', { consumerTag: 'replies 1' })],
    ['its channel is closed', () => client.ask(1, 'channel.close')],
    ['its connection is cut', () => client.drop()],
  ])('returns a mandatory answer when %s', async (_, end) => {
    await consume()
    const routingKey = await asked()
    server.publish(1, { routingKey, mandatory: true, body: 'answer' })
    expect(await server.heard()).toEqual([])
    await end()
    server.publish(1, { routingKey, mandatory: true, body: 'answer' })
    expect(await server.heard()).toMatchObject([returned])
    expect(world.vhost.replies.size).toBe(0)
  })

  it('returns a mandatory answer to a name that it never gave', async () => {
    server.publish(1, { routingKey: `${REPLY_TO}.garbled`, mandatory: true, body: 'answer' })
    expect(await server.heard()).toMatchObject([returned])
  })

  it('works inside a transaction, and again after the consumer was cancelled', async () => {
    for (let round = 1; round <= 2; round++) {
      await consume()
      const routingKey = await asked()
      await server.ask(1, 'tx.select')
      server.publish(1, { routingKey, body: 'answer' })
      expect(await client.heard()).toEqual([])
      await server.ask(1, 'tx.commit')
      expect(await client.heard()).toMatchObject([{ body: 'answer', deliveryTag: round }])
      await client.ask(1, 'basic.cancel', { consumerTag: 'replies 1' })
    }
  })

  it('holds a server back for a turn whose answers are not read', async () => {
    await consume()
    const routingKey = await asked()
    client.transport.stall(true)
    for (let i = 0; i < 3; i++) {
      server.publish(1, { routingKey, body: 'x'.repeat(600_000) })
      await server.heard()
    }
    server.publish(1, { routingKey, body: 'answer' })
    expect(server.transport.paused).toBe(true)
    client.transport.stall(false)
    expect(await client.heard()).toHaveLength(4)
    expect(server.transport.paused).toBe(false)
  })

  it.each([
    ['with acks', () => consume(1, false), 'reply consumer cannot acknowledge', '60/20'],
    [
      'twice on a channel',
      () => consume().then(() => client.ask(1, 'basic.consume', { queue: REPLY_TO, noAck: true })),
      'reply consumer already set',
      '60/20',
    ],
  ] as const)('is not consumed %s', async (_, attempt, text, ids) => {
    expect(await attempt()).toMatchObject([channelClose(1, 406, text, ids)])
  })

  it('holds no server back while a limit that its channel shares is used up', async () => {
    await client.ask(1, 'queue.declare', { queue: 'q' })
    await client.ask(1, 'basic.qos', { prefetchCount: 1, global: true })
    await client.ask(1, 'basic.consume', { queue: 'q' })
    client.publish(1, { routingKey: 'q', body: 'held' })
    expect(await client.heard()).toMatchObject([{ body: 'held' }])
    await consume()
    const routingKey = await asked()
    expect(world.vhost.replies.get(routingKey)?.pressed).toBe(false)
    server.publish(1, { routingKey, body: 'answer' })
    expect(await client.heard()).toMatchObject([{ name: 'basic.deliver', body: 'answer' }])
  })

  it('is not asked for without a consumer', async () => {
    await consume(2)
    client.publish(1, { routingKey: 'rpc', properties: { replyTo: REPLY_TO, expiration: 'wrong as well' } })
    expect(await client.heard()).toMatchObject([channelClose(1, 406, 'fast reply consumer does not exist', '60/40')])
  })
})

describe('the name of a reply queue', () => {
  const declared = (queue: string) => ({ name: 'queue.declare-ok', queue, messageCount: 0, consumerCount: 1 })

  it('need not be declared', async () => {
    await consume()
    for (const queue of [REPLY_TO, await asked()]) {
      for (const passive of [true, false]) {
        expect(await server.ask(1, 'queue.declare', { queue, passive })).toMatchObject([declared(queue)])
        expect(await server.ask(1, 'queue.declare', { queue, passive, noWait: true })).toEqual([])
      }
    }
    expect(await server.ask(1, 'queue.delete', { queue: REPLY_TO })).toMatchObject([
      { name: 'queue.delete-ok', messageCount: 0 },
    ])
  })

  it.each([
    ['queue.declare', { queue: `${REPLY_TO}.gone` }, 404, `no queue '${REPLY_TO}.gone' in vhost '/'`, '50/10'],
    [
      'queue.declare',
      { queue: `${REPLY_TO}.gone`, passive: true },
      404,
      `no queue '${REPLY_TO}.gone' in vhost '/'`,
      '50/10',
    ],
    ['basic.get', { queue: REPLY_TO }, 404, `no queue '${REPLY_TO}' in vhost '/'`, '60/70'],
    ['queue.bind', { queue: REPLY_TO, exchange: 'amq.fanout' }, 404, `no queue '${REPLY_TO}' in vhost '/'`, '50/20'],
    [
      'queue.bind',
      { queue: `${REPLY_TO}.x`, exchange: 'amq.fanout' },
      403,
      'cannot bind or unbind to a volatile (direct reply-to) queue',
      '50/20',
    ],
    [
      'queue.unbind',
      { queue: `${REPLY_TO}.x`, exchange: 'amq.fanout' },
      403,
      'cannot bind or unbind to a volatile (direct reply-to) queue',
      '50/50',
    ],
  ] as const)('is refused: %s %j', async (name, fields, code, text, ids) => {
    expect(await client.ask(1, name, fields)).toMatchObject([channelClose(1, code, text, ids)])
  })
})
