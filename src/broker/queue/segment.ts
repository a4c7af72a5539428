// A segment: consecutive messages of one queue, packed into one stretch of bytes. The bytes in memory are the bytes of
// the stored chunk. Knows records and which of them are settled; not consumers, not when or where a chunk is stored.
//
// Page: 16 octets of head, then records. All numbers big-endian.
//
//   0         1          4       8       12         16
//   +---------+----------+-------+-------+----------+----------
//   | version | reserved | crc32 | count | reserved | records…
//   +---------+----------+-------+-------+----------+----------
//
// The checksum covers everything after itself. A record:
//
//   +------+-------+----------+-------------+---------+---------+------+
//   | size | flags | exchange | routing key | size of | content | body |
//   | long | octet | shortstr |  shortstr   | header  | header  |      |
//   +------+-------+----------+-------------+---------+---------+------+
//
// `size` counts what follows it. A body of LARGE_BODY_BYTES or more has a segment to itself and stays in the slices
// that arrived; in the chunk it follows the page as if it had been copied.

import { crc32 } from 'node:zlib'
import { copyBytes, readUint32, writeUint32 } from '../../protocol/frame.ts'
import { LARGE_BODY_BYTES, type Message, routingEnd } from '../message.ts'
import type { Outcome, Publisher } from './publisher.ts'

const VERSION = 1
const HEAD_BYTES = 16
const CRC_AT = 4
const COUNT_AT = 8
/** size, flags and the header's size. */
const RECORD_OVERHEAD_BYTES = 9
const PERSISTENT = 1

/** The capacity a segment grows to before the next one is begun. */
export const SEGMENT_BYTES = 256 * 1024
const SMALLEST_BYTES = 1024
const NOTHING = Buffer.alloc(0)

