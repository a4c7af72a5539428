// A channel: the frames of one conversation in order, what it has delivered and published that is not settled, and how it
// ends. What each method does is in methods/; a channel holds later frames back while one of them waits for the broker.

import { type Consumer, cancelAll, type Sink } from '../broker/consumer.ts'
import { MessageCounts, type SizeCounts } from '../broker/counts.ts'
import type { Message } from '../broker/message.ts'
import type { ChannelPeer } from '../broker/peers.ts'
import type { Got, Queue, Receiver } from '../broker/queue/queue.ts'
import type { ReplyQueue } from '../broker/replies.ts'
import type { Topology } from '../broker/topology.ts'
import type { Vhost } from '../broker/vhost.ts'
import { FRAME_BODY, FRAME_HEADER, FRAME_METHOD, readUint32 } from '../protocol/frame.ts'
import { BODY_PIECE } from '../protocol/frame-decoder.ts'
import { MULTIPLE, NACK_REQUEUE, REJECT_REQUEUE, ROUTING_AT, readPublish } from '../protocol/hot-methods.ts'
import { decodeMethod } from '../protocol/method-codec.ts'
import { BASIC_ACK, BASIC_NACK, BASIC_PUBLISH, BASIC_REJECT, type Method } from '../protocol/methods.ts'
import { ConnectionError, type FailedMethod, NO_METHOD } from '../protocol/reply.ts'
import { withoutBlindCopies } from './blind-copies.ts'
import { ChannelView } from './channel-view.ts'
import { Confirms } from './confirms.ts'
import type { Connection } from './connection.ts'
import { Content } from './content.ts'
import { writeDeliver, writeGetOk, writeReturn } from './content-writer.ts'
import { HeldFrames } from './held-frames.ts'
import { handleMethod } from './methods/dispatch.ts'
import { enqueue, isMandatory, isUnroutable, Publishing } from './publishing.ts'
import { readDeliveryTag, Settling } from './settling.ts'
import type { Swept } from './sweep.ts'
import { type MessageWatch, watchOf } from './tracing.ts'
import { Transaction } from './transaction.ts'

/** Frames held back from which on the connection is not read any more. */
const HELD_FRAMES = 1000
const NOTHING = Buffer.alloc(0)

/** `open`; `closing`: the server has sent channel.close and waits for close-ok (behaviour.md §1.2); `closed`. */
export type ChannelState = 'open' | 'closing' | 'closed'

/** One channel of a connection. */
export class Channel implements Sink, Swept {
  readonly number: number
  readonly connection: Connection
  readonly consumers = new Map<string, Consumer>()
  /** What its client has done with messages. */
  readonly counts = new MessageCounts()
  readonly openedAt: number
  /** The queue that an empty name stands for (behaviour.md §6.2). */
  lastQueue: string | null = null
  /** Where the answers to its requests go, once it has asked for them. */
  replies: ReplyQueue | null = null
  /** Unacked deliveries that consumers made from now on may hold; 0: any number. */
  prefetch = 0
  /** Unacked deliveries that all consumers of the channel may hold together; 0: any number. */
  sharedPrefetch = 0
  confirms: Confirms | null = null
  transaction: Transaction | null = null
  /** Who is told of messages; nobody, mostly. */
  watch: MessageWatch | null
  publishing: Publishing | null = null
  readonly #sizes: SizeCounts
  #state: ChannelState = 'open'
  readonly #content: Content
  /** Made when it is needed first, as is `publishing`: most channels only publish or consume, idle ones do neither. */
  #settling: Settling | null = null
  readonly #frameMax: number
  #deliveryTag = 0
  /** Class and method of the frame that is being carried out. */
  #methodId = 0
  /** Frames that came while a method waits for the broker; null when none does. */
  #held: HeldFrames | null = null
  /** Cancel notifications that must not overtake the answer of that method: delete-ok goes first (behaviour.md §4.1). */
  #notices: Method[] = []

  constructor(connection: Connection, number: number) {
    this.connection = connection
    this.number = number
    this.openedAt = connection.context.clock.now()
    this.#sizes = connection.context.broker.census.sizes
    this.#frameMax = connection.admission.frameMax
    this.watch = watchOf(this)
    this.#content = new Content(connection.context.slabs)
  }

