// A queue's messages in order: a log of segments with a head from which messages are taken, a tail to which they are
// added, and those that came back in between. Acks are positions. Knows segments and the store's batch; not consumers,
// not why a message is taken or settled.

import { LARGE_BODY_BYTES, type Message } from '../message.ts'
import type { MessageBatch, StoredChunk, StoreErrorKind } from '../store.ts'
import type { Committer, Journal } from './committer.ts'
import { AHEAD, Paging, type PagingHost } from './paging.ts'
import type { Publisher } from './publisher.ts'
import { Returned } from './returned.ts'
import { SEGMENT_BYTES, Segment } from './segment.ts'

/** A tail whose stored page has reached this size is sealed; a smaller one is stored again with what follows. */
const SEAL_BYTES = 16 * 1024

/** A segment as it was when a commit took it. */
interface Taken {
  readonly segment: Segment
  readonly firstSeq: number
  readonly count: number
}

/** What a log needs of its surroundings. */
export interface LogHost extends PagingHost {
  /** Messages that were stored only are in memory now, or given up: `atHand` may say something else. */
  loaded(): void
}

/** The messages of one queue. Sequence numbers grow by one and are never given twice. */
export class Log implements Journal {
  /** Whether the message that `take` gave last had been delivered before. */
  redelivered = false
  readonly #queueId: number
  /** null: nothing is stored (transient queue). */
  readonly #committer: Committer | null
  readonly #host: LogHost
  readonly #paging: Paging
  readonly #returned = new Returned()
  /** Segments from `#first` on, by sequence; those before are gone. The last one is the tail. */
  #segments: Segment[]
  #first = 0
  /** The next message never delivered: record `#headIndex` of segment `#headAt`. */
  #headAt = 0
  #headIndex = 0
  #found: Segment
  #nextSeq: number
  #ready = 0
  #unsettled = 0
  #stored = false
  /** Recovered messages below this sequence count as delivered before. */
  #deliveredBelow = 0
  #dirty: Segment[] = []
  #taken: Taken[] = []
  /** First sequences of stored chunks that are to be dropped. */
  #dropped = new Set<number>()
  /** Those of them that the commit in flight drops. */
  #takenDropped = new Set<number>()

  constructor(queueId: number, committer: Committer | null, host: LogHost, nextSeq = 1) {
    this.#queueId = queueId
    this.#committer = committer
    this.#host = host
    this.#paging = new Paging(queueId, host)
    this.#nextSeq = nextSeq
    this.#found = new Segment(nextSeq, 0, host.memory)
    this.#segments = [this.#found]
  }

  /** Messages that can be taken. */
  get ready(): number {
    return this.#ready
  }

  /** Messages taken and not settled. */
  get unacked(): number {
    return this.#unsettled - this.#ready
  }

  /** Segments from the oldest that is not settled to the tail: a measure of the octets that are kept. */
  get segments(): number {
    return this.#segments.length - this.#first
  }

  /** Whether the store may hold anything of this log. */
  get stored(): boolean {
    return this.#stored
  }

  /** Adds a message to the tail and returns its sequence number; `persistent`: it must survive a restart. */
  append(message: Message, persistent: boolean): number {
    let tail = this.#tail
    if (!tail.takes(message)) tail = this.#addTail(message)
    tail.append(message, persistent)
    this.#ready++
    this.#unsettled++
    if (persistent) this.#touch(tail)
    return this.#nextSeq++
  }

  /**
   * `publisher` will be told when `seq`, the message appended last, is stored or gone. False when it is gone already:
   * then nobody is told.
   */
  awaitStored(seq: number, publisher: Publisher, tag: number): boolean {
    const tail = this.#tail
    const index = seq - tail.firstSeq
    if (index < 0 || index >= tail.count || tail.isSettled(index)) return false
    tail.await(index, publisher, tag)
    return true
  }

