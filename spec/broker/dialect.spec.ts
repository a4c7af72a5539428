// What differs between the RabbitMQs that a broker can be, each difference as a client sees it: one scenario, three answers.

import { type Compat, dialects } from '../../src/broker/dialect.ts'
import type { QueueStats } from '../../src/broker/queue/queue.ts'
import { REPLY_TO } from '../../src/broker/replies.ts'
import { type FieldValue, table } from '../../src/protocol/field-table.ts'
import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import { greeting } from '../../src/session/greeting.ts'
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
const stream = { 'x-queue-type': 'stream' }

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

const lazyQuorum = table({ ...quorum, 'x-queue-mode': 'lazy' })

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
    'a mandatory answer to somebody who waits for it, and to nobody any more',
    async () => {
      await peer.ask(2, 'basic.consume', { queue: REPLY_TO, consumerTag: 'answers', noAck: true })
      await declare('requests')
      peer.publish(2, { routingKey: 'requests', body: '?', properties: { replyTo: REPLY_TO } })
      await peer.heard()
      const [request] = await peer.ask(1, 'basic.get', { queue: 'requests', noAck: true })
      const routingKey = request?.properties?.replyTo ?? ''
      await peer.ask(1, 'confirm.select', {})
      peer.publish(1, { routingKey, body: 'alive', mandatory: true })
      const alive = (await peer.heard()).map(({ name }) => name).sort()
      await peer.ask(2, 'basic.cancel', { consumerTag: 'answers' })
      peer.publish(1, { routingKey, body: 'dead', mandatory: true })
      const dead = (await peer.heard()).map(({ name }) => name)
      peer.publish(1, { routingKey: `${routingKey}?`, body: 'never', mandatory: true })
      return [alive, dead, (await peer.heard()).map(({ name }) => name)]
    },
    [
      [
        ['basic.ack', 'basic.deliver'],
        ['basic.return', 'basic.ack'],
        ['basic.return', 'basic.ack'],
      ],
      [
        ['basic.ack', 'basic.deliver', 'basic.return'],
        ['basic.return', 'basic.ack'],
        ['basic.return', 'basic.ack'],
      ],
      [['basic.ack', 'basic.deliver'], ['basic.ack'], ['basic.return', 'basic.ack']],
    ],
  ],
  [
    'headers of a timestamp for bindings of the same timestamp, and of so many milliseconds',
    async () => {
      const seconds = { tag: 'T' as const, value: 5 }
      for (const [queue, value] of [
        ['same', seconds],
        ['milliseconds', { tag: 'I' as const, value: 5000 }],
      ] as const) {
        await declare(queue)
        const binding = { queue, exchange: 'amq.headers', arguments: new Map([['at', value]]) }
        await peer.ask(1, 'queue.bind', binding)
      }
      peer.publish(1, { exchange: 'amq.headers', body: '1', properties: { headers: new Map([['at', seconds]]) } })
      await peer.heard()
      return [world.stats('same'), world.stats('milliseconds')].map((each) => (each as QueueStats).ready)
    },
    [
      [1, 0],
      [0, 1],
      [0, 1],
    ],
  ],
  [
    'a weight of 20000 of a consistent-hash binding',
    async () => {
      await declare('q')
      await peer.ask(1, 'exchange.declare', { exchange: 'x', type: 'x-consistent-hash' })
      return said(await peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'x', routingKey: '20000' }))
    },
    [
      '406 PRECONDITION_FAILED - The binding key must not exceed 10000',
      'queue.bind-ok',
      '406 PRECONDITION_FAILED - The binding key must not exceed 10000',
    ],
  ],
  [
    'an exchange of the type x-local-random',
    async () => said(await peer.ask(1, 'exchange.declare', { exchange: 'x', type: 'x-local-random' })),
    ['exchange.declare-ok', `406 PRECONDITION_FAILED - unknown exchange type 'x-local-random'`, 'exchange.declare-ok'],
  ],
  ...(
    [
      ['a word', 'soon', '406', '541', '406'],
      ['a number in a text', '2', '406', '406', '406'],
      ['a bool', true, '406', '541', '541'],
    ] as const
  ).map(
    ([what, offset, ...codes]) =>
      [
        `x-stream-offset that is ${what}`,
        async () => {
          await declare('s', stream)
          await peer.ask(2, 'basic.qos', { prefetchCount: 1 })
          const consumed = await peer.ask(2, 'basic.consume', {
            queue: 's',
            arguments: table({ 'x-stream-offset': offset }),
          })
          return said(consumed)
        },
        codes.map((code) =>
          code === '541'
            ? '541 INTERNAL_ERROR'
            : expect.stringMatching(/^406 PRECONDITION_FAILED - invalid arg 'x-stream-offset' .*invalid_stream_offset/),
        ) as [unknown, unknown, unknown],
      ] as const,
  ),
  [
    'x-max-age that is a word',
    async () => said(await declare('s', { ...stream, 'x-max-age': 'week' })),
    [
      `406 PRECONDITION_FAILED - invalid arg 'x-max-age' for queue 's' in vhost '/': invalid_max_age`,
      '541 INTERNAL_ERROR',
      `406 PRECONDITION_FAILED - invalid arg 'x-max-age' for queue 's' in vhost '/': invalid_max_age`,
    ],
  ],
  [
    'x-queue-mode that is no mode, or of a quorum queue',
    async () => {
      const classic = said(await declare('q', { 'x-queue-mode': 'fast' }))
      return [classic, said(await peer.ask(2, 'queue.declare', { queue: 'r', durable: true, arguments: lazyQuorum }))]
    },
    [
      ['queue.declare-ok', 'queue.declare-ok'],
      [
        `406 PRECONDITION_FAILED - invalid arg 'x-queue-mode' for queue 'q' in vhost '/': "unsupported queue mode 'fast'"`,
        `406 PRECONDITION_FAILED - invalid arg 'x-queue-mode' for queue 'r' in vhost '/' of queue type rabbit_quorum_queue`,
      ],
      ['queue.declare-ok', 'queue.declare-ok'],
    ],
  ],
  [
    'x-queue-leader-locator of a classic queue, and an empty x-queue-type',
    async () => {
      const located = said(await declare('q', { 'x-queue-leader-locator': 'balanced' }))
      const args = table({ 'x-queue-type': '' })
      return [located, said(await peer.ask(2, 'queue.declare', { queue: 'r', durable: true, arguments: args }))]
    },
    [
      ['queue.declare-ok', 'queue.declare-ok'],
      [
        `406 PRECONDITION_FAILED - invalid arg 'x-queue-leader-locator' for queue 'q' in vhost '/' of queue type rabbit_classic_queue`,
        `406 PRECONDITION_FAILED - invalid arg 'x-queue-type' for queue 'r' in vhost '/': "unsupported queue type ''"`,
      ],
      ['queue.declare-ok', 'queue.declare-ok'],
    ],
  ],
  [
    'a message given back to a quorum queue that delays those',
    async () => {
      await declare('q', { ...quorum, 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 1000 })
      peer.publish(1, { routingKey: 'q', body: '1' })
      const { deliveryTag } = await next('q')
      peer.send(2, 'basic.nack', { deliveryTag, requeue: true })
      return said(await peer.ask(2, 'basic.get', { queue: 'q' }))
    },
    ['basic.get-empty', 'basic.get-ok', 'basic.get-empty'],
  ],
  [
    'consuming from a stream without a prefetch',
    async () => {
      await declare('s', stream)
      return said(await peer.ask(1, 'basic.consume', { queue: 's' }))
    },
    [
      `406 PRECONDITION_FAILED - consumer prefetch count is not set for stream queue 's' in vhost '/'`,
      `406 PRECONDITION_FAILED - consumer prefetch count is not set for 'queue 's' in vhost '/''`,
      `406 PRECONDITION_FAILED - consumer prefetch count is not set for stream queue 's' in vhost '/'`,
    ],
  ],
  [
    'consuming from a stream without acks',
    async () => {
      await declare('s', stream)
      await peer.ask(1, 'basic.qos', { prefetchCount: 1 })
      return said(await peer.ask(1, 'basic.consume', { queue: 's', noAck: true }))
    },
    [
      `540 NOT_IMPLEMENTED - automatic acknowledgement not supported by stream queue 's' in vhost '/'`,
      `540 NOT_IMPLEMENTED - automatic acknowledgement not supported by stream queues queue 's' in vhost '/'`,
      `540 NOT_IMPLEMENTED - automatic acknowledgement not supported by stream queue 's' in vhost '/'`,
    ],
  ],
  [
    'a channel more than the user may open',
    async () => {
      await world.broker.administration.setUserLimits('guest', { 'max-channels': 2 })
      return said(await peer.ask(3, 'channel.open', {}))
    },
    [
      `530 NOT_ALLOWED - number of channels opened for user 'guest' has reached the maximum allowed user limit of 2`,
      `530 NOT_ALLOWED - number of channels opened for user 'leveret' has reached the maximum allowed user limit of (2)`,
      `530 NOT_ALLOWED - number of channels opened for user 'guest' has reached the maximum allowed user limit of 2`,
    ],
  ],
  ...(
    [
      ['mirrors queues', { 'ha-mode': 'all' }, false, true, false],
      ['delays retries', { 'delayed-retry-type': 'all' }, true, false, true],
      ['allows any number of deliveries', { 'delivery-limit': -1 }, true, false, true],
    ] as const
  ).map(
    ([what, definition, ...taken]) =>
      [
        `a policy that ${what}`,
        () =>
          world.broker.administration.putPolicy('/', 'p', { pattern: '.*', definition }).then(
            () => true,
            (error: Error) => error.message,
          ),
        taken.map((each) => each || expect.stringMatching(/not recognised policy|not a valid/)) as [
          unknown,
          unknown,
          unknown,
        ],
      ] as const,
  ),
]

describe.each(scenarios)('%s', (_, act, answers) => {
  it.each(names.map((name, at) => [name, answers[at]] as const))('with %s: %j', async (name, answer) => {
    await begin(name)
    expect(await act()).toEqual(answer)
  })
})

describe('mechanisms that are offered', () => {
  it.each([
    ['leveret', true],
    ['rabbitmq-3.13', false],
    ['rabbitmq-4.3', true],
  ] as const)('have ANONYMOUS among them, with %s: %j', (name, offered) => {
    const { plain } = greeting('1', dialects[name], ['PLAIN'], 'guest')
    expect(plain.includes('ANONYMOUS')).toBe(offered)
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
