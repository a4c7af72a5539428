// A backlog with priorities (behaviour.md §9.3): one log for each level, made when its first message comes; the highest
// level that has a message gives the next one. Knows logs and the priority property; what a log stores it stores under a
// number of its own, the queue's and the level.

import { hasPriority, locateProperties, PRIORITY, propertyOffsets } from '../../protocol/properties.ts'
import type { Message } from '../message.ts'
import type { Attempt } from './attempts.ts'
import type { Backlog } from './backlog.ts'
import type { Committer } from './committer.ts'
import type { Part } from './layout.ts'
import { Log } from './log.ts'
import type { LogHost } from './paging.ts'
import type { Publisher } from './publisher.ts'
import type { QueueSettings } from './settings.ts'

/** Scratch for the way to a property. */
const offsets = propertyOffsets()

/** How many logs, with consecutive numbers, a queue of these settings has. */
export function logCount({ maxPriority }: Pick<QueueSettings, 'maxPriority'>): number {
  return (maxPriority ?? 0) + 1
}

/** The backlog of a queue: one log, or as many as it tells priorities apart. */
export function makeBacklog(
  queueId: number,
  { type, maxPriority, defaultPriority }: QueueSettings,
  committer: Committer | null,
  host: LogHost,
): Backlog {
  // A quorum queue without priorities is one of RabbitMQ 3.13 (dialect.ts).
  const leave = maxPriority === null ? 'behind' : 'in-turn'
  const open = (logId: number) => new Log(logId, committer, host, 1, type === 'quorum' ? leave : 'in-order')
  if (maxPriority === null) return open(queueId)
  return new Priorities(
    queueId,
    { highest: maxPriority, otherwise: defaultPriority, dropsLowest: type === 'quorum' },
    open,
  )
}

/** The priorities of a queue. */
export interface PriorityRules {
  readonly highest: number
  /** That of messages that have none. */
  readonly otherwise: number
  /**
   * Where there is too much, the lowest priority has to go first. Quorum queues do so (behaviour.md §9.2); a classic queue
   * drops its head whatever it is, as RabbitMQ 3.10 was seen to and its documentation says.
   */
  readonly dropsLowest: boolean
}

/** Messages by priority. A sequence number says the level too: what its log gave × a power of two + the level. */
export class Priorities implements Backlog {
  redelivered = false
  readonly #queueId: number
  readonly #rules: PriorityRules
  /** Numbers of a log are this far apart; a power of two, so that it divides without loss. */
  readonly #stride: number
  readonly #open: (logId: number) => Log
  readonly #levels: (Log | undefined)[] = []
  /** The logs there are, the highest level first. */
  #logs: Log[] = []

  /** @param open makes the log of that number */
  constructor(queueId: number, rules: PriorityRules, open: (logId: number) => Log) {
    this.#queueId = queueId
    this.#rules = rules
    this.#stride = 2 ** Math.ceil(Math.log2(rules.highest + 1))
    this.#open = open
  }

  /** Asked for at every step, and so without `#sum`. */
  get ready(): number {
    let ready = 0
    for (const log of this.#logs) ready += log.ready
    return ready
  }

  get readyBytes(): number {
    return this.#sum((log) => log.readyBytes)
  }

  get unacked(): number {
    return this.#sum((log) => log.unacked)
  }

  get headExpiresAt(): number {
    return this.#first()?.headExpiresAt ?? 0
  }

  append(message: Message, persistent: boolean): number {
    const level = this.#levelOf(message)
    return this.#number(level, this.#log(level).append(message, persistent))
  }

  awaitStored(seq: number, publisher: Publisher, tag: number): boolean {
    return this.#logOf(seq).awaitStored(this.#within(seq), publisher, tag)
  }

  atHand(): boolean {
    return this.#first()?.atHand() ?? false
  }

  take(into: Message): number {
    return this.#takeFrom(this.#first(), into)
  }

  atHandLast(): boolean {
    return this.#last()?.atHand() ?? false
  }

  takeLast(into: Message): number {
    return this.#takeFrom(this.#last(), into)
  }

  read(seq: number, into: Message): void {
    this.#logOf(seq).read(this.#within(seq), into)
  }

  canRead(seq: number): boolean {
    return this.#logOf(seq).canRead(this.#within(seq))
  }

  holds(seq: number): boolean {
    return this.#logOf(seq).holds(this.#within(seq))
  }

  attempt(seq: number): Attempt {
    return this.#logOf(seq).attempt(this.#within(seq))
  }

  note(seq: number, attempt: Attempt): void {
    this.#logOf(seq).note(this.#within(seq), attempt)
  }

  get aside(): Iterable<number> {
    return this.#logs.flatMap((log) => [...log.aside].map((seq) => this.#number(log.queueId - this.#queueId, seq)))
  }

  settle(seq: number): void {
    this.#logOf(seq).settle(this.#within(seq))
  }

  settleElsewhere(seq: number): void {
    this.#logOf(seq).settleElsewhere(this.#within(seq))
  }

  awaitElsewhere(seq: number, publisher: Publisher, tag: number): void {
    this.#logOf(seq).awaitElsewhere(this.#within(seq), publisher, tag)
  }

  giveBack(seq: number): void {
    this.#logOf(seq).giveBack(this.#within(seq))
  }

  get parts(): readonly Part[] {
    return this.#logs.map((log) => ({ log, level: log.queueId - this.#queueId, stride: this.#stride }))
  }

  withdraw(seq: number): boolean {
    return this.#logOf(seq).withdraw(this.#within(seq))
  }

  purge(): number {
    return this.#sum((log) => log.purge())
  }

  delete(): void {
    for (const log of this.#logs) log.delete()
  }

  mark(): void {
    for (const log of this.#logs) log.mark()
  }

  log(logId: number): Log {
    return this.#log(logId - this.#queueId)
  }

  #log(level: number): Log {
    const known = this.#levels[level]
    if (known) return known
    const log = this.#open(this.#queueId + level)
    this.#levels[level] = log
    this.#logs = [...this.#logs, log].sort((a, b) => b.queueId - a.queueId)
    return log
  }

  /** What is above the highest counts as the highest. */
  #levelOf({ header, headerStart, headerEnd }: Message): number {
    const { highest, otherwise } = this.#rules
    if (!hasPriority(header, headerStart)) return otherwise
    locateProperties(header, headerStart, headerEnd, offsets)
    return Math.min(header[offsets[PRIORITY] as number] as number, highest)
  }

  #takeFrom(log: Log | undefined, into: Message): number {
    if (log === undefined) throw new Error('there is nothing to take')
    const seq = log.take(into)
    this.redelivered = log.redelivered
    return this.#number(log.queueId - this.#queueId, seq)
  }

  /** The log that gives the next message. */
  #first(): Log | undefined {
    for (const log of this.#logs) if (log.ready > 0) return log
    return undefined
  }

  /** The log that parts with a message first. */
  #last(): Log | undefined {
    if (!this.#rules.dropsLowest) return this.#first()
    for (let at = this.#logs.length - 1; at >= 0; at--) {
      const log = this.#logs[at]
      if (log !== undefined && log.ready > 0) return log
    }
    return undefined
  }

  #number(level: number, seq: number): number {
    return seq * this.#stride + level
  }

  #within(seq: number): number {
    return Math.floor(seq / this.#stride)
  }

  #logOf(seq: number): Log {
    return this.#log(seq - this.#within(seq) * this.#stride)
  }

  #sum(of: (log: Log) => number): number {
    let sum = 0
    for (const log of this.#logs) sum += of(log)
    return sum
  }
}
