/** Whose turn it is, counted with amqplib: equally fast consumers get equally much, whatever a slow one does (issue 4). */
import { EventEmitter, once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Options } from 'amqplib'
import { type Leveret, startLeveret } from '../support/leveret.ts'
import { numbered, openChannel, publishAll, uniqueName } from './support.ts'

const SLOW_MS = 25

// 50,000 messages to amqp.node take a busy machine more than a minute.
jest.setTimeout(240_000)

describe('three consumers, each on a connection of its own,', () => {
  let leveret: Leveret
  let queue: string
  const opened: { close(): Promise<unknown> }[] = []
  /** Says `message` for every message that a consumer takes, and when it is done with it. */
  const progress = new EventEmitter()

  const open = async () => {
    const each = await openChannel(leveret.url)
    opened.push(each)
    return each
  }

  /** A consumer that counts, and acks after so many milliseconds. */
  const consume = async (options: Options.Consume & { readonly prefetch?: number; readonly ackMs?: number }) => {
    const { channel } = await open()
    const { prefetch = 0, ackMs = 0, ...rest } = options
    await channel.prefetch(prefetch)
    const counter = { taken: 0, count: 0 }
    await channel.consume(
      queue,
      async (message) => {
        if (message === null) return
        counter.taken++
        progress.emit('message')
        if (ackMs > 0) await wait(ackMs)
        if (!rest.noAck) channel.ack(message)
        counter.count++
        progress.emit('message')
      },
      rest,
    )
    return counter
  }

  const difference = (counts: readonly { readonly count: number }[]) => {
    const numbers = counts.map(({ count }) => count)
    return Math.max(...numbers) - Math.min(...numbers)
  }

  const settled = async (counters: readonly { readonly count: number }[], total: number) => {
    const received = () => counters.reduce((sum, { count }) => sum + count, 0)
    while (received() < total) await once(progress, 'message')
    expect(received()).toBe(total)
  }

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true })
  })
  beforeEach(async () => {
    queue = uniqueName('dispatch')
    const { channel } = await open()
    await channel.assertQueue(queue)
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()))
  })
  afterAll(() => leveret?.stop())

  it('one of them slow, all with prefetch 1: the other two get the same number of messages, one more or less', async () => {
    const [slow, ...quick] = [
      await consume({ prefetch: 1, ackMs: SLOW_MS }),
      await consume({ prefetch: 1 }),
      await consume({ prefetch: 1 }),
    ]
    const { channel } = await open()
    // One after the other: those that are quick are ready again when it is their turn.
    for (const [sent, text] of numbered('task', 1000).entries()) {
      await publishAll(channel, queue, [text])
      while ([slow, ...quick].reduce((sum, { taken }) => sum + taken, 0) <= sent) await once(progress, 'message')
    }
    await settled([slow, ...quick], 1000)
    expect(difference(quick)).toBeLessThanOrEqual(1)
    expect(slow.count).toBeLessThan(Math.min(...quick.map(({ count }) => count)))
  })

  it.each([1000, 50_000])('without acks: each gets a third of %i, one more or less', async (total) => {
    const counters = [await consume({ noAck: true }), await consume({ noAck: true }), await consume({ noAck: true })]
    const { channel } = await open()
    const body = 'x'.repeat(200)
    for (let sent = 0; sent < total; sent += 1000) {
      await publishAll(channel, queue, Array(1000).fill(body))
    }
    await settled(counters, total)
    expect(difference(counters)).toBeLessThanOrEqual(1)
  })
})
