// What differs between the RabbitMQs that a broker can be in what becomes of connections and messages: one scenario, three
// answers. What may be declared is in dialect-declarations.spec.ts.

import { dialects } from '../../src/broker/dialect.ts'
import type { QueueStats } from '../../src/broker/queue/queue.ts'
import { REPLY_TO } from '../../src/broker/replies.ts'
import { type FieldValue, table } from '../../src/protocol/field-table.ts'
import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import { greeting } from '../../src/session/greeting.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { hold, quorum, type Scenario, Site, said } from '../support/dialects.ts'
import type { Arrival } from '../support/peer.ts'

const HALF_HOUR_MS = 1_800_000

const header = (arrival: Arrival, name: string): FieldValue['value'] | undefined =>
  arrival.properties?.headers?.get(name)?.value

const closing = { replyCode: 200, replyText: '', classId: 0, methodId: 0 }

/** Gives a message back as often as it comes, 30 times at most: how often it came. */
async function deliveriesOf({ peer }: Site, queue: string): Promise<number> {
  for (let count = 0; ; count++) {
    const [got] = await peer.ask(2, 'basic.get', { queue })
    if (got?.name !== 'basic.get-ok' || count === 30) return count
    peer.send(2, 'basic.reject', { deliveryTag: got.deliveryTag, requeue: true })
  }
}

/** Where the answer to a request goes that channel 2 has made, and waits for. */
async function addressOfRequest(here: Site): Promise<string> {
  await here.peer.ask(2, 'basic.consume', { queue: REPLY_TO, consumerTag: 'answers', noAck: true })
  await here.declare('requests')
  here.peer.publish(2, { routingKey: 'requests', body: '?', properties: { replyTo: REPLY_TO } })
  await here.peer.heard()
  const [request] = await here.peer.ask(1, 'basic.get', { queue: 'requests', noAck: true })
  return request?.properties?.replyTo ?? ''
}

