// The octets of a page of messages: its head, its records, and the checks that one read back has to pass. Knows layouts
// only; which records are settled and what a chunk is are the segment's concern.
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
//   +------+-------+------------+----------+-------------+---------+---------+------+
//   | size | flags | expires at | exchange | routing key | size of | content | body |
//   | long | octet |  longlong  | shortstr |  shortstr   | header  | header  |      |
//   +------+-------+------------+----------+-------------+---------+---------+------+
//
// `size` counts what follows it; "expires at" is there where the flags say so.

import { crc32 } from 'node:zlib'
import { copyBytes, readUint32, readUint64, writeUint32, writeUint64 } from '../../protocol/frame.ts'
import { type Message, routingEnd } from '../message.ts'

const VERSION = 1
/** Octets of a page's head. */
export const HEAD_BYTES = 16
const CRC_AT = 4
const COUNT_AT = 8
/** size, flags and the header's size. */
export const RECORD_OVERHEAD_BYTES = 9
const FLAGS_AT = 4
const ROUTING_AT = 5
const EXPIRY_BYTES = 8

/** Flags of a record: what the message's fields of the same names say. */
const PERSISTENT = 1
const EXPIRES = 2
const DEAD = 4
const COPIES = 8

/** Thrown when a stored chunk, or its summary, is not what was once written. */
export class DamagedChunk extends Error {
  override readonly name = 'DamagedChunk'
}

/** Writes the record of `message`; `persistent` says that it must survive a restart. Returns where it ends. */
export function writeRecord(message: Message, persistent: boolean, bytes: Buffer, from: number): number {
  let at = writeUint32(bytes, from, RECORD_OVERHEAD_BYTES - 4 + message.recordBytes)
  bytes[at++] = persistent ? PERSISTENT : 0
  if (message.dead || message.copies || message.expiresAt > 0) at = writeRest(message, bytes, at)
  at = copyBytes(message.routing, message.routingStart, message.routingEnd, bytes, at)
  at = writeUint32(bytes, at, message.headerEnd - message.headerStart)
  at = copyBytes(message.header, message.headerStart, message.headerEnd, bytes, at)
  return copyBytes(message.body, message.bodyStart, message.bodyEnd, bytes, at)
}

/** Adds the flags that few messages have to those just written, and what they announce. */
function writeRest({ dead, copies, expiresAt }: Message, bytes: Buffer, at: number): number {
  const flags = (expiresAt > 0 ? EXPIRES : 0) | (dead ? DEAD : 0) | (copies ? COPIES : 0)
  bytes[at - 1] = (bytes[at - 1] as number) | flags
  return expiresAt > 0 ? writeUint64(bytes, at, expiresAt) : at
}

/** Points `into` at the record at `at`. */
export function readRecord(bytes: Buffer, at: number, into: Message): void {
  const end = at + 4 + readUint32(bytes, at)
  const flags = bytes[at + FLAGS_AT] as number
  const routingAt = readFlags(bytes, at, flags, into)
  const headerSizeAt = routingEnd(bytes, routingAt)
  const headerAt = headerSizeAt + 4
  const bodyAt = headerAt + readUint32(bytes, headerSizeAt)
  into.setRouting(bytes, routingAt, headerSizeAt)
  into.setHeader(bytes, headerAt, bodyAt)
  into.setBody(bytes, bodyAt, end)
}

/** Notes what the flags say; returns where the routing begins. */
function readFlags(bytes: Buffer, at: number, flags: number, into: Message): number {
  into.persistent = (flags & PERSISTENT) !== 0
  into.dead = (flags & DEAD) !== 0
  into.copies = (flags & COPIES) !== 0
  if ((flags & EXPIRES) === 0) {
    into.expiresAt = 0
    return at + ROUTING_AT
  }
  into.expiresAt = readUint64(bytes, at + ROUTING_AT)
  return at + ROUTING_AT + EXPIRY_BYTES
}

/** Whether the record at `at` has to survive a restart. */
export function isPersistentAt(bytes: Buffer, at: number): boolean {
  return ((bytes[at + FLAGS_AT] as number) & PERSISTENT) !== 0
}

/** When the message of the record at `at` expires, milliseconds since 1970; 0: never. */
export function expiresAtOf(bytes: Buffer, at: number): number {
  return ((bytes[at + FLAGS_AT] as number) & EXPIRES) === 0 ? 0 : readUint64(bytes, at + ROUTING_AT)
}

/** Octets of the body of the record at `at`. */
export function bodyBytesOf(bytes: Buffer, at: number): number {
  const expires = ((bytes[at + FLAGS_AT] as number) & EXPIRES) !== 0
  const headerSizeAt = routingEnd(bytes, at + ROUTING_AT + (expires ? EXPIRY_BYTES : 0))
  return at + 4 + readUint32(bytes, at) - (headerSizeAt + 4 + readUint32(bytes, headerSizeAt))
}

/** Fills in the head of a page of `count` records. */
export function writeHead(page: Buffer, count: number): void {
  page[0] = VERSION
  page.fill(0, 1, CRC_AT)
  writeUint32(page, COUNT_AT, count)
  writeUint32(page, COUNT_AT + 4, 0)
  writeUint32(page, CRC_AT, crc32(page.subarray(COUNT_AT)))
}

/** The number of records of a page that was read back. Throws `DamagedChunk` when version or checksum are wrong. */
export function checkedCount(bytes: Buffer): number {
  if (bytes.length < HEAD_BYTES) throw new DamagedChunk(`it has ${bytes.length} octets, a page head has ${HEAD_BYTES}`)
  if (bytes[0] !== VERSION) throw new DamagedChunk(`it has version ${bytes[0]}, this program reads ${VERSION}`)
  if (crc32(bytes.subarray(COUNT_AT)) !== readUint32(bytes, CRC_AT)) throw new DamagedChunk('its checksum is wrong')
  return readUint32(bytes, COUNT_AT)
}

/** Where the records of a page that was read back begin. Throws `DamagedChunk` when they do not fill it. */
export function offsetsOf(bytes: Buffer, count: number): Uint32Array<ArrayBuffer> {
  const offsets = new Uint32Array(count)
  let at = HEAD_BYTES
  for (let i = 0; i < count; i++) {
    if (at + RECORD_OVERHEAD_BYTES > bytes.length) throw new DamagedChunk(`record ${i} of ${count} is missing`)
    offsets[i] = at
    at += 4 + readUint32(bytes, at)
  }
  if (at !== bytes.length) throw new DamagedChunk(`its records end at ${at}, it has ${bytes.length} octets`)
  return offsets
}
