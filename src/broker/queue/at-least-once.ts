// Dead letters that are not given up before another queue has them (behaviour.md §9.4, at-least-once): each stays in the
// queue where its message died until all targets have stored it, is tried again where one has not or where there is no way
// for it, and is known as dying after a restart. Knows the log and how a dead letter is sent; not where it goes.

import type { Clock, Timer } from '../clock.ts'
import type { DeathPublisher, Sent } from '../dead-letters.ts'
import type { DeathReason } from '../death.ts'
import { Message } from '../message.ts'
import type { Outcome } from './publisher.ts'
import type { QuorumLog } from './quorum.ts'

/** Dead letters of one queue that are on their way, or rest, at a time. */
const ON_THEIR_WAY = 32
/** How long a dead letter that found no place rests, milliseconds. */
const RETRY_MS = 5000

/** What an attempt's fate means (docs/storage.md). */
const fates: readonly (DeathReason | null)[] = [null, 'rejected', 'expired', 'maxlen', 'delivery_limit']

/** What it needs of the messages. */
export interface DyingLog extends QuorumLog {
  read(seq: number, into: Message): void
  settle(seq: number): void
}

/** What it needs of its queue. */
export interface DyingHost {
  readonly clock: Clock
  /** Sends the dead letter of `message`; `publisher` hears of each target that stores it later. */
  send(message: Message, reason: DeathReason, publisher: DeathPublisher, seq: number): Sent
  /** One is stored elsewhere, and ends here. */
  confirmed?(): void
}

interface OnItsWay {
  targets: number
  refused: boolean
}

/** The dying messages of one queue. */
export class AtLeastOnce implements DeathPublisher {
  readonly #log: DyingLog
  readonly #host: DyingHost
  readonly #view = new Message()
  /** Those that wait, in the order in which they died. */
  #waiting: number[] = []
  /** Those that found no place, until they are tried again. */
  #resting: number[] = []
  readonly #onTheirWay = new Map<number, OnItsWay>()
  #soon = false
  #rest: Timer | null = null
  #ended = false

  constructor(log: DyingLog, host: DyingHost) {
    this.#log = log
    this.#host = host
  }

  /** Messages that are dead and still here. */
  get size(): number {
    return this.#waiting.length + this.#resting.length + this.#onTheirWay.size
  }

  /** Whether `seq` is with all who are to have it, and here only until they have stored it. */
  isElsewhere(seq: number): boolean {
    return this.#onTheirWay.get(seq)?.refused === false
  }

  /** A message that was taken dies. */
  die(seq: number, reason: DeathReason): void {
    this.#log.note(seq, { ...this.#log.attempt(seq), fate: fates.indexOf(reason), dueMs: 0 })
    this.#waiting.push(seq)
    this.#workSoon()
  }

  /** The log is recovered: what was dying then is dying still. */
  recovered(): void {
    for (const seq of this.#log.aside) if (this.#log.attempt(seq).fate !== 0) this.#waiting.push(seq)
    if (this.#waiting.length > 0) this.#workSoon()
  }

  /** Messages were read back, or could not be. */
  loaded(): void {
    if (this.#waiting.length > 0) this.#workSoon()
  }

  /** The queue is gone, or the broker stops. */
  end(): void {
    this.#ended = true
    this.#waiting = this.#resting = []
    this.#rest?.cancel()
    this.#rest = null
  }

  expect(seq: number): void {
    const sending = this.#onTheirWay.get(seq)
    if (sending) sending.targets++
  }

  settle(seq: number, outcome: Outcome): void {
    const sending = this.#onTheirWay.get(seq)
    if (!sending) return
    if (outcome !== 'stored') sending.refused = true
    if (--sending.targets > 0) return
    this.#onTheirWay.delete(seq)
    this.#sent(seq, sending.refused)
  }

  /** At the end of the turn: a dead letter may itself be the death of others. */
  #workSoon(): void {
    if (this.#soon) return
    this.#soon = true
    this.#host.clock.soon(() => {
      this.#soon = false
      if (!this.#ended) this.#work()
    })
  }

  #work(): void {
    let worked = 0
    for (const seq of this.#waiting) {
      if (this.#onTheirWay.size + this.#resting.length >= ON_THEIR_WAY) break
      // One that is being read back holds up those behind it: they leave in order.
      if (this.#log.holds(seq) && !this.#log.canRead(seq)) break
      worked++
      if (this.#log.holds(seq)) this.#send(seq)
    }
    this.#waiting.splice(0, worked)
  }

  #send(seq: number): void {
    const reason = fates[this.#log.attempt(seq).fate] ?? 'rejected'
    this.#log.read(seq, this.#view)
    // It counts as a target of its own until all are asked.
    this.#onTheirWay.set(seq, { targets: 1, refused: false })
    const sent = this.#host.send(this.#view, reason, this, seq)
    const failed = sent === 'rejected' || sent === 'unknown' || sent === 'lost'
    this.settle(seq, failed ? 'rejected' : 'stored')
  }

  #sent(seq: number, refused: boolean): void {
    if (!refused) {
      // Also as the broker stops: otherwise it would be sent once more after the next start.
      if (this.#log.holds(seq)) this.#log.settle(seq)
      this.#host.confirmed?.()
      if (this.#waiting.length > 0) this.#workSoon()
      return
    }
    if (this.#ended) return
    this.#resting.push(seq)
    this.#rest ??= this.#host.clock.after(RETRY_MS, () => {
      this.#rest = null
      this.#waiting = [...this.#resting, ...this.#waiting]
      this.#resting = []
      this.#workSoon()
    })
  }
}
