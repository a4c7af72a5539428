// `leveret perf`: producers and consumers in this process, and what they got through: rates, and how long messages took.

import { randomBytes } from 'node:crypto'
import type { Amqp, ConfirmChannel } from '../amqp.ts'
import type { Given, Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import type { Progress } from '../progress.ts'
import type { Task } from '../task.ts'
import { Latencies } from './latencies.ts'
import { countOf, openAmqp, Pacer, rateOf } from './session.ts'

/** Measures a broker. */
export const perf: Verb = {
  name: 'perf',
  summary: 'Measure a broker: publish and consume as fast as it goes, or at a rate.',
  flags: [
    { flags: '--producers <number>', help: 'default: 1' },
    { flags: '--consumers <number>', help: 'default: 1; 0 leaves the messages in the queue' },
    { flags: '--size <octets>', help: 'of a body (default: 100, at least 8)' },
    { flags: '--time <seconds>', help: 'how long (default: 10)' },
    { flags: '--count <number>', help: 'how many messages instead' },
    { flags: '--rate <number>', help: 'messages per second and producer, at the most' },
    { flags: '--confirm <number>', help: 'confirms under way for a producer (default: 200; 0: no confirms)' },
    { flags: '--prefetch <number>', help: 'deliveries under way for a consumer (default: 500)' },
    { flags: '--auto-ack', help: 'consumers do not acknowledge' },
    { flags: '--persistent', help: 'delivery mode 2' },
    { flags: '--queue <name>', help: 'a queue that is there (default: one of our own, which goes afterwards)' },
    { flags: '--durable', help: 'our own queue is durable' },
  ],
  notes: `  leveret perf --producers 2 --consumers 2 --size 1000 --time 30 -o json

Latency is from publish to delivery, in this process; one process is the limit of what can be measured so.`,
  reach: 'any broker',
  run,
}

/** What is measured. */
export interface Load {
  readonly producers: number
  readonly consumers: number
  readonly size: number
  readonly timeMs: number
  readonly count: number
  readonly rate: number | undefined
  readonly confirm: number
  readonly prefetch: number
  readonly autoAck: boolean
  readonly persistent: boolean
  readonly queue: string | undefined
  readonly durable: boolean
}

/** Reads the flags. Throws `CommandError` for what makes no sense. */
export function loadOf(given: Given): Load {
  const count = countOf('count', given.number('count'))
  const size = given.number('size') ?? 100
  if (size < 8) throw new CommandError(`--size: got ${size}, expected 8 or more: each body holds the time`)
  return {
    producers: atLeast(0, 'producers', given.number('producers') ?? 1),
    consumers: atLeast(0, 'consumers', given.number('consumers') ?? 1),
    size,
    timeMs: count === undefined ? (countOf('time', given.number('time')) ?? 10) * 1000 : Number.POSITIVE_INFINITY,
    count: count ?? Number.POSITIVE_INFINITY,
    rate: rateOf(given.text('rate')),
    confirm: atLeast(0, 'confirm', given.number('confirm') ?? 200),
    prefetch: atLeast(0, 'prefetch', given.number('prefetch') ?? 500),
    autoAck: given.flag('auto-ack') === true,
    persistent: given.flag('persistent') === true,
    queue: given.text('queue'),
    durable: given.flag('durable') === true,
  }
}

function atLeast(least: number, flag: string, value: number): number {
  if (value >= least) return value
  throw new CommandError(`--${flag}: got ${value}, expected ${least} or more`)
}

async function run(task: Task, given: Given): Promise<number> {
  const load = loadOf(given)
  const test = new Test(task, load)
  try {
    const result = await test.run()
    await task.show(result)
    return exitCode.ok
  } finally {
    await test.close()
  }
}

class Test {
  readonly #task: Task
  readonly #load: Load
  readonly #signal: AbortSignal
  readonly #latencies = new Latencies()
  readonly #connections: Amqp[] = []
  #published = 0
  #confirmed = 0
  #refused = 0
  #consumed = 0
  #allConsumed: () => void = () => {}

  constructor(task: Task, load: Load) {
    this.#task = task
    this.#load = load
    this.#signal = task.terminal.interrupted()
  }

  async run(): Promise<Readonly<Record<string, unknown>>> {
    const queue = await this.#queue()
    const { consumers, producers, count, timeMs } = this.#load
    for (let index = 0; index < consumers; index++) await this.#consumer(queue)
    const channels: ConfirmChannel[] = []
    for (let index = 0; index < producers; index++) channels.push(await (await this.#connect()).confirmChannel())
    const bar = await this.#task.progress('perf', Number.isFinite(count) ? count : Math.round(timeMs / 1000))
    const startedAt = performance.now()
    const share = Math.ceil(count / Math.max(1, producers))
    await Promise.all(channels.map((channel) => this.#producer(channel, queue, share, startedAt, bar)))
    const publishedMs = performance.now() - startedAt
    if (producers === 0) await this.#task.terminal.pause(timeMs)
    else if (consumers > 0) await this.#drained()
    const consumedMs = performance.now() - startedAt
    bar.stop()
    return this.#result(publishedMs, consumedMs)
  }

  async close(): Promise<void> {
    for (const amqp of this.#connections) await amqp.close()
  }

  #result(publishedMs: number, consumedMs: number): Readonly<Record<string, unknown>> {
    const { producers, consumers, size, persistent, confirm } = this.#load
    return {
      producers,
      consumers,
      size_bytes: size,
      persistent,
      published: this.#published,
      confirmed: confirm > 0 ? this.#confirmed : null,
      refused: this.#refused,
      consumed: this.#consumed,
      seconds: round(consumedMs / 1000),
      published_per_second: Math.round((this.#published * 1000) / Math.max(1, publishedMs)),
      consumed_per_second: consumers > 0 ? Math.round((this.#consumed * 1000) / Math.max(1, consumedMs)) : null,
      latency_ms: consumers > 0 ? this.#latencies.summary() : null,
    }
  }

  async #connect(): Promise<Amqp> {
    const amqp = await openAmqp(this.#task, 'perf')
    this.#connections.push(amqp)
    return amqp
  }

  // Exclusive to a connection that publishes and consumes nothing, so that it lives as long as the test.
  async #queue(): Promise<string> {
    const { queue, durable } = this.#load
    const amqp = await this.#connect()
    const channel = await amqp.channel()
    if (queue !== undefined) return (await amqp.while(channel.checkQueue(queue))).queue
    const name = `leveret-perf-${randomBytes(6).toString('hex')}`
    await amqp.while(channel.assertQueue(name, { durable, arguments: { 'x-expires': 60_000 } }))
    return name
  }

  async #consumer(queue: string): Promise<void> {
    const { prefetch, autoAck, size } = this.#load
    const amqp = await this.#connect()
    const channel = await amqp.channel()
    if (prefetch > 0 && !autoAck) await amqp.while(channel.prefetch(prefetch))
    const onMessage = (message: import('../amqp.ts').ConsumeMessage | null): void => {
      if (message === null) return
      this.#consumed++
      // Of somebody else's messages nobody knows when they were published.
      if (message.content.length === size) this.#latencies.add(performance.now() - message.content.readDoubleBE(0))
      if (!autoAck) channel.ack(message)
      if (this.#consumed >= this.#published) this.#allConsumed()
    }
    await amqp.while(channel.consume(queue, onMessage, { noAck: autoAck }))
  }

  async #producer(
    channel: ConfirmChannel,
    queue: string,
    share: number,
    startedAt: number,
    bar: Progress,
  ): Promise<void> {
    const { size, timeMs, rate, confirm, persistent } = this.#load
    const { pause } = this.#task.terminal
    const pacer = new Pacer(rate, () => performance.now(), pause)
    let open = 0
    let wake: () => void = () => {}
    const settled = (error: unknown): void => {
      open--
      if (error) this.#refused++
      else this.#confirmed++
      wake()
    }
    const change = (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve
      })
    for (let sent = 0; sent < share && !this.#signal.aborted; sent++) {
      const now = performance.now()
      if (now - startedAt >= timeMs) break
      await pacer.turn()
      const body = Buffer.alloc(size)
      body.writeDoubleBE(performance.now())
      this.#published++
      open++
      const hasRoom = channel.sendToQueue(queue, body, { persistent }, settled)
      if (!hasRoom) await new Promise<void>((resolve) => channel.once('drain', resolve))
      while (confirm > 0 && open >= confirm) await change()
      // Without a wait of its own, a producer would keep the consumers of this process from their messages.
      if (sent % YIELD_EVERY === 0) await new Promise<void>((resolve) => setImmediate(resolve))
      if (sent % BAR_EVERY === 0) bar.update(Number.isFinite(timeMs) ? (now - startedAt) / 1000 : this.#published)
    }
    while (confirm > 0 && open > 0) await change()
  }

  /** Resolves when what was published is consumed, or does not come. */
  async #drained(): Promise<void> {
    while (this.#consumed < this.#published && !this.#signal.aborted) {
      const before = this.#consumed
      const all = new Promise<void>((resolve) => {
        this.#allConsumed = resolve
      })
      await Promise.race([all, this.#task.terminal.pause(DRAIN_MS)])
      if (this.#consumed === before) return
    }
  }
}

const YIELD_EVERY = 64
const BAR_EVERY = 1000
const DRAIN_MS = 3000

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
