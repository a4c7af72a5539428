// What a quorum queue knows of its messages that a classic one does not (behaviour.md §10): how often each was handed out
// and how often that failed, when it is given up, and for how long one that came back stays away. Knows the log; consumers
// and dead letters are the queue's concern.

import type { FieldTable, FieldValue } from '../../protocol/field-table.ts'
import { HEADERS, headersAt, locateProperties, propertyOffsets, rewriteHeader } from '../../protocol/properties.ts'
import type { Clock } from '../clock.ts'
import { type Dialect, LEVERET } from '../dialect.ts'
import type { Message } from '../message.ts'
import type { Attempt } from './attempts.ts'
import { Delayed } from './delayed.ts'
import type { QueueSettings } from './settings.ts'

/** What it needs of the messages. */
export interface QuorumLog {
  readonly aside: Iterable<number>
  attempt(seq: number): Attempt
  note(seq: number, attempt: Attempt): void
  holds(seq: number): boolean
  canRead(seq: number): boolean
}

/** What the queue does with a message that came back. */
export interface QuorumHost {
  readonly clock: Clock
  readonly dialect?: Dialect | undefined
  /** It can be taken again. */
  giveBack(seq: number): void
}

type RetrySettings = Pick<QueueSettings, 'delayedRetryType' | 'delayedRetryMinMs' | 'delayedRetryMaxMs'>

const NO_HEADERS: FieldTable = new Map()
/** Scratch for the ways to properties. */
const offsets = propertyOffsets()

/** The rules of one quorum queue. */
export class Quorum {
  readonly #log: QuorumLog
  readonly #host: QuorumHost
  readonly #dialect: Dialect
  readonly #delayed: Delayed
  /** Recovered messages whose time has come, and which are not in memory yet. */
  #unread: number[] = []

  constructor(log: QuorumLog, host: QuorumHost) {
    this.#log = log
    this.#host = host
    this.#dialect = host.dialect ?? LEVERET
    this.#delayed = new Delayed(host.clock, (seq) => this.#due(seq))
  }

  /** Messages that are neither ready nor with a consumer. */
  get waiting(): number {
    return this.#delayed.size + this.#unread.length
  }

  /**
   * A message that was taken comes back; `wasFailure`: that delivery counts as a failed one; `wasLost`: nobody gave it back.
   * Notes it, and says what is next: it can be taken again, at once or after all others; it waits for its time, or its
   * failures are too many.
   */
  comesBack(
    seq: number,
    wasFailure: boolean,
    settings: QueueSettings,
    wasLost = false,
  ): 'ready' | 'behind' | 'waits' | 'dies' {
    const failed = wasFailure || this.#dialect.everyReturnFails
    const former = this.#log.attempt(seq)
    const failures = former.failed + (failed ? 1 : 0)
    if (failed && settings.deliveryLimit !== null && failures > settings.deliveryLimit) return 'dies'
    const delayMs = retryDelayMs(failures, failed, settings)
    const dueMs = delayMs === 0 ? 0 : this.#host.clock.now() + delayMs
    this.#log.note(seq, { ...former, failed: failures, acquired: former.acquired + 1, dueMs })
    if (dueMs === 0) return settings.requeuesBehind && !wasLost ? 'behind' : 'ready'
    this.#delayed.add(seq, dueMs)
    return 'waits'
  }

  /** Says in the headers of a message that is about to be delivered what became of it before. */
  annotate(seq: number, message: Message): void {
    const { failed, acquired } = this.#log.attempt(seq)
    if (acquired === 0) return
    const { header, headerStart, headerEnd } = message
    locateProperties(header, headerStart, headerEnd, offsets)
    const from = offsets[HEADERS] as number
    const headers = new Map<string, FieldValue>(from < 0 ? NO_HEADERS : headersAt(header, from))
    if (!this.#dialect.everyReturnFails) headers.set('x-acquired-count', { tag: 'l', value: acquired })
    if (failed > 0) headers.set('x-delivery-count', { tag: 'l', value: failed })
    const rewritten = rewriteHeader(header, headerStart, headerEnd, offsets, headers, true)
    message.setHeader(rewritten, 0, rewritten.length)
  }

  /** The log is recovered: what waited for its time goes on to wait. */
  recovered(): void {
    for (const seq of this.#log.aside) {
      const { fate, dueMs } = this.#log.attempt(seq)
      if (fate === 0) this.#delayed.add(seq, dueMs)
    }
  }

  /** Messages were read back, or could not be. */
  loaded(): void {
    if (this.#unread.length === 0) return
    const unread = this.#unread
    this.#unread = []
    for (const seq of unread) this.#due(seq)
  }

  /** The queue is gone. */
  end(): void {
    this.#delayed.end()
    this.#unread = []
  }

  #due(seq: number): void {
    // It may be gone: purged, or in a chunk that cannot be read.
    if (!this.#log.holds(seq)) return
    if (!this.#log.canRead(seq)) {
      this.#unread.push(seq)
      return
    }
    this.#log.note(seq, { ...this.#log.attempt(seq), dueMs: 0 })
    this.#host.giveBack(seq)
  }
}

/** How long a message that came back stays away, milliseconds: longer with each failure, up to a limit. */
function retryDelayMs(failures: number, failed: boolean, settings: RetrySettings): number {
  const { delayedRetryType: type, delayedRetryMinMs: min, delayedRetryMaxMs: max } = settings
  const applies = type === 'all' || type === (failed ? 'failed' : 'returned')
  if (!applies || min === null || min <= 0) return 0
  return Math.min(min * Math.max(failures, 1), Math.max(max ?? min, 0))
}
