// The consuming side of a channel: what it has been given and what becomes of it when the client acks, nacks, rejects or
// goes away. Knows tags and queues; frames and methods are the channel's.

import { type Consumer, wake } from '../broker/consumer.ts'
import type { Queue } from '../broker/queue/queue.ts'
import { readTag } from '../protocol/hot-methods.ts'
import { preconditionFailed } from '../protocol/reply.ts'
import type { Channel } from './channel.ts'
import { Overdue } from './overdue.ts'
import type { HeldSettlement, Transaction } from './transaction.ts'
import { type Delivery, type Holder, type Taker, Unacked } from './unacked.ts'
import type { Watch } from './watch.ts'

/** How a delivery is settled. */
export type How = HeldSettlement['how']

/** To a queue, to fail and to be lost may be two things; to those who watch they are one. */
type Takers = { readonly [how in How | 'lose']: Taker }

/** The deliveries of one channel. */
export class Settling {
  /** Deliveries outstanding of consumers that a shared limit binds. */
  consumed = 0
  readonly #channel: Channel
  readonly #unacked = new Unacked()
  /** Made when somebody looks for what is overdue. */
  #overdue: Overdue | null = null
  /** Consumers that had no room and have some now; given what there is once the ring is in order again. */
  #woken: Consumer[] = []
  /** A shared limit was used up and is not any more: any consumer of the channel may have waited for that. */
  #relieved = false
  /** `takeWoken` will be called. */
  #waits = false

  constructor(channel: Channel) {
    this.#channel = channel
    const { watch } = channel.connection.context
    if (watch) this.#takers = watched(this.#takers, channel, watch)
  }

  /** Deliveries outstanding, those of basic.get included. */
  get outstanding(): number {
    return this.#unacked.size
  }

  /** A consumer was given a message. */
  delivered(tag: number, consumer: Consumer, seq: number): void {
    this.#unacked.add(tag, consumer.queue, consumer, seq)
    consumer.unacked++
    consumer.lastTag = tag
    if (consumer.shares) this.consumed++
    this.#channel.counts.delivered++
  }

  /** basic.get was given a message. */
  gotten(tag: number, queue: Queue, seq: number): void {
    this.#unacked.add(tag, queue, null, seq)
  }

  /**
   * basic.ack, nack or reject. Throws `ChannelError` 406 for a tag that is not outstanding; with `multiple`, 0 stands for
   * all that are (behaviour.md §7.6).
   */
  settle(tag: number, multiple: boolean, how: How): void {
    const taker = this.#channel.transaction ? this.#hold(this.#channel.transaction, how) : this.#takers[how]
    if (tag === 0 && multiple) this.#unacked.takeAll(taker)
    else if (!(multiple ? this.#unacked.takeUpTo(tag, taker) : this.#unacked.take(tag, taker))) {
      throw preconditionFailed(`unknown delivery tag ${tag}`)
    }
    if (this.#waits || (this.#woken.length === 0 && !this.#relieved)) return
    this.#waits = true
    this.#channel.connection.wakeSoon(this)
  }

  /** Everything outstanding returns to its queue: asked for by basic.recover, or because the channel has ended. */
  returnAll(how: 'requeue' | 'lose'): void {
    this.#unacked.takeAll(this.#takers[how])
    wake(this.takeWoken())
  }

  /**
   * What is of these queues returns to them, by basic.get or not; the rest stays. (RabbitMQ tells the classic queues that
   * a channel consumes of its end, behaviour.md §1.2.)
   */
  returnConsumed(queues: ReadonlySet<Holder>): void {
    const kept: Delivery[] = []
    this.#unacked.takeAll((tag, queue, consumer, seq) => {
      if (queues.has(queue)) this.#takers.lose(tag, queue, consumer, seq)
      else kept.push({ tag, queue, consumer, seq })
    })
    this.#unacked.restore(kept)
    this.#woken = []
  }

