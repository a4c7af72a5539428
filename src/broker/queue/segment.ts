// A segment: consecutive messages of one queue, packed into one stretch of bytes. The bytes in memory are the bytes of
// the stored chunk (page.ts draws them). Knows records and which of them are settled; not consumers, not when or where a
// chunk is stored.
//
// A chunk's summary says what is in it without its being read: the number of records, the octets of those bodies that
// a restart would bring back to be taken, and one bit for each record, lowest first, that is set where it is settled or
// need not survive a restart; then what is known of records that came back (attempts.ts draws it).
//
//   0       4       8             16
//   +-------+-------+-------------+---------+-----------+
//   | crc32 | count | body octets | bitmap… | attempts… |
//   +-------+-------+-------------+---------+-----------+
//
// A message that is larger than SEGMENT_BYTES has a segment to itself.

import { crc32 } from 'node:zlib'
import { readUint32, readUint64, writeUint32, writeUint64 } from '../../protocol/frame.ts'
import type { Message } from '../message.ts'
import {
  type Attempt,
  type Attempts,
  attemptsBytes,
  isAside,
  NO_ATTEMPT,
  readAttempts,
  writeAttempts,
} from './attempts.ts'
import { bitmapBytes, countBits, grown, setBit } from './bitmap.ts'
import {
  bodyBytesOf,
  checkedCount,
  DamagedChunk,
  expiresAtOf,
  HEAD_BYTES,
  isPersistentAt,
  offsetsOf,
  RECORD_OVERHEAD_BYTES,
  readRecord,
  writeHead,
  writeRecord,
} from './page.ts'
import type { Outcome, Publisher, Waiting } from './publisher.ts'
import type { SegmentMemory } from './segment-memory.ts'

/** The capacity a segment grows to before the next one is begun. */
export const SEGMENT_BYTES = 256 * 1024
const SMALLEST_BYTES = 1024
/** Checksum, count and body octets of a summary. */
const SUMMARY_HEAD_BYTES = 16
const NOTHING = Buffer.alloc(0)
const NO_OFFSETS = new Uint32Array(0)

/** A run of messages; `index` counts from 0 at `firstSeq`. */
export class Segment {
  firstSeq: number
  /** Records, settled ones included. */
  count = 0
  /** Records that are not settled. */
  live = 0
  /** Records that are not settled and have to survive a restart. */
  livePersistent = 0
  /** No record may be added. */
  sealed = false
  /** Whether the store holds, or may hold, a chunk of this segment. */
  written = false
  /** Records that the store is known to hold. */
  committed = 0
  /** The settled set differs from the stored one. */
  settledChanged = false
  /** Is stored only to leave memory: nothing of it need survive a restart. */
  spilled = false
  /** Waits in the log's list for the next commit. */
  dirty = false
  /** When its first record came, or it was recovered; milliseconds since 1970, 0: nobody knows. */
  since = 0

  readonly #memory: SegmentMemory
  #bytes: Buffer = NOTHING
  #used = HEAD_BYTES
  #resident = true
  #offsets = new Uint32Array(8)
  #settled: Uint8Array | null = null
  /** Records that need not survive a restart. */
  #transients = 0
  /** `readyBodyBytes` while the records are not resident. */
  pagedBodyBytes = 0
  /** What is known of records that came back; null where none did. */
  #attempts: Attempts | null = null
  /** Who waits for record `#waitingFrom + i` to be stored; null where nobody does. */
  #publishers: (Publisher | null)[] = []
  #tags: number[] = []
  #waitingFrom = 0

  /** @param capacity octets to begin with */
  constructor(firstSeq: number, capacity: number, memory: SegmentMemory) {
    this.firstSeq = firstSeq
    this.#memory = memory
    this.#occupy(memory.take(Math.max(capacity, SMALLEST_BYTES)))
  }

  /** Whether its records are in memory; else only what the summary says is known. */
  get resident(): boolean {
    return this.#resident
  }

  /** Octets allocated. */
  get capacity(): number {
    return this.#bytes.length
  }

