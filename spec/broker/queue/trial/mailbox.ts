// A channel as a queue sees it, with nothing behind it: it notes what it is given and has room as long as it is told so.

import { Consumer, type ConsumerOptions, type Sink } from '../../../../src/broker/consumer.ts'
import type { Message } from '../../../../src/broker/message.ts'
import type { Queue } from '../../../../src/broker/queue/queue.ts'
import { idOf } from './messages.ts'

/** A message that a consumer was given. */
export interface Given {
  readonly consumer: Consumer
  readonly id: number
  readonly seq: number
  readonly redelivered: boolean
}

/** Where the deliveries of some consumers go. */
export class Mailbox implements Sink {
  /** Everything given, oldest first. */
  readonly given: Given[] = []
  readonly ended: Consumer[] = []
  /** Consumers that have no room, whatever their prefetch. */
  readonly full = new Set<Consumer>()

  hasRoomFor(consumer: Consumer): boolean {
    return !this.full.has(consumer)
  }

  deliver(consumer: Consumer, message: Message, seq: number, redelivered: boolean): void {
    if (!consumer.noAck) consumer.unacked++
    this.given.push({ consumer, id: idOf(message), seq, redelivered })
  }

  cancelled(consumer: Consumer): void {
    this.ended.push(consumer)
  }

  /** A consumer of this mailbox. */
  consumer(queue: Queue, options: Partial<ConsumerOptions> = {}): Consumer {
    const plain = { tag: 'tag', noAck: false, exclusive: false, prefetch: 0, arguments: new Map() }
    return new Consumer(queue, this, { ...plain, ...options })
  }
}
