// The stream: a queue that is read and not emptied (behaviour.md §11). Every consumer has its own place in one log, an ack
// only makes room for more. The log's storing and the search for a place are other files' concern.

import { AddedHeader } from '../../protocol/added-header.ts'
import type { FieldTable } from '../../protocol/field-table.ts'
import { ConnectionError, queueText } from '../../protocol/reply.ts'
import type { Timer } from '../clock.ts'
import { type Consumer, endLater } from '../consumer.ts'
import { MessageCounts } from '../counts.ts'
import { Message } from '../message.ts'
import { browseStream, type Glance, type Look, surveyStream } from './browse.ts'
import { plainDetails } from './details.ts'
import type { LocalQueue } from './local-queue.ts'
import type { Outcome, Publisher } from './publisher.ts'
import type { Got, Lag, QueueDetails, QueueSpec, QueueStats } from './queue.ts'
import type { QueueHost } from './queue-host.ts'
import { type QueueSettings, settingsOf } from './settings.ts'
import { StreamFilter } from './stream-filter.ts'
import { StreamLog, type StreamSizes } from './stream-log.ts'
import { offsetOf, STREAM_OFFSET, streamStart } from './stream-offset.ts'
import { NOTHING, SKIPPED, StreamReader } from './stream-reader.ts'
import { DEFAULT_SEGMENT_BYTES } from './stream-retention.ts'

/** Messages that one reader is given, or passes over, at a stretch; then it is the turn of the others. */
const MESSAGES_AT_ONCE = 256

/** A stream in this process. */
export class StreamQueue implements LocalQueue {
  readonly id: number
  readonly name: string
  readonly vhost: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly owner = null
  readonly idle = null
  readonly arguments: FieldTable
  readonly counts = new MessageCounts()
  /** Nothing dies in a stream. */
  readonly deaths = null
  readonly #host: QueueHost
  readonly #log: StreamLog
  readonly #readers = new Map<Consumer, StreamReader>()
  readonly #view = new Message()
  readonly #offset = new AddedHeader(STREAM_OFFSET)
  #settings: QueueSettings
  #deleted = false
  #deliverySoon = false
  /** It does nothing by itself: it is being recovered, or the broker stops. */
  #atRest = false
  /** Rings when the oldest segment becomes too old. */
  #aging: Timer | null = null

  /** Throws where nothing can be stored: there is no stream without a store. */
  constructor(spec: QueueSpec, host: QueueHost) {
    if (host.committer === null) throw new Error('a stream needs a store')
    this.id = spec.id
    this.name = spec.name
    this.vhost = spec.vhost
    this.durable = spec.durable
    this.autoDelete = spec.autoDelete
    this.arguments = spec.arguments
    this.#host = host
    this.#settings = settingsOf(spec.arguments, undefined, host.dialect)
    const logHost = {
      memory: host.memory,
      read: host.readChunk.bind(host),
      lost: host.chunkLost.bind(host, this),
      readable: () => this.#deliver(),
      rolled: () => this.#retain(),
    }
    this.#log = new StreamLog(spec.id, host.committer, logHost, sizesOf(this.#settings))
  }

  get logIds(): readonly number[] {
    return [this.id]
  }

  get settings(): QueueSettings {
    return this.#settings
  }

  apply(settings: QueueSettings): void {
    this.#settings = settings
    this.#log.sizes = sizesOf(settings)
    this.#retain()
  }

  get deleted(): boolean {
    return this.#deleted
  }

  get pressed(): boolean {
    return this.#log.pressed
  }

