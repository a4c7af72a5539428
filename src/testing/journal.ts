// The journal of a test broker: hears what happens to messages, keeps the last of it as plain data, and tells those who
// wait. Knows the broker's and the sessions' watchers' side; not what a test does with it.

import type { Clock } from '../broker/clock.ts'
import type { Consumer } from '../broker/consumer.ts'
import type { DeathBed } from '../broker/dead-letters.ts'
import type { DeathReason } from '../broker/death.ts'
import type { Message } from '../broker/message.ts'
import type { Owner, Queue, Receiver } from '../broker/queue/queue.ts'
import type { Trace } from '../broker/trace.ts'
import { methodName } from '../protocol/methods.ts'
import type { FailedMethod, ProtocolError } from '../protocol/reply.ts'
import { withoutBlindCopies } from '../session/blind-copies.ts'
import { Channel } from '../session/channel.ts'
import type { Connection } from '../session/connection.ts'
import { Late } from '../session/late.ts'
import type { How } from '../session/settling.ts'
import type { Holder } from '../session/unacked.ts'
import type { Fate, Watch } from '../session/watch.ts'
import type { BrokerEvent, Delivered, Published, Unnoted } from './events.ts'
import { seen } from './seen-message.ts'

/** How deliveries are settled, as events name it. */
const settlements = { ack: 'acked', reject: 'rejected', requeue: 'requeued', fail: 'returned' } as const

/** What becomes of a publish, where something was put in its way. */
export type Meddling = (publish: {
  readonly vhost: string
  readonly exchange: string
  readonly routingKey: string
  readonly queues: readonly string[]
}) => Fate

/** Who published, and what they wanted to hear of it. */
type Asked = Pick<Published, 'user' | 'mandatory' | 'confirm'>

/** How a test publishes. */
const ASKED: Asked = { user: '', mandatory: false, confirm: true }

/** Octets of bodies that are kept at the most: tests with large messages do not end for want of memory. */
const MOST_BODY_BYTES = 64 * 2 ** 20

/** @see Journal.usualWaitMs */
export const USUAL_WAIT_MS = 4000

/** Watches one test broker, over all its lives. */
export class Journal implements Trace, Watch {
  /** Asked of every publish. */
  meddle: Meddling | null = null
  /** What happened in a vhost is kept when that is gone: whoever looks at the end wants to see all of it. */
  keepsGone = false
  /** Told of the oldest events, which are forgotten because there are too many. */
  fading: ((events: readonly BrokerEvent[]) => void) | null = null
  /** The test that runs, where somebody knows. */
  test: string | null = null
  /**
   * How long a wait may take where the test does not say: less than the five seconds that Jest and Vitest give a test, which
   * else would end without a word of what was there instead.
   */
  usualWaitMs = USUAL_WAIT_MS
  /** What is waited for now. */
  readonly awaited = new Set<{ readonly what: string }>()
  readonly #clock: Pick<Clock, 'now'>
  readonly #kept: number
  readonly #keptBytes: number
  #events: BrokerEvent[] = []
  /** Octets of the bodies in them. */
  #bodyBytes = 0
  #number = 0
  readonly #unacked = new Map<string, Delivered>()
  readonly #listeners = new Set<() => void>()
  /** Things that happened and are no events. */
  #stirs = 0

  /**
   * @param kept how many events are kept
   * @param keptBytes how many octets of bodies in them, about: fewer events are kept where these are large
   */
  constructor(clock: Pick<Clock, 'now'>, kept: number, keptBytes = MOST_BODY_BYTES) {
    this.#clock = clock
    this.#kept = kept
    this.#keptBytes = keptBytes
  }

  /** The number of the last event. */
  get number(): number {
    return this.#number
  }

  /** How much there was: where it stands still, nothing happens. */
  get activity(): number {
    return this.#number + this.#stirs
  }

