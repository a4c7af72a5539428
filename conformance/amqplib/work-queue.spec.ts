/** RabbitMQ's tutorial 2 with amqplib: tasks shared among workers that acknowledge, with prefetch. */
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { bodies, drain, numbered, openChannel, openInbox, publishAll, uniqueName } from './support.ts'

describe('a work queue', () => {
  let leveret: Leveret
  let queue: string
  const opened: { close(): Promise<unknown> }[] = []

  const open = async () => {
    const each = await openChannel(leveret.url)
    opened.push(each)
    return each
  }

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true })
  })
  beforeEach(async () => {
    queue = uniqueName('work')
    const { channel } = await open()
    await channel.assertQueue(queue, { durable: true })
  })
  afterEach(async () => {
    const { channel } = await open()
    await channel.deleteQueue(queue)
    await Promise.all(opened.splice(0).map((each) => each.close()))
  })
  afterAll(() => leveret?.stop())

  it('deals tasks round robin to workers that do not acknowledge', async () => {
    const { channel } = await open()
    const first = await openInbox((await open()).channel, queue, { noAck: true })
    const second = await openInbox((await open()).channel, queue, { noAck: true })
    await publishAll(channel, queue, numbered('task', 6))
    expect(bodies(await first.take(3))).toEqual(['task-0', 'task-2', 'task-4'])
    expect(bodies(await second.take(3))).toEqual(['task-1', 'task-3', 'task-5'])
  })

  it('gives all tasks to the worker of the highest priority that has room', async () => {
    const { channel } = await open()
    const spare = await openInbox((await open()).channel, queue, { priority: -1 })
    const main = await open()
    await main.channel.prefetch(2)
    const first = await openInbox(main.channel, queue, { priority: 10 })
    await publishAll(channel, queue, numbered('task', 3))
    expect(bodies(await first.take(2))).toEqual(['task-0', 'task-1'])
    expect(bodies(await spare.take(1))).toEqual(['task-2'])
    main.channel.ackAll()
    await main.channel.checkQueue(queue)
    await publishAll(channel, queue, ['task-3'])
    expect(bodies(await first.take(1))).toEqual(['task-3'])
  })

  it('lets one worker after the other be the only active one', async () => {
    const { channel } = await open()
    const alone = uniqueName('alone')
    await channel.assertQueue(alone, { durable: true, arguments: { 'x-single-active-consumer': true } })
    const [one, other] = [await open(), await open()]
    const [first, second] = [await openInbox(one.channel, alone), await openInbox(other.channel, alone)]
    await publishAll(channel, alone, numbered('task', 4))
    expect(bodies(await first.take(4))).toEqual(numbered('task', 4))
    expect(second.received).toEqual([])
    await one.connection.close()
    expect(bodies(await second.take(4))).toEqual(numbered('task', 4))
    await channel.deleteQueue(alone)
  })

  it('gives a busy worker nothing more when its prefetch is 1, and the idle one everything', async () => {
    const { channel } = await open()
    const busy = await open()
    const idle = await open()
    await busy.channel.prefetch(1)
    await idle.channel.prefetch(1)
    const busyInbox = await openInbox(busy.channel, queue)
    const idleInbox = await openInbox(idle.channel, queue)
    await publishAll(channel, queue, numbered('task', 8))
    const held = await busyInbox.next()
    for (let done = 0; done < 7; done++) idle.channel.ack(await idleInbox.next())
    expect(busyInbox.received).toHaveLength(1)
    busy.channel.ack(held)
    const seen = [...bodies(busyInbox.received), ...bodies(idleInbox.received)].sort()
    expect(seen).toEqual(numbered('task', 8))
  })

  it('stops at the prefetch limit and goes on when the worker acknowledges several at once', async () => {
    const { channel } = await open()
    const worker = await open()
    await worker.channel.prefetch(10)
    await publishAll(channel, queue, numbered('task', 25))
    const inbox = await openInbox(worker.channel, queue)
    const firstTen = await inbox.take(10)
    expect((await worker.channel.checkQueue(queue)).messageCount).toBe(15)
    expect(inbox.received).toHaveLength(10)
    for (const last of firstTen.slice(9)) worker.channel.ack(last, true)
    const nextTen = await inbox.take(10)
    expect(bodies([...firstTen, ...nextTen])).toEqual(numbered('task', 20))
    expect((await worker.channel.checkQueue(queue)).messageCount).toBe(5)
  })

  it('counts the prefetch of each consumer on a channel apart', async () => {
    const { channel } = await open()
    const worker = await open()
    await worker.channel.prefetch(2)
    const narrow = await openInbox(worker.channel, queue)
    await worker.channel.prefetch(4)
    const wide = await openInbox(worker.channel, queue)
    await publishAll(channel, queue, numbered('task', 10))
    await narrow.take(2)
    await wide.take(4)
    expect((await worker.channel.checkQueue(queue)).messageCount).toBe(4)
    expect([narrow.received.length, wide.received.length]).toEqual([2, 4])
  })

  it('requeues the unacked tasks of a worker that closes, in their old places and marked as redelivered', async () => {
    const { channel } = await open()
    const doomed = await open()
    await doomed.channel.prefetch(3)
    await publishAll(channel, queue, numbered('task', 5))
    const lost = await openInbox(doomed.channel, queue)
    const [first] = await lost.take(3)
    if (first) doomed.channel.ack(first)
    await lost.next()
    await doomed.connection.close()
    const inbox = await openInbox(channel, queue)
    const received = await inbox.take(4)
    expect(received.map((each) => [each.content.toString(), each.fields.redelivered])).toEqual([
      ['task-1', true],
      ['task-2', true],
      ['task-3', true],
      ['task-4', false],
    ])
  })

  it('requeues a task that a worker gives back, and drops one that it rejects for good', async () => {
    const { channel } = await open()
    await publishAll(channel, queue, numbered('task', 3))
    const first = await channel.get(queue)
    const second = await channel.get(queue)
    if (!first || !second) throw new Error('the queue gave fewer than two messages')
    expect([first.fields.messageCount, second.fields.messageCount]).toEqual([2, 1])
    channel.reject(second, false)
    channel.nack(first, false, true)
    await channel.checkQueue(queue)
    const left = await drain(channel, queue)
    expect(left.map((each) => [each.content.toString(), each.fields.redelivered])).toEqual([
      ['task-0', true],
      ['task-2', false],
    ])
  })

  it('delivers nothing more to a consumer that was cancelled, whose unacked task can still be acknowledged', async () => {
    const { channel } = await open()
    const worker = await open()
    await worker.channel.prefetch(1)
    const inbox = await openInbox(worker.channel, queue)
    await publishAll(channel, queue, numbered('task', 2))
    const held = await inbox.next()
    await worker.channel.cancel(inbox.consumerTag)
    worker.channel.ack(held)
    await worker.channel.checkQueue(queue)
    expect(inbox.received).toHaveLength(1)
    expect(bodies(await drain(channel, queue))).toEqual(['task-1'])
  })
})
