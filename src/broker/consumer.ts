// A consumer as a queue sees it: somebody with room for so many messages. Knows the border to the session (`Sink`),
// not what lies behind it.

import type { FieldTable } from '../protocol/field-table.ts'
import type { Message } from './message.ts'
import type { Queue } from './queue/queue.ts'

/** Where deliveries go: a channel. */
export interface Sink {
  /** Whether it can take more for `consumer` now: the socket is not full, a shared prefetch is not used up. */
  hasRoomFor(consumer: Consumer): boolean
  /** Sends a message. `message` is a view that holds during the call only. */
  deliver(consumer: Consumer, message: Message, seq: number, redelivered: boolean): void
  /** The broker has ended the consumer (behaviour.md §7.4, "queue deleted"). */
  cancelled(consumer: Consumer): void
}

/** What basic.consume asks for. */
export interface ConsumerOptions {
  readonly tag: string
  readonly noAck: boolean
  readonly exclusive: boolean
  /** Unacked deliveries it may hold; 0: any number. Does not bind a consumer with `noAck` (behaviour.md §7.3). */
  readonly prefetch: number
  readonly arguments: FieldTable
}

/** One subscription. The fields from `parked` on belong to the queue's dispatch. */
export class Consumer {
  readonly queue: Queue
  readonly sink: Sink
  readonly tag: string
  /** The tag as a shortstr, as basic.deliver carries it. */
  readonly tagBytes: Buffer
  readonly noAck: boolean
  readonly exclusive: boolean
  readonly prefetch: number
  readonly arguments: FieldTable
  /** Deliveries that are not settled; kept by the sink. */
  unacked = 0

  /** Not in the ring of those that are asked, because it had no room when it was. */
  parked = false
  next: Consumer | null = null
  previous: Consumer | null = null

  constructor(queue: Queue, sink: Sink, options: ConsumerOptions) {
    this.queue = queue
    this.sink = sink
    this.tag = options.tag
    const text = Buffer.from(options.tag, 'utf8')
    this.tagBytes = Buffer.concat([Buffer.from([text.length]), text])
    this.noAck = options.noAck
    this.exclusive = options.exclusive
    this.prefetch = options.noAck ? 0 : options.prefetch
    this.arguments = options.arguments
  }

  /** Whether it can take a message now. */
  get hasRoom(): boolean {
    return (this.prefetch === 0 || this.unacked < this.prefetch) && this.sink.hasRoomFor(this)
  }
}
