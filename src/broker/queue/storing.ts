// What of a log has to be stored: the segments that changed since the last commit, the chunks that are no longer needed,
// and what is to be done when a commit has ended. Knows segments and the store's batch; not which messages are taken.

import type { MessageBatch, StoreErrorKind } from '../store.ts'
import type { Committer, Journal } from './committer.ts'
import type { Outcome, Waiting } from './publisher.ts'
import type { Segment } from './segment.ts'

/** A tail whose stored page has reached this size is sealed; a smaller one is stored again with what follows. */
const SEAL_BYTES = 16 * 1024

/** A segment as it was when a commit took it. */
interface Taken {
  readonly segment: Segment
  readonly firstSeq: number
  readonly count: number
}

/** What storing asks of its log. */
export interface StoredLog {
  readonly queueId: number
  readonly nextSeq: number
  /** The first sequence number never delivered. */
  readonly headSeq: number
  /** All that a segment held when a commit took it is stored. */
  segmentStored(segment: Segment): void
}

/** Those who wait for other logs' changes where their own log has ended: the next commit tells them. */
class Aftermath implements Journal {
  readonly #waiting: readonly Waiting[]

  constructor(waiting: readonly Waiting[]) {
    this.#waiting = waiting
  }

  collect(): void {}

  committed(): void {
    this.#tell('stored')
  }

  failed(kind: StoreErrorKind): void {
    this.#tell(kind === 'unknown' ? 'unknown' : 'rejected')
  }

  #tell(outcome: Outcome): void {
    for (const { publisher, tag } of this.#waiting) publisher.settle(tag, outcome)
  }
}

/** The stored side of one log. */
export class Storing implements Journal {
  readonly #log: StoredLog
  /** null: nothing is stored (transient queue). */
  readonly #committer: Committer | null
  #dirty: Segment[] = []
  #taken: Taken[] = []
  /** First sequences of stored chunks that are to be dropped. */
  #dropped = new Set<number>()
  /** Those of them that the commit in flight drops. */
  #takenDropped = new Set<number>()
  /** Who waits for what has changed until now to be stored, and for what the commit in flight took. */
  #waiting: Waiting[] = []
  #takenWaiting: Waiting[] = []
  #used = false

  constructor(log: StoredLog, committer: Committer | null) {
    this.#log = log
    this.#committer = committer
  }

  /** The store has something of this log, from before it was recovered. */
  recovered(): void {
    this.#used = true
  }

  /** A message of so many octets was added to a segment. */
  added(segment: Segment, bytes: number): void {
    this.#committer?.gather(bytes)
    this.touch(segment)
  }

  /** A segment has changed. */
  touch(segment: Segment): void {
    if (this.#committer === null) return
    if (!segment.dirty) {
      segment.dirty = true
      this.#dirty.push(segment)
    }
    this.#committer.schedule(this, segment.count > segment.committed)
  }

  /** Memory is short: a segment of which nothing need survive a restart is stored as well, for only so it may leave. */
  spill(segment: Segment): void {
    if (segment.livePersistent > 0) return
    segment.spilled = true
    this.touch(segment)
  }

  /** The stored chunk that begins with `firstSeq` is not needed any more. */
  drop(firstSeq: number): void {
    this.#dropped.add(firstSeq)
    this.#committer?.schedule(this, false)
  }

  /** `waiting` is told when all that has changed until now, here and elsewhere, is stored. */
  await(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#committer?.schedule(this, true)
  }

  /** How far the queue has come is to be stored with the next commit, if anything of it is. */
  mark(): void {
    if (this.#used) this.#committer?.schedule(this, true)
  }

  /** The log has ended: nothing more of it is stored. */
  close(): void {
    this.#dirty = []
    this.#taken = []
    this.#dropped = new Set()
    const waiting = [...this.#takenWaiting, ...this.#waiting]
    this.#takenWaiting = []
    this.#waiting = []
    // They wait for what has moved on to other logs, not for what goes with this one.
    if (waiting.length > 0) this.#committer?.schedule(new Aftermath(waiting), true)
  }

  #tellWaiting(outcome: Outcome): void {
    const told = this.#takenWaiting
    this.#takenWaiting = []
    for (const { publisher, tag } of told) publisher.settle(tag, outcome)
  }

  /** What is stored of the log is dropped. */
  delete(): void {
    this.#committer?.forget(this, this.#used ? this.#log.queueId : null)
  }

  collect(batch: MessageBatch): void {
    const { queueId, nextSeq, headSeq } = this.#log
    for (const segment of this.#dirty) if (segment.dirty) this.#collectSegment(segment, batch)
    this.#dirty = []
    for (const firstSeq of this.#dropped) batch.dropped.push({ queueId, firstSeq })
    this.#takenDropped = this.#dropped
    this.#dropped = new Set()
    this.#takenWaiting = this.#waiting
    this.#waiting = []
    this.#used = true
    batch.marks.push({ queueId, nextSeq, headSeq })
  }

  #collectSegment(segment: Segment, batch: MessageBatch): void {
    const { firstSeq, count } = segment
    const key = { queueId: this.#log.queueId, firstSeq }
    segment.dirty = false
    if (segment.live === 0 || (segment.livePersistent === 0 && !segment.spilled)) return this.#unstore(segment)
    if (count > segment.committed) {
      batch.chunks.push({ ...key, bytes: segment.chunk() })
      // A drop that failed and is to be repeated must not meet what is stored under its key again.
      this.#dropped.delete(firstSeq)
      segment.written = true
      if (segment.used >= SEAL_BYTES) segment.sealed = true
    }
    if (segment.settledChanged || count > segment.committed) {
      batch.summaries.push({ ...key, bytes: segment.summary() })
      segment.settledChanged = false
    }
    this.#taken.push({ segment, firstSeq, count })
  }

  /** What is left of a segment needs no store; should it grow again, all of it is stored again. */
  #unstore(segment: Segment): void {
    if (!segment.written) return
    this.#dropped.add(segment.firstSeq)
    segment.written = false
    segment.committed = 0
    segment.settledChanged = true
  }

  committed(): void {
    const taken = this.#taken
    this.#taken = []
    this.#takenDropped = new Set()
    for (const { segment, firstSeq, count } of taken) {
      if (segment.firstSeq !== firstSeq || !segment.written) continue
      segment.committed = count
      segment.settleWaiting(count, 'stored')
      this.#log.segmentStored(segment)
    }
    this.#tellWaiting('stored')
  }

  /** Publishers are told, and all of it goes into the next commit. */
  failed(kind: StoreErrorKind): void {
    const taken = this.#taken
    this.#taken = []
    for (const firstSeq of this.#takenDropped) this.#dropped.add(firstSeq)
    for (const { segment, firstSeq, count } of taken) {
      if (segment.firstSeq !== firstSeq || !segment.written) continue
      // One that has left memory is stored: only its summary is to be repeated.
      if (segment.resident) segment.committed = 0
      segment.settledChanged = true
      this.touch(segment)
      segment.settleWaiting(count, kind === 'unknown' ? 'unknown' : 'rejected')
    }
    this.#tellWaiting(kind === 'unknown' ? 'unknown' : 'rejected')
    this.#committer?.schedule(this, false)
  }
}
