// A stream's messages: a log that is read and never taken from. Messages are added at its end, are there for readers once
// they are stored, and go by whole segments. Knows chunks; not consumers, nor where one begins to read.

import type { Message } from '../message.ts'
import type { Recoverable } from '../recovery.ts'
import type { StoredChunk } from '../store.ts'
import type { BrowsedChunk } from './browse.ts'
import type { Committer } from './committer.ts'
import type { PagingHost } from './paging.ts'
import type { Publisher } from './publisher.ts'
import { SEGMENT_BYTES, Segment } from './segment.ts'
import { StreamIndex } from './stream-index.ts'
import { type Resident, StreamPages } from './stream-pages.ts'
import { expendable, nextAging, type Retention, type StreamSegment } from './stream-retention.ts'
import { type StoredStream, StreamStoring } from './stream-storing.ts'
import { readStreamSummary, type StreamChunk, summarise, writeStreamSummary } from './stream-summary.ts'

/** A tail whose stored page has reached this size is sealed; a smaller one is stored again with what follows. */
const SEAL_BYTES = 16 * 1024

/** What a stream's log needs of its surroundings. */
export interface StreamLogHost extends PagingHost {
  /** There is more to read: messages were stored, or a chunk was read back or given up. */
  readable(): void
  /** A segment has begun: something may have to go. */
  rolled(): void
}

/** How much is kept, and in which pieces. */
export interface StreamSizes extends Retention {
  readonly segmentBytes: number
}

/** The messages of one stream, by never-reused sequence numbers from 1 on. */
export class StreamLog implements StoredStream, Recoverable {
  readonly queueId: number
  sizes: StreamSizes
  readonly #host: StreamLogHost
  readonly #index = new StreamIndex()
  readonly #pages: StreamPages
  readonly #storing: StreamStoring
  /** Oldest first; the last one is being written. */
  #segments: StreamSegment[] = []
  #tail: Segment | null = null
  #nextSeq = 1
  #endSeq = 1
  /** The first message that the last commit stored. */
  #commitSeq = 1
  #rolled = false

  constructor(queueId: number, committer: Committer, host: StreamLogHost, sizes: StreamSizes) {
    this.queueId = queueId
    this.sizes = sizes
    this.#host = host
    this.#pages = new StreamPages(queueId, host)
    this.#storing = new StreamStoring(this, committer)
  }

  /** The sequence number of the message that is added next. */
  get nextSeq(): number {
    return this.#nextSeq
  }

  /** Messages before it can be read. */
  get endSeq(): number {
    return this.#endSeq
  }

  /** The oldest message that is there; `nextSeq` where there is none. */
  get firstSeq(): number {
    return this.#index.size === 0 ? this.#nextSeq : this.#index.firstSeq(0)
  }

  /** The first of the messages that were stored together last; `endSeq` where there is none. */
  get lastCommitSeq(): number {
    return this.#index.size === 0 ? this.#endSeq : Math.max(this.#commitSeq, this.firstSeq)
  }

  /** Messages that are stored. */
  get messages(): number {
    return this.#index.messages - (this.#nextSeq - this.#endSeq)
  }

  /** Octets of the bodies of all messages. */
  get bodyBytes(): number {
    return this.#index.bodyBytes
  }

  /** Octets of all chunks. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** What of it is in memory. */
  get resident(): Resident {
    return this.#pages.resident
  }

  /** Whether publishers should pause. */
  get pressed(): boolean {
    return this.#storing.pressed
  }

  /** How many read: without any, nothing stays in memory. */
  set readers(count: number) {
    this.#pages.readers = count
  }

  // --- writing ----------------------------------------------------------------------------------------------------

