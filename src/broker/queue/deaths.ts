// How messages of a queue die: dropped, sent on at once, or kept until others have them (behaviour.md §9.4); and how many
// did. Knows the log and where dead letters are sent; which message dies, and why, is the queue's concern.

import { DeathCounts, type DeathStrategy } from '../counts.ts'
import { type DeathBed, NO_SEQ } from '../dead-letters.ts'
import type { DeadLetterTarget, DeathReason } from '../death.ts'
import type { Message } from '../message.ts'
import { AtLeastOnce } from './at-least-once.ts'
import type { Backlog } from './backlog.ts'
import type { Look } from './browse.ts'
import type { Queue } from './queue.ts'
import type { QueueHost } from './queue-host.ts'
import type { QueueSettings } from './settings.ts'

/** The deaths of one queue. */
export class Deaths {
  /** null: nothing has died yet. */
  counts: DeathCounts | null = null
  /** Where the dead go; null: nowhere. */
  target: DeadLetterTarget | null = null
  /** How many messages were buried. */
  burials = 0
  readonly #queue: Queue & DeathBed
  readonly #log: Backlog
  readonly #host: QueueHost
  /** The dead that are not given up; null in queues that give up all. */
  readonly #dying: AtLeastOnce | null
  #keeps = false

  constructor(queue: Queue & DeathBed, log: Backlog, host: QueueHost) {
    this.#queue = queue
    this.#log = log
    this.#host = host
    const { clock, deadLetters } = host
    const send = deadLetters.send.bind(deadLetters, queue)
    const confirmed = (): void => void this.#counts.confirmed++
    this.#dying = queue.settings.type === 'quorum' ? new AtLeastOnce(log, { clock, send, confirmed }) : null
  }

  /** Messages that are dead and still here. */
  get size(): number {
    return this.#dying?.size ?? 0
  }

  /** The same look, past what is in other queues already: who looks at all of them sees each message once. */
  past(look: Look): Look {
    const dying = this.#dying
    return dying === null ? look : (seen) => dying.isElsewhere(seen.seq) || look(seen)
  }

  /** What the queue is to do with its dead has changed. */
  apply(settings: QueueSettings): void {
    const { deadLetterExchange: exchange, deadLetterRoutingKey: routingKey } = settings
    this.target = exchange === null ? null : { exchange, routingKey }
    this.#keeps = this.#dying !== null && isSure(settings)
  }

  /** A message that was taken ends here. */
  die(seq: number, message: Message, reason: DeathReason): void {
    this.#count(reason)
    if (this.target === null) this.#drop(seq, reason)
    else if (this.#dying !== null && this.#keeps) this.#dying.die(seq, reason)
    else this.#host.deadLetters.bury(this.#queue, seq, message, reason)
  }

  #drop(seq: number, reason: DeathReason): void {
    this.#log.settle(seq)
    this.#host.trace?.dropped(this.#queue, seq, reason)
  }

  /** The same for one that a consumer had; `scratch` may be pointed at it. */
  dieAway(seq: number, scratch: Message, reason: DeathReason): void {
    if (this.target !== null) this.#log.read(seq, scratch)
    this.die(seq, scratch, reason)
  }

  /** A message that there is no room for, and of which there is no record here, is sent on where that can be. */
  refuse(message: Message): void {
    if (this.target === null) return
    this.#count('maxlen')
    this.#host.deadLetters.bury(this.#queue, NO_SEQ, message, 'maxlen')
  }

  /** The message `seq` has been sent on, or dropped. */
  buried(seq: number): void {
    this.burials++
    this.#log.settleElsewhere(seq)
  }

  /** The log is recovered. */
  recovered(): void {
    this.#dying?.recovered()
  }

  /** Messages were read back, or could not be. */
  loaded(): void {
    this.#dying?.loaded()
  }

  /** The queue is gone, or the broker stops. */
  end(): void {
    this.#dying?.end()
  }

  get #strategy(): DeathStrategy {
    if (this.target === null) return 'disabled'
    return this.#keeps ? 'at_least_once' : 'at_most_once'
  }

  get #counts(): DeathCounts {
    this.counts ??= new DeathCounts()
    return this.counts
  }

  #count(reason: DeathReason): void {
    this.#counts[this.#strategy][reason]++
  }
}

/** Whether the dead are given up only once they are stored elsewhere: at-least-once needs reject-publish (§9.4). */
function isSure({ deadLetterStrategy, overflow }: QueueSettings): boolean {
  return deadLetterStrategy === 'at-least-once' && overflow === 'reject-publish'
}
