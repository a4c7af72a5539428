// What a queue remembers of messages that came back to it: kept for those only, by their place in a segment, and stored
// in its summary. Knows numbers; what they make a queue do is quorum.ts' and at-least-once.ts' concern.
//
// An entry of a summary, big-endian:
//
//   0       4        8          12     13      21
//   +-------+--------+----------+------+--------+
//   | index | failed | acquired | fate | due at |
//   +-------+--------+----------+------+--------+

import { readUint32, readUint64, writeUint32, writeUint64 } from '../../protocol/frame.ts'

/** What is known of one message. */
export interface Attempt {
  /** Deliveries that failed (behaviour.md §10, x-delivery-count). */
  readonly failed: number
  /** Times that it was handed out and came back (x-acquired-count). */
  readonly acquired: number
  /** It is to leave the queue, and why: a number that the queue gives a meaning to; 0: it stays. */
  readonly fate: number
  /** Nobody is to get it before, milliseconds since 1970; 0: it can be taken. */
  readonly dueMs: number
}

/** A message that never came back. */
export const NO_ATTEMPT: Attempt = { failed: 0, acquired: 0, fate: 0, dueMs: 0 }

const ENTRY_BYTES = 21

/** The attempts of one segment, by index. */
export type Attempts = Map<number, Attempt>

/** Whether a message with this past is not to be taken in its turn. */
export function isAside({ fate, dueMs }: Attempt): boolean {
  return fate !== 0 || dueMs !== 0
}

/** Octets of `attempts` in a summary. */
export function attemptsBytes(attempts: Attempts | null): number {
  return attempts === null ? 0 : attempts.size * ENTRY_BYTES
}

/** Writes `attempts` at `from`. */
export function writeAttempts(attempts: Attempts, bytes: Uint8Array, from: number): void {
  let at = from
  for (const [index, { failed, acquired, fate, dueMs }] of attempts) {
    at = writeUint32(bytes, at, index)
    at = writeUint32(bytes, at, failed)
    at = writeUint32(bytes, at, acquired)
    bytes[at] = fate
    at = writeUint64(bytes, at + 1, dueMs)
  }
}

/** What `writeAttempts` wrote, from `from` to the end; null where there is none. */
export function readAttempts(bytes: Buffer, from: number): Attempts | null {
  if (from >= bytes.length) return null
  const attempts: Attempts = new Map()
  for (let at = from; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    attempts.set(readUint32(bytes, at), {
      failed: readUint32(bytes, at + 4),
      acquired: readUint32(bytes, at + 8),
      fate: bytes[at + 12] as number,
      dueMs: readUint64(bytes, at + 13),
    })
  }
  return attempts
}