  /** The vhost, and what can be changed in it. */
  get vhost(): Vhost {
    return this.connection.admission.vhost
  }

  get topology(): Topology {
    return this.connection.admission.topology
  }

  /** The consuming side. */
  get settling(): Settling {
    this.#settling ??= new Settling(this)
    return this.#settling
  }

  /** The name that answers to its requests are sent to; null where nobody would get them. */
  get replyName(): string | null {
    return this.replies === null || this.replies.deleted ? null : this.replies.name
  }

  get state(): ChannelState {
    return this.#state
  }

  /** The method that is being carried out; of a content, the method that began it. */
  get carryingOut(): FailedMethod {
    return { classId: this.#methodId >>> 16, methodId: this.#methodId & 0xffff }
  }

  /** Whether a method waits for the broker. */
  get busy(): boolean {
    return this.#held !== null
  }

  /** Resolves when that method is done and the frames behind it are given back; the next of them may wait then. */
  get idle(): Promise<void> {
    return this.#held ? this.#held.released : Promise.resolve()
  }

  /** Sends a method; a channel that is over has nothing more to say. */
  send(method: Method): void {
    if (this.#state !== 'closed') this.connection.outbox.method(this.number, method)
  }

  // --- frames in --------------------------------------------------------------------------------------------------

  /** A frame's payload; types are those of `FrameSink`. Throws `ProtocolError`. */
  frame(type: number, bytes: Buffer, start: number, end: number): void {
    if (this.#held !== null) this.#hold(this.#held, type, bytes, start, end)
    else if (type === FRAME_METHOD) this.#method(bytes, start, end)
    else if (type === FRAME_HEADER) this.#header(bytes, start, end)
    else if (type === FRAME_BODY) this.#body(bytes, start, end)
    else if (type === BODY_PIECE) this.#content.bodyPiece(bytes, start, end)
    else if (this.#content.bodyEnd()) this.#publish()
  }

  /** The octets of the frames so far are about to change. */
  detach(): void {
    this.#content.detach()
  }

  #method(bytes: Buffer, start: number, end: number): void {
    const id = readUint32(bytes, start)
    this.#methodId = id
    this.#content.checkMethod()
    if (this.#state !== 'open') this.#methodWhileClosing(decodeMethod(bytes, start, end))
    else if (id === BASIC_PUBLISH) {
      this.#content.begin(bytes, start + ROUTING_AT, end - 1, readPublish(bytes, start, end))
    } else if (id === BASIC_ACK || id === BASIC_NACK || id === BASIC_REJECT) {
      this.#settle(readDeliveryTag(bytes, start, end), bytes[end - 1] as number)
    } else {
      this.#carryOut(decodeMethod(bytes, start, end))
    }
  }

  /**
   * basic.ack, nack or reject; `bits` is its last octet. What nack brings back is no failed delivery, unlike reject (§10).
   */
  #settle(tag: number, bits: number): void {
    if (this.#methodId === BASIC_ACK) this.settling.settle(tag, (bits & MULTIPLE) !== 0, 'ack')
    else if (this.#methodId === BASIC_REJECT) {
      this.settling.settle(tag, false, (bits & REJECT_REQUEUE) !== 0 ? 'fail' : 'reject')
    } else {
      this.settling.settle(tag, (bits & MULTIPLE) !== 0, (bits & NACK_REQUEUE) !== 0 ? 'requeue' : 'reject')
    }
  }

  /** Carries out a method; where it has to wait for the broker, later frames are held back until it is done. */
  #carryOut(method: Method): void {
    const waits = handleMethod(this, method)
    if (!waits) return
    const ids = this.carryingOut
    this.#held = new HeldFrames()
    waits
      .catch((error: unknown) => this.connection.failed(error, this, ids))
      .finally(() => this.#release())
      .catch((error: unknown) => this.connection.failed(error, null, NO_METHOD))
  }

  #hold(held: HeldFrames, type: number, bytes: Buffer, start: number, end: number): void {
    held.add(type, bytes, start, end)
    if (held.size > HELD_FRAMES) this.connection.flow.hold()
  }

  #release(): void {
    const held = this.#held
    this.#held = null
    this.connection.flow.unhold()
    const notices = this.#notices
    this.#notices = []
    if (this.#state === 'open') for (const notice of notices) this.send(notice)
    held?.release((type, bytes, start, end) => this.connection.give(this.number, type, bytes, start, end))
    this.connection.heldFramesEnd()
  }

  /** Only the end of the channel is of interest any more; a message that was begun has to be finished all the same. */
  #methodWhileClosing(method: Method): void {
    if (method.name === 'channel.close-ok') this.connection.forget(this)
    else if (method.name === 'channel.close') this.send({ name: 'channel.close-ok' })
    else if (method.name === 'channel.open') throw new ConnectionError(504, `second 'channel.open' seen`)
    else if (method.name === 'basic.publish') this.#content.begin(NOTHING, 0, 0, 0)
  }

  #header(bytes: Buffer, start: number, end: number): void {
    const content = this.#content
    const whole = content.header(bytes, start, end)
    this.connection.flow.publishes()
    if (this.#state !== 'open' || content.message.bodyBytes > this.connection.limits.maxMessageBytes) content.discard()
    if (whole) this.#publish()
  }

  #body(bytes: Buffer, start: number, end: number): void {
    this.#content.bodyPiece(bytes, start, end)
    if (this.#content.bodyEnd()) this.#publish()
  }

  // --- publishing -------------------------------------------------------------------------------------------------

  #publish(): void {
    if (this.#state !== 'open') return
    const { message, bits } = this.#content
    this.publishing ??= new Publishing(this.connection.admission, this.connection.limits.maxMessageBytes, this)
    const queues = this.publishing.route(message, bits)
    if (this.watch === null) this.#enter(message, queues, bits)
    else this.#enterWatched(this.watch, message, queues, bits)
  }

  #enter(message: Message, queues: readonly Receiver[], bits: number): void {
    if (this.transaction) return void this.transaction.publish(message, queues, isMandatory(bits))
    this.count(message, queues)
    if (isMandatory(bits) && isUnroutable(queues)) this.return(message)
    else if (queues.length === 0) this.counts.dropped++
    if (this.confirms) this.#publishConfirmed(this.confirms, message, queues)
    else enqueue(message, queues, null, 0)
    for (const queue of queues) if (queue.pressed) this.connection.flow.press()
    this.#content.done()
  }

  /** Somebody watches: what becomes of the publish may be something else. */
  #enterWatched(watch: MessageWatch, message: Message, queues: readonly Receiver[], bits: number): void {
    const fate = watch.published(this, message, queues, isMandatory(bits))
    if (fate === 'goes' || this.transaction) return this.#enter(message, queues, bits)
    if (fate === 'unroutable') return this.#enter(message, [], bits)
    const tag = this.confirms?.begin() ?? 0
    if (fate === 'refused') this.confirms?.settle(tag, 'rejected')
    else enqueue(message, queues, null, 0)
    this.#content.done()
  }

