// How much of a log is where: counted over its segments when somebody asks. Cheap for what has never been delivered (a
// segment knows its sums); what is unacked is looked at record by record.

import { type Layout, segmentOf } from './layout.ts'
import type { Segment } from './segment.ts'

/** Sums over the segments of one log or of several. */
export interface Measure {
  /** Messages that are not settled, those that survive a restart, and those in memory. */
  live: number
  persistent: number
  resident: number
  /** Octets of the bodies of what was taken and is not settled. */
  unackedBytes: number
  /** Octets of the bodies of what is in the store only. */
  pagedBytes: number
  /** Octets of memory, and of the store. */
  memoryBytes: number
  storedBytes: number
  /** When the oldest message that can be taken came, or earlier; 0: there is none, or nobody knows. */
  since: number
}

/** A measure of nothing. */
export function emptyMeasure(): Measure {
  return {
    live: 0,
    persistent: 0,
    resident: 0,
    unackedBytes: 0,
    pagedBytes: 0,
    memoryBytes: 0,
    storedBytes: 0,
    since: 0,
  }
}

/** Adds one log to `into`. */
export function measureLog(front: Layout, into: Measure): void {
  const { segments } = front
  let takenBytes = 0
  for (let at = front.first; at < segments.length; at++) {
    const segment = segments[at] as Segment
    into.memoryBytes += segment.capacity
    if (segment.live === 0) continue
    into.live += segment.live
    into.persistent += segment.livePersistent
    // Of a chunk that was never read, the octets of its bodies are known.
    if (segment.written) into.storedBytes += Math.max(segment.used, segment.pagedBodyBytes)
    if (segment.resident) into.resident += segment.live
    else into.pagedBytes += segment.readyBodyBytes
    if (at <= front.headAt) takenBytes += bytesBefore(segment, at < front.headAt ? segment.count : front.headIndex)
  }
  for (const seq of front.returned) takenBytes -= bodyBytesOf(seq, segmentOf(front, seq))
  into.unackedBytes += takenBytes
  const oldest = front.returned.size > 0 ? segmentOf(front, front.returned.first) : oldestReady(front)
  const since = oldest?.since ?? 0
  if (since > 0 && (into.since === 0 || since < into.since)) into.since = since
}

/** Octets of the bodies of what is not settled of the first `count` records. */
function bytesBefore(segment: Segment, count: number): number {
  if (!segment.resident) return 0
  let bytes = 0
  for (let i = 0; i < count; i++) if (!segment.isSettled(i)) bytes += segment.bodyBytesAt(i)
  return bytes
}

function bodyBytesOf(seq: number, segment: Segment): number {
  return segment.bodyBytesAt(seq - segment.firstSeq)
}

function oldestReady({ segments, headAt, headIndex }: Layout): Segment | null {
  for (let at = headAt; at < segments.length; at++) {
    const segment = segments[at] as Segment
    if (segment.live > 0 && (at > headAt || headIndex < segment.count)) return segment
  }
  return null
}
