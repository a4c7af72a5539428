// The waiting room of a delayed exchange: messages in a log of their own, sent on through the exchange when their time has
// come, by the bindings of that moment (behaviour.md §5.9). A record's "expires at" is the time when it is due. Knows the
// tables of its vhost; not what a delay is made of (exchange/delayed.ts).

import { Agenda } from './agenda.ts'
import { delayMs, markWaited } from './exchange/delayed.ts'
import type { Exchange, ExchangeLog, ExchangeLogHost } from './exchange/exchange.ts'
import { Message } from './message.ts'
import { type Glance, type Look, survey } from './queue/browse.ts'
import { Deadline } from './queue/deadline.ts'
import { Log } from './queue/log.ts'
import type { Outcome, Publisher } from './queue/publisher.ts'
import type { Receiver } from './queue/queue.ts'
import { eachRecord } from './recovery.ts'
import { findRoute, type Tables } from './routing.ts'
import type { StoredChunk } from './store.ts'

/** Messages that are sent on in one turn. */
const TURN_MESSAGES = 500

/** The messages that wait in one exchange. What is recovered waits until `open`: queues may not be there yet. */
export class Delay implements Receiver, ExchangeLog {
  readonly name = null
  readonly pressed = false
  readonly queueId: number
  readonly exchange: Exchange
  readonly #tables: Tables
  readonly #host: ExchangeLogHost
  readonly #log: Log
  /** Sequence numbers by the time when they are due. */
  readonly #agenda = new Agenda()
  /** First sequences of recovered chunks. */
  #recovered: number[] = []
  /** Views of what comes in, and of what goes on: the latter may cause the former. */
  readonly #entering = new Message()
  readonly #leaving = new Message()
  readonly #deadline: Deadline
  #open = false
  #deleted = false

  /** @param queueId the number of its log */
  constructor(queueId: number, exchange: Exchange, tables: Tables, host: ExchangeLogHost) {
    this.queueId = queueId
    this.exchange = exchange
    this.#tables = tables
    this.#host = host
    this.#deadline = new Deadline(host.clock, () => this.#sendDue())
    this.#log = new Log(queueId, exchange.durable ? host.committer : null, {
      memory: host.memory,
      read: (key) => host.readChunk(key),
      // Before that `restore` reads all chunks, and tells which it cannot read.
      lost: (key, messages, why) => this.#open && host.chunkLost(key, messages, why),
      loaded: () => this.#sendDue(),
    })
  }

  /** Messages that wait. */
  get size(): number {
    return this.#agenda.size
  }

  /** Whether a message has to wait before it is routed. */
  holdsBack(message: Message): boolean {
    return delayMs(message) > 0
  }

  /** Keeps a message until its time. In a durable exchange that is on disk, transient messages too, as in RabbitMQ. */
  publish(message: Message, publisher: Publisher | null, tag: number): Outcome | 'pending' {
    if (this.#deleted) return 'stored'
    const view = this.#entering.view(message)
    view.expiresAt = Math.min(this.#host.clock.now() + delayMs(message), Number.MAX_SAFE_INTEGER)
    return this.keep(view, publisher, tag)
  }

  /** Keeps one until the time that it says it expires at, whatever its delay was. */
  keep(view: Message, publisher: Publisher | null, tag: number): Outcome | 'pending' {
    const { durable } = this.exchange
    const seq = this.#log.append(view, durable)
    this.#agenda.add(view.expiresAt, seq)
    if (this.#open) this.#setTimer()
    if (!durable || publisher === null) return 'stored'
    return this.#log.awaitStored(seq, publisher, tag) ? 'pending' : 'stored'
  }

  /** Shows the messages that wait, in the order in which they came, without taking any, in this turn. */
  glance(glance: Glance, look: Look): void {
    glance.run(survey(this.#log, look), this.#host)
  }

  /** The queues that messages go to are there: those whose time has come go. */
  open(): void {
    this.#open = true
    this.#setTimer()
  }

  /** The broker stops in order: nothing goes on any more, how far the log has come is to be stored. */
  mark(): void {
    this.#open = false
    this.#deadline.cancel()
    this.#log.mark()
  }

  /** The exchange is deleted, and what waits in it. */
  retire(): void {
    this.#open = false
    this.#deleted = true
    this.#deadline.cancel()
    this.#agenda.clear()
    this.#log.delete()
  }

  #setTimer(): void {
    if (this.#agenda.size > 0) this.#deadline.by(this.#agenda.time)
  }

  /** Sends on what is due; where that has to be read back, `loaded` goes on with it. */
  #sendDue(): void {
    if (!this.#open) return
    const now = this.#host.clock.now()
    for (let sent = 0; this.#agenda.time <= now && sent < TURN_MESSAGES; sent++) {
      const seq = this.#agenda.first
      const readable = this.#log.canRead(seq)
      if (!readable && this.#log.holds(seq)) return
      this.#agenda.shift()
      if (readable) this.#send(seq)
    }
    this.#setTimer()
  }

  /** Its arrival in queues and its end here are in one commit. */
  #send(seq: number): void {
    const message = this.#leaving
    this.#log.read(seq, message)
    message.expiresAt = 0
    message.persistent = message.asksForPersistence
    markWaited(message)
    const { queues } = findRoute(this.#tables, this.exchange, message.routingKeys, message)
    for (const queue of queues) queue.publish(message, null, 0)
    this.#log.settleElsewhere(seq)
  }

  // --- recovery ---------------------------------------------------------------------------------------------------

  /** Takes in a chunk found in the store. Throws `DamagedChunk`. */
  recover(chunk: StoredChunk): void {
    this.#log.recover(chunk)
    this.#recovered.push(chunk.firstSeq)
  }

  /** The same for one whose summary is damaged, from its own bytes. Throws `DamagedChunk`. */
  recoverUnsummarised(firstSeq: number, bytes: Buffer): void {
    this.#log.recoverUnsummarised(firstSeq, bytes)
    this.#recovered.push(firstSeq)
  }

  /** All chunks are in (see `Log.recovered`). */
  recovered(deliveredBelow: number, nextSeq: number): void {
    this.#log.recovered(deliveredBelow, nextSeq)
  }

  /** Reads when the recovered messages are due: that is in their chunks only. */
  async restore(): Promise<void> {
    await eachRecord(this.#log, this.#recovered, this.#host, (seq, { expiresAt }) => this.#agenda.add(expiresAt, seq))
    this.#recovered = []
  }
}