  publish(message: Message, publisher: Publisher | null, tag: number): Outcome | 'pending' {
    if (this.#deleted) return 'stored'
    this.counts.published++
    this.counts.publishedBytes += message.bodyBytes
    const seq = this.#log.append(message, this.#host.clock.now())
    this.#host.trace?.queued(this, seq, message)
    if (publisher === null) return 'stored'
    this.#log.await(publisher, tag)
    return 'pending'
  }

  consume(consumer: Consumer): void {
    const start = streamStart(consumer.arguments, this.#log, this.#host.clock.now())
    this.#readers.set(consumer, new StreamReader(this.#log, start, StreamFilter.of(consumer.arguments)))
    this.#log.readers = this.#readers.size
    consumer.parked = false
    this.#host.consuming?.(consumer, true)
    this.#deliverSoon()
  }

  cancel(consumer: Consumer): void {
    if (!this.#readers.delete(consumer)) return
    this.#host.consuming?.(consumer, false)
    this.#log.readers = this.#readers.size
    consumer.parked = false
  }

  wake(consumer: Consumer): void {
    if (this.#readers.has(consumer) && consumer.hasRoom) consumer.parked = false
  }

  handOut(): void {
    this.#deliver()
  }

  #deliver(): void {
    if (this.#atRest || this.#deleted || this.#deliverySoon) return
    let more = false
    for (const [consumer, reader] of this.#readers) {
      if (!consumer.parked && this.#serve(consumer, reader)) more = true
    }
    if (more) this.#deliverSoon()
  }

  /** Gives one reader what it has room for; returns whether there may be more for it now. */
  #serve(consumer: Consumer, reader: StreamReader): boolean {
    const view = this.#view
    for (let looked = 0; looked < MESSAGES_AT_ONCE; looked++) {
      if (!consumer.hasRoom) {
        consumer.parked = true
        return false
      }
      const seq = reader.next(view)
      if (seq === NOTHING) return false
      if (seq === SKIPPED) continue
      const bytes = this.#offset.add(view.header, view.headerStart, view.headerEnd, offsetOf(seq))
      view.setHeader(this.#offset.bytes, 0, bytes)
      this.counts.delivered++
      this.counts.deliveredBytes += view.bodyBytes
      consumer.sink.deliver(consumer, view, seq, false)
    }
    return true
  }

  #deliverSoon(): void {
    if (this.#deliverySoon) return
    this.#deliverySoon = true
    this.#host.clock.soon(() => {
      this.#deliverySoon = false
      this.#deliver()
    })
  }

  /** Throws `ConnectionError` 540: what is read stays, so that there is no next message (behaviour.md §7.5). */
  get(): Got | null {
    throw this.#unsupported('basic.get')
  }

  /** An ack makes room, which is the consumer's; the message stays. */
  ack(): void {
    this.counts.acked++
  }

  /** The same as an ack (behaviour.md §11). */
  reject(_seq: number, _requeue: boolean): void {}

  used(): void {}

  browse(look: Look, after?: number): Promise<void> {
    return browseStream(this.#log, this.#host, look, after)
  }

  glance(glance: Glance, look: Look): void {
    glance.run(surveyStream(this.#log, look, 0, this.#log.nextSeq), this.#host)
  }

  /** Rejects with `ConnectionError` 540: nothing leaves a stream before its time. */
  async withdraw(): Promise<boolean> {
    throw this.#unsupported('taking single messages out is')
  }

  /** Throws `ConnectionError` 540 (behaviour.md §6.4). */
  purge(): number {
    throw this.#unsupported('queue.purge')
  }

  #unsupported(what: string): ConnectionError {
    return new ConnectionError(540, `${what} not supported by stream queues ${queueText(this.name, this.vhost)}`)
  }

  stats(): QueueStats {
    let unacked = 0
    for (const consumer of this.#readers.keys()) unacked += consumer.unacked
    return { ready: this.#log.messages, unacked, consumers: this.#readers.size }
  }

  details(): QueueDetails {
    const { messages, bodyBytes, bytes, firstSeq, resident } = this.#log
    return {
      ...plainDetails(this.stats(), [...this.#readers.keys()]),
      ...{ readyBytes: bodyBytes, persistent: messages, persistentBytes: bodyBytes, storedBytes: bytes },
      resident: resident.messages,
      residentBytes: resident.bodyBytes,
      memoryBytes: resident.bytes,
      readySince: messages === 0 ? null : this.#log.timeOf(firstSeq),
      lags: [...this.#readers.values()].map((reader) => this.#lagOf(reader)),
    }
  }

  #lagOf({ lag, seq }: StreamReader): Lag {
    return { messages: lag, since: lag === 0 ? null : this.#log.timeOf(seq) }
  }

  // --- life -------------------------------------------------------------------------------------------------------

  log(_logId: number): StreamLog {
    this.#atRest = true
    return this.#log
  }

  begin(): void {
    this.#atRest = false
    this.#retain()
    this.#deliver()
  }

  mark(): void {
    this.#atRest = true
    this.#aging?.cancel()
    this.#log.mark()
  }

  retire(): void {
    this.#deleted = true
    this.#aging?.cancel()
    this.#log.delete()
    const consumers = [...this.#readers.keys()]
    this.#readers.clear()
    endLater(consumers, this.#host)
  }

  /** Lets go what is too much or too old, and looks again when more of it becomes too old. */
  #retain(): void {
    if (this.#atRest || this.#deleted) return
    const { clock } = this.#host
    const again = this.#log.retain(clock.now())
    this.#aging?.cancel()
    this.#aging = null
    if (again === null) return
    const ms = Math.min(Math.max(again - clock.now(), SHORTEST_MS), LONGEST_MS)
    this.#aging = clock.after(ms, () => this.#retain())
  }
}

/** What is too old and cannot go, because the store takes nothing, is looked at again after this time. */
const SHORTEST_MS = 1000
/** The longest time that a timer takes: it is set again then. */
const LONGEST_MS = 2 ** 31 - 1

function sizesOf({ maxLengthBytes, maxAgeMs, segmentBytes }: QueueSettings): StreamSizes {
  return { maxBytes: maxLengthBytes, maxAgeMs, segmentBytes: segmentBytes ?? DEFAULT_SEGMENT_BYTES }
}
