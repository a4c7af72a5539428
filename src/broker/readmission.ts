// Messages that were in a log and are to be in another one, as they were there: with the times that they carry, delivered
// before or not, and what is known of those that came back. Like recovery, but from memory, into what is new and empty.
// Knows logs; not where the messages were kept meanwhile.

import { Message } from './message.ts'
import { type Attempt, isAside, NO_ATTEMPT } from './queue/attempts.ts'
import type { Seen } from './queue/browse.ts'
import type { LocalQueue } from './queue/local-queue.ts'
import { Log } from './queue/log.ts'
import type { Outcome, Publisher } from './queue/publisher.ts'
import { StreamLog } from './queue/stream-log.ts'

/** A message that was in a log, and what was known of it there. */
export interface Kept {
  readonly seq: number
  /** Its "expires at" is when it expires; in a stream, when it was added; in a delayed exchange, when it is due. */
  readonly message: Message
  readonly level: number
  readonly delivered: boolean
  /** Its place among those that came back; null: somebody had it still, or it never was away. */
  readonly turn: number | null
  readonly attempt: Attempt
}

/** Counts those who store what is readmitted. */
export interface ReadmissionPublisher extends Publisher {
  count(outcome: Outcome | 'pending'): void
}

/** A copy of a message that is looked at, and what is known of it. Who has it, or had it, was delivered it. */
export function keep({ seq, message, level, ready, redelivered, attempt, turn }: Seen): Kept {
  return { seq, message: message.copy(), level, turn, delivered: redelivered || !ready, attempt }
}

/** The same message `ms` milliseconds later: with its times moved by so much. */
export function moved({ message, attempt, ...kept }: Kept, ms: number): Kept {
  const later = new Message().view(message)
  if (later.expiresAt > 0) later.expiresAt = Math.max(later.expiresAt + ms, 1)
  const { dueMs } = attempt
  return { ...kept, message: later, attempt: dueMs === 0 ? attempt : { ...attempt, dueMs: Math.max(dueMs + ms, 1) } }
}

/**
 * Takes messages of a queue into another one of the same settings, in which nothing is yet. `publisher` is told of each that
 * has to be stored. After it, and after all others, the queue wants to be told to `begin`.
 */
export function readmit(queue: LocalQueue, messages: readonly Kept[], publisher: ReadmissionPublisher): void {
  const levels = new Map<number, Kept[]>()
  for (const kept of messages) {
    const level = levels.get(kept.level)
    if (level) level.push(kept)
    else levels.set(kept.level, [kept])
  }
  for (const [level, some] of levels) {
    const log = queue.log(queue.id + level)
    if (log instanceof StreamLog) readmitToStream(log, some, publisher)
    else if (log instanceof Log) readmitToLog(log, some, publisher)
  }
}

/** What is read by its number has the same number there. */
function readmitToStream(log: StreamLog, messages: readonly Kept[], publisher: ReadmissionPublisher): void {
  log.recovered(0, messages[0]?.seq ?? 1)
  for (const { message } of messages) {
    log.append(message, message.expiresAt)
    log.await(publisher, 0)
    publisher.count('pending')
  }
}

function readmitToLog(log: Log, messages: readonly Kept[], publisher: ReadmissionPublisher): void {
  const scratch = new Message()
  const back: { readonly seq: number; readonly turn: number }[] = []
  for (const { message, delivered, attempt, turn } of messages) {
    // What was delivered before comes first (who takes, takes from the front): it is taken, and comes back.
    const takes = delivered && log.ready === 0
    const seq = log.append(message, message.persistent)
    if (message.persistent) publisher.count(log.awaitStored(seq, publisher, 0) ? 'pending' : 'stored')
    if (!takes || !log.atHand() || log.take(scratch) !== seq) continue
    if (attempt !== NO_ATTEMPT) log.note(seq, attempt)
    if (isAside(attempt)) log.aside.add(seq)
    else back.push({ seq, turn: turn ?? Number.MAX_SAFE_INTEGER })
  }
  // Who has one still would give it back after the others.
  for (const { seq } of back.sort((one, other) => one.turn - other.turn)) log.giveBack(seq)
}