  /** The events that are kept, oldest first; those of one vhost where it is named. */
  events(vhost?: string): readonly BrokerEvent[] {
    return vhost === undefined ? [...this.#events] : this.#events.filter((event) => event.vhost === vhost)
  }

  /** Deliveries of a vhost that nobody has settled. */
  unacked(vhost: string): readonly Delivered[] {
    return [...this.#unacked.values()].filter((delivery) => delivery.vhost === vhost)
  }

  /** Calls `listener` with whatever happens from now on, event or not. Returns how to end that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Something has happened that is no event, such as a declaration: who waits may want to look. */
  stir(): void {
    this.#stirs++
    for (const listener of [...this.#listeners]) listener()
  }

  /** Forgets what happened in a vhost that is gone. */
  forget(vhost: string): void {
    if (!this.keepsGone) this.#keep(this.#events.filter((event) => event.vhost !== vhost))
    this.forgetUnacked(vhost)
    this.stir()
  }

  /** Forgets who has messages of a vhost: the queues are gone that they could be settled in. */
  forgetUnacked(vhost: string): void {
    for (const [key, delivery] of this.#unacked) if (delivery.vhost === vhost) this.#unacked.delete(key)
  }

  /** Notes a publish that no channel made: the test itself did, or has one that was made before made again. */
  publishedHere(vhost: string, message: Message, receivers: readonly Receiver[], before: Asked = ASKED): void {
    const routed = namesOf(receivers)
    const { user, mandatory, confirm } = before
    const outcome = routed.length > 0 ? 'routed' : mandatory ? 'returned' : 'dropped'
    const nobody = { connection: 0, channel: 0, user, mandatory, confirm }
    this.#note({ event: 'published', vhost, ...nobody, message: seen(message), routed, outcome })
  }

  #note(unnoted: Unnoted): void {
    const test = this.test === null ? {} : { test: this.test }
    const event: BrokerEvent = { number: ++this.#number, at: this.#clock.now(), ...test, ...unnoted }
    this.#bodyBytes += bodyBytes(event)
    // Twice as many as are kept, so that what is to be forgotten goes in large pieces.
    const many = this.#events.push(event) > 2 * this.#kept
    if (many || this.#bodyBytes > 2 * this.#keptBytes) this.#forgetOldest()
    for (const listener of [...this.#listeners]) listener()
  }

  #forgetOldest(): void {
    let first = this.#events.length
    let bytes = 0
    const most = Math.max(0, first - this.#kept)
    while (first > most && bytes <= this.#keptBytes) bytes += bodyBytes(this.#events[--first])
    this.fading?.(this.#events.slice(0, first))
    this.#keep(this.#events.slice(first))
  }

  #keep(events: BrokerEvent[]): void {
    this.#events = events
    this.#bodyBytes = events.reduce((sum, event) => sum + bodyBytes(event), 0)
  }

  // --- what the broker tells (Trace) ------------------------------------------------------------------------------

  queued({ vhost, name }: Queue, sequence: number): void {
    this.#note({ event: 'queued', vhost, queue: name, sequence })
  }

  deadLettered(
    bed: DeathBed & { readonly vhost?: string },
    reason: DeathReason,
    letter: Message,
    queues: readonly Receiver[],
  ): void {
    const routed = namesOf(queues)
    this.#note({
      event: 'dead-lettered',
      vhost: bed.vhost ?? '',
      queue: bed.name,
      reason,
      message: seen(letter),
      routed,
    })
  }

  dropped({ vhost, name }: Queue, sequence: number, reason: DeathReason): void {
    this.#note({ event: 'dropped', vhost, queue: name, sequence, reason })
  }

  purged({ vhost, name }: Queue, count: number): void {
    this.#note({ event: 'purged', vhost, queue: name, count })
  }

  consuming({ queue, tag, noAck, prefetch, sink }: Consumer, began: boolean): void {
    const event = began ? 'consuming' : 'cancelled'
    const shared = sink instanceof Channel ? sink.sharedPrefetch : 0
    const limits = { noAck, prefetch: prefetch === 0 ? shared : prefetch }
    this.#note({ event, vhost: queue.vhost, queue: queue.name, consumer: tag, ...limits })
  }

  // --- what sessions tell (Watch) ---------------------------------------------------------------------------------

  entered({ id: connection, vhost, user }: Owner): void {
    this.#note({ event: 'connected', vhost, connection, user })
  }

  left({ id: connection, vhost, user }: Owner): void {
    this.#note({ event: 'disconnected', vhost, connection, user })
  }

  published(channel: Channel, message: Message, receivers: readonly Receiver[], mandatory: boolean): Fate {
    const routed = namesOf(receivers)
    const vhost = channel.vhost.name
    const fate =
      this.meddle?.({ vhost, exchange: message.exchange, routingKey: message.routingKey, queues: routed }) ?? 'goes'
    const unroutable = routed.length === 0 || fate === 'unroutable'
    const lost = mandatory ? 'returned' : 'dropped'
    const outcome = fate === 'refused' || fate === 'unconfirmed' ? fate : unroutable ? lost : 'routed'
    this.#note({
      event: 'published',
      ...placeOf(channel),
      user: channel.connection.owner.user,
      message: seen(message),
      routed: fate === 'unroutable' || fate === 'refused' ? [] : routed,
      mandatory,
      confirm: channel.confirms !== null,
      outcome,
    })
    return fate
  }

  delivered(
    channel: Channel,
    queue: Queue,
    consumer: Consumer | null,
    message: Message,
    sequence: number,
    deliveryTag: number,
    redelivered: boolean,
  ): void {
    const noAck = consumer?.noAck ?? false
    const event = {
      event: 'delivered' as const,
      ...placeOf(channel),
      queue: queue.name,
      sequence,
      consumer: consumer?.tag ?? null,
      deliveryTag,
      redelivered,
      noAck,
      message: seen(message.copies ? withoutBlindCopies(message) : message),
    }
    this.#note(event)
    if (!noAck) this.#unacked.set(keyOf(queue, sequence), { ...event, number: this.#number, at: this.#clock.now() })
  }

  settled(
    channel: Channel,
    queue: Holder,
    consumer: Consumer | null,
    sequence: number,
    deliveryTag: number,
    how: How,
  ): void {
    // Its message went back when it was found to be late.
    if (queue instanceof Late) return
    const key = keyOf(queue, sequence)
    const message = this.#unacked.get(key)?.message ?? null
    this.#unacked.delete(key)
    this.#note({
      event: 'settled',
      how: settlements[how],
      ...placeOf(channel),
      queue: queue.name,
      sequence,
      deliveryTag,
      consumer: consumer?.tag ?? null,
      message,
    })
  }

  failed({ owner }: Connection, channel: Channel | null, error: ProtocolError, ids: FailedMethod): void {
    const { code, replyText, classId = ids.classId, methodId = ids.methodId } = error
    this.#note({
      event: 'failed',
      vhost: owner.vhost,
      connection: owner.id,
      channel: channel?.number ?? 0,
      code,
      text: replyText,
      method: methodName(classId * 0x10000 + methodId) ?? null,
      confirm: (channel?.confirms ?? null) !== null,
    })
  }
}

function placeOf(channel: Channel): { readonly vhost: string; readonly connection: number; readonly channel: number } {
  return { vhost: channel.vhost.name, connection: channel.connection.owner.id, channel: channel.number }
}

function keyOf({ id }: Queue, sequence: number): string {
  return `${id}:${sequence}`
}

/** The names of queues; what sends messages on later has none. */
function namesOf(receivers: readonly Receiver[]): readonly string[] {
  return receivers.flatMap(({ name }) => (name === null ? [] : [name]))
}

function bodyBytes(event: BrokerEvent | undefined): number {
  return event && 'message' in event && event.message !== null ? event.message.octets.length : 0
}