  /** Octets of page in use. */
  get used(): number {
    return this.#used
  }

  /** Whether all of it is stored, and nothing of it came back: of that nothing is read back, it has to stay. */
  get mayLeave(): boolean {
    return this.sealed && this.#resident && !this.dirty && this.committed === this.count && this.#attempts === null
  }

  /** Whether `message` belongs into this segment, or into the next one. */
  takes({ recordBytes }: Message): boolean {
    return !this.sealed && (this.count === 0 || this.#used + RECORD_OVERHEAD_BYTES + recordBytes <= SEGMENT_BYTES)
  }

  /** Adds a record; `persistent` says that it must survive a restart. Returns its index. */
  append(message: Message, persistent: boolean): number {
    const needed = this.#used + RECORD_OVERHEAD_BYTES + message.recordBytes
    if (needed > this.#bytes.length) this.#grow(needed)
    if (this.count === 0) this.since = this.#memory.now
    const at = writeRecord(message, persistent, this.#bytes, this.#used)
    const index = this.count++
    this.#noteOffset(index, this.#used)
    this.#used = at
    this.live++
    if (persistent) this.livePersistent++
    else this.#transients++
    return index
  }

  /** Points `into` at record `index`. The view holds until the next append. */
  read(index: number, into: Message): void {
    readRecord(this.#bytes, this.#offsets[index] as number, into)
  }

  /** When the message of record `index` expires, milliseconds since 1970; 0: never. */
  expiresAt(index: number): number {
    return expiresAtOf(this.#bytes, this.#offsets[index] as number)
  }

  /** Octets of the body of record `index`. */
  bodyBytesAt(index: number): number {
    return bodyBytesOf(this.#bytes, this.#offsets[index] as number)
  }

  /** Octets of the bodies of all records that are not settled and do not stand aside, of a segment none of which is taken. */
  get readyBodyBytes(): number {
    return this.#resident ? this.#countBodyBytes(false) : this.pagedBodyBytes
  }

  #countBodyBytes(persistentOnly: boolean): number {
    if (this.live === 0) return 0
    let bytes = 0
    for (let i = 0; i < this.count; i++) {
      if (this.isSettled(i) || (persistentOnly && !this.#isPersistent(i))) continue
      if (this.#attempts === null || !isAside(this.#attempts.get(i) ?? NO_ATTEMPT)) bytes += this.bodyBytesAt(i)
    }
    return bytes
  }

  isSettled(index: number): boolean {
    // The bitmap does not say it of a segment that was settled as a whole.
    if (this.live === 0) return true
    // Octets that a bitmap does not have are undefined, and undefined & 1 is 0.
    return this.#settled !== null && ((this.#settled[index >>> 3] as number) & (1 << (index & 7))) !== 0
  }

  /** Settles record `index` and tells who waited for it to be stored. False when it was settled before, or is none of these. */
  settle(index: number): boolean {
    if (this.live === 0 || index < 0 || index >= this.count || this.isSettled(index)) return false
    this.#settled = grown(this.#settled, index)
    setBit(this.#settled, index)
    this.live--
    if (this.#isPersistent(index)) this.livePersistent--
    this.settledChanged = true
    if (this.#attempts !== null) this.#attempts.delete(index)
    const waiting = index - this.#waitingFrom
    if (waiting >= 0 && waiting < this.#publishers.length) this.#tell(waiting, 'stored')
    return true
  }

  /** What is known of records that came back, by index; null where none did. */
  get attempts(): ReadonlyMap<number, Attempt> | null {
    return this.#attempts
  }

  /** Notes what is known of record `index` from now on. */
  note(index: number, attempt: Attempt): void {
    this.#attempts ??= new Map()
    this.#attempts.set(index, attempt)
    this.settledChanged = true
  }

  /** `publisher` wants to know when the record just appended is stored. */
  await(index: number, publisher: Publisher | null, tag: number): void {
    if (this.#publishers.length === 0) {
      if (publisher === null) return
      this.#waitingFrom = index
    }
    while (this.#waitingFrom + this.#publishers.length < index) {
      this.#publishers.push(null)
      this.#tags.push(0)
    }
    this.#publishers.push(publisher)
    this.#tags.push(tag)
  }

  /** Who waits for record `index` to be stored, and does so no longer; null when nobody does. */
  takeWaiting(index: number): Waiting | null {
    const at = index - this.#waitingFrom
    const publisher = this.#publishers[at] ?? null
    if (publisher === null) return null
    this.#publishers[at] = null
    return { publisher, tag: this.#tags[at] as number }
  }

  /** Tells who waits for a record before `count` what became of it. */
  settleWaiting(count: number, outcome: Outcome): void {
    const told = Math.min(count - this.#waitingFrom, this.#publishers.length)
    if (told <= 0) return
    for (let i = 0; i < told; i++) this.#tell(i, outcome)
    this.#waitingFrom += told
    if (told === this.#publishers.length) {
      this.#publishers.length = this.#tags.length = 0
    } else {
      this.#publishers.splice(0, told)
      this.#tags.splice(0, told)
    }
  }

  #tell(waiting: number, outcome: Outcome): void {
    const publisher = this.#publishers[waiting] as Publisher | null
    if (publisher === null) return
    this.#publishers[waiting] = null
    publisher.settle(this.#tags[waiting] as number, outcome)
  }

  /** The chunk as it is to be stored: the page with its head filled in. */
  chunk(): Buffer {
    const page = this.#bytes.subarray(0, this.#used)
    writeHead(page, this.count)
    return page
  }

  /** What is to be stored beside the chunk. */
  summary(): Buffer {
    const attemptsAt = SUMMARY_HEAD_BYTES + bitmapBytes(this.count)
    const summary = Buffer.alloc(attemptsAt + attemptsBytes(this.#attempts))
    if (this.#settled) summary.set(this.#settled.subarray(0, bitmapBytes(this.count)), SUMMARY_HEAD_BYTES)
    if (this.#transients > 0 && this.#resident) {
      for (let i = 0; i < this.count; i++) if (!this.#isPersistent(i)) setBit(summary.subarray(SUMMARY_HEAD_BYTES), i)
    }
    if (this.#attempts) writeAttempts(this.#attempts, summary, attemptsAt)
    writeUint32(summary, 4, this.count)
    writeUint64(summary, 8, this.#resident ? this.#countBodyBytes(true) : this.pagedBodyBytes)
    writeUint32(summary, 0, crc32(summary.subarray(4)))
    return summary
  }

  /** Settles all that is left, resident or not; who waits is told. */
  settleAll(): void {
    this.settleWaiting(this.count, 'stored')
    this.live = this.livePersistent = 0
    this.#attempts = null
    this.settledChanged = true
  }

  /** Settles all from record `from` on but those that stand `aside`, resident or not; returns how many. */
  settleBut(aside: Pick<ReadonlySet<number>, 'has'>, from: number): number {
    const { live } = this
    for (let i = from; i < this.count; i++) if (!aside.has(this.firstSeq + i)) this.settle(i)
    this.pagedBodyBytes = 0
    return live - this.live
  }

  /** Lets the records go from memory: the store has them. */
  page(): void {
    this.pagedBodyBytes = this.#countBodyBytes(false)
    this.#resident = false
    this.#letGo()
    this.#offsets = NO_OFFSETS
  }

  /** Takes the records back. Throws `DamagedChunk` when `bytes` is not what was once written. */
  load(bytes: Buffer): void {
    const count = checkedCount(bytes)
    if (count !== this.count) throw new DamagedChunk(`it has ${count} records, its summary says ${this.count}`)
    this.#offsets = offsetsOf(bytes, count)
    this.#occupy(bytes)
    this.#used = bytes.length
    this.#resident = true
    this.spilled = false
  }

  /** Empties the segment for use from `firstSeq` on; its memory stays, unless it is more than a segment should have. */
  reset(firstSeq: number): void {
    this.firstSeq = firstSeq
    this.count = this.live = this.livePersistent = this.committed = 0
    this.sealed = this.written = this.settledChanged = this.dirty = this.spilled = false
    this.#used = HEAD_BYTES
    if (this.#bytes.length > SEGMENT_BYTES) this.#occupy(this.#memory.take(SMALLEST_BYTES))
    this.#settled?.fill(0)
    this.#transients = 0
    this.#attempts = null
    this.#publishers.length = this.#tags.length = this.#waitingFrom = 0
  }

  /** Lets go of the records: all are settled, and that is still known; the segment is sealed. */
  release(): void {
    this.sealed = true
    this.#letGo()
    this.#offsets = NO_OFFSETS
  }

  /**
   * The segment that a stored summary describes, its records not resident. Records that had not to survive a restart
   * are settled. Throws `DamagedChunk` when the summary is not what was once written.
   */
  static stored(firstSeq: number, summary: Buffer, memory: SegmentMemory): Segment {
    if (summary.length < SUMMARY_HEAD_BYTES) throw new DamagedChunk(`its summary has ${summary.length} octets`)
    const crc = crc32(summary.subarray(4))
    if (crc !== readUint32(summary, 0)) throw new DamagedChunk('the checksum of its summary is wrong')
    const segment = Segment.paged(firstSeq, readUint32(summary, 4), memory)
    const attemptsAt = SUMMARY_HEAD_BYTES + bitmapBytes(segment.count)
    segment.#settled = Uint8Array.from(summary.subarray(SUMMARY_HEAD_BYTES, attemptsAt))
    segment.#attempts = readAttempts(summary, attemptsAt)
    segment.live = segment.livePersistent = segment.count - countBits(segment.#settled)
    segment.pagedBodyBytes = readUint64(summary, 8)
    return segment
  }

  /** The segment of a chunk whose summary is lost: nothing of it counts as settled. Throws `DamagedChunk`. */
  static unsummarised(firstSeq: number, bytes: Buffer, memory: SegmentMemory): Segment {
    const segment = Segment.whole(firstSeq, bytes, memory)
    for (let i = 0; i < segment.count; i++) if (!segment.#isPersistent(i)) segment.settle(i)
    segment.livePersistent = segment.live
    segment.settledChanged = true
    return segment
  }

  /** The segment of a chunk that is read as a whole; none of it is settled. Throws `DamagedChunk`. */
  static whole(firstSeq: number, bytes: Buffer, memory: SegmentMemory): Segment {
    const segment = Segment.paged(firstSeq, checkedCount(bytes), memory)
    segment.load(bytes)
    return segment
  }

  /** A segment of which the store has so many records, none of them settled, none in memory. */
  static paged(firstSeq: number, count: number, memory: SegmentMemory): Segment {
    const segment = new Segment(firstSeq, 0, memory)
    segment.page()
    segment.sealed = segment.written = true
    segment.count = segment.live = segment.livePersistent = segment.committed = count
    segment.since = memory.now
    return segment
  }

  #noteOffset(index: number, offset: number): void {
    if (index >= this.#offsets.length) {
      const larger = new Uint32Array(this.#offsets.length * 2)
      larger.set(this.#offsets)
      this.#offsets = larger
    }
    this.#offsets[index] = offset
  }

  #grow(needed: number): void {
    // The former page is not given back to be used again: records that are not settled may be viewed in it.
    const larger = this.#memory.take(Math.max(needed, Math.min(this.#bytes.length * 2, SEGMENT_BYTES)))
    this.#bytes.copy(larger, 0, 0, this.#used)
    this.#occupy(larger)
  }

  /** Gives up what the records lie in: all are settled, or nobody views one. */
  #letGo(): void {
    const former = this.#bytes
    this.#occupy(NOTHING)
    this.#memory.give(former)
  }

  /** Changes what the records lie in, and counts it. */
  #occupy(bytes: Buffer): void {
    this.#memory.count(bytes.length - this.#bytes.length)
    this.#bytes = bytes
  }

  #isPersistent(index: number): boolean {
    return isPersistentAt(this.#bytes, this.#offsets[index] as number)
  }
}
