/** RabbitMQ's tutorials 3 to 5 with amqplib, and headers: which queue gets what, for every built-in exchange type. */
import type { ConfirmChannel, GetMessage } from 'amqplib'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { bodies, drain, openChannel, openInbox, uniqueName } from './support.ts'

let leveret: Leveret
let channel: ConfirmChannel
let close: () => Promise<unknown>

beforeAll(async () => {
  leveret = await startLeveret({ ephemeral: true })
})
beforeEach(async () => {
  const opened = await openChannel(leveret.url)
  channel = opened.channel
  close = opened.close
})
afterEach(() => close())
afterAll(() => leveret?.stop())

/** An exclusive queue with a name of the broker's choice. */
async function anonymousQueue(): Promise<string> {
  return (await channel.assertQueue('', { exclusive: true })).queue
}

async function publish(exchange: string, routingKey: string, text: string, headers: Record<string, unknown> = {}) {
  channel.publish(exchange, routingKey, Buffer.from(text), { headers })
  await channel.waitForConfirms()
}

describe('publish and subscribe', () => {
  it('gives every bound queue its own copy through a fanout exchange, whatever the routing key', async () => {
    const exchange = uniqueName('logs')
    await channel.assertExchange(exchange, 'fanout', { durable: false, autoDelete: true })
    const queues = [await anonymousQueue(), await anonymousQueue(), await anonymousQueue()]
    for (const queue of queues.slice(0, 2)) await channel.bindQueue(queue, exchange, '')
    const inboxes = await Promise.all(queues.slice(0, 2).map((queue) => openInbox(channel, queue, { noAck: true })))
    await publish(exchange, '', 'one')
    await publish(exchange, 'any.key', 'two')
    for (const inbox of inboxes) expect(bodies(await inbox.take(2))).toEqual(['one', 'two'])
    expect(await drain(channel, queues[2] ?? '')).toEqual([])
    expect(queues[0]).toMatch(/^amq\.gen-[A-Za-z0-9_-]{22}$/)
  })

  it('carries a message over a binding between exchanges', async () => {
    const source = uniqueName('source')
    const destination = uniqueName('destination')
    await channel.assertExchange(source, 'direct', { durable: false, autoDelete: true })
    await channel.assertExchange(destination, 'fanout', { durable: false, autoDelete: true })
    const queue = await anonymousQueue()
    await channel.bindQueue(queue, destination, '')
    await channel.bindExchange(destination, source, 'pass')
    await publish(source, 'pass', 'through')
    await publish(source, 'stop', 'nowhere')
    const received = await drain(channel, queue)
    expect(bodies(received)).toEqual(['through'])
    expect(received[0]?.fields).toMatchObject({ exchange: source, routingKey: 'pass' })
    await channel.unbindExchange(destination, source, 'pass')
  })

  it('falls back to the alternate exchange when nothing is bound', async () => {
    const spare = uniqueName('spare')
    const exchange = uniqueName('main')
    await channel.assertExchange(spare, 'fanout', { durable: false, autoDelete: true })
    await channel.assertExchange(exchange, 'direct', { durable: false, alternateExchange: spare })
    const queue = await anonymousQueue()
    await channel.bindQueue(queue, spare, '')
    await publish(exchange, 'nobody', 'rescued')
    expect(bodies(await drain(channel, queue))).toEqual(['rescued'])
    await channel.deleteExchange(exchange)
  })
})

describe('routing', () => {
  it('routes by the exact key through a direct exchange, one copy a queue', async () => {
    const exchange = uniqueName('direct')
    await channel.assertExchange(exchange, 'direct', { durable: false, autoDelete: true })
    const errors = await anonymousQueue()
    const everything = await anonymousQueue()
    await channel.bindQueue(errors, exchange, 'error')
    for (const severity of ['info', 'warning', 'error']) await channel.bindQueue(everything, exchange, severity)
    for (const severity of ['info', 'error', 'warning', 'debug', 'Error']) await publish(exchange, severity, severity)
    expect(bodies(await drain(channel, errors))).toEqual(['error'])
    expect(bodies(await drain(channel, everything))).toEqual(['info', 'error', 'warning'])
  })

  it('routes no more after the binding is removed', async () => {
    const queue = await anonymousQueue()
    const key = uniqueName('key')
    await channel.bindQueue(queue, 'amq.direct', key)
    await publish('amq.direct', key, 'bound')
    await channel.unbindQueue(queue, 'amq.direct', key)
    await publish('amq.direct', key, 'unbound')
    expect(bodies(await drain(channel, queue))).toEqual(['bound'])
  })
})

