// The classic queue: a log, its consumers, and the rules between them. Storing is the log's concern, fairness
// dispatch's; who declared the queue and when it goes is the vhost's.

import type { FieldTable } from '../../protocol/field-table.ts'
import { hasExpiration } from '../../protocol/properties.ts'
import { ChannelError, queueText } from '../../protocol/reply.ts'
import { type Consumer, endLater } from '../consumer.ts'
import { type DeathCounts, MessageCounts } from '../counts.ts'
import type { DeathBed } from '../dead-letters.ts'
import { type DeadLetterTarget, wasRejected } from '../death.ts'
import { Message } from '../message.ts'
import type { Backlog } from './backlog.ts'
import { browse, type Glance, type Look, survey, withdraw } from './browse.ts'
import { singleActive } from './consuming.ts'
import { Deaths } from './deaths.ts'
import { detailsOf } from './details.ts'
import { Dispatch } from './dispatch.ts'
import { Expiry } from './expiry.ts'
import { Idle } from './idle.ts'
import { isFull, isOver, isPressing, type Limits, limitsOf } from './limits.ts'
import type { LocalQueue } from './local-queue.ts'
import type { Log } from './log.ts'
import { logCount, makeBacklog } from './priority.ts'
import type { Outcome, Publisher } from './publisher.ts'
import type { Got, Owner, QueueDetails, QueueSpec, QueueStats } from './queue.ts'
import type { QueueHost } from './queue-host.ts'
import { Quorum } from './quorum.ts'
import { type QueueSettings, settingsOf } from './settings.ts'

/** Messages that may end at a stretch; the others wait for the next turn of the loop. */
const ENDING_MESSAGES = 2000

/** A queue in this process. */
export class ClassicQueue implements LocalQueue, DeathBed {
  readonly id: number
  readonly name: string
  readonly vhost: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly owner: Owner | null
  readonly arguments: FieldTable
  readonly counts = new MessageCounts()
  readonly #host: QueueHost
  /** Whether persistent messages survive a restart here. */
  readonly #stores: boolean
  readonly #redeliversRejected: boolean
  readonly #log: Backlog
  readonly #dispatch: Dispatch
  /** The one view that messages of this queue are read through. */
  readonly #view = new Message()
  /** The view for messages that end here; the other one may be in use then. */
  readonly #ending = new Message()
  readonly #expiry: Expiry
  readonly idle: Idle
  readonly #deaths: Deaths
  /** The rules of a quorum queue; null in others. */
  readonly #quorum: Quorum | null = null
  #settings: QueueSettings
  #limits: Limits | null = null
  #deleted = false
  #deliverySoon = false
  /** It does nothing by itself: it is being recovered, or the broker stops. */
  #atRest = false
  /** Those who wait for messages to be read back. */
  #readers: (() => void)[] = []