const scenarios: readonly Scenario[] = [
  [
    'version in connection.start',
    async (here) => {
      const stranger = here.world.connect()
      stranger.write(PROTOCOL_HEADER)
      const [start] = await stranger.heard()
      return start?.name === 'connection.start' && start.serverProperties.get('version')?.value
    },
    ['4.3.0', '3.13.7', '4.3.6'],
  ],
  [
    'answer to a foreign protocol header',
    async (here) => {
      const stranger = here.world.connect()
      stranger.write(Buffer.from('GET / HT'))
      await stranger.heard()
      return stranger.reader.header?.subarray(4).join(' ')
    },
    ['0 0 9 1', '0 0 9 1', '3 1 0 0'],
  ],
  [
    'frame-max of 4096',
    (here) =>
      here.world.open({ frameMax: 4096 }).then(
        () => 'let in',
        () => 'refused',
      ),
    ['let in', 'let in', 'refused'],
  ],
  [
    'redelivered of a message that was rejected elsewhere, got and consumed',
    async (here) => {
      await here.declare('dead')
      await here.declare('q', { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' })
      for (const body of ['1', '2']) here.peer.publish(1, { routingKey: 'q', body })
      for (const _ of [1, 2]) {
        const { deliveryTag } = await here.next('q')
        here.peer.send(2, 'basic.reject', { deliveryTag })
      }
      const { redelivered } = await here.next('dead')
      const delivered = await here.peer.ask(2, 'basic.consume', { queue: 'dead' })
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
    async (here) => {
      await here.declare('dead')
      const args = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead', 'x-message-ttl': 0 }
      await here.declare('q', args)
      here.peer.publish(1, { routingKey: 'q', body: '1' })
      return (await here.next('dead')).redelivered
    },
    [false, false, false],
  ],
  [
    'deliveries of a message that is rejected back into a quorum queue',
    async (here) => {
      await here.declare('q', quorum)
      here.peer.publish(1, { routingKey: 'q', body: '1' })
      return deliveriesOf(here, 'q')
    },
    [21, 30, 21],
  ],
  [
    'deliveries of a message that is rejected back where the limit is -1',
    async (here) => {
      await here.declare('q', { ...quorum, 'x-delivery-limit': -1 })
      here.peer.publish(1, { routingKey: 'q', body: '1' })
      return deliveriesOf(here, 'q')
    },
    [30, 1, 30],
  ],
  [
    'a delivery of a quorum queue that is out for too long',
    async (here) => {
      here.peer = await here.world.open({ capabilities: ['consumer_cancel_notify'] }, 1, 2)
      await here.declare('q', quorum)
      await here.peer.ask(2, 'basic.consume', { queue: 'q', consumerTag: 'ct' })
      here.peer.publish(1, { routingKey: 'q', body: '1' })
      await here.peer.heard()
      await here.world.pass(HALF_HOUR_MS + 60_000, 60_000)
      return said(here.peer.take())
    },
    [
      'basic.cancel',
      '406 PRECONDITION_FAILED - delivery acknowledgement on channel 2 timed out. Timeout value used: 1800000 ms. This timeout value can be configured, see consumers doc guide to learn more',
      'basic.cancel',
    ],
  ],
  [
    'a mandatory answer to somebody who waits for it, and to nobody any more',
    async (here) => {
      const routingKey = await addressOfRequest(here)
      await here.peer.ask(1, 'confirm.select', {})
      here.peer.publish(1, { routingKey, body: 'alive', mandatory: true })
      const alive = (await here.peer.heard()).map(({ name }) => name).sort()
      await here.peer.ask(2, 'basic.cancel', { consumerTag: 'answers' })
      here.peer.publish(1, { routingKey, body: 'dead', mandatory: true })
      const dead = (await here.peer.heard()).map(({ name }) => name)
      here.peer.publish(1, { routingKey: `${routingKey}?`, body: 'never', mandatory: true })
      return [alive, dead, (await here.peer.heard()).map(({ name }) => name)]
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
    'an answer whose key stands twice among the keys',
    async (here) => {
      const routingKey = await addressOfRequest(here)
      const copies = { tag: 'A' as const, value: [{ tag: 'S' as const, value: routingKey }] }
      here.peer.publish(1, { routingKey, body: 'one', properties: { headers: new Map([['CC', copies]]) } })
      return (await here.peer.heard()).map(({ name }) => name)
    },
    [['basic.deliver'], ['basic.deliver'], ['basic.deliver']],
  ],
  [
    'headers of a timestamp for bindings of the same timestamp, and of so many milliseconds',
    async (here) => {
      const seconds = { tag: 'T' as const, value: 5 }
      for (const [queue, value] of [
        ['same', seconds],
        ['milliseconds', { tag: 'I' as const, value: 5000 }],
      ] as const) {
        await here.declare(queue)
        const binding = { queue, exchange: 'amq.headers', arguments: new Map([['at', value]]) }
        await here.peer.ask(1, 'queue.bind', binding)
      }
      here.peer.publish(1, { exchange: 'amq.headers', body: '1', properties: { headers: new Map([['at', seconds]]) } })
      await here.peer.heard()
      return [here.world.stats('same'), here.world.stats('milliseconds')].map((each) => (each as QueueStats).ready)
    },
    [
      [1, 0],
      [0, 1],
      [0, 1],
    ],
  ],
  [
    'basic.qos 1 with global, two consumers',
    async (here) => {
      await here.declare('q')
      for (const body of ['1', '2', '3']) here.peer.publish(1, { routingKey: 'q', body })
      here.peer.send(2, 'basic.qos', { prefetchCount: 1, global: true })
      for (const consumerTag of ['a', 'b']) here.peer.send(2, 'basic.consume', { queue: 'q', consumerTag })
      return (await here.peer.heard()).filter(({ name }) => name === 'basic.deliver').length
    },
    [1, 1, 2],
  ],
  [
    'headers of a message that a consumer gave back to a quorum queue',
    async (here) => {
      await here.declare('q', quorum)
      here.peer.publish(1, { routingKey: 'q', body: '1' })
      const { deliveryTag } = await here.next('q')
      here.peer.send(2, 'basic.nack', { deliveryTag, requeue: true })
      const again = await here.next('q')
      return [header(again, 'x-acquired-count'), header(again, 'x-delivery-count')]
    },
    [
      [1, undefined],
      [undefined, 1],
      [1, undefined],
    ],
  ],
  ...(
    [
      ['is given back by a nack', {}, ['2', '3', '1']],
      ['is given back by a reject', {}, ['2', '3', '1']],
      ['returns because its channel ends', {}, ['1', '2', '3']],
      ['is given back where deliveries are limited', { 'x-delivery-limit': 5 }, ['1', '2', '3']],
    ] as const
  ).map(
    ([how, args, former]): Scenario => [
      `the order in a quorum queue of which the first message ${how}`,
      async (here) => {
        await here.declare('q', { ...quorum, ...args })
        for (const body of ['1', '2', '3']) here.peer.publish(1, { routingKey: 'q', body })
        const { deliveryTag } = await here.next('q')
        if (how.includes('channel')) await here.peer.ask(2, 'channel.close', closing)
        else if (how.includes('reject')) here.peer.send(2, 'basic.reject', { deliveryTag, requeue: true })
        else here.peer.send(2, 'basic.nack', { deliveryTag, requeue: true })
        here.peer.publish(1, { routingKey: 'q', body: '4' })
        const got: string[] = []
        for (const _ of '1234') {
          const [each] = await here.peer.ask(1, 'basic.get', { queue: 'q', noAck: true })
          got.push(`${each?.body}`)
        }
        return got
      },
      [
        ['1', '2', '3', '4'],
        [...former, '4'],
        ['1', '2', '3', '4'],
      ],
    ],
  ),
  [
    'the first of messages of priorities 1 and 9 in a quorum queue',
    async (here) => {
      await here.declare('q', quorum)
      for (const priority of [1, 9])
        here.peer.publish(1, { routingKey: 'q', body: `${priority}`, properties: { priority } })
      return (await here.next('q')).body
    },
    ['9', '1', '9'],
  ],
  [
    'who is the single active consumer of a quorum queue once one of higher priority is there',
    async (here) => {
      await here.declare('q', { ...quorum, 'x-single-active-consumer': true })
      await here.peer.ask(2, 'basic.consume', { queue: 'q', consumerTag: 'first' })
      const args = table({ 'x-priority': 5 })
      await here.peer.ask(2, 'basic.consume', { queue: 'q', consumerTag: 'higher', arguments: args })
      here.peer.publish(1, { routingKey: 'q', body: '1' })
      return (await here.peer.heard()).flatMap((each) => (each.name === 'basic.deliver' ? [each.consumerTag] : []))
    },
    [['higher'], ['first'], ['higher']],
  ],
  [
    'count of deaths where a client says that there were five',
    async (here) => {
      await here.declare('dead')
      await here.declare('q', { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' })
      const death = table({ count: 5, reason: 'rejected', queue: 'q', exchange: '', 'routing-keys': ['q'] })
      const nonsense = table({ count: 'many', queue: 'q' })
      const former = { tag: 'A' as const, value: [nonsense, death].map((value) => ({ tag: 'F' as const, value })) }
      here.peer.publish(1, { routingKey: 'q', body: '1', properties: { headers: new Map([['x-death', former]]) } })
      const { deliveryTag } = await here.next('q')
      here.peer.send(2, 'basic.reject', { deliveryTag })
      const deaths = header(await here.next('dead'), 'x-death') as readonly FieldValue[]
      return deaths.map((each) => each.tag === 'F' && Number(each.value.get('count')?.value))
    },
    [[1], [6], [1]],
  ],
  [
    'a message given back to a quorum queue that delays those',
    async (here) => {
      await here.declare('q', { ...quorum, 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 1000 })
      here.peer.publish(1, { routingKey: 'q', body: '1' })
      const { deliveryTag } = await here.next('q')
      here.peer.send(2, 'basic.nack', { deliveryTag, requeue: true })
      return said(await here.peer.ask(2, 'basic.get', { queue: 'q' }))
    },
    ['basic.get-empty', 'basic.get-ok', 'basic.get-empty'],
  ],
]

hold(scenarios)

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
    let here = await Site.begin(name, store)
    await here.declare('q')
    await here.peer.ask(1, 'exchange.declare', { exchange: 'x', type: 'fanout' })
    await here.peer.ask(1, 'exchange.declare', { exchange: 'gone', type: 'fanout' })
    await here.peer.ask(1, 'exchange.bind', { destination: 'x', source: 'gone' })
    await here.peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'x' })
    await here.peer.ask(1, 'exchange.delete', { exchange: 'gone' })
    await here.peer.drop()
    await here.world.broker.stop()
    here = await Site.begin(name, store)
    expect([...here.world.vhost.exchanges.keys()].filter((exchange) => !exchange.startsWith('amq.'))).toEqual(
      there ? ['', 'x'] : [''],
    )
    here.peer.publish(1, { exchange: there ? 'x' : '', routingKey: 'q', body: '1' })
    await here.peer.heard()
    expect(here.world.stats('q')).toMatchObject({ ready: 1 })
  })
})