describe('topics', () => {
  const keys = ['quick.orange.rabbit', 'lazy.orange.elephant', 'quick.orange.fox', 'lazy.brown.fox', 'lazy.pink.rabbit']
  const strays = ['quick.brown.fox', 'orange', 'quick.orange.new.rabbit', 'lazy.orange.new.rabbit', 'lazy', '']
  const cases: readonly (readonly [pattern: string, matching: readonly string[]])[] = [
    ['*.orange.*', ['quick.orange.rabbit', 'lazy.orange.elephant', 'quick.orange.fox']],
    ['*.*.rabbit', ['quick.orange.rabbit', 'lazy.pink.rabbit']],
    ['lazy.#', ['lazy.orange.elephant', 'lazy.brown.fox', 'lazy.pink.rabbit', 'lazy.orange.new.rabbit', 'lazy']],
    ['#.rabbit', ['quick.orange.rabbit', 'lazy.pink.rabbit', 'quick.orange.new.rabbit', 'lazy.orange.new.rabbit']],
    ['*', ['orange', 'lazy']],
    ['#', [...keys, ...strays]],
    ['orange', ['orange']],
  ]

  it.each(cases)('routes by the pattern %s', async (pattern, matching) => {
    const exchange = uniqueName('topic')
    await channel.assertExchange(exchange, 'topic', { durable: false, autoDelete: true })
    const queue = await anonymousQueue()
    await channel.bindQueue(queue, exchange, pattern)
    for (const key of [...keys, ...strays]) await publish(exchange, key, key)
    expect(bodies(await drain(channel, queue))).toEqual(matching)
  })

  it('delivers one copy to a queue with several matching patterns', async () => {
    const exchange = uniqueName('topic')
    await channel.assertExchange(exchange, 'topic', { durable: false, autoDelete: true })
    const queue = await anonymousQueue()
    for (const pattern of ['*.*.rabbit', 'lazy.#', '#']) await channel.bindQueue(queue, exchange, pattern)
    await publish(exchange, 'lazy.pink.rabbit', 'once')
    expect(bodies(await drain(channel, queue))).toEqual(['once'])
  })
})

describe('headers', () => {
  it('matches all headers, or any, as the binding says', async () => {
    const exchange = uniqueName('headers')
    await channel.assertExchange(exchange, 'headers', { durable: false, autoDelete: true })
    const all = await anonymousQueue()
    const any = await anonymousQueue()
    const wanted = { format: 'pdf', pages: 3, draft: true }
    await channel.bindQueue(all, exchange, '', { ...wanted, 'x-match': 'all' })
    await channel.bindQueue(any, exchange, '', { ...wanted, 'x-match': 'any' })
    await publish(exchange, '', 'every', { format: 'pdf', pages: 3, draft: true, colour: 'grey' })
    await publish(exchange, '', 'two of three', { format: 'pdf', pages: 3, draft: false })
    await publish(exchange, '', 'one of three', { pages: 3 })
    await publish(exchange, '', 'no value', { format: 'PDF', pages: 4 })
    await publish(exchange, '', 'no header')
    expect(bodies(await drain(channel, all))).toEqual(['every'])
    expect(bodies(await drain(channel, any))).toEqual(['every', 'two of three', 'one of three'])
  })
})

it('hands every property and header back as it was published', async () => {
  const queue = await anonymousQueue()
  const headers = {
    text: 'snow 雪',
    whole: 1_234_567_890_123,
    small: -7,
    fraction: 0.5,
    flag: true,
    nothing: null,
    list: ['a', 1, { deep: [true] }],
    table: { inner: { innermost: 'x'.repeat(5000) } },
    bytes: Buffer.from([0, 1, 254, 255]),
    moment: { '!': 'timestamp', value: 1_700_000_000 },
  }
  const options = {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers,
    deliveryMode: 2,
    priority: 5,
    correlationId: 'correlation',
    replyTo: 'somewhere',
    expiration: '60000',
    messageId: 'message',
    timestamp: 1_700_000_001,
    type: 'kind',
    userId: 'guest',
    appId: 'spec',
  }
  channel.sendToQueue(queue, Buffer.from('{}'), options)
  await channel.waitForConfirms()
  const [message] = (await drain(channel, queue)) as [GetMessage]
  expect(message.properties).toMatchObject(options)
  expect(message.fields).toMatchObject({ exchange: '', routingKey: queue, redelivered: false, messageCount: 0 })
})