  /** Adds a message at `now`; returns its sequence number. */
  append(message: Message, now: number): number {
    const expiresAt = message.expiresAt
    // A message never expires in a stream: its record says in that place when it was added (docs/storage.md).
    const addedAt = this.#timeOf(now)
    message.expiresAt = addedAt
    const tail = this.#tailFor(message, addedAt)
    const before = tail.count === 0 ? 0 : tail.used
    tail.append(message, true)
    message.expiresAt = expiresAt
    this.#index.grow(message.bodyBytes, addedAt, tail.used)
    const segment = this.#segments[this.#segments.length - 1] as StreamSegment
    segment.bytes += tail.used - before
    segment.lastAt = addedAt
    this.#storing.added(message.recordBytes)
    return this.#nextSeq++
  }

  /** Times never go back, whatever clocks do: readers look for them. */
  #timeOf(now: number): number {
    return Math.max(now, this.#segments[this.#segments.length - 1]?.lastAt ?? 1)
  }

  /** `publisher` will be told when the message that was added last is stored. */
  await(publisher: Publisher, tag: number): void {
    const tail = this.#tail as Segment
    this.#storing.await(tail, tail.count - 1, publisher, tag)
  }

  #tailFor(message: Message, addedAt: number): Segment {
    const former = this.#tail
    if (former?.takes(message) && !this.isLargest(former)) return former
    if (this.#isFull(this.#segments[this.#segments.length - 1])) this.#roll(addedAt)
    const tail = new Segment(this.#nextSeq, roomLike(former), this.#host.memory)
    const { firstSeq: segmentSeq } = this.#segments[this.#segments.length - 1] as StreamSegment
    const times = { firstAt: addedAt, lastAt: addedAt }
    this.#index.push({ firstSeq: this.#nextSeq, count: 0, bodyBytes: 0, bytes: 0, ...times, segmentSeq })
    this.#pages.add(tail)
    this.#storing.begin(tail)
    this.#tail = tail
    return tail
  }

  #isFull(segment: StreamSegment | undefined): boolean {
    return segment === undefined || segment.bytes >= this.sizes.segmentBytes
  }

