// A stream with everything around it: a store with faults that outlives it, a clock, consumers whose deliveries are noted
// by offset and body, and a publisher that notes what it is told.

import { Consumer, type ConsumerOptions, type Sink } from '../../../../src/broker/consumer.ts'
import { encodeRouting, type Message } from '../../../../src/broker/message.ts'
import { Committer } from '../../../../src/broker/queue/committer.ts'
import type { Outcome } from '../../../../src/broker/queue/publisher.ts'
import { SegmentMemory } from '../../../../src/broker/queue/segment-memory.ts'
import { StreamQueue } from '../../../../src/broker/queue/stream.ts'
import { Recovery } from '../../../../src/broker/recovery.ts'
import { type FieldTable, type FieldValue, table } from '../../../../src/protocol/field-table.ts'
import { decodeProperties, encodeHeader, type Properties } from '../../../../src/protocol/properties.ts'
import { createMemoryStore } from '../../../../src/store/memory/memory-store.ts'
import { type FaultyStore, faultyStore } from '../../../support/fault-store.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { messageFrom } from '../../../support/message.ts'
import { deadEnd } from './dead-end.ts'

/** Arguments of a stream or of a consumer, as people write them. */
export type Fields = Parameters<typeof table>[0]

const STREAM_ID = 7
const routing = encodeRouting('', 's')
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** The message with this body. */
export function messageOf(body: string, properties: Properties = {}): Message {
  const bytes = Buffer.from(body)
  return messageFrom(routing, encodeHeader(properties, bytes.length), bytes)
}

/** What a consumer was given: the offset that its header says, and the body. */
export type Given = readonly [offset: number, body: string]

/** One who reads, and what it was given. */
export class Reader implements Sink {
  readonly consumer: Consumer
  readonly given: Given[] = []
  readonly seqs: number[] = []
  headers: FieldTable = new Map()
  ended = false
  full = false

  constructor(queue: StreamQueue, options: Partial<ConsumerOptions>) {
    const plain = { tag: 'tag', noAck: false, exclusive: false, prefetch: 1000, arguments: table({}) }
    this.consumer = new Consumer(queue, this, { ...plain, ...options })
  }

  hasRoomFor(): boolean {
    return !this.full
  }

  deliver(consumer: Consumer, { header, headerStart, headerEnd, ...message }: Message, seq: number): void {
    consumer.unacked++
    this.headers = decodeProperties(header, headerStart, headerEnd).headers ?? new Map()
    const offset = this.headers.get('x-stream-offset')
    const body = message.body.toString('utf8', message.bodyStart, message.bodyEnd)
    this.given.push([Number(offset?.value), body])
    this.seqs.push(seq)
  }

  cancelled(): void {
    this.ended = true
  }

  /** Acks the oldest `count` deliveries. */
  ack(count: number): void {
    const { consumer } = this
    for (const seq of this.seqs.splice(0, count)) {
      consumer.unacked--
      consumer.queue.ack(seq)
      consumer.queue.wake(consumer)
    }
    consumer.queue.handOut()
  }

  /** What it was given since the last time. */
  takeBodies(): readonly string[] {
    return this.given.splice(0).map(([, body]) => body)
  }
}

/** One stream and what happens to it. */
export class StreamScene {
  readonly clock = new ManualClock()
  readonly told: [tag: number, outcome: Outcome][] = []
  readonly lost: [firstSeq: number, messages: number, why: string][] = []
  /** Chunks that cannot be read. */
  readonly damaged = new Set<number>()
  readonly inner: ReturnType<typeof createMemoryStore>
  store: FaultyStore
  queue: StreamQueue
  /** How often a chunk was read. */
  reads = 0
  readonly #arguments: FieldTable

  private constructor(inner: ReturnType<typeof createMemoryStore>, args: Fields) {
    this.inner = inner
    this.#arguments = table({ 'x-queue-type': 'stream', ...args })
    this.store = faultyStore(inner)
    this.queue = null as unknown as StreamQueue
  }

  static async begin(args: Fields = {}): Promise<StreamScene> {
    const scene = new StreamScene(createMemoryStore(), args)
    await scene.#open()
    return scene
  }

  async #open(): Promise<void> {
    this.store = faultyStore(this.inner)
    const lease = await this.store.open()
    const { messages } = this.store
    const committer = new Committer(messages, lease, this.clock, { failed: () => {}, succeeded: () => {} })
    const spec = { id: STREAM_ID, name: 's', vhost: '/', durable: true, autoDelete: false, owner: null }
    this.queue = new StreamQueue(
      { ...spec, arguments: this.#arguments },
      {
        ...{ clock: this.clock, committer, memory: new SegmentMemory(0), unused: () => {} },
        deadLetters: deadEnd(this.clock),
        readChunk: (key) => {
          this.reads++
          return this.damaged.has(key.firstSeq) ? Promise.resolve(Buffer.alloc(20)) : messages.read(key)
        },
        chunkLost: (_queue, { firstSeq }, messages, why) => this.lost.push([firstSeq, messages, why]),
      },
    )
    const recovery = new Recovery(messages, { logger: quiet, clock: this.clock }, false, 1)
    await recovery.recover(this.queue.log(STREAM_ID), {})
    this.queue.begin()
  }

  /** The broker dies, and starts again on what is stored. */
  async restart(): Promise<void> {
    await this.store.close()
    await this.#open()
  }

  /** Publishes messages that somebody waits for, in one turn; their tags are what `told` names. */
  publish(...bodies: readonly string[]): void {
    for (const body of bodies) this.publishWith(body)
  }

  publishWith(body: string, headers: Fields = {}): Outcome | 'pending' {
    const publisher = { settle: (tag: number, outcome: Outcome) => this.told.push([tag, outcome]) }
    const properties = Object.keys(headers).length === 0 ? {} : { headers: table(headers) }
    return this.queue.publish(messageOf(body, properties), publisher, this.told.length + 1)
  }

  /** Publishes, and has it stored. */
  async stored(...bodies: readonly string[]): Promise<void> {
    this.publish(...bodies)
    await this.settle()
  }

  /** Turns end until nothing is left to be done. */
  async settle(): Promise<void> {
    do await this.clock.pass()
    while (this.clock.tasks > 0)
    await this.clock.settle()
  }

  /** Somebody reads from now on, and has been given what is there. */
  async read(args: Fields | Map<string, FieldValue>, options: Partial<ConsumerOptions> = {}): Promise<Reader> {
    const reader = new Reader(this.queue, { arguments: args instanceof Map ? args : table(args), ...options })
    this.queue.consume(reader.consumer)
    await this.settle()
    return reader
  }

  /** All bodies that can be read from the first on. */
  async all(): Promise<readonly Given[]> {
    const reader = await this.read({ 'x-stream-offset': 'first' }, { prefetch: 0 })
    this.queue.cancel(reader.consumer)
    return reader.given
  }
}
