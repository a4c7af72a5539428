// What becomes of deliveries that a channel's client has not settled in time (behaviour.md §7.7, §19). On a quorum queue
// their messages return and the consumer pauses, which the client is told of; where it would not understand, and on any
// other queue for which a time was set, the channel ends.

import type { Consumer } from '../broker/consumer.ts'
import { deliveryTimeoutMs } from '../broker/queue/consuming.ts'
import type { Queue } from '../broker/queue/queue.ts'
import { ChannelError, NO_METHOD } from '../protocol/reply.ts'
import { Ages } from './ages.ts'
import type { Channel } from './channel.ts'
import { Late } from './late.ts'
import type { Unacked } from './unacked.ts'

/** What is said in place of a time that is not the channel's. */
const QUORUM_MS = -1

interface Overlong {
  readonly tag: number
  readonly queue: Queue
  readonly consumer: Consumer | null
  readonly seq: number
}

/** The clock of one channel's deliveries. */
export class Overdue {
  readonly #channel: Channel
  readonly #unacked: Unacked
  readonly #ages = new Ages()

  constructor(channel: Channel, unacked: Unacked) {
    this.#channel = channel
    this.#unacked = unacked
  }

  /** Looks for deliveries that are overdue at `now`; `lastTag` is the last that was given. Throws `ChannelError` 406. */
  look(now: number, lastTag: number): void {
    this.#ages.note(now, lastTag)
    this.#ages.forget(this.#unacked.oldest)
    const late: Overlong[] = []
    const refusals: ChannelError[] = []
    this.#unacked.each((tag, holder, consumer, seq) => {
      if (holder instanceof Late || !this.#isLate(now, tag, holder, consumer)) return
      if (refusals.length === 0 && !this.#isUnderstood(holder, consumer)) refusals.push(this.#refusal(holder, consumer))
      if (this.#returns(holder)) late.push({ tag, queue: holder, consumer, seq })
    })
    for (const { tag, queue, consumer, seq } of late) {
      this.#channel.connection.context.watch?.settled(this.#channel, queue, consumer, seq, tag, 'requeue')
      this.#unacked.exchange(tag, (consumer) => this.#late(consumer))
      // RabbitMQ 4.3 counts it as handed out, and not as failed.
      queue.reject(seq, true, false)
    }
    if (refusals[0]) throw refusals[0]
  }

  /** One more of `consumer`'s deliveries is late: it is given nothing more before its client has spoken of all of them. */
  #late(consumer: Consumer | null): Late {
    if (consumer !== null && consumer.late++ === 0) {
      consumer.queue.cancel(consumer)
      this.#channel.notifyCancelled(consumer)
    }
    return new Late(consumer, this.#resume)
  }

  #isLate(now: number, tag: number, queue: Queue, consumer: Consumer | null): boolean {
    const ms = this.#timeoutMs(queue, consumer)
    return ms > 0 && tag <= this.#ages.lastAt(now - ms)
  }

  #timeoutMs(queue: Queue, consumer: Consumer | null): number {
    return deliveryTimeoutMs(queue, consumer?.arguments ?? null, this.#channel.connection.limits.consumerTimeoutMs)
  }

  /** Whether messages of `queue` return by themselves; else they do because the channel ends. */
  #returns({ settings }: Queue): boolean {
    return settings.type === 'quorum' && !this.#channel.vhost.dialect.timeoutEndsChannel
  }

  /** Whether the client is told, or need not be. */
  #isUnderstood(queue: Queue, consumer: Consumer | null): boolean {
    const { capabilities } = this.#channel.connection.admission
    return this.#returns(queue) && (consumer === null || capabilities.consumerCancelNotify)
  }

  /** Why the channel ends. */
  #refusal(queue: Queue, consumer: Consumer | null): ChannelError {
    const ms = this.#returns(queue) ? QUORUM_MS : this.#timeoutMs(queue, consumer)
    const text = `delivery acknowledgement on channel ${this.#channel.number} timed out. Timeout value used: ${ms} ms. This timeout value can be configured, see consumers doc guide to learn more`
    return new ChannelError(406, text, NO_METHOD)
  }

  /** Nothing of `consumer`'s is late any more. */
  readonly #resume = (consumer: Consumer): void => {
    const { consumers } = this.#channel
    if (consumers.get(consumer.tag) !== consumer) return
    if (consumer.queue.deleted) consumers.delete(consumer.tag)
    else consumer.queue.consume(consumer)
  }
}
