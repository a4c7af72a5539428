// When messages of one queue expire (behaviour.md §9.1): what the queue's time to live and a message's own come to, and a
// timer for the first to go. Knows times; which message is first, and what becomes of it, is the queue's concern.

import { EXPIRATION, hasExpiration, locateProperties, propertyOffsets } from '../../protocol/properties.ts'
import type { Clock } from '../clock.ts'
import type { Message } from '../message.ts'
import { Deadline } from './deadline.ts'

const ZERO = 0x30
/** Scratch for the way to a property. */
const offsets = propertyOffsets()

/** The expiry of one queue's messages. */
export class Expiry {
  /** What the queue gives a message to live, milliseconds; null: any time. */
  ttlMs: number | null = null
  /** Some message of the queue may expire. */
  mortal = false
  readonly #clock: Clock
  readonly #deadline: Deadline

  /** @param reached the first message may have expired */
  constructor(clock: Clock, reached: () => void) {
    this.#clock = clock
    this.#deadline = new Deadline(clock, reached)
  }

  /**
   * Notes on a message that is published when it expires. The shorter of the two times counts; `least` milliseconds it
   * has in any case.
   */
  stamp(message: Message, least: number): void {
    message.expiresAt = 0
    const own = hasExpiration(message.header, message.headerStart) ? ownTtlMs(message) : null
    const ttlMs = own === null || this.ttlMs === null ? (own ?? this.ttlMs) : Math.min(own, this.ttlMs)
    if (ttlMs === null) return
    message.expiresAt = this.#clock.now() + Math.max(ttlMs, least)
    this.mortal = true
  }

  /** Whether the first message, which expires at `at` (0: never), has expired. If not, its time is waited for. */
  hasPassed(at: number): boolean {
    if (at === 0) return false
    if (at <= this.#clock.now()) return true
    this.#deadline.by(at)
    return false
  }

  /** No message is left that may expire. A timer that runs may ring for nothing: that is cheaper than to set another. */
  rest(): void {
    this.mortal = false
  }

  /** The queue is gone. */
  end(): void {
    this.rest()
    this.#deadline.cancel()
  }
}

/** The expiration property: digits, perhaps behind a sign, which was checked when the message was published. */
function ownTtlMs({ header, headerStart, headerEnd }: Message): number {
  locateProperties(header, headerStart, headerEnd, offsets)
  const at = offsets[EXPIRATION] as number
  const end = at + 1 + (header[at] as number)
  let ms = 0
  for (let i = at + 1; i < end; i++) {
    const digit = (header[i] as number) - ZERO
    if (digit >= 0) ms = ms * 10 + digit
  }
  return ms
}
