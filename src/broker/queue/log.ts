// A queue's messages in order: a log of segments with a head from which messages are taken, a tail to which they are
// added, and those that came back in between. Acks are positions. Knows segments; what is stored is storing.ts' concern.

import type { Message } from '../message.ts'
import type { StoredChunk } from '../store.ts'
import { Aside } from './aside.ts'
import { type Attempt, NO_ATTEMPT } from './attempts.ts'
import type { Backlog } from './backlog.ts'
import { placeOf } from './bisect.ts'
import type { Committer } from './committer.ts'
import type { Layout, Part } from './layout.ts'
import { AHEAD, type LogHost, Paging } from './paging.ts'
import type { Publisher } from './publisher.ts'
import { type Leave, type ReturnedSeqs, returnedSeqs } from './returned.ts'
import { SEGMENT_BYTES, Segment } from './segment.ts'
import { type StoredLog, Storing } from './storing.ts'

/** The messages of one queue. Sequence numbers grow by one and are never given twice. */
export class Log implements StoredLog, Backlog {
  redelivered = false
  readonly queueId: number
  readonly #host: LogHost
  readonly #storing: Storing
  readonly #paging: Paging
  readonly #returned: ReturnedSeqs
  readonly aside = new Aside()
  /** Segments from `#first` on, by sequence; those before are gone. The last one is the tail. */
  #segments: Segment[]
  #first = 0
  /** The next message never delivered: record `#headIndex` of segment `#headAt`. */
  #headAt = 0
  #headIndex = 0
  #found: Segment
  #nextSeq: number
  #ready = 0
  #readyBytes = 0
  #unsettled = 0
  /** Recovered messages below this sequence count as delivered before. */
  #deliveredBelow = 0

  /** @param leave how messages leave that came back: in their old order, in the order they came in, or some behind others */
  constructor(queueId: number, committer: Committer | null, host: LogHost, nextSeq = 1, leave: Leave = 'in-order') {
    this.#returned = returnedSeqs(leave, this)
    this.queueId = queueId
    this.#host = host
    this.#storing = new Storing(this, committer)
    this.#paging = new Paging(queueId, host)
    this.#nextSeq = nextSeq
    this.#found = new Segment(nextSeq, 0, host.memory)
    this.#segments = [this.#found]
  }

  get ready(): number {
    return this.#ready
  }

  get readyBytes(): number {
    return this.#readyBytes
  }

  get unacked(): number {
    return this.#unsettled - this.#ready
  }

  get nextSeq(): number {
    return this.#nextSeq
  }