  /**
   * Whether there is a message to take and it is in memory. Where it is in the store only it is being read back, and the
   * host's `loaded` will be called.
   */
  atHand(): boolean {
    if (this.#ready === 0) return false
    if (this.#returned.size > 0) return true
    let segment = this.#segments[this.#headAt] as Segment
    while (this.#headIndex === segment.count || segment.isSettled(this.#headIndex)) {
      if (this.#headIndex < segment.count) {
        this.#headIndex++
      } else {
        segment = this.#segments[++this.#headAt] as Segment
        this.#headIndex = 0
        this.#readAhead()
      }
    }
    if (!segment.resident) this.#paging.load(segment, this.#loaded)
    return segment.resident
  }

  /**
   * Takes the message that `atHand` has just found: points `into` at it, sets `redelivered`. Returns its sequence number.
   */
  take(into: Message): number {
    this.#ready--
    if (this.#returned.size > 0) return this.#takeReturned(into)
    const segment = this.#segments[this.#headAt] as Segment
    const index = this.#headIndex++
    segment.read(index, into)
    const seq = segment.firstSeq + index
    this.redelivered = seq < this.#deliveredBelow
    return seq
  }

  #readAhead(): void {
    const end = Math.min(this.#headAt + AHEAD, this.#segments.length - 1)
    for (let at = this.#headAt; at <= end; at++) this.#paging.load(this.#segments[at] as Segment, this.#loaded)
  }

  readonly #loaded = (segment: Segment, readable: boolean): void => {
    if (!readable) this.#giveUp(segment)
    this.#host.loaded()
  }

  /** A segment cannot be read: its messages are gone, its chunk stays where it is. */
  #giveUp(segment: Segment): void {
    if (segment.live === 0) return
    segment.written = false
    this.#settleAll(segment)
  }

  /** Settles all of a segment of which nothing was taken. */
  #settleAll(segment: Segment): void {
    this.#ready -= segment.live
    this.#unsettled -= segment.live
    segment.settleAll()
    this.#retire(segment)
  }

  /** Lets stored segments beyond the head's neighbours go from memory, where memory is short. */
  #pageOut(segment: Segment): void {
    const last = this.#segments[this.#headAt + AHEAD]
    if (!this.#host.memory.short || last === undefined || segment.firstSeq <= last.firstSeq) return
    if (segment.sealed && segment.resident && segment.committed === segment.count) segment.page()
  }

  #takeReturned(into: Message): number {
    const seq = this.#returned.pop()
    const segment = this.#find(seq)
    segment.read(seq - segment.firstSeq, into)
    this.redelivered = true
    return seq
  }

  /** A message that was taken is done with. */
  settle(seq: number): void {
    this.#settle(this.#find(seq), seq)
  }

  /** A message that was taken returns to its place. */
  giveBack(seq: number): void {
    this.#returned.push(seq)
    this.#ready++
  }

