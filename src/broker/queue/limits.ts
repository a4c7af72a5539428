// How many messages a queue may have ready, and octets of bodies, and what it does with one too many (behaviour.md §9.2).
// Knows numbers; which message goes is the queue's concern.

import type { Backlog } from './backlog.ts'
import type { QueueSettings } from './settings.ts'

/** Waiting messages, and octets of their bodies, from which on publishers pause while consumers are there. */
const PRESSED_MESSAGES = 2000
const PRESSED_BYTES = 1024 * 1024

/** The limits of one queue. */
export interface Limits {
  readonly messages: number
  readonly bytes: number
  /** What is too much is refused; else what is there longest makes room. */
  readonly refuses: boolean
  /** What is refused is dead-lettered. */
  readonly deadLetters: boolean
}

/** The limits that `settings` set; null where there are none. */
export function limitsOf({ type, maxLength, maxLengthBytes, overflow }: QueueSettings): Limits | null {
  if (maxLength === null && maxLengthBytes === null) return null
  // A quorum queue takes reject-publish-dlx for drop-head (§9.2).
  const deadLetters = overflow === 'reject-publish-dlx' && type === 'classic'
  return {
    messages: maxLength ?? Number.POSITIVE_INFINITY,
    bytes: maxLengthBytes ?? Number.POSITIVE_INFINITY,
    refuses: overflow === 'reject-publish' || deadLetters,
    deadLetters,
  }
}

/** Whether there is no room for a message of `bodyBytes` in a queue that refuses what is too much. */
export function isFull(limits: Limits, { ready, readyBytes }: Backlog, bodyBytes: number): boolean {
  return limits.refuses && (ready + 1 > limits.messages || readyBytes + bodyBytes > limits.bytes)
}

/** Whether a queue that makes room has to part with a message. */
export function isOver(limits: Limits, { ready, readyBytes }: Backlog): boolean {
  return !limits.refuses && (ready > limits.messages || readyBytes > limits.bytes)
}

/** Whether so much waits that publishers should pause for a turn. */
export function isPressing(log: Backlog): boolean {
  if (log.ready === 0) return false
  return log.ready > PRESSED_MESSAGES || log.readyBytes > PRESSED_BYTES
}
