// Where dead letters go: from the queue where a message died through the dead-letter exchange to other queues, in the same
// call, so that its arrival there and its end here are in one commit. What is written on it is death.ts'; whether the
// source waits for the targets is the source's concern (queue/at-least-once.ts). Knows the tables of one vhost.

import type { Clock } from './clock.ts'
import { type DeadLetterTarget, type DeathReason, deadLetter, isCycle } from './death.ts'
import { type Dialect, LEVERET } from './dialect.ts'
import { Message } from './message.ts'
import type { Publisher } from './queue/publisher.ts'
import type { Receiver } from './queue/queue.ts'
import { findRoute, type Tables } from './routing.ts'
import type { Trace } from './trace.ts'

/** A queue in which messages die. */
export interface DeathBed {
  readonly name: string
  /** Where its dead go; null: nowhere. */
  readonly deadLetterTarget: DeadLetterTarget | null
  /** The message `seq` has been sent on, or dropped. */
  buried(seq: number): void
}

/** A message of which there is no record in the queue where it died: it was refused there. */
export const NO_SEQ = 0

/**
 * What became of a dead letter. `lost`: there is no way for it. `dropped`: there are only ways that turn in a circle, or
 * the queue has no dead-letter exchange any more.
 */
export type Sent = 'stored' | 'pending' | 'rejected' | 'unknown' | 'lost' | 'dropped'

/** Those who hear of a dead letter that is stored later. */
export interface DeathPublisher extends Publisher {
  /** One queue more will call `settle`. */
  expect(tag: number): void
}

/** The longest routing key, octets. */
const SHORTSTR_BYTES = 255

interface Dying {
  readonly bed: DeathBed
  readonly seq: number
  readonly message: Message
  readonly reason: DeathReason
}

/** The dead letters of one vhost. None is sent before `open`: the queues that they go to may not be recovered yet. */
export class DeadLetters {
  readonly #tables: Tables
  readonly #clock: Clock
  readonly #trace: Trace | null
  readonly #continues: boolean
  /** Those whose turn has not come: they died of the arrival of another dead letter, or before `open`. */
  #dying: Dying[] = []
  #busy = true

  constructor(
    tables: Tables,
    clock: Clock,
    trace: Trace | null = null,
    { continuesDeaths }: Pick<Dialect, 'continuesDeaths'> = LEVERET,
  ) {
    this.#continues = continuesDeaths
    this.#tables = tables
    this.#clock = clock
    this.#trace = trace
  }

  /** All queues are there. */
  open(): void {
    this.#work()
  }

  /**
   * Sends `message` on once, and has it buried whatever comes of that. A death that another one causes is worked off
   * after it, so that deaths do not nest; until then its record stays.
   */
  bury(bed: DeathBed, seq: number, message: Message, reason: DeathReason): void {
    const own = seq === NO_SEQ ? message.copy() : new Message().view(message)
    this.#dying.push({ bed, seq, message: own, reason })
    if (!this.#busy) this.#work()
  }

  #work(): void {
    this.#busy = true
    const failures: unknown[] = []
    for (const { bed, seq, message, reason } of this.#dying) {
      try {
        this.send(bed, message, reason, null, 0)
      } catch (error) {
        // A defect, and one letter's only: the others go on, and so does the broker on its next start.
        failures.push(error)
      }
      if (seq !== NO_SEQ) bed.buried(seq)
    }
    this.#dying = []
    this.#busy = false
    if (failures.length > 0) throw failures[0]
  }

  /** Sends `message` on; `publisher` hears of each target that stores it later. */
  send(bed: DeathBed, message: Message, reason: DeathReason, publisher: DeathPublisher | null, tag: number): Sent {
    const target = bed.deadLetterTarget
    if (target === null) return 'dropped'
    const exchange = this.#tables.exchanges.get(target.exchange)
    // Any text may be declared as the key, and one that is no shortstr cannot be published with.
    if (!exchange || Buffer.byteLength(target.routingKey ?? '') > SHORTSTR_BYTES) return 'lost'
    const letter = deadLetter(message, { queue: bed.name, reason, atMs: this.#clock.now() }, target, this.#continues)
    const route = findRoute(this.#tables, exchange, letter.keys, letter.message)
    const queues = route.queues.filter(({ name }) => name === null || !isCycle(letter.deaths, name))
    this.#trace?.deadLettered(bed, reason, letter.message, queues)
    if (queues.length > 0) return deliver(letter.message, queues, publisher, tag)
    return route.queues.length > 0 ? 'dropped' : 'lost'
  }
}

/** Publishes to all of `queues`; the worst outcome counts. */
function deliver(message: Message, queues: readonly Receiver[], publisher: DeathPublisher | null, tag: number): Sent {
  let sent: Sent = 'stored'
  for (const queue of queues) {
    const outcome = queue.publish(message, publisher, tag)
    if (outcome === 'pending') publisher?.expect(tag)
    if (outcome === 'rejected' || outcome === 'unknown') sent = outcome
    else if (outcome === 'pending' && sent === 'stored') sent = outcome
  }
  return sent
}