  constructor(spec: QueueSpec, host: QueueHost) {
    this.id = spec.id
    this.name = spec.name
    this.vhost = spec.vhost
    this.durable = spec.durable
    this.autoDelete = spec.autoDelete
    this.owner = spec.owner
    this.arguments = spec.arguments
    this.#settings = settingsOf(spec.arguments, undefined, host.dialect)
    this.#dispatch = new Dispatch(singleActive(this.#settings, host.dialect))
    this.#host = host
    this.#redeliversRejected = host.dialect?.redeliversRejected ?? false
    this.#stores = spec.durable && host.committer !== null
    this.#log = makeBacklog(spec.id, this.#settings, host.committer, {
      memory: host.memory,
      read: (key) => host.readChunk(key),
      lost: (key, messages, why) => host.chunkLost(this, key, messages, why),
      loaded: () => this.#goOn(),
    })
    this.#deaths = new Deaths(this, this.#log, host)
    if (this.#settings.type === 'quorum') {
      this.#quorum = new Quorum(this.#log, { ...host, giveBack: (seq) => this.#giveBack(seq) })
    }
    this.#expiry = new Expiry(host.clock, () => this.#expire())
    this.idle = new Idle(host.clock, () => host.unused(this))
    this.apply(this.#settings)
  }

  get logIds(): readonly number[] {
    return Array.from({ length: logCount(this.#settings) }, (_, level) => this.id + level)
  }

  get settings(): QueueSettings {
    return this.#settings
  }

  apply(settings: QueueSettings): void {
    this.#settings = settings
    this.#limits = limitsOf(settings)
    this.#deaths.apply(settings)
    this.#expiry.ttlMs = settings.messageTtlMs
    this.idle.allow(settings.expiresMs)
    this.#shrink()
    if (this.#expiry.mortal) this.#expire()
  }

  get deaths(): DeathCounts | null {
    return this.#deaths.counts
  }

  get deleted(): boolean {
    return this.#deleted
  }

  get pressed(): boolean {
    return this.#dispatch.size > 0 && isPressing(this.#log)
  }

  publish(message: Message, publisher: Publisher | null, tag: number): Outcome | 'pending' {
    if (this.#deleted) return 'stored'
    if (this.#limits !== null && isFull(this.#limits, this.#log, message.bodyBytes)) return this.#refuse(message)
    this.counts.published++
    this.counts.publishedBytes += message.bodyBytes
    const first = this.#log.ready === 0
    if (first && this.#handOver(message)) return 'stored'
    const persistent = this.#stores && (message.persistent || this.#quorum !== null)
    if (this.#expiry.ttlMs === null && !hasExpiration(message.header, message.headerStart)) message.expiresAt = 0
    // What is published while deliveries wait for the end of the turn lives at least until then (§9.1, TTL 0).
    else this.#expiry.stamp(message, this.#deliverySoon ? 1 : 0)
    const { burials } = this.#deaths
    const seq = this.#log.append(message, persistent)
    this.#host.trace?.queued(this, seq, message)
    if (this.#dispatch.waiting) this.#deliver(first)
    if (this.#limits !== null) this.#shrink()
    if (this.#expiry.mortal) this.#expire()
    if (!persistent || publisher === null) return 'stored'
    if (this.#log.awaitStored(seq, publisher, tag)) return 'pending'
    if (burials === this.#deaths.burials) return 'stored'
    // It (or another one) has gone on already, and is as safe as it is there.
    this.#log.awaitElsewhere(seq, publisher, tag)
    return 'pending'
  }

  /** There is no room for a message that is published (behaviour.md §9.2). */
  #refuse(message: Message): Outcome {
    this.counts.refused++
    if (this.#limits?.deadLetters === true) this.#deaths.refuse(message)
    return 'rejected'
  }

  /** Gives a message straight to a consumer that will not ack it: nothing remains to be kept. */
  #handOver(message: Message): boolean {
    if (this.#deliverySoon) return false
    const consumer = this.#dispatch.nextNoAck()
    if (consumer === null) return false
    this.counts.deliveredNoAck++
    this.counts.deliveredBytes += message.bodyBytes
    consumer.sink.deliver(consumer, message, 0, false)
    return true
  }

  /**
   * Hands out messages as long as there are some and somebody has room. `fresh`: the first one has just been published,
   * and is given to who has room however short it lives (behaviour.md §9.1, TTL 0).
   */
  #deliver(fresh = false): void {
    if (this.#deliverySoon) return
    const log = this.#log
    const view = this.#view
    let mortal = this.#expiry.mortal && !fresh
    while (this.#dispatch.waiting && (mortal ? this.#expire() : log.atHand())) {
      const consumer = this.#dispatch.next()
      if (consumer === null) break
      const seq = log.take(view)
      if (this.#quorum !== null && log.redelivered) this.#quorum.annotate(seq, view)
      if (consumer.noAck) this.counts.deliveredNoAck++
      else this.counts.delivered++
      this.#countTaken(view)
      consumer.sink.deliver(consumer, view, seq, log.redelivered || (this.#redeliversRejected && wasRejected(view)))
      if (consumer.noAck) log.settle(seq)
      mortal = this.#expiry.mortal
    }
    if (mortal && !this.#deliverySoon) this.#expire()
  }

  #countTaken(message: Message): void {
    this.counts.deliveredBytes += message.bodyBytes
    if (this.#log.redelivered) this.counts.redelivered++
  }

  /** Ends what has expired at the head, and waits for the next to expire. Returns whether there is a message to take. */
  #expire(): boolean {
    const log = this.#log
    for (let ended = 0; log.atHand(); ended++) {
      if (!this.#expiry.hasPassed(log.headExpiresAt)) return true
      if (ended === ENDING_MESSAGES) {
        this.#deliverSoon()
        return false
      }
      this.#deaths.die(log.take(this.#ending), this.#ending, 'expired')
    }
    if (log.ready === 0) this.#expiry.rest()
    return false
  }

  /** Parts with what is more than the limits allow. */
  #shrink(): void {
    const log = this.#log
    for (let ended = 0; this.#limits !== null && isOver(this.#limits, log) && log.atHandLast(); ended++) {
      if (ended === ENDING_MESSAGES) return this.#deliverSoon()
      this.#deaths.die(log.takeLast(this.#ending), this.#ending, 'maxlen')
    }
  }

  get deadLetterTarget(): DeadLetterTarget | null {
    return this.#deaths.target
  }

  buried(seq: number): void {
    if (!this.#deleted) this.#deaths.buried(seq)
  }

  consume(consumer: Consumer): void {
    if (this.#dispatch.excludes(consumer)) {
      throw new ChannelError(403, `${queueText(this.name, this.vhost)} in exclusive use`)
    }
    this.#dispatch.add(consumer)
    this.#host.consuming?.(consumer, true)
    this.idle.hold(true)
    this.#deliverSoon()
  }

  cancel(consumer: Consumer): void {
    if (!this.#dispatch.has(consumer)) return
    if (this.#dispatch.remove(consumer)) this.#deliverSoon()
    this.#host.consuming?.(consumer, false)
    this.idle.hold(this.#dispatch.size > 0)
    if (this.autoDelete && this.#dispatch.size === 0 && !this.#deleted) this.#host.unused(this)
  }

  wake(consumer: Consumer): void {
    this.#dispatch.wake(consumer)
  }

  handOut(): void {
    this.#deliver()
  }

  used(): void {
    this.idle.used()
  }

  get(noAck = false): Promise<Got | null> | Got | null {
    this.idle.used()
    return this.#get(this.#view, noAck)
  }

  #get(into: Message, noAck: boolean, later = false): Promise<Got | null> | Got | null {
    if (!(this.#expiry.mortal ? this.#expire() : this.#log.atHand())) {
      if (this.#log.ready > 0) {
        const read = new Promise<void>((resolve) => this.#readers.push(resolve))
        return read.then(() => this.#get(new Message(), noAck, true))
      }
      this.counts.gotEmpty++
      return null
    }
    const seq = this.#log.take(into)
    if (noAck) this.counts.gotNoAck++
    else this.counts.got++
    this.#countTaken(into)
    if (this.#quorum !== null && this.#log.redelivered) this.#quorum.annotate(seq, into)
    const redelivered = this.#log.redelivered || (this.#redeliversRejected && wasRejected(into))
    if (this.#expiry.mortal) this.#expire()
    // Heard of in a later turn of the promises, its octets may be used for something else by then.
    return { message: later ? into.copy() : into, seq, redelivered, remaining: this.#log.ready }
  }

  ack(seq: number, unasked = false): void {
    if (this.#deleted) return
    if (!unasked) this.counts.acked++
    this.#log.settle(seq)
  }

  reject(seq: number, requeue: boolean, failed = false, lost = false): void {
    if (this.#deleted) return
    if (!requeue) return this.#deaths.dieAway(seq, this.#ending, 'rejected')
    const next = this.#quorum === null ? 'ready' : this.#quorum.comesBack(seq, failed, this.#settings, lost)
    if (next === 'dies') this.#deaths.dieAway(seq, this.#ending, 'delivery_limit')
    else if (next !== 'waits') this.#giveBack(seq, next === 'behind')
  }

  #giveBack(seq: number, behind = false): void {
    this.#log.giveBack(seq, behind)
    this.#expiry.mortal = true
    if (this.#limits !== null) this.#shrink()
    this.#deliverSoon()
  }

  browse(look: Look, from?: number): Promise<void> {
    return browse(this.#log, this.#host, look, from)
  }

  glance(glance: Glance, look: Look): void {
    glance.run(survey(this.#log, this.#deaths.past(look)), this.#host)
  }

  withdraw(seq: number, use: (message: Message) => boolean): Promise<boolean> {
    const read = () => new Promise<void>((resolve) => this.#readers.push(resolve))
    return withdraw(this.#log, seq, use, { read, hold: () => this.#deliverSoon() })
  }

  purge(): number {
    const purged = this.#log.purge()
    this.#host.trace?.purged(this, purged)
    return purged
  }

  stats(): QueueStats {
    const atRest = (this.#quorum?.waiting ?? 0) + this.#deaths.size
    return { ready: this.#log.ready, unacked: Math.max(this.#log.unacked - atRest, 0), consumers: this.#dispatch.size }
  }

  details(): QueueDetails {
    return detailsOf(this.stats(), this.#log, this.#dispatch)
  }

  mark(): void {
    this.#atRest = true
    this.#endTimers()
    this.#log.mark()
  }

  /** It is no longer declared: consumers are told once the turn's replies are out, what it held is dropped. */
  retire(): void {
    this.#deleted = true
    this.#endTimers()
    this.#log.delete()
    const consumers = [...this.#dispatch]
    for (const consumer of consumers) this.#dispatch.remove(consumer)
    endLater(consumers, this.#host)
  }

  #endTimers(): void {
    this.idle.end()
    this.#expiry.end()
    this.#quorum?.end()
    this.#deaths.end()
  }

  /** The log of that number, to be recovered: until all queues are (`begin`), the queue does nothing by itself. */
  log(logId: number): Log {
    this.#atRest = true
    return this.#log.log(logId)
  }

  /** All queues are recovered: dead letters may go to others, and who would use it can. */
  begin(): void {
    this.#atRest = false
    this.idle.used()
    this.#quorum?.recovered()
    this.#deaths.recovered()
    // What is in the store only may expire: nobody knows before it is read.
    this.#expiry.mortal = this.#log.ready > 0
    this.#shrink()
    this.#expire()
  }

  /** Messages were read back, or could not be; or a turn has ended. */
  #goOn(): void {
    if (this.#atRest) return
    const readers = this.#readers
    this.#readers = []
    for (const resolve of readers) resolve()
    this.#quorum?.loaded()
    this.#deaths.loaded()
    this.#shrink()
    this.#deliver()
    if (this.#expiry.mortal) this.#expire()
  }

  /**
   * Delivers at the end of the turn. Several messages that return in one turn are then all there, in order; and a new
   * consumer's consume-ok is out.
   */
  #deliverSoon(): void {
    if (this.#deliverySoon) return
    this.#deliverySoon = true
    this.#host.clock.soon(() => {
      this.#deliverySoon = false
      this.#goOn()
    })
  }
}
