// A consumer as a queue sees it: somebody with room for so many messages. Knows the border to the session (`Sink`),
// not what lies behind it.

import type { FieldTable } from '../protocol/field-table.ts'
import type { Clock } from './clock.ts'
import type { Message } from './message.ts'
import type { ChannelPeer } from './peers.ts'
import type { Queue } from './queue/queue.ts'
import { isInteger } from './queue/settings.ts'

/** Where deliveries go: a channel. */
export interface Sink {
  /** Whether it can take more for `consumer` now: the socket is not full, a shared prefetch is not used up. */
  hasRoomFor(consumer: Consumer): boolean
  /** Sends a message. `message` is a view that holds during the call only. */
  deliver(consumer: Consumer, message: Message, seq: number, redelivered: boolean): void
  /** The broker has ended the consumer (behaviour.md §7.4, "queue deleted"). */
  cancelled(consumer: Consumer): void
  /** The channel that it is, where it is one. */
  readonly channel?: ChannelPeer
}

/** What basic.consume asks for. */
export interface ConsumerOptions {
  readonly tag: string
  readonly noAck: boolean
  readonly exclusive: boolean
  /** Unacked deliveries it may hold; 0: any number. Does not bind a consumer with `noAck` (behaviour.md §7.3). */
  readonly prefetch: number
  /** Whether a limit that its channel's consumers share binds it (default: true). RabbitMQ's binds those of classic queues. */
  readonly shares?: boolean
  readonly arguments: FieldTable
}

/** One subscription. The fields from `parked` on belong to the queue's dispatch (ring.ts). */
export class Consumer {
  readonly queue: Queue
  readonly sink: Sink
  readonly tag: string
  /** The tag as a shortstr, as basic.deliver carries it. */
  readonly tagBytes: Buffer
  readonly noAck: boolean
  readonly exclusive: boolean
  readonly prefetch: number
  /** Consumers of higher priority are given all there is, as long as they have room (behaviour.md §7.2). */
  readonly priority: number
  readonly arguments: FieldTable
  /** Whether a limit that the consumers of its channel share binds it. */
  readonly shares: boolean
  /** Deliveries that are not settled; kept by the sink. */
  unacked = 0
  /** Those among them that took too long, whose messages are back in the queue; kept by the sink. */
  late = 0
  /** All that it was given, and what of that was acked; kept by the sink. */
  delivered = 0
  acked = 0
  /** The tag of the last delivery that is to be settled; kept by the sink. */
  lastTag = 0

  /** Not in the ring of those that are asked, because it had no room when it was: to be told of when it has. */
  parked = false
  /** When it had its last turn; grows from turn to turn. */
  turn = 0
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
    this.shares = options.shares ?? true
    const priority = options.arguments.get('x-priority')
    this.priority = priority && isInteger(priority) ? Number(priority.value) : 0
  }

  /** Whether it can take a message now. */
  get hasRoom(): boolean {
    return (this.prefetch === 0 || this.unacked < this.prefetch) && this.sink.hasRoomFor(this)
  }
}

/** Consumers that may have room again. All are asked again before any is given something: nobody takes what is another's. */
export function wake(consumers: readonly Consumer[]): void {
  for (const consumer of consumers) consumer.queue.wake(consumer)
  for (const consumer of consumers) consumer.queue.handOut()
}

/** Nothing more is given to any of `consumers`, by tag, which is empty then. */
export function cancelAll(consumers: Map<string, Consumer>): void {
  const all = [...consumers.values()]
  consumers.clear()
  for (const consumer of all) consumer.queue.cancel(consumer)
}

/** Their queue is deleted: they are told once the turn is over, since delete-ok comes before (behaviour.md §4.1). */
export function endLater(consumers: readonly Consumer[], host: EndingHost): void {
  if (consumers.length === 0) return
  host.clock.soon(() => {
    for (const consumer of consumers) {
      host.consuming?.(consumer, false)
      consumer.sink.cancelled(consumer)
    }
  })
}

interface EndingHost {
  readonly clock: Pick<Clock, 'soon'>
  consuming?(consumer: Consumer, began: boolean): void
}
