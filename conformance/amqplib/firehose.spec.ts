// The firehose, asked of Leveret and of a live RabbitMQ beside it: the copies of what is published and delivered in a vhost
// that is traced are the same, and there are none where it is not, nor of the copies themselves.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConfirmChannel, GetMessage, Options } from 'amqplib'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { findRabbitmq, type Rabbitmq, startRabbitmq } from '../support/rabbitmq.ts'
import { drain, openChannel, openInbox } from './support.ts'

jest.setTimeout(120_000)

const names = findRabbitmq() === undefined ? (['Leveret'] as const) : (['Leveret', 'RabbitMQ'] as const)

interface Peer {
  readonly url: string
  readonly httpUrl: string
}

let leveret: Leveret | undefined
let rabbitmq: Rabbitmq | undefined
let peers: { readonly [name in 'Leveret' | 'RabbitMQ']?: Peer }
let channel: ConfirmChannel
let close: () => Promise<unknown>

beforeAll(async () => {
  leveret = await startLeveret({ ephemeral: true, http: true })
  if (names.length > 1) rabbitmq = await startRabbitmq()
  peers = {
    Leveret: leveret,
    ...(rabbitmq ? { RabbitMQ: { url: rabbitmq.url, httpUrl: rabbitmq.managementUrl } } : {}),
  }
})
afterAll(async () => {
  await leveret?.stop()
  await rabbitmq?.stop()
})
afterEach(() => close())

