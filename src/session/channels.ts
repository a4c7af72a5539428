// The channels of one connection by number: opening them, giving them their frames, ending them all. What the connection
// does about an error is its own concern.

import { type Consumer, cancelAll, wake } from '../broker/consumer.ts'
import { isReplyName } from '../broker/replies.ts'
import { FRAME_METHOD } from '../protocol/frame.ts'
import { decodeMethod } from '../protocol/method-codec.ts'
import { type MethodName, methods } from '../protocol/methods.ts'
import { type ChannelError, ConnectionError, type FailedMethod, NO_METHOD } from '../protocol/reply.ts'
import { Channel } from './channel.ts'
import type { Connection } from './connection.ts'
import type { Settling } from './settling.ts'
import { watchOf } from './tracing.ts'

const NOTHING = Buffer.alloc(0)

/** The open channels, and those that wait for channel.close-ok. */
export class Channels {
  readonly #connection: Connection
  readonly #byNumber = new Map<number, Channel>()
  /** The channel of the last frame: mostly that of the next one. */
  #last: Channel | null = null
  #waking: Settling[] = []
  /** How often the peer began to read again. */
  #reliefs = 0

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** A frame for channel `number`, which opens it where it is free. What it throws is answered by the connection. */
  frame(type: number, number: number, bytes: Buffer, start: number, end: number): void {
    const last = this.#last
    const channel = last !== null && last.number === number ? last : this.#byNumber.get(number)
    if (channel) {
      if (channel !== last) {
        last?.detach()
        this.#last = channel
      }
      this.#give(channel, type, bytes, start, end)
    } else {
      this.#unopened(type, number, bytes, start, end)
    }
  }

  /** Consumers of `settling` may have room again: they are asked once all frames of the chunk at hand are carried out. */
  wakeSoon(settling: Settling): void {
    this.#waking.push(settling)
  }

  /** The chunk at hand is done: its octets are about to change, so a channel copies what it still needs of them. */
  chunkEnds(): void {
    this.#last?.detach()
    if (this.#waking.length === 0) return
    const waking = this.#waking
    this.#waking = []
    // Those of all channels before anybody is given something, so that they take turns.
    wake(waking.flatMap((settling) => settling.takeWoken()))
  }

  /** Whether the vhost is traced has changed. */
  tracingChanged(): void {
    for (const channel of this.#byNumber.values()) channel.watch = watchOf(channel)
  }

  #give(channel: Channel, type: number, bytes: Buffer, start: number, end: number): void {
    try {
      channel.frame(type, bytes, start, end)
    } catch (error) {
      this.#connection.failed(error, channel, channel.carryingOut)
    }
  }

  #unopened(type: number, number: number, bytes: Buffer, start: number, end: number): void {
    try {
      this.#open(type, number, bytes, start, end)
    } catch (error) {
      this.#connection.failed(error, null, type === FRAME_METHOD ? idsAt(bytes, start) : NO_METHOD)
    }
  }

  /** The first frame for a free number has to be channel.open (behaviour.md §4). */
  #open(type: number, number: number, bytes: Buffer, start: number, end: number): void {
    if (type !== FRAME_METHOD) throw new ConnectionError(505, 'expected method frame, got non method frame instead')
    const { name } = decodeMethod(bytes, start, end)
    if (name !== 'channel.open') throw new ConnectionError(504, `expected 'channel.open'`)
    const { channelMax } = this.#connection.admission
    if (this.#byNumber.size >= channelMax) {
      const text = `number of channels opened (${this.#byNumber.size}) has reached the negotiated channel_max (${channelMax})`
      throw new ConnectionError(530, text, NO_METHOD)
    }
    this.#connection.context.broker.connections.openChannel(this.#connection.owner, number)
    this.#byNumber.set(number, new Channel(this.#connection, number))
    this.#connection.outbox.method(number, { name: 'channel.open-ok', reserved1: NOTHING })
  }

  get size(): number {
    return this.#byNumber.size
  }

  [Symbol.iterator](): IterableIterator<Channel> {
    return this.#byNumber.values()
  }

  /** `channel` is over and its number free. */
  forget(channel: Channel): void {
    channel.end()
    if (this.#byNumber.delete(channel.number)) this.#uncount(channel)
    this.#last = null
  }

  /** Resolves when no method of any channel waits for the broker, nor any that was held back behind one. */
  async idle(): Promise<void> {
    for (const channel of this.#byNumber.values()) while (channel.busy) await channel.idle
  }

  /** The peer reads again: consumers that had no room are asked again, each time another of them first. */
  wakeConsumers(): void {
    const parked = [...this.#byNumber.values()].flatMap((channel) => channel.parked)
    const first = this.#reliefs++ % Math.max(1, parked.length)
    wake([...parked.slice(first), ...parked.slice(0, first)])
  }

  /** Cancels consumers of queues that the peer may not read any more (behaviour.md §2.7). */
  cancelUnreadable(): void {
    for (const channel of this.#byNumber.values()) {
      for (const consumer of unreadable(channel)) {
        consumer.queue.cancel(consumer)
        channel.cancelled(consumer)
      }
    }
  }

  endAll(): void {
    // What one of them gives back is not for another, who is gone as well.
    for (const channel of this.#byNumber.values()) cancelAll(channel.consumers)
    for (const channel of this.#byNumber.values()) {
      channel.end()
      this.#uncount(channel)
    }
    this.#byNumber.clear()
    this.#last = null
  }

  /** The server ends all of them with an error. */
  fail(error: ChannelError): void {
    for (const channel of this.#byNumber.values()) this.#connection.failed(error, channel, NO_METHOD)
  }

  /** It counts no more; what it has counted does. */
  #uncount(channel: Channel): void {
    channel.vhost.counts.add(channel.counts)
    this.#connection.context.broker.connections.closeChannel(this.#connection.owner, channel.number)
  }
}

function unreadable({ consumers, connection }: Channel): readonly Consumer[] {
  const { access } = connection.owner
  return [...consumers.values()].filter(({ queue }) => !isReplyName(queue.name) && !access.reads(queue.name))
}

/** Class and method of a method. */
export function idsOf(name: MethodName): FailedMethod {
  const { class: classId, method: methodId } = methods[name]
  return { classId, methodId }
}

/** Class and method of the method frame whose payload begins at `start`. */
export function idsAt(bytes: Buffer, start: number): FailedMethod {
  return { classId: bytes.readUInt16BE(start), methodId: bytes.readUInt16BE(start + 2) }
}