/** Thrown by `Segment.parse` when a stored chunk is not what was once written. */
export class DamagedChunk extends Error {
  override readonly name = 'DamagedChunk'
}

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
  /** Waits in the log's list for the next commit. */
  dirty = false

  #bytes: Buffer
  #used = HEAD_BYTES
  #offsets = new Uint32Array(8)
  #settled: Uint8Array | null = null
  #slices: readonly Buffer[] | null = null
  /** Who waits for record `#waitingFrom + i` to be stored; null where nobody does. */
  #publishers: (Publisher | null)[] = []
  #tags: number[] = []
  #waitingFrom = 0

  /** @param capacity octets to begin with */
  constructor(firstSeq: number, capacity: number) {
    this.firstSeq = firstSeq
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(capacity, SMALLEST_BYTES))
  }

  /** Octets allocated. */
  get capacity(): number {
    return this.#bytes.length
  }

  /** Octets of page in use. */
  get used(): number {
    return this.#used
  }

  /** Whether `message` belongs into this segment, or into the next one. */
  takes(message: Message): boolean {
    if (this.sealed) return false
    if (message.bodyBytes >= LARGE_BODY_BYTES) return this.count === 0
    return this.count === 0 || this.#used + RECORD_OVERHEAD_BYTES + message.recordBytes <= SEGMENT_BYTES
  }

  /** Adds a record; `persistent` says that it must survive a restart. Returns its index. */
  append(message: Message, persistent: boolean): number {
    const large = message.bodyBytes >= LARGE_BODY_BYTES
    const packed = RECORD_OVERHEAD_BYTES + message.recordBytes - (large ? message.bodyBytes : 0)
    if (this.#used + packed > this.#bytes.length) this.#grow(this.#used + packed)
    const bytes = this.#bytes
    let at = writeUint32(bytes, this.#used, RECORD_OVERHEAD_BYTES - 4 + message.recordBytes)
    bytes[at++] = persistent ? PERSISTENT : 0
    at = copyBytes(message.routing, message.routingStart, message.routingEnd, bytes, at)
    at = writeUint32(bytes, at, message.headerEnd - message.headerStart)
    at = copyBytes(message.header, message.headerStart, message.headerEnd, bytes, at)
    if (large) this.#keepSlices(message)
    else at = writeBody(message, bytes, at)
    const index = this.count++
    this.#noteOffset(index, this.#used)
    this.#used = at
    this.live++
    if (persistent) this.livePersistent++
    return index
  }

  /** Points `into` at record `index`. The view holds until the next append. */
  read(index: number, into: Message): void {
    const bytes = this.#bytes
    const at = this.#offsets[index] as number
    const end = at + 4 + readUint32(bytes, at)
    const headerSizeAt = routingEnd(bytes, at + 5)
    const headerAt = headerSizeAt + 4
    const bodyAt = headerAt + readUint32(bytes, headerSizeAt)
    into.persistent = bytes[at + 4] === PERSISTENT
    into.setRouting(bytes, at + 5, headerSizeAt)
    into.setHeader(bytes, headerAt, bodyAt)
    if (this.#slices) into.setSlices(this.#slices, end - bodyAt)
    else into.setBody(bytes, bodyAt, end)
  }

  isSettled(index: number): boolean {
    return this.#settled !== null && ((this.#settled[index >>> 3] as number) & (1 << (index & 7))) !== 0
  }

  /** Settles record `index` and tells who waited for it to be stored. False when it was settled before. */
  settle(index: number): boolean {
    if (this.live === 0 || this.isSettled(index)) return false
    this.#settled = grown(this.#settled, index)
    this.#settled[index >>> 3] = (this.#settled[index >>> 3] as number) | (1 << (index & 7))
    this.live--
    if (((this.#bytes[(this.#offsets[index] as number) + 4] as number) & PERSISTENT) !== 0) this.livePersistent--
    this.settledChanged = true
    const waiting = index - this.#waitingFrom
    if (waiting >= 0 && waiting < this.#publishers.length) this.#tell(waiting, 'stored')
    return true
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

  /** The chunk as it is to be stored: the page with its head filled in, and the slices of a large body. */
  chunk(): readonly Uint8Array[] {
    const page = this.#bytes.subarray(0, this.#used)
    page[0] = VERSION
    page.fill(0, 1, CRC_AT)
    writeUint32(page, COUNT_AT, this.count)
    writeUint32(page, COUNT_AT + 4, 0)
    const parts = this.#slices ? [page, ...this.#slices] : [page]
    let crc = crc32(page.subarray(COUNT_AT))
    for (const slice of this.#slices ?? []) crc = crc32(slice, crc)
    writeUint32(page, CRC_AT, crc)
    return parts
  }

  /** The settled set: a bitmap by index, lowest bit first; missing octets are zero. */
  settledSet(): Uint8Array {
    return this.#settled ?? NOTHING
  }

  /** Empties the segment for use from `firstSeq` on; its memory stays. */
  reset(firstSeq: number): void {
    this.firstSeq = firstSeq
    this.count = this.live = this.livePersistent = this.committed = 0
    this.sealed = this.written = this.settledChanged = this.dirty = false
    this.#used = HEAD_BYTES
    this.#settled?.fill(0)
    this.#slices = null
    this.#publishers.length = this.#tags.length = this.#waitingFrom = 0
  }

  /** Lets go of the records: all are settled, and that is still known; the segment is sealed. */
  release(): void {
    this.sealed = true
    this.#bytes = NOTHING
    this.#offsets = new Uint32Array(0)
    this.#slices = null
  }

  /**
   * The segment that `bytes` was written from. Records that had not to survive a restart are settled.
   * Throws `DamagedChunk` when version, checksum or layout are wrong.
   */
  static parse(firstSeq: number, bytes: Buffer, settled: Uint8Array | null): Segment {
    if (bytes.length < HEAD_BYTES)
      throw new DamagedChunk(`it has ${bytes.length} octets, a page head has ${HEAD_BYTES}`)
    if (bytes[0] !== VERSION) throw new DamagedChunk(`it has version ${bytes[0]}, this program reads ${VERSION}`)
    if (crc32(bytes.subarray(COUNT_AT)) !== readUint32(bytes, CRC_AT)) throw new DamagedChunk('its checksum is wrong')
    const segment = new Segment(firstSeq, 0)
    segment.#bytes = bytes
    segment.#used = bytes.length
    segment.sealed = segment.written = true
    segment.#index(readUint32(bytes, COUNT_AT))
    for (let i = 0; i < segment.count; i++) {
      const transient = ((bytes[(segment.#offsets[i] as number) + 4] as number) & PERSISTENT) === 0
      if (transient || ((settled?.[i >>> 3] ?? 0) & (1 << (i & 7))) !== 0) segment.settle(i)
    }
    segment.settledChanged = false
    return segment
  }

  /** Finds the `count` records of a page that was read back. */
  #index(count: number): void {
    let at = HEAD_BYTES
    for (let i = 0; i < count; i++) {
      if (at + RECORD_OVERHEAD_BYTES > this.#used) throw new DamagedChunk(`record ${i} of ${count} is missing`)
      this.#noteOffset(i, at)
      if (((this.#bytes[at + 4] as number) & PERSISTENT) !== 0) this.livePersistent++
      at += 4 + readUint32(this.#bytes, at)
    }
    if (at !== this.#used) throw new DamagedChunk(`its records end at ${at}, it has ${this.#used} octets`)
    this.count = this.live = this.committed = count
  }

  #keepSlices(message: Message): void {
    this.#slices = message.slices ?? [message.body.subarray(message.bodyStart, message.bodyEnd)]
    this.sealed = true
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
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.#bytes.length * 2, SEGMENT_BYTES)))
    this.#bytes.copy(larger, 0, 0, this.#used)
    this.#bytes = larger
  }
}

function writeBody(message: Message, bytes: Buffer, at: number): number {
  if (!message.slices) return copyBytes(message.body, message.bodyStart, message.bodyEnd, bytes, at)
  let next = at
  for (const slice of message.slices) next = copyBytes(slice, 0, slice.length, bytes, next)
  return next
}

/** A bitmap that has a bit `index`: `bitmap` itself, or a larger copy. */
function grown(bitmap: Uint8Array | null, index: number): Uint8Array {
  const needed = (index >>> 3) + 1
  if (bitmap && bitmap.length >= needed) return bitmap
  const larger = new Uint8Array(Math.max(needed, (bitmap?.length ?? 4) * 2))
  if (bitmap) larger.set(bitmap)
  return larger
}