  /** The first sequence number never delivered. */
  get headSeq(): number {
    return Math.max(this.position, this.#deliveredBelow)
  }

  get position(): number {
    const segment = this.#segments[this.#headAt]
    return segment ? segment.firstSeq + this.#headIndex : this.#nextSeq
  }

  append(message: Message, persistent: boolean): number {
    let tail = this.#tail
    if (!tail.takes(message)) tail = this.#addTail()
    tail.append(message, persistent)
    this.#ready++
    this.#readyBytes += message.bodyBytes
    this.#unsettled++
    if (persistent) this.#storing.added(tail, message.recordBytes)
    return this.#nextSeq++
  }

  awaitStored(seq: number, publisher: Publisher, tag: number): boolean {
    // Mostly the tail; not where what was published led to another publish, and that to a new tail.
    const segment = seq >= this.#tail.firstSeq ? this.#tail : this.#find(seq)
    const index = seq - segment.firstSeq
    if (index < 0 || index >= segment.count || segment.isSettled(index)) return false
    segment.await(index, publisher, tag)
    return true
  }

  atHand(): boolean {
    if (this.#ready === 0) return false
    if (this.#returned.size > 0) return true
    const segment = this.#seekHead()
    if (!segment.resident) this.#paging.load(segment, this.#loaded)
    return segment.resident
  }

  /** The segment of the next message never delivered, if there is one: it is record `#headIndex` then. */
  #seekHead(): Segment {
    let segment = this.#segments[this.#headAt] as Segment
    for (;;) {
      const at = this.#headIndex
      if (at < segment.count) {
        if (!segment.isSettled(at) && !this.aside.has(segment.firstSeq + at)) return segment
        this.#headIndex++
      } else {
        segment = this.#segments[++this.#headAt] as Segment
        this.#headIndex = 0
        this.#readAhead()
      }
    }
  }

  get headExpiresAt(): number {
    if (this.#returned.size === 0) return (this.#segments[this.#headAt] as Segment).expiresAt(this.#headIndex)
    const segment = this.#find(this.#returned.first)
    return segment.expiresAt(this.#returned.first - segment.firstSeq)
  }

  take(into: Message): number {
    if (this.#returned.size > 0) return this.#takeReturned(into)
    this.#ready--
    const segment = this.#segments[this.#headAt] as Segment
    const index = this.#headIndex++
    segment.read(index, into)
    this.#readyBytes -= into.bodyBytes
    const seq = segment.firstSeq + index
    this.redelivered = seq < this.#deliveredBelow
    return seq
  }

  #readAhead(): void {
    const end = Math.min(this.#headAt + AHEAD, this.#segments.length - 1)
    for (let at = this.#headAt; at <= end; at++) this.#paging.load(this.#segments[at] as Segment, this.#loaded)
  }

  readonly #loaded = (segment: Segment, readable: boolean): void => {
    if (!readable && segment.live > 0) {
      segment.written = false
      this.#settleAll(segment)
    }
    this.#host.loaded()
  }

  /** Settles all of a segment of which nothing was taken. */
  #settleAll(segment: Segment): void {
    this.#ready -= segment.live - this.aside.countIn(segment)
    this.#readyBytes -= segment.readyBodyBytes
    this.#unsettled -= segment.live
    segment.settleAll()
    this.#retire(segment)
  }

  /** Settles what is ready of a segment from record `from` on: not what stands aside, or did. */
  #settleReady(segment: Segment, from: number): void {
    if (from === 0 && this.aside.isEmpty) return this.#settleAll(segment)
    this.#unsettled -= segment.settleBut(this.aside, from)
    if (segment.live === 0) this.#retire(segment)
    else if (segment.written) this.#storing.touch(segment)
  }

  /** Lets stored segments beyond the head's neighbours go from memory, where memory is short. */
  segmentStored(segment: Segment): void {
    if (this.#host.memory.short && this.#isFarFromHead(segment) && segment.mayLeave) segment.page()
  }

  #takeReturned(into: Message): number {
    const seq = this.#returned.pop()
    this.#ready--
    this.read(seq, into)
    this.#readyBytes -= into.bodyBytes
    this.redelivered = true
    return seq
  }

  atHandLast(): boolean {
    return this.atHand()
  }

  takeLast(into: Message): number {
    return this.take(into)
  }

  settle(seq: number): void {
    this.#settle(this.#find(seq), seq)
  }

  settleElsewhere(seq: number): void {
    const segment = this.#find(seq)
    const waiting = segment.takeWaiting(seq - segment.firstSeq)
    if (waiting) this.#storing.await(waiting)
    this.#settle(segment, seq)
  }

  awaitElsewhere(_seq: number, publisher: Publisher, tag: number): void {
    this.#storing.await({ publisher, tag })
  }

  read(seq: number, into: Message): void {
    const segment = this.#find(seq)
    segment.read(seq - segment.firstSeq, into)
  }

  canRead(seq: number): boolean {
    const segment = this.#find(seq)
    if (!this.holds(seq)) return false
    if (!segment.resident) this.#paging.load(segment, this.#loaded)
    return segment.resident
  }

  holds(seq: number): boolean {
    const segment = this.#find(seq)
    const index = seq - segment.firstSeq
    return index >= 0 && index < segment.count && !segment.isSettled(index)
  }

  attempt(seq: number): Attempt {
    const segment = this.#find(seq)
    return segment.attempts?.get(seq - segment.firstSeq) ?? NO_ATTEMPT
  }

  note(seq: number, attempt: Attempt): void {
    const segment = this.#find(seq)
    segment.note(seq - segment.firstSeq, attempt)
    if (segment.written) this.#storing.touch(segment)
  }

  giveBack(seq: number, behind = false): void {
    const segment = this.#find(seq)
    this.#readyBytes += segment.bodyBytesAt(seq - segment.firstSeq)
    this.#returned.push(seq, behind ? this.#nextSeq : 0)
    this.#ready++
  }

  purge(): number {
    const purged = this.#ready
    const headIndex = this.#headIndex
    const [head, ...rest] = this.#segments.slice(this.#headAt)
    // First of all, so that nothing is read back that is about to go.
    this.#headAt = this.#segments.length - 1
    this.#headIndex = this.#tail.count
    for (let seq = this.#returned.pop(); seq >= 0; seq = this.#returned.pop()) this.settle(seq)
    if (head) this.#settleReady(head, head.resident ? headIndex : 0)
    for (const segment of rest) if (segment.live > 0) this.#settleReady(segment, 0)
    this.#ready = this.#readyBytes = 0
    return purged
  }

  get parts(): readonly Part[] {
    return [{ log: this, level: 0, stride: 1 }]
  }

  get layout(): Layout {
    const front = { first: this.#first, headAt: this.#headAt, headIndex: this.#headIndex, returned: this.#returned }
    return { segments: this.#segments, ...front, aside: this.aside, deliveredBelow: this.#deliveredBelow }
  }

  withdraw(seq: number): boolean {
    const segment = this.#find(seq)
    if (!this.holds(seq) || !segment.resident) return false
    if ((seq < this.position || this.aside.has(seq)) && !this.#returned.remove(seq)) return false
    this.#ready--
    this.#readyBytes -= segment.bodyBytesAt(seq - segment.firstSeq)
    this.settleElsewhere(seq)
    return true
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
    this.#first = this.#headAt = this.#headIndex = this.#ready = this.#readyBytes = this.#unsettled = 0
    this.#storing.close()
  }

  delete(): void {
    this.close()
    this.#storing.delete()
  }

  mark(): void {
    this.#storing.mark()
  }

  log(): Log {
    return this
  }

  get #tail(): Segment {
    return this.#segments[this.#segments.length - 1] as Segment
  }

  /** A tail as large as the former one has become. */
  #addTail(): Segment {
    const former = this.#tail
    former.sealed = true
    const tail = new Segment(this.#nextSeq, Math.min(former.capacity, SEGMENT_BYTES), this.#host.memory)
    this.#segments.push(tail)
    if (former.live === 0) this.#retire(former)
    else if (this.#host.memory.pressed && this.#isFarFromHead(former)) this.#storing.spill(former)
    return tail
  }

  #isFarFromHead(segment: Segment): boolean {
    const near = this.#segments[this.#headAt + AHEAD]
    return near !== undefined && segment.firstSeq > near.firstSeq
  }

  /** The segment that holds `seq`: the one found last (acks come in order), or by bisection. */
  #find(seq: number): Segment {
    const found = this.#found
    if (seq >= found.firstSeq && seq < found.firstSeq + found.count) return found
    this.#found = this.#segments[placeOf(this.#segments, this.#first, seq)] as Segment
    return this.#found
  }

  #settle(segment: Segment, seq: number): void {
    if (!segment.settle(seq - segment.firstSeq)) return
    this.#unsettled--
    if (segment.live === 0) this.#retire(segment)
    else if (segment.written) this.#storing.touch(segment)
  }

  /** All of a segment is settled: the tail begins anew, another one is let go. */
  #retire(segment: Segment): void {
    if (segment.written) {
      segment.written = false
      this.#storing.drop(segment.firstSeq)
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
    while (this.#first < this.#segments.length - 1 && (this.#segments[this.#first] as Segment).live === 0) this.#first++
    if (this.#headAt < this.#first) {
      this.#headAt = this.#first
      this.#headIndex = 0
      this.#readAhead()
    }
    if (this.#first > 32 && this.#first * 2 > this.#segments.length) {
      this.#segments.splice(0, this.#first)
      this.#headAt -= this.#first
      this.#first = 0
    }
  }

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
      this.#storing.drop(segment.firstSeq)
      segment.release()
      return
    }
    this.#segments.splice(this.#segments.length - 1, 0, segment)
    this.#ready += segment.live - this.aside.adopt(segment)
    this.#readyBytes += segment.readyBodyBytes
    this.#unsettled += segment.live
  }

  /** All chunks are in. What is below `deliveredBelow` was delivered before; `nextSeq` is the least that may be given. */
  recovered(deliveredBelow: number, nextSeq: number): void {
    this.#storing.recovered()
    this.#nextSeq = Math.max(this.#nextSeq, nextSeq)
    this.#deliveredBelow = Math.min(deliveredBelow, this.#nextSeq)
    this.#tail.reset(this.#nextSeq)
    this.#found = this.#tail
    this.#readAhead()
  }
}
