// What channels tell the firehose of their vhost: publishes, deliveries and answers to basic.get, while it is traced.

import { Firehose } from '../../src/broker/firehose.ts'
import type { FieldTable } from '../../src/protocol/field-table.ts'
import type { Fate, Watch } from '../../src/session/watch.ts'
import type { Peer } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World
let peer: Peer

beforeEach(async () => {
  world = await World.create()
  peer = await world.open({}, 1, 2)
  await peer.ask(1, 'queue.declare', { queue: 'copies' })
  await peer.ask(1, 'queue.declare', { queue: 'q' })
  await peer.ask(1, 'queue.bind', { queue: 'copies', exchange: 'amq.rabbitmq.trace', routingKey: '#' })
})

afterEach(() => expect(world.log.defects).toEqual([]))

function trace(on = true): void {
  const { clock, log: logger } = world
  const firehose = on ? new Firehose(world.vhost, { clock, logger, node: 'n' }) : null
  world.broker.connections.trace(world.vhost, firehose)
}

/** Takes the copies: key, body, and what is asked for of what they say. */
async function copies(...headers: readonly string[]) {
  await world.settle()
  const taken: unknown[][] = []
  for (;;) {
    const got = await world.vhost.queues.get('copies')?.get(true)
    if (!got) return taken
    const { message } = got
    const said: FieldTable = message.headers
    taken.push([message.routingKey, message.copyBody().toString(), ...headers.map((name) => said.get(name)?.value)])
    world.vhost.queues.get('copies')?.ack(got.seq, true)
  }
}

it('tells of nothing before it is switched on, nor after it is switched off', async () => {
  peer.publish(1, { routingKey: 'q', body: 'before' })
  await peer.heard()
  trace()
  peer.publish(1, { routingKey: 'q', body: 'within' })
  await peer.heard()
  trace(false)
  peer.publish(1, { routingKey: 'q', body: 'after' })
  await peer.heard()
  expect(await copies()).toEqual([['publish.', 'within']])
})

it('tells of all keys that a delivery came by, those in BCC too, which its client is not shown', async () => {
  const keys = { tag: 'A' as const, value: [{ tag: 'S' as const, value: 'hidden' }] }
  peer.publish(1, { routingKey: 'q', properties: { headers: new Map([['BCC', keys]]) }, body: 'x' })
  trace()
  await peer.ask(1, 'basic.get', { queue: 'q', noAck: true })
  const texts = [
    { tag: 'S', value: 'q' },
    { tag: 'S', value: 'hidden' },
  ]
  expect(await copies('routing_keys')).toEqual([['deliver.q', 'x', texts]])
})

it('tells of channels that were there, and of those that come', async () => {
  trace()
  await peer.ask(3, 'channel.open')
  const other = await world.open({}, 5)
  for (const channel of [1, 3]) peer.publish(channel, { exchange: 'amq.topic', body: `${channel}` })
  await peer.heard()
  other.publish(5, { exchange: 'amq.topic', body: '5' })
  await other.heard()
  const name = '127.0.0.1:50001 -> 127.0.0.1:5672'
  expect(await copies('channel', 'connection', 'user', 'vhost')).toEqual([
    ['publish.amq.topic', '1', 1, name, 'guest', '/'],
    ['publish.amq.topic', '3', 3, name, 'guest', '/'],
    ['publish.amq.topic', '5', 5, name, 'guest', '/'],
  ])
})

it('tells nothing of other vhosts', async () => {
  await world.broker.administration.putVhost('v')
  const v = world.broker.vhost('v')
  if (!v) throw new Error('no vhost')
  world.broker.connections.trace(v, new Firehose(v, { clock: world.clock, logger: world.log, node: 'n' }))
  peer.publish(1, { routingKey: 'q', body: 'elsewhere' })
  await peer.heard()
  expect(await copies()).toEqual([])
})

it('tells of what answers basic.get and of what goes to consumers, once each', async () => {
  for (const body of ['got', 'consumed']) peer.publish(1, { routingKey: 'q', body })
  await peer.heard()
  trace()
  await peer.ask(1, 'basic.get', { queue: 'q', noAck: true })
  peer.send(2, 'basic.consume', { queue: 'q', consumerTag: 'c' })
  await peer.heard()
  peer.send(2, 'basic.recover', { requeue: true })
  await peer.heard()
  expect(await copies('redelivered', 'channel')).toEqual([
    ['deliver.q', 'got', 0, 1],
    ['deliver.q', 'consumed', 0, 2],
    ['deliver.q', 'consumed', 1, 2],
  ])
})

it('tells of what is published to no queue, and in a transaction before it is committed', async () => {
  trace()
  peer.publish(1, { exchange: 'amq.direct', routingKey: 'nowhere', body: 'lost' })
  await peer.ask(2, 'tx.select')
  peer.publish(2, { routingKey: 'q', body: 'not yet' })
  await peer.heard()
  expect(await copies('routed_queues')).toEqual([
    ['publish.amq.direct', 'lost', []],
    ['publish.', 'not yet', [{ tag: 'S', value: 'q' }]],
  ])
})

it('does not tell of answers to requests as deliveries', async () => {
  await peer.ask(1, 'basic.consume', { queue: 'amq.rabbitmq.reply-to', noAck: true })
  await peer.ask(2, 'basic.consume', { queue: 'q', noAck: true })
  peer.publish(1, { routingKey: 'q', properties: { replyTo: 'amq.rabbitmq.reply-to' } })
  const [asked] = await peer.heard()
  trace()
  peer.publish(2, { routingKey: asked?.properties?.replyTo ?? '', body: 'answer' })
  expect(await peer.heard()).toMatchObject([{ name: 'basic.deliver', body: 'answer' }])
  expect(await copies()).toEqual([['publish.', 'answer']])
})

it('never tells of copies, also where their consumer is on the channel that they tell of', async () => {
  trace()
  peer.send(1, 'basic.consume', { queue: 'copies', noAck: true })
  await peer.heard()
  peer.publish(1, { routingKey: 'none', body: 'one' })
  const heard = await peer.heard()
  expect(heard).toMatchObject([{ name: 'basic.deliver', routingKey: 'publish.', body: 'one' }])
  await world.settle()
  expect(await peer.heard()).toEqual([])
})

it('leaves what is confirmed, refused and counted as it is for those who watch anyway', async () => {
  const seen: string[] = []
  const watch: Watch = {
    entered: () => {},
    left: () => {},
    published: (_, message): Fate => {
      seen.push(`published ${message.routingKey}`)
      return 'unroutable'
    },
    delivered: (_, queue) => void seen.push(`delivered ${queue.name}`),
    settled: () => {},
    failed: () => {},
  }
  Object.assign(world.context, { watch })
  peer.publish(1, { routingKey: 'q', body: 'there' })
  await peer.heard()
  trace()
  peer.publish(1, { routingKey: 'q', body: 'lost' })
  await peer.ask(1, 'basic.get', { queue: 'q', noAck: true })
  expect(seen).toEqual(['published q', 'delivered q'])
  expect(await copies()).toEqual([
    ['publish.', 'lost'],
    ['deliver.q', 'there'],
  ])
})
