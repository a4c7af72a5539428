/** What a client finds again after the broker went away, in order (SIGTERM) or not (SIGKILL), with amqplib. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib'
import { canRestart, type Leveret, startLeveret } from '../support/leveret.ts'
import { bodies, drain, numbered, openChannel, openInbox, publishAll, uniqueName } from './support.ts'

const describeRestart = canRestart ? describe : describe.skip
const waysToEnd = ['stop', 'kill'] as const
const reconnectLimitMs = 120_000

describeRestart('after a restart', () => {
  let dataDir: string
  let leveret: Leveret
  const opened: { close(): Promise<unknown> }[] = []

  /** A connection that may be lost, closed after the test. */
  const open = async () => {
    const each = await openChannel(leveret.url)
    each.connection.on('error', () => undefined)
    opened.push(each)
    return each
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'leveret-restart-'))
    leveret = await startLeveret({ dataDir })
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()))
    await leveret?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  const restart = async (way: 'stop' | 'kill') => {
    const { port } = leveret
    if (way === 'stop') expect(await leveret.stop()).toEqual({ code: 0 })
    else await leveret.kill()
    leveret = await startLeveret({ dataDir, port })
  }

  it.each(waysToEnd)(
    'by %s, durable exchanges, queues, bindings and persistent messages are back, in order; transient ones are gone',
    async (way) => {
      const durable = uniqueName('durable')
      const transient = uniqueName('transient')
      const exchange = uniqueName('exchange')
      const before = await open()
      await before.channel.assertExchange(exchange, 'topic', { durable: true })
      await before.channel.assertQueue(durable, { durable: true })
      await before.channel.assertQueue(transient, { durable: false })
      await before.channel.bindQueue(durable, exchange, 'kept.#')
      await publishAll(before.channel, durable, numbered('first', 300), { persistent: true })
      await publishAll(before.channel, durable, numbered('vapour', 20), { persistent: false })
      await publishAll(before.channel, durable, numbered('second', 300), { persistent: true })
      const gone = new Promise<void>((resolve) => before.connection.once('close', () => resolve()))
      await restart(way)
      await gone
      const after = await open()
      expect((await after.channel.checkQueue(durable)).messageCount).toBe(600)
      after.channel.publish(exchange, 'kept.third', Buffer.from('third'))
      await after.channel.waitForConfirms()
      expect(bodies(await drain(after.channel, durable))).toEqual([
        ...numbered('first', 300),
        ...numbered('second', 300),
        'third',
      ])
      await after.channel.deleteQueue(durable)
      await after.channel.deleteExchange(exchange)
      after.channel.on('error', () => undefined)
      await expect(after.channel.checkQueue(transient)).rejects.toMatchObject({ code: 404 })
    },
    reconnectLimitMs,
  )

  it.each(waysToEnd)(
    'by %s, unacked messages are back in their places and marked as redelivered, and acked ones stay away (by stop)',
    async (way) => {
      const queue = uniqueName('unacked')
      const before = await open()
      await before.channel.assertQueue(queue, { durable: true })
      await publishAll(before.channel, queue, numbered('task', 30), { persistent: true })
      await before.channel.prefetch(20)
      const inbox = await openInbox(before.channel, queue)
      const held = await inbox.take(20)
      const acked = held.filter((_, index) => index % 2 === 0)
      for (const message of acked) before.channel.ack(message)
      await inbox.take(10)
      await restart(way)
      const after = await open()
      const left = await drain(after.channel, queue)
      // An ack has no answer: one that was sent just before a kill may be lost, and its message is then delivered again.
      const lostAcks = way === 'kill' ? bodies(acked) : []
      const expected = numbered('task', 30).filter((text) => !bodies(acked).includes(text))
      expect(bodies(left).filter((text) => !lostAcks.includes(text))).toEqual(expected)
      expect(left.every((message) => message.fields.redelivered)).toBe(true)
      await after.channel.deleteQueue(queue)
    },
    reconnectLimitMs,
  )

  it(
    'by stop, a message that nobody had seen is not marked as redelivered',
    async () => {
      const queue = uniqueName('unseen')
      const before = await open()
      await before.channel.assertQueue(queue, { durable: true })
      await publishAll(before.channel, queue, ['unseen'], { persistent: true })
      await restart('stop')
      const after = await open()
      const [message] = await drain(after.channel, queue)
      expect(message?.fields.redelivered).toBe(false)
      await after.channel.deleteQueue(queue)
    },
    reconnectLimitMs,
  )

  it(
    'by stop, clients are told so with 320 first',
    async () => {
      const { connection } = await open()
      const told = new Promise<Error>((resolve) => connection.once('error', resolve))
      const closed = new Promise<Error>((resolve) =>
        connection.once('close', (error?: Error) => resolve(error as Error)),
      )
      await restart('stop')
      const error = await Promise.race([told, closed])
      expect(error.message).toContain("CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'")
    },
    reconnectLimitMs,
  )

  it.each(waysToEnd)(
    "by %s, amqplib's own recovery connects again and its consumer goes on where it was",
    async (way) => {
      const queue = uniqueName('recovered')
      const received: string[] = []
      let onReceived: () => void = () => undefined
      const consume = async (model: ChannelModel) => {
        const channel = await model.createChannel()
        await channel.assertQueue(queue, { durable: true })
        await channel.prefetch(1)
        await channel.consume(queue, (message: ConsumeMessage | null) => {
          if (message === null) return
          received.push(message.content.toString())
          channel.ack(message)
          onReceived()
        })
      }
      const worker = await connect(leveret.url, { recovery: { initialDelay: 50, factor: 1, setup: consume } })
      worker.on('error', () => undefined)
      opened.push(worker)
      const publisher = await open()
      const until = (text: string) =>
        new Promise<void>((resolve) => {
          onReceived = () => received.includes(text) && resolve()
          onReceived()
        })
      await publishAll(publisher.channel, queue, numbered('early', 10), { persistent: true })
      await until('early-9')
      const reconnected = new Promise<void>((resolve) => worker.once('connect', () => resolve()))
      await restart(way)
      await reconnected
      const again = await open()
      await publishAll(again.channel, queue, numbered('late', 10), { persistent: true })
      await until('late-9')
      expect([...new Set(received)]).toEqual([...numbered('early', 10), ...numbered('late', 10)])
      await again.channel.deleteQueue(queue)
    },
    reconnectLimitMs,
  )
})