  #roll(addedAt: number): void {
    this.#segments.push({ firstSeq: this.#nextSeq, bytes: 0, lastAt: addedAt })
    this.#rolled = true
  }

  /** Whether a segment is to end with this page, whether that is stored or not. */
  isLargest(page: Segment): boolean {
    return page.used >= this.sizes.segmentBytes
  }

  isLarge(page: Segment): boolean {
    return page.used >= SEAL_BYTES || this.isLargest(page)
  }

  summary(page: Segment): Buffer {
    return writeStreamSummary(this.#index.chunk(this.#index.rowOf(page.firstSeq)), this.#endSeq)
  }

  stored(endSeq: number): void {
    if (endSeq === this.#endSeq) return
    this.#commitSeq = this.#endSeq
    this.#endSeq = endSeq
    if (this.#rolled) {
      this.#rolled = false
      this.#host.rolled()
    }
    this.#host.readable()
  }

  pageStored(page: Segment): void {
    this.#pages.stored(page)
  }

  // --- retention --------------------------------------------------------------------------------------------------

  /** Lets go what is not to be kept any more; returns when to look again, milliseconds since 1970, null: after a roll. */
  retain(now: number): number | null {
    const going = expendable(this.#segments, this.sizes, now)
    for (let gone = 0; gone < going; gone++) {
      const next = this.#segments[1] as StreamSegment
      // What is not stored yet cannot go: publishers wait for it.
      if (next.firstSeq > this.#endSeq) break
      this.#segments.shift()
      this.#dropBefore(next.firstSeq)
    }
    return nextAging(this.#segments, this.sizes)
  }

  #dropBefore(seq: number): void {
    while (this.#index.size > 0 && this.#index.firstSeq(0) < seq) {
      const firstSeq = this.#index.firstSeq(0)
      this.#index.remove(0)
      this.#pages.drop(firstSeq)
      this.#storing.drop(firstSeq)
    }
  }

  // --- reading ----------------------------------------------------------------------------------------------------

  /**
   * The page of the first message from `seq` on that can be read; it begins behind `seq` where what was there is gone. Null
   * where there is none, or it is not in memory: then it is being read, and the host's `readable` will be called.
   */
  page(seq: number): Segment | null {
    const row = seq < this.#endSeq ? this.#index.find(seq) : -1
    if (row < 0) return null
    const firstSeq = this.#index.firstSeq(row)
    if (firstSeq >= this.#endSeq) return null
    if (row + 1 < this.#index.size) this.#load(row + 1)
    const page = this.#pages.get(firstSeq)
    if (page === null) this.#load(row)
    return page
  }

  /** The first chunk with messages from `seq` on and before `end`, whether its page is in memory or not. */
  chunkFrom(seq: number, end = this.#endSeq): BrowsedChunk | null {
    const row = seq < end ? this.#index.find(seq) : -1
    if (row < 0 || this.#index.firstSeq(row) >= end) return null
    const firstSeq = this.#index.firstSeq(row)
    return {
      firstSeq,
      endSeq: Math.min(firstSeq + this.#index.count(row), end),
      page: this.#pages.get(firstSeq),
    }
  }

  #load(row: number): void {
    this.#pages.load(this.#index.firstSeq(row), this.#index.count(row), this.#loaded)
  }

  readonly #loaded = (firstSeq: number, why: string | null): void => {
    const row = this.#index.rowOf(firstSeq)
    // It may have become too old while it was read.
    if (row < 0) return this.#pages.drop(firstSeq)
    if (why !== null) {
      this.#host.lost({ queueId: this.queueId, firstSeq }, this.#index.count(row), why)
      // Its messages are gone for readers; what lies in the store stays there.
      this.#index.remove(row)
    }
    this.#host.readable()
  }

  /** When the first message of the chunk came that has the first message from `seq` on; null where there is none. */
  timeOf(seq: number): number | null {
    const row = this.#index.find(seq)
    return row < 0 ? null : this.#index.chunk(row).firstAt
  }

  /** The first message of the first chunk that has one added at `time` or later; `nextSeq` where there is none. */
  seqAt(time: number): number {
    const row = this.#index.findTime(time)
    return row < 0 ? this.#nextSeq : this.#index.firstSeq(row)
  }

  // --- the end ----------------------------------------------------------------------------------------------------

  /** Ends the log and forgets what is stored of it. */
  delete(): void {
    this.#storing.delete()
    this.#pages.close()
  }

  mark(): void {
    this.#storing.mark()
  }

  // --- recovery ---------------------------------------------------------------------------------------------------

  recover({ firstSeq, summary }: StoredChunk): void {
    const chunk = readStreamSummary(firstSeq, summary)
    this.#adopt(chunk)
    this.#commitSeq = chunk.commitSeq
  }

  recoverUnsummarised(firstSeq: number, bytes: Buffer): void {
    const segment = this.#segments[this.#segments.length - 1]
    this.#adopt(summarise(firstSeq, bytes, segment?.firstSeq ?? firstSeq))
    this.#commitSeq = firstSeq
  }

  #adopt(chunk: StreamChunk): void {
    this.#index.push(chunk)
    this.#nextSeq = Math.max(this.#nextSeq, chunk.firstSeq + chunk.count)
    const last = this.#segments[this.#segments.length - 1]
    if (last?.firstSeq === chunk.segmentSeq) {
      last.bytes += chunk.bytes
      last.lastAt = chunk.lastAt
    } else this.#segments.push({ firstSeq: chunk.segmentSeq, bytes: chunk.bytes, lastAt: chunk.lastAt })
  }

  recovered(_deliveredBelow: number, nextSeq: number): void {
    this.#storing.recovered()
    this.#nextSeq = Math.max(this.#nextSeq, nextSeq)
    this.#endSeq = this.#nextSeq
  }
}

/** Octets for a page that will become as large as the former one, where that is no larger than pages usually are. */
function roomLike(former: Segment | null): number {
  return former === null ? 0 : Math.min(2 ** Math.ceil(Math.log2(former.used)), SEGMENT_BYTES)
}
