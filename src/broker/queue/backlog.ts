// The messages of a queue as the queue sees them: one log, or one for each priority. Types only.

import type { Message } from '../message.ts'
import type { Attempt } from './attempts.ts'
import type { Part } from './layout.ts'
import type { Log } from './log.ts'
import type { Publisher } from './publisher.ts'

/** Messages in the order in which they are to be taken; each is named by its sequence number. */
export interface Backlog {
  /** Messages that can be taken. */
  readonly ready: number
  /** Octets of their bodies. */
  readonly readyBytes: number
  /** Messages taken and not settled. */
  readonly unacked: number
  /** Whether the message that `take` gave last had been delivered before. */
  readonly redelivered: boolean
  /** When the message that `atHand` has just found expires, milliseconds since 1970; 0: never. */
  readonly headExpiresAt: number
  /** Adds a message at the end and returns its sequence number; `persistent`: it must survive a restart. */
  append(message: Message, persistent: boolean): number
  /**
   * `publisher` will be told when `seq`, which was just appended, is stored or gone. False when it is gone already: then
   * nobody is told.
   */
  awaitStored(seq: number, publisher: Publisher, tag: number): boolean
  /**
   * Whether there is a message to take and it is in memory. Where it is in the store only it is being read back, and the
   * host's `loaded` will be called.
   */
  atHand(): boolean
  /**
   * Takes the message that `atHand` has just found: points `into` at it, sets `redelivered`. Returns its sequence number.
   */
  take(into: Message): number
  /** `atHand` for the message that the queue parts with first where it holds too much. */
  atHandLast(): boolean
  /** Takes the message that `atHandLast` has just found. */
  takeLast(into: Message): number
  /** Points `into` at a message that was taken and is not settled. */
  read(seq: number, into: Message): void
  /** Whether `seq` can be read: false while it is being read back (the host's `loaded` will be called) and when it is gone. */
  canRead(seq: number): boolean
  /** Whether `seq` is there and not settled. */
  holds(seq: number): boolean
  /** What is known of a message that came back. */
  attempt(seq: number): Attempt
  /** Notes what is known of a message that was taken; it is stored with it. */
  note(seq: number, attempt: Attempt): void
  /** Recovered messages that count as taken: they stay out until they are given back or settled. */
  readonly aside: Iterable<number>
  /** A message that was taken is done with. */
  settle(seq: number): void
  /** The same for one that went on to another queue: who waits for it is told when both are stored. */
  settleElsewhere(seq: number): void
  /** `publisher` will be told when the end here of `seq`, which went on to another queue, is stored, and with it the rest. */
  awaitElsewhere(seq: number, publisher: Publisher, tag: number): void
  /** A message that was taken returns to its place; or (`behind`) waits there until those have left that are ready now. */
  giveBack(seq: number, behind?: boolean): void
  /** The logs that it consists of, in the order in which they give. */
  readonly parts: readonly Part[]
  /** Settles a message that could be taken, wherever it is, once what was done with it elsewhere is stored. False: it could not. */
  withdraw(seq: number): boolean
  /** Settles all messages that could be taken. Returns how many there were. */
  purge(): number
  /** Ends it and forgets what is stored of it; who waits is told `stored` (behaviour.md §6.3). */
  delete(): void
  /** The broker stops in order: how far the queue has come is to be stored. */
  mark(): void
  /** The log of that number, which is to be recovered. */
  log(logId: number): Log
}
