// What differs between the RabbitMQs that a broker can be, each difference as a client sees it: one scenario, three answers.

import { type Compat, dialects } from '../../src/broker/dialect.ts'
import { type FieldValue, table } from '../../src/protocol/field-table.ts'
import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import type { Arrival, Peer } from '../support/peer.ts'
import { World } from '../support/world.ts'

const HALF_HOUR_MS = 1_800_000
const names = ['leveret', 'rabbitmq-3.13', 'rabbitmq-4.3'] as const satisfies readonly Compat[]

let world: World
let peer: Peer

async function begin(compat: Compat, store = createMemoryStore()): Promise<void> {
  world = await World.create({ store, dialect: dialects[compat] })
  peer = await world.open({}, 1, 2)
}

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

const quorum = { 'x-queue-type': 'quorum' }

const declare = (queue: string, args: Parameters<typeof table>[0] = {}) =>
  peer.ask(1, 'queue.declare', { queue, durable: true, arguments: table(args) })

/** What a server said last, in short. */
function said(arrivals: readonly Arrival[]): unknown {
  const last = arrivals.at(-1)
  if (last?.name !== 'channel.close' && last?.name !== 'connection.close') return last?.name
  return `${last.replyCode} ${last.replyText.split('\n')[0]}`
}

async function next(queue: string): Promise<Arrival & { name: 'basic.get-ok' }> {
  const [got] = await peer.ask(2, 'basic.get', { queue })
  if (got?.name !== 'basic.get-ok') throw new Error(`${queue} has nothing: ${got?.name}`)
  return got
}

const header = (arrival: Arrival, name: string): FieldValue['value'] | undefined =>
  arrival.properties?.headers?.get(name)?.value

/** Gives a message back as often as it comes, 30 times at most: how often it came. */
async function deliveriesOf(queue: string): Promise<number> {
  for (let count = 0; ; count++) {
    const [got] = await peer.ask(2, 'basic.get', { queue })
    if (got?.name !== 'basic.get-ok' || count === 30) return count
    peer.send(2, 'basic.reject', { deliveryTag: got.deliveryTag, requeue: true })
  }
}

/** A user who may do nothing but what `permission` says. */
async function openAs(permission: { configure: string; write: string; read: string }): Promise<void> {
  const { administration } = world.broker
  await administration.putUser('worker', { password: 'worker' })
  await administration.setPermission('worker', '/', permission)
}

