/** Publisher confirms, returned messages, consumers cancelled by the broker, and RabbitMQ's refusals, with amqplib. */
import { type ConfirmChannel, connect, type Message } from 'amqplib'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { bodies, drain, numbered, openChannel, openInbox, publishAll, uniqueName } from './support.ts'

let leveret: Leveret
let channel: ConfirmChannel
let close: () => Promise<unknown>

beforeAll(async () => {
  leveret = await startLeveret()
})
beforeEach(async () => {
  const opened = await openChannel(leveret.url)
  channel = opened.channel
  close = opened.close
})
afterEach(() => close())
afterAll(() => leveret?.stop())

describe('confirms', () => {
  it('confirms each of 1,000 persistent messages in flight exactly once, all of them in the queue', async () => {
    const queue = uniqueName('confirmed')
    await channel.assertQueue(queue, { durable: true })
    const texts = numbered('message', 1000)
    const outcomes = new Array<number>(1000).fill(0)
    const settled = texts.map(
      (text, index) =>
        new Promise<void>((resolve, reject) => {
          channel.sendToQueue(queue, Buffer.from(text), { persistent: true }, (error) => {
            outcomes[index] = (outcomes[index] ?? 0) + 1
            error ? reject(error) : resolve()
          })
        }),
    )
    await Promise.all(settled)
    expect(outcomes.every((count) => count === 1)).toBe(true)
    expect((await channel.checkQueue(queue)).messageCount).toBe(1000)
    expect(bodies(await drain(channel, queue))).toEqual(texts)
    await channel.deleteQueue(queue)
  })

  it('confirms a message that no queue wanted', async () => {
    channel.publish('amq.fanout', 'nobody', Buffer.from('lost'))
    await channel.waitForConfirms()
  })

  it('confirms messages of several frames among small ones, unharmed and in order', async () => {
    const { queue } = await channel.assertQueue('', { exclusive: true })
    const sizes = [1, 300_000, 0, 131_064, 131_065, 5, 1_000_000, 2]
    const sent = sizes.map((size, index) => Buffer.alloc(size, index + 65))
    for (const body of sent) channel.sendToQueue(queue, body)
    await channel.waitForConfirms()
    const received = (await drain(channel, queue)).map((message) => message.content)
    expect(received.map((body) => body.length)).toEqual(sizes)
    expect(received.every((body, index) => body.equals(sent[index] ?? Buffer.alloc(0)))).toBe(true)
  })

  it('carries 300,000 byte bodies in frames of 4,096 bytes', async () => {
    const small = await openChannel(`${leveret.url}?frameMax=4096`)
    const { queue } = await small.channel.assertQueue('', { exclusive: true })
    const sent = Buffer.alloc(300_000, 'leveret')
    small.channel.sendToQueue(queue, sent)
    await small.channel.waitForConfirms()
    const [message] = await drain(small.channel, queue)
    expect(message?.content.equals(sent)).toBe(true)
    await small.close()
  })
})

describe('mandatory messages', () => {
  it('come back when unroutable, whole, before their confirm; routable ones do not', async () => {
    const { queue } = await channel.assertQueue('', { exclusive: true })
    const events: string[] = []
    const returned: Message[] = []
    channel.on('return', (message) => {
      returned.push(message)
      events.push(`returned ${message.content}`)
    })
    const confirmed = (text: string) => (error: unknown) => void events.push(`${error ? 'nacked' : 'acked'} ${text}`)
    const options = { mandatory: true, headers: { tried: 1 }, messageId: 'm-1' }
    channel.publish('', queue, Buffer.from('routable'), options, confirmed('routable'))
    await channel.waitForConfirms()
    channel.publish('amq.direct', 'no.such.key', Buffer.from('unroutable'), options, confirmed('unroutable'))
    await channel.waitForConfirms()
    expect(events).toEqual(['acked routable', 'returned unroutable', 'acked unroutable'])
    expect(returned[0]?.fields).toMatchObject({
      replyCode: 312,
      replyText: 'NO_ROUTE',
      exchange: 'amq.direct',
      routingKey: 'no.such.key',
    })
    expect(returned[0]?.properties).toMatchObject({ headers: { tried: 1 }, messageId: 'm-1' })
  })
})

describe('deleting a queue', () => {
  it('cancels its consumers, counts its messages, and leaves their channel usable', async () => {
    const queue = uniqueName('doomed')
    await channel.assertQueue(queue)
    const worker = await openChannel(leveret.url)
    await worker.channel.prefetch(1)
    const inbox = await openInbox(worker.channel, queue)
    await publishAll(channel, queue, numbered('task', 3))
    const held = await inbox.next()
    expect(await channel.deleteQueue(queue)).toEqual({ messageCount: 2 })
    await inbox.cancelled
    worker.channel.ack(held)
    const { queue: other } = await worker.channel.assertQueue('', { exclusive: true })
    await publishAll(worker.channel, other, ['still alive'])
    expect(bodies(await drain(worker.channel, other))).toEqual(['still alive'])
    await worker.close()
  })
})

describe('refusals', () => {
  it('close the channel with 404 for a queue that does not exist, and leave the connection usable', async () => {
    const { connection, close: closeOther } = await openChannel(leveret.url)
    const doomed = await connection.createChannel()
    const failed = new Promise<Error>((resolve) => doomed.once('error', resolve))
    await expect(doomed.checkQueue('no-such-queue')).rejects.toMatchObject({ code: 404 })
    expect((await failed).message).toContain(`NOT_FOUND - no queue 'no-such-queue' in vhost '/'`)
    const next = await connection.createChannel()
    expect((await next.assertQueue('', { exclusive: true })).messageCount).toBe(0)
    await closeOther()
  })

  it('close the channel with 406 for a queue that was declared otherwise', async () => {
    const queue = uniqueName('durable')
    await channel.assertQueue(queue, { durable: true })
    const other = await openChannel(leveret.url)
    const failed = new Promise<Error>((resolve) => other.channel.once('error', resolve))
    await expect(other.channel.assertQueue(queue, { durable: false })).rejects.toMatchObject({ code: 406 })
    expect((await failed).message).toContain(
      `PRECONDITION_FAILED - inequivalent arg 'durable' for queue '${queue}' in vhost '/': ` +
        `received 'false' but current is 'true'`,
    )
    await other.close()
    await channel.deleteQueue(queue)
  })

  it('answer a wrong password with 403', async () => {
    const url = leveret.url.replace('amqp://', 'amqp://guest:wrong@')
    await expect(connect(url)).rejects.toThrow(
      '403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. ' +
        'For details see the broker logfile."',
    )
  })
})