const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`

/** The vhost as the HTTP API shows it, changed before where `tracing` says so. */
async function vhostOf({ httpUrl }: Peer, tracing?: boolean): Promise<{ readonly tracing: boolean }> {
  const url = `${httpUrl}/api/vhosts/%2F`
  const headers = { authorization, 'content-type': 'application/json' }
  if (tracing !== undefined) {
    const { status } = await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ tracing }) })
    expect(status).toBe(204)
  }
  return (await fetch(url, { headers })).json() as Promise<{ readonly tracing: boolean }>
}

async function connectTo(name: 'Leveret' | 'RabbitMQ'): Promise<Peer> {
  const peer = peers[name]
  if (!peer) throw new Error(`${name} did not start`)
  const opened = await openChannel(peer.url)
  channel = opened.channel
  close = opened.close
  return peer
}

async function publish(exchange: string, key: string, text: string, options: Options.Publish = {}): Promise<void> {
  channel.publish(exchange, key, Buffer.from(text), options)
  await channel.waitForConfirms()
}

/** A queue that gets all copies. */
async function tracingQueue(): Promise<string> {
  const { queue } = await channel.assertQueue('', { exclusive: true })
  await channel.bindQueue(queue, 'amq.rabbitmq.trace', '#')
  return queue
}

/** What a copy says, with a name for what differs from run to run. */
function shown({ fields, properties, content }: GetMessage): object {
  const { headers = {}, ...others } = properties
  const { node, connection, ...said } = headers as Record<string, unknown>
  const known = Object.entries(others).filter(([, value]) => value !== undefined)
  return {
    key: fields.routingKey,
    exchange: fields.exchange,
    text: content.toString(),
    ...said,
    node: /^[\w-]+@\S+$/.test(String(node)),
    connection: /^127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+$/.test(String(connection)),
    others: Object.fromEntries(known),
  }
}

/** Takes copies until there are `count`: RabbitMQ makes them beside what it does otherwise. */
async function copies(queue: string, count: number): Promise<object[]> {
  const taken: GetMessage[] = []
  for (let tries = 0; taken.length < count && tries < 2000; tries++) taken.push(...(await drain(channel, queue)))
  return taken.map(shown)
}

const common = { exchange: 'amq.rabbitmq.trace', node: true, connection: true, vhost: '/', channel: 1, user: 'guest' }

/** A publish with all that one may have. */
const properties = {
  contentType: 'text/plain',
  contentEncoding: 'utf-8',
  headers: { CC: ['else'], BCC: ['new.hidden'], x: 1, deep: { y: 'z' } },
  deliveryMode: 2,
  priority: 3,
  correlationId: 'c',
  replyTo: 'r',
  expiration: '60000',
  messageId: 'm',
  timestamp: 1_700_000_000,
  type: 't',
  userId: 'guest',
  appId: 'a',
}

/** What a copy says of them: all but BCC. */
const saidOfProperties = {
  content_type: 'text/plain',
  content_encoding: 'utf-8',
  headers: { CC: ['else'], x: 1, deep: { y: 'z' } },
  delivery_mode: 2,
  priority: 3,
  correlation_id: 'c',
  reply_to: 'r',
  expiration: '60000',
  message_id: 'm',
  timestamp: 1_700_000_000,
  type: 't',
  user_id: 'guest',
  app_id: 'a',
}

describe.each(names)('the firehose of %s', (name) => {
  it('copies what is published, with all that there is to say of it', async () => {
    const peer = await connectTo(name)
    await channel.assertExchange('orders', 'topic', { autoDelete: true })
    await channel.assertQueue('work', { exclusive: true })
    await channel.bindQueue('work', 'orders', 'new.#')
    const trace = await tracingQueue()
    expect((await vhostOf(peer, true)).tracing).toBe(true)
    await publish('orders', 'new.a', 'one', properties)
    await publish('orders', 'none', 'two')
    await publish('', 'work', 'three')
    const traced = await copies(trace, 3)
    expect(traced).toEqual([
      {
        ...common,
        key: 'publish.orders',
        text: 'one',
        exchange_name: 'orders',
        routing_keys: ['new.a', 'else', 'new.hidden'],
        routed_queues: ['work'],
        properties: saidOfProperties,
        others: {},
      },
      {
        ...common,
        key: 'publish.orders',
        text: 'two',
        exchange_name: 'orders',
        routing_keys: ['none'],
        routed_queues: [],
        properties: { headers: {} },
        others: {},
      },
      {
        ...common,
        key: 'publish.',
        text: 'three',
        exchange_name: '',
        routing_keys: ['work'],
        routed_queues: ['work'],
        properties: { headers: {} },
        others: {},
      },
    ])
    expect((await vhostOf(peer, false)).tracing).toBe(false)
  })

  it('copies what is delivered to a consumer and what answers basic.get, and says what was delivered before', async () => {
    const peer = await connectTo(name)
    await channel.assertQueue('work', { exclusive: true })
    await publish('', 'work', 'got')
    await publish('', 'work', 'consumed', { headers: { a: true, BCC: ['unseen'] } })
    const trace = await tracingQueue()
    await vhostOf(peer, true)
    const first = await channel.get('work', { noAck: false })
    if (!first) throw new Error('nothing to get')
    channel.nack(first, false, true)
    const again = await channel.get('work', { noAck: false })
    if (!again) throw new Error('nothing to get')
    channel.ack(again)
    const inbox = await openInbox(channel, 'work', { noAck: true })
    await inbox.next()
    const said = { ...common, key: 'deliver.work', exchange_name: '', routing_keys: ['work'], others: {} }
    expect(await copies(trace, 3)).toEqual([
      { ...said, text: 'got', redelivered: 0, properties: { headers: {} } },
      { ...said, text: 'got', redelivered: 1, properties: { headers: {} } },
      {
        ...said,
        text: 'consumed',
        routing_keys: ['work', 'unseen'],
        redelivered: 0,
        properties: { headers: { a: true } },
      },
    ])
    await vhostOf(peer, false)
  })

  it('copies what is published and taken over HTTP', async () => {
    const peer = await connectTo(name)
    const post = async (path: string, body: object): Promise<void> => {
      const headers = { authorization, 'content-type': 'application/json' }
      const { status } = await fetch(`${peer.httpUrl}/api${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      })
      expect(status).toBe(200)
    }
    await channel.assertQueue('http', { autoDelete: true })
    await channel.bindQueue('http', 'amq.direct', 'http')
    const trace = await tracingQueue()
    await vhostOf(peer, true)
    const properties = { delivery_mode: 2, headers: { CC: ['c'], BCC: ['b'] } }
    const message = { routing_key: 'http', properties, payload: 'one', payload_encoding: 'string' }
    await post('/exchanges/%2F/amq.direct/publish', message)
    for (const ackmode of ['ack_requeue_true', 'ack_requeue_false'])
      await post('/queues/%2F/http/get', { count: 1, ackmode, encoding: 'auto' })
    const said = {
      ...common,
      connection: false,
      exchange_name: 'amq.direct',
      routing_keys: ['http', 'c', 'b'],
      properties: { delivery_mode: 2, headers: { CC: ['c'] } },
      text: 'one',
      others: {},
    }
    expect(await copies(trace, 3)).toEqual([
      { ...said, key: 'publish.amq.direct', routed_queues: ['http'] },
      { ...said, key: 'deliver.http', redelivered: 0 },
      { ...said, key: 'deliver.http', redelivered: 1 },
    ])
    await vhostOf(peer, false)
    await channel.deleteQueue('http')
  })

  it('never copies its copies, whoever takes them and however many see them', async () => {
    const peer = await connectTo(name)
    const inbox = await openInbox(channel, await tracingQueue(), { noAck: true })
    const second = await tracingQueue()
    await vhostOf(peer, true)
    await publish('', 'nowhere', 'one')
    await publish('', 'nowhere', 'two')
    expect((await inbox.take(2)).map(({ fields }) => fields.routingKey)).toEqual(['publish.', 'publish.'])
    expect(await copies(second, 2)).toHaveLength(2)
    await publish('', 'nowhere', 'three')
    await inbox.next()
    expect(inbox.received.map(({ content }) => content.toString())).toEqual(['one', 'two', 'three'])
    expect(await copies(second, 1)).toHaveLength(1)
    await vhostOf(peer, false)
  })

  it('copies nothing before it is switched on, nor after it is switched off', async () => {
    const peer = await connectTo(name)
    const trace = await tracingQueue()
    await publish('', 'nowhere', 'before')
    await vhostOf(peer, true)
    await publish('', 'nowhere', 'within')
    await vhostOf(peer, false)
    await publish('', 'nowhere', 'after')
    await vhostOf(peer, true)
    await publish('', 'nowhere', 'again')
    expect(await copies(trace, 2)).toMatchObject([{ text: 'within' }, { text: 'again' }])
    await vhostOf(peer, false)
  })
})

describe('tracing', () => {
  beforeEach(() => {
    close = async () => undefined
  })

  it('is forgotten when Leveret starts again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'leveret-firehose-'))
    const first = await startLeveret({ dataDir, http: true })
    expect((await vhostOf(first, true)).tracing).toBe(true)
    await first.stop()
    const second = await startLeveret({ dataDir, http: true })
    expect((await vhostOf(second)).tracing).toBe(false)
    await second.stop()
    await rm(dataDir, { recursive: true })
  })

  const besides = names.length > 1 ? it : it.skip
  besides('is forgotten when RabbitMQ starts again', async () => {
    const peer = peers.RabbitMQ
    if (!peer) throw new Error('RabbitMQ did not start')
    expect((await vhostOf(peer, true)).tracing).toBe(true)
    await rabbitmq?.restart('SIGTERM')
    expect((await vhostOf(peer)).tracing).toBe(false)
  })
})