  /** Ends what has been out for too long at `now`; `lastTag` is the last tag that was given. Throws `ChannelError` 406. */
  sweep(now: number, lastTag: number): void {
    this.#overdue ??= new Overdue(this.#channel, this.#unacked)
    this.#overdue.look(now, lastTag)
  }

  /** Carries out what a transaction held. */
  commit(settlements: readonly HeldSettlement[]): void {
    for (const { delivery, how } of settlements) {
      this.#takers[how](delivery.tag, delivery.queue, delivery.consumer, delivery.seq)
    }
    wake(this.takeWoken())
  }

  /** What a transaction held is outstanding again, under the same tags (behaviour.md §8.3). */
  rollBack(settlements: readonly HeldSettlement[]): void {
    if (settlements.length > 0) this.#unacked.restore(settlements.map(({ delivery }) => delivery))
  }

  #hold(transaction: Transaction, how: How): Taker {
    return (tag, queue, consumer, seq) => transaction.settle({ tag, queue, consumer, seq }, how)
  }

  /** Made once, so that settling makes no closures. */
  #takers: Takers = {
    ack: (_tag, queue, consumer, seq) => {
      this.#channel.counts.acked++
      if (consumer !== null) consumer.acked++
      this.#free(consumer)
      queue.ack(seq)
    },
    reject: (_tag, queue, consumer, seq) => {
      this.#free(consumer)
      queue.reject(seq, false)
    },
    requeue: (_tag, queue, consumer, seq) => {
      this.#free(consumer)
      queue.reject(seq, true, false)
    },
    fail: (_tag, queue, consumer, seq) => {
      this.#free(consumer)
      queue.reject(seq, true, true)
    },
    lose: (_tag, queue, consumer, seq) => {
      this.#free(consumer)
      queue.reject(seq, true, true, true)
    },
  }

  #free(consumer: Consumer | null): void {
    if (consumer === null) return
    consumer.unacked--
    if (consumer.shares && this.consumed-- >= this.#channel.sharedPrefetch && this.#channel.sharedPrefetch > 0) {
      this.#relieved = true
    }
    // Who gets the room in a shared limit is decided for all at once, or one queue would have it for ever.
    if (!consumer.parked || this.#relieved) return
    // At once, because what is published next may be for it already (behaviour.md §7.2, priorities).
    consumer.queue.wake(consumer)
    if (!consumer.parked) this.#woken.push(consumer)
  }

  /** Those who may have room and are to be given something: after many acks that came together, once. */
  takeWoken(): readonly Consumer[] {
    const woken = this.#relieved ? inTurn(this.#channel.consumers.values()) : this.#woken
    this.#waits = this.#relieved = false
    this.#woken = []
    return woken
  }
}

/** Whoever was given something last comes behind the others. */
function inTurn(consumers: Iterable<Consumer>): readonly Consumer[] {
  return [...consumers].sort((one, other) => one.lastTag - other.lastTag)
}

/** The same, with somebody who is told first. */
function watched(takers: Takers, channel: Channel, watch: Watch): Takers {
  const telling =
    (how: How, taker: Taker = takers[how]): Taker =>
    (tag, queue, consumer, seq) => {
      watch.settled(channel, queue, consumer, seq, tag, how)
      taker(tag, queue, consumer, seq)
    }
  const [ack, reject, requeue, fail] = [telling('ack'), telling('reject'), telling('requeue'), telling('fail')]
  return { ack, reject, requeue, fail, lose: telling('fail', takers.lose) }
}

/** The tag of a basic.ack, nack or reject. Throws `ProtocolError`: also where it is larger than any tag ever given. */
export function readDeliveryTag(bytes: Buffer, start: number, end: number): number {
  const tag = readTag(bytes, start, end)
  if (Number.isFinite(tag)) return tag
  throw preconditionFailed(`unknown delivery tag ${bytes.readBigUInt64BE(start + 4)}`)
}