  /** Settles all messages that could be taken. Returns how many there were. */
  purge(): number {
    const purged = this.#ready
    for (let seq = this.#returned.pop(); seq >= 0; seq = this.#returned.pop()) this.settle(seq)
    const [head, ...rest] = this.#segments.slice(this.#headAt)
    if (head?.resident) {
      const { firstSeq, count } = head
      for (let index = this.#headIndex; index < count; index++) this.#settle(head, firstSeq + index)
    } else if (head) {
      this.#settleAll(head)
    }
    for (const segment of rest) if (segment.live > 0) this.#settleAll(segment)
    this.#ready = 0
    this.#headAt = this.#segments.length - 1
    this.#headIndex = this.#tail.count
    return purged
  }

  /** Ends the log: everybody who waits is told `stored` (behaviour.md §6.3: confirms of a deleted queue are acked). */
  close(): void {
    for (const segment of this.#segments.slice(this.#first)) {
      segment.settleAll()
      segment.release()
    }
    const end = new Segment(this.#nextSeq, 0, this.#host.memory)
    end.release()
    this.#segments = [end]
    this.#first = this.#headAt = this.#headIndex = this.#ready = this.#unsettled = 0
    this.#dirty = []
    this.#taken = []
    this.#dropped = new Set()
  }

  get #tail(): Segment {
    return this.#segments[this.#segments.length - 1] as Segment
  }

  /** The first sequence number never delivered. */
  get #headSeq(): number {
    const segment = this.#segments[this.#headAt]
    return segment ? segment.firstSeq + this.#headIndex : this.#nextSeq
  }

  /** A tail for `message`, as large as the former one has become; a large body is not part of the page. */
  #addTail(message: Message): Segment {
    const former = this.#tail
    former.sealed = true
    const large = message.bodyBytes >= LARGE_BODY_BYTES
    const tail = new Segment(this.#nextSeq, large ? 0 : Math.min(former.capacity, SEGMENT_BYTES), this.#host.memory)
    this.#segments.push(tail)
    if (former.live === 0) this.#retire(former)
    return tail
  }

  /** The segment that holds `seq`: the one found last (acks come in order), or by bisection. */
  #find(seq: number): Segment {
    const found = this.#found
    if (seq >= found.firstSeq && seq < found.firstSeq + found.count) return found
    let low = this.#first
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#segments[middle] as Segment).firstSeq <= seq) low = middle
      else high = middle - 1
    }
    this.#found = this.#segments[low] as Segment
    return this.#found
  }

  #settle(segment: Segment, seq: number): void {
    if (!segment.settle(seq - segment.firstSeq)) return
    this.#unsettled--
    if (segment.live === 0) this.#retire(segment)
    else if (segment.written) this.#touch(segment)
  }

  /** All of a segment is settled: the tail begins anew, another one is let go. */
  #retire(segment: Segment): void {
    if (segment.written) {
      segment.written = false
      this.#dropped.add(segment.firstSeq)
      this.#committer?.schedule(this, false)
    }
    if (segment === this.#tail && !segment.sealed) {
      segment.reset(this.#nextSeq)
      if (this.#segments[this.#headAt] === segment) this.#headIndex = 0
      return
    }
    segment.release()
    this.#dropFront()
  }

  /** Forgets dead segments at the front; one that is dead in the middle waits, empty, until the front gets there. */
  #dropFront(): void {
    const last = this.#segments.length - 1
    while (this.#first < last && (this.#segments[this.#first] as Segment).live === 0) this.#first++
    if (this.#headAt < this.#first) {
      this.#headAt = this.#first
      this.#headIndex = 0
    }
    if (this.#first > 32 && this.#first * 2 > this.#segments.length) {
      this.#segments.splice(0, this.#first)
      this.#headAt -= this.#first
      this.#first = 0
    }
  }

  // --- durability -------------------------------------------------------------------------------------------------

  #touch(segment: Segment): void {
    if (this.#committer === null) return
    if (!segment.dirty) {
      segment.dirty = true
      this.#dirty.push(segment)
    }
    this.#committer.schedule(this, segment.count > segment.committed)
  }

  /** Adds what changed since the last commit to `batch`. */
  collect(batch: MessageBatch): void {
    const queueId = this.#queueId
    for (const segment of this.#dirty) if (segment.dirty) this.#collectSegment(segment, batch)
    this.#dirty = []
    for (const firstSeq of this.#dropped) batch.dropped.push({ queueId, firstSeq })
    this.#takenDropped = this.#dropped
    this.#dropped = new Set()
    this.#stored = true
    batch.marks.push({ queueId, nextSeq: this.#nextSeq, headSeq: Math.max(this.#headSeq, this.#deliveredBelow) })
  }

  #collectSegment(segment: Segment, batch: MessageBatch): void {
    const { firstSeq, count } = segment
    const key = { queueId: this.#queueId, firstSeq }
    segment.dirty = false
    if (segment.livePersistent === 0) return this.#unstore(segment)
    if (count > segment.committed) {
      batch.chunks.push({ ...key, bytes: segment.chunk() })
      // A drop that failed and is to be repeated must not meet what is stored under its key again.
      this.#dropped.delete(firstSeq)
      segment.written = true
      if (segment.used >= SEAL_BYTES) segment.sealed = true
    }
    if (segment.settledChanged || count > segment.committed) {
      batch.summaries.push({ ...key, bytes: [segment.summary()] })
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

  /** The batch is durable. */
  committed(): void {
    const taken = this.#taken
    this.#taken = []
    this.#takenDropped = new Set()
    for (const { segment, firstSeq, count } of taken) {
      if (segment.firstSeq !== firstSeq || !segment.written) continue
      segment.committed = count
      segment.settleWaiting(count, 'stored')
      this.#pageOut(segment)
    }
  }

  /** The batch is not, or perhaps not, durable: publishers are told, and all of it goes into the next one. */
  failed(kind: StoreErrorKind): void {
    const taken = this.#taken
    this.#taken = []
    for (const firstSeq of this.#takenDropped) this.#dropped.add(firstSeq)
    for (const { segment, firstSeq, count } of taken) {
      if (segment.firstSeq !== firstSeq || !segment.written) continue
      segment.committed = 0
      segment.settledChanged = true
      this.#touch(segment)
      segment.settleWaiting(count, kind === 'unknown' ? 'unknown' : 'rejected')
    }
    this.#committer?.schedule(this, false)
  }

  // --- recovery ---------------------------------------------------------------------------------------------------

  /** Takes a stored chunk in, in order of sequences, before anything else happens. Throws `DamagedChunk`. */
  recover({ firstSeq, summary }: StoredChunk): void {
    this.#adopt(Segment.stored(firstSeq, summary, this.#host.memory))
  }

  /** The same for a chunk whose summary is damaged, from its own bytes. Throws `DamagedChunk`. */
  recoverUnsummarised(firstSeq: number, bytes: Buffer): void {
    this.#adopt(Segment.unsummarised(firstSeq, bytes, this.#host.memory))
  }

  #adopt(segment: Segment): void {
    this.#nextSeq = Math.max(this.#nextSeq, segment.firstSeq + segment.count)
    if (segment.live === 0) {
      this.#dropped.add(segment.firstSeq)
      this.#committer?.schedule(this, false)
      segment.release()
      return
    }
    this.#segments.splice(this.#segments.length - 1, 0, segment)
    this.#ready += segment.live
    this.#unsettled += segment.live
  }

  /**
   * All chunks are in. Messages below `deliveredBelow` count as delivered before; `nextSeq` is the least sequence number
   * that may be given (both from the queue's mark).
   */
  recovered(deliveredBelow: number, nextSeq: number): void {
    this.#stored = true
    this.#nextSeq = Math.max(this.#nextSeq, nextSeq)
    this.#deliveredBelow = Math.min(deliveredBelow, this.#nextSeq)
    this.#tail.reset(this.#nextSeq)
    this.#found = this.#tail
    this.#readAhead()
  }
}