  /** Counts a publish. */
  count({ bodyBytes }: Message, { length }: readonly Receiver[]): void {
    const { counts } = this
    counts.published++
    counts.publishedBytes += bodyBytes
    this.#sizes.add(bodyBytes)
    counts.routed += length
  }

  #publishConfirmed(confirms: Confirms, message: Message, queues: readonly Receiver[]): void {
    this.counts.publishedToConfirm++
    const tag = confirms.begin()
    const taken = enqueue(message, queues, confirms, tag)
    confirms.settle(tag, taken ? 'stored' : 'rejected')
  }

  /** Sends an unroutable message back. */
  return(message: Message): void {
    this.counts.returned++
    const shown = message.copies ? withoutBlindCopies(message) : message
    writeReturn(this.connection.outbox, this.number, this.#frameMax, shown)
  }

  /** confirm.select. */
  startConfirms(): void {
    this.confirms ??= new Confirms({
      confirmsWait: () => this.connection.flow.confirmsWait(this),
      confirm: (deliveryTag, multiple, count) => {
        this.counts.confirmed += count
        this.send({ name: 'basic.ack', deliveryTag, multiple })
      },
      refuse: (deliveryTag) => this.send({ name: 'basic.nack', deliveryTag, multiple: false, requeue: true }),
    })
  }

  /** tx.select. */
  startTransaction(): void {
    this.transaction ??= new Transaction()
  }

  // --- delivering (Sink) ------------------------------------------------------------------------------------------

  /** A shared limit that is used up keeps no-ack consumers waiting as well, who use up none of it: so RabbitMQ's limiter. */
  hasRoomFor({ shares }: Consumer): boolean {
    if (this.connection.outbox.congested) return false
    return this.sharedPrefetch === 0 || !shares || this.settling.consumed < this.sharedPrefetch
  }

  deliver(consumer: Consumer, message: Message, seq: number, redelivered: boolean): void {
    const tag = ++this.#deliveryTag
    if (consumer.noAck) this.counts.deliveredNoAck++
    else this.settling.delivered(tag, consumer, seq)
    consumer.delivered++
    this.#countTaken(message, redelivered)
    const shown = message.copies ? withoutBlindCopies(message) : message
    this.watch?.delivered(this, consumer.queue, consumer, message, seq, tag, redelivered)
    writeDeliver(this.connection.outbox, this.number, this.#frameMax, consumer.tagBytes, tag, redelivered, shown)
  }

  #countTaken({ bodyBytes }: Message, redelivered: boolean): void {
    this.counts.deliveredBytes += bodyBytes
    if (redelivered) this.counts.redelivered++
  }

  /** Answers basic.get; where the channel has ended while the message was read, that goes back. */
  got(queue: Queue, { message, seq, redelivered, remaining }: Got, noAck: boolean): void {
    if (this.#state !== 'open') return queue.reject(seq, true, false, true)
    const tag = ++this.#deliveryTag
    if (noAck) this.counts.gotNoAck++
    else this.counts.got++
    this.#countTaken(message, redelivered)
    const shown = message.copies ? withoutBlindCopies(message) : message
    this.watch?.delivered(this, queue, null, message, seq, tag, redelivered)
    writeGetOk(this.connection.outbox, this.number, this.#frameMax, tag, redelivered, remaining, shown)
    if (noAck) queue.ack(seq, true)
    else this.settling.gotten(tag, queue, seq)
  }

  cancelled(consumer: Consumer): void {
    if (this.consumers.get(consumer.tag) !== consumer) return
    this.notifyCancelled(consumer)
    this.consumers.delete(consumer.tag)
  }

  /** Tells a client that understands it that the broker gives a consumer nothing more, unless it said so itself. */
  notifyCancelled(consumer: Consumer): void {
    if (this.consumers.get(consumer.tag) !== consumer) return
    if (!this.connection.admission.capabilities.consumerCancelNotify || this.#state !== 'open') return
    const notice: Method = { name: 'basic.cancel', consumerTag: consumer.tag, noWait: true }
    if (this.#held) this.#notices.push(notice)
    else this.send(notice)
  }

  /** Deliveries made from now on may be out for `ms` milliseconds; 0: for any time. */
  allow(ms: number): void {
    if (ms > 0) this.connection.context.sweep.add(this, ms)
  }

  sweep(now: number): void {
    try {
      if (this.#state === 'open') this.#settling?.sweep(now, this.#deliveryTag)
    } catch (error) {
      this.connection.failed(error, this, NO_METHOD)
    }
  }

  /** Deliveries that are not settled. */
  get outstanding(): number {
    return this.#settling?.outstanding ?? 0
  }

  get channel(): ChannelPeer {
    return new ChannelView(this)
  }

  /** Consumers that had no room when they were asked. */
  get parked(): readonly Consumer[] {
    return [...this.consumers.values()].filter((consumer) => consumer.parked)
  }

  // --- the end ----------------------------------------------------------------------------------------------------

  /** The server ends the channel: what is of classic queues it consumes returns now, the rest with close-ok (§1.2). */
  startClosing(): void {
    this.#state = 'closing'
    const consumed = Array.from(this.consumers.values(), ({ queue }) => queue)
    this.#stop()
    this.#settling?.returnConsumed(new Set(consumed.filter(({ settings }) => settings.type === 'classic')))
  }

  /** The channel is over: everything unsettled returns to its queue. */
  end(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#content.done()
    this.#stop()
    this.#settling?.returnAll('lose')
  }

  #stop(): void {
    this.connection.context.sweep.remove(this)
    this.confirms?.flush()
    this.confirms = null
    if (this.transaction) this.settling.rollBack(this.transaction.take().settlements)
    this.transaction = null
    cancelAll(this.consumers)
  }
}