/** name, what is done and seen, and what is seen with each of `names`. */
const scenarios: readonly (readonly [string, () => Promise<unknown>, readonly [unknown, unknown, unknown]])[] = [
  [
    'version in connection.start',
    async () => {
      const stranger = world.connect()
      stranger.write(PROTOCOL_HEADER)
      const [start] = await stranger.heard()
      return start?.name === 'connection.start' && start.serverProperties.get('version')?.value
    },
    ['4.3.0', '3.13.7', '4.3.6'],
  ],
  [
    'answer to a foreign protocol header',
    async () => {
      const stranger = world.connect()
      stranger.write(Buffer.from('GET / HT'))
      await stranger.heard()
      return stranger.reader.header?.subarray(4).join(' ')
    },
    ['0 0 9 1', '0 0 9 1', '3 1 0 0'],
  ],
  [
    'frame-max of 4096',
    () =>
      world.open({ frameMax: 4096 }).then(
        () => 'let in',
        () => 'refused',
      ),
    ['let in', 'let in', 'refused'],
  ],
  [
    'basic.qos 1 with global, two consumers',
    async () => {
      await declare('q')
      for (const body of ['1', '2', '3']) peer.publish(1, { routingKey: 'q', body })
      peer.send(2, 'basic.qos', { prefetchCount: 1, global: true })
      for (const consumerTag of ['a', 'b']) peer.send(2, 'basic.consume', { queue: 'q', consumerTag })
      return (await peer.heard()).filter(({ name }) => name === 'basic.deliver').length
    },
    [1, 1, 2],
  ],
  [
    'declaring a queue that is neither durable nor exclusive',
    async () => said(await peer.ask(1, 'queue.declare', { queue: 'q' })),
    ['queue.declare-ok', 'queue.declare-ok', '541 INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated.'],
  ],
  [
    'declaring x-queue-version 1',
    async () => said(await declare('q', { 'x-queue-version': 1 })),
    [
      'queue.declare-ok',
      'queue.declare-ok',
      `406 PRECONDITION_FAILED - invalid arg 'x-queue-version' for queue 'q' in vhost '/': "unsupported queue version '1'"`,
    ],
  ],
  [
    'declaring x-consumer-timeout on a classic queue',
    async () => said(await declare('q', { 'x-consumer-timeout': 1000 })),
    [
      'queue.declare-ok',
      'queue.declare-ok',
      `406 PRECONDITION_FAILED - invalid arg 'x-consumer-timeout' for queue 'q' in vhost '/' of queue type rabbit_classic_queue`,
    ],
  ],
  [
    'consuming with x-consumer-timeout from a classic queue',
    async () => {
      await declare('q')
      return said(await peer.ask(1, 'basic.consume', { queue: 'q', arguments: table({ 'x-consumer-timeout': 1000 }) }))
    },
    [
      'basic.consume-ok',
      'basic.consume-ok',
      `406 PRECONDITION_FAILED - invalid arg 'x-consumer-timeout' for queue 'q' in vhost '/' of queue type rabbit_classic_queue`,
    ],
  ],
  [
    'x-queue-master-locator',
    async () => said(await declare('q', { 'x-queue-master-locator': 'min-masters' })),
    ['queue.declare-ok', 'queue.declare-ok', '541 INTERNAL_ERROR - Feature `queue_master_locator` is deprecated.'],
  ],
  [
    'a topic binding of three #',
    async () => {
      await declare('q')
      return said(await peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'amq.topic', routingKey: '#.a.#.b.#' }))
    },
    [
      'queue.bind-ok',
      'queue.bind-ok',
      `406 PRECONDITION_FAILED - Topic binding key '#.a.#.b.#' uses 3 '#' wildcards, at most 2 are allowed`,
    ],
  ],
  [
    'redelivered of a message that was rejected elsewhere, got and consumed',
    async () => {
      await declare('dead')
      await declare('q', { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' })
      for (const body of ['1', '2']) peer.publish(1, { routingKey: 'q', body })
      for (const _ of [1, 2]) {
        const { deliveryTag } = await next('q')
        peer.send(2, 'basic.reject', { deliveryTag })
      }
      const { redelivered } = await next('dead')
      const delivered = await peer.ask(2, 'basic.consume', { queue: 'dead' })
      return [redelivered, ...delivered.flatMap((each) => (each.name === 'basic.deliver' ? [each.redelivered] : []))]
    },
    [
      [false, false],
      [false, false],
      [true, true],
    ],
  ],
  [
    'redelivered of a message that expired elsewhere',
    async () => {
      await declare('dead')
      const args = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead', 'x-message-ttl': 0 }
      await declare('q', args)
      peer.publish(1, { routingKey: 'q', body: '1' })
      return (await next('dead')).redelivered
    },
    [false, false, false],
  ],
  [
    'deliveries of a message that is rejected back into a quorum queue',
    async () => {
      await declare('q', quorum)
      peer.publish(1, { routingKey: 'q', body: '1' })
      return deliveriesOf('q')
    },
    [21, 30, 21],
  ],
  [
    'headers of a message that a consumer gave back to a quorum queue',
    async () => {
      await declare('q', quorum)
      peer.publish(1, { routingKey: 'q', body: '1' })
      const { deliveryTag } = await next('q')
      peer.send(2, 'basic.nack', { deliveryTag, requeue: true })
      const again = await next('q')
      return [header(again, 'x-acquired-count'), header(again, 'x-delivery-count')]
    },
    [
      [1, undefined],
      [undefined, 1],
      [1, undefined],
    ],
  ],
  [
    'the first of messages of priorities 1 and 9 in a quorum queue',
    async () => {
      await declare('q', quorum)
      for (const priority of [1, 9]) peer.publish(1, { routingKey: 'q', body: `${priority}`, properties: { priority } })
      return (await next('q')).body
    },
    ['9', '1', '9'],
  ],
  [
    'who is the single active consumer of a quorum queue once one of higher priority is there',
    async () => {
      await declare('q', { ...quorum, 'x-single-active-consumer': true })
      await peer.ask(2, 'basic.consume', { queue: 'q', consumerTag: 'first' })
      const args = table({ 'x-priority': 5 })
      await peer.ask(2, 'basic.consume', { queue: 'q', consumerTag: 'higher', arguments: args })
      peer.publish(1, { routingKey: 'q', body: '1' })
      return (await peer.heard()).flatMap((each) => (each.name === 'basic.deliver' ? [each.consumerTag] : []))
    },
    [['higher'], ['first'], ['higher']],
  ],
  [
    'a delivery of a quorum queue that is out for too long',
    async () => {
      peer = await world.open({ capabilities: ['consumer_cancel_notify'] }, 1, 2)
      await declare('q', quorum)
      await peer.ask(2, 'basic.consume', { queue: 'q', consumerTag: 'ct' })
      peer.publish(1, { routingKey: 'q', body: '1' })
      await peer.heard()
      await world.pass(HALF_HOUR_MS + 60_000, 60_000)
      return said(peer.take())
    },
    [
      'basic.cancel',
      '406 PRECONDITION_FAILED - delivery acknowledgement on channel 2 timed out. Timeout value used: 1800000 ms. This timeout value can be configured, see consumers doc guide to learn more',
      'basic.cancel',
    ],
  ],
  [
    'count of deaths where a client says that there were five',
    async () => {
      await declare('dead')
      await declare('q', { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' })
      const death = table({ count: 5, reason: 'rejected', queue: 'q', exchange: '', 'routing-keys': ['q'] })
      const nonsense = table({ count: 'many', queue: 'q' })
      const former = { tag: 'A' as const, value: [nonsense, death].map((value) => ({ tag: 'F' as const, value })) }
      peer.publish(1, { routingKey: 'q', body: '1', properties: { headers: new Map([['x-death', former]]) } })
      const { deliveryTag } = await next('q')
      peer.send(2, 'basic.reject', { deliveryTag })
      const deaths = header(await next('dead'), 'x-death') as readonly FieldValue[]
      return deaths.map((each) => each.tag === 'F' && Number(each.value.get('count')?.value))
    },
    [[1], [6], [1]],
  ],
  [
    'passive declarations by somebody without permissions',
    async () => {
      await declare('q')
      await openAs({ configure: '^$', write: '^$', read: '^$' })
      peer = await world.open({ user: 'worker', password: 'worker' }, 1, 2)
      const exchange = await peer.ask(1, 'exchange.declare', { exchange: 'amq.direct', passive: true })
      const queue = await peer.ask(2, 'queue.declare', { queue: 'q', passive: true })
      return [said(exchange), said(queue)].map((each) => `${each}`.split(' - ')[0])
    },
    [
      ['403 ACCESS_REFUSED', '403 ACCESS_REFUSED'],
      ['exchange.declare-ok', 'queue.declare-ok'],
      ['403 ACCESS_REFUSED', '403 ACCESS_REFUSED'],
    ],
  ],
  [
    'CC with a key that a topic permission forbids',
    async () => {
      await declare('q')
      await peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'amq.topic', routingKey: '#' })
      await openAs({ configure: '.*', write: '.*', read: '.*' })
      await world.broker.administration.setTopicPermission('worker', '/', 'amq.topic', { write: '^mine', read: '.*' })
      peer = await world.open({ user: 'worker', password: 'worker' }, 1)
      const headers = table({ CC: ['theirs'] })
      peer.publish(1, { exchange: 'amq.topic', routingKey: 'mine', body: '1', properties: { headers } })
      const answer = said(await peer.heard())
      return [answer, (await world.stats('q'))?.ready]
    },
    [
      [
        `403 ACCESS_REFUSED - write access to topic 'theirs' in exchange 'amq.topic' in vhost '/' refused for user 'worker'`,
        0,
      ],
      [undefined, 1],
      [
        `403 ACCESS_REFUSED - write access to topic 'theirs' in exchange 'amq.topic' in vhost '/' refused for user 'worker'`,
        0,
      ],
    ],
  ],
  [
    'binding the name of a reply queue',
    async () => {
      const queue = 'amq.rabbitmq.reply-to.abc'
      return said(await peer.ask(1, 'queue.bind', { queue, exchange: 'amq.direct', routingKey: 'k' }))
    },
    [
      '403 ACCESS_REFUSED - cannot bind or unbind to a volatile (direct reply-to) queue',
      `404 NOT_FOUND - no queue 'amq.rabbitmq.reply-to.abc' in vhost '/'`,
      '403 ACCESS_REFUSED - cannot bind or unbind to a volatile (direct reply-to) queue',
    ],
  ],
  [
    'a policy that mirrors queues',
    () =>
      world.broker.administration.putPolicy('/', 'ha', { pattern: '.*', definition: { 'ha-mode': 'all' } }).then(
        () => 'set',
        (error: Error) => error.message,
      ),
    [
      expect.stringContaining('are not recognised policy settings'),
      'set',
      expect.stringContaining('are not recognised policy settings'),
    ],
  ],
]

describe.each(scenarios)('%s', (_, act, answers) => {
  it.each(names.map((name, at) => [name, answers[at]] as const))('with %s: %j', async (name, answer) => {
    await begin(name)
    expect(await act()).toEqual(answer)
  })
})

describe('what was declared and is not durable', () => {
  it.each([
    ['leveret', false],
    ['rabbitmq-3.13', false],
    ['rabbitmq-4.3', true],
  ] as const)('is, of exchanges, there after a restart of %s: %j', async (name, there) => {
    const store = createMemoryStore()
    await begin(name, store)
    await declare('q')
    await peer.ask(1, 'exchange.declare', { exchange: 'x', type: 'fanout' })
    await peer.ask(1, 'exchange.declare', { exchange: 'gone', type: 'fanout' })
    await peer.ask(1, 'exchange.bind', { destination: 'x', source: 'gone' })
    await peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'x' })
    await peer.ask(1, 'exchange.delete', { exchange: 'gone' })
    await peer.drop()
    await world.broker.stop()
    await begin(name, store)
    expect([...world.vhost.exchanges.keys()].filter((exchange) => !exchange.startsWith('amq.'))).toEqual(
      there ? ['', 'x'] : [''],
    )
    peer.publish(1, { exchange: there ? 'x' : '', routingKey: 'q', body: '1' })
    await peer.heard()
    expect(world.stats('q')).toMatchObject({ ready: 1 })
  })
})
