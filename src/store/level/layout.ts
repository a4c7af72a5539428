// The layout of keys and values in LevelDB, format 1. Bytes only: no database here.
//
//   key                                      value
//   'm' key (UTF-8)                          crc, rev be8, JSON text (UTF-8)      a declared thing
//   'c' queueId be8, firstSeq be8            the chunk, as it was given           a piece of a queue's log
//   's' queueId be8, firstSeq be8            the summary of that chunk, as it was given
//   'q' queueId be8                          crc, nextSeq be8, headSeq be8        a queue's mark
//   'v' "boots"                              crc, be8                             openings so far, the lease's epoch
//   'v' "format"                             crc, be8                             this layout's number
//   'v' "rev"                                crc, be8                             highest revision of a declared thing
//
// be8 is an unsigned big-endian integer of 8 bytes, never above 2^53-1, so that keys sort as their numbers do. crc is
// the CRC-32 of the rest of the value, big-endian in 4 bytes: the engine does not verify its own when it reads. Chunks
// and summaries carry what checks their writer puts in. They and the marks have namespaces of their own: what is
// rewritten often stays away from the bulk of the log.

import { crc32 } from 'node:zlib'
import { type ChunkKey, type MetaEntry, type QueueMark, StoreError } from '../../broker/store.ts'

/** The number of the layout drawn above. It grows with every change that an older program would misread. */
export const FORMAT = 1

const WORD = 2 ** 32

/** The first byte of a key. */
export const namespace = { meta: 0x6d, chunk: 0x63, summary: 0x73, mark: 0x71, version: 0x76 } as const

type QueueNamespace = typeof namespace.chunk | typeof namespace.summary | typeof namespace.mark

/** The keys of `v`. */
export const versionKey = {
  boots: Buffer.from('vboots'),
  format: Buffer.from('vformat'),
  rev: Buffer.from('vrev'),
} as const

/** A half-open range of keys, as the database's iterators and `clear` take it. */
export interface KeyRange {
  readonly gte: Buffer
  readonly lt: Buffer
}

/** All keys of a namespace. */
export function namespaceRange(prefix: number): KeyRange {
  return { gte: Buffer.of(prefix), lt: Buffer.of(prefix + 1) }
}

/** All keys of one queue in a namespace. */
export function queueRange(prefix: QueueNamespace, queueId: number): KeyRange {
  return { gte: queueKey(prefix, queueId), lt: queueKey(prefix, queueId + 1) }
}

/** The key of a declared thing. */
export function metaKey(key: string): Buffer {
  return Buffer.from(`m${key}`)
}

/** The key of a queue in a namespace: of its mark, or the start of its chunks. */
export function queueKey(prefix: QueueNamespace, queueId: number): Buffer {
  const bytes = Buffer.allocUnsafe(9)
  bytes[0] = prefix
  writeNumber(bytes, queueId, 1)
  return bytes
}

/** The key of a chunk, or of what belongs to it. */
export function chunkKey(prefix: QueueNamespace, { queueId, firstSeq }: ChunkKey): Buffer {
  const bytes = Buffer.allocUnsafe(17)
  bytes[0] = prefix
  writeNumber(bytes, queueId, 1)
  writeNumber(bytes, firstSeq, 9)
  return bytes
}

/** The queue's number in a key of `c`, `s` or `q`. */
export function queueIdOf(key: Buffer): number {
  return readNumber(key, 1)
}

/** The sequence number in a key of `c` or `s`. */
export function firstSeqOf(key: Buffer): number {
  return readNumber(key, 9)
}

/** The value of a declared thing, with its checksum. */
export function encodeMeta(rev: number, value: string): Buffer {
  const bytes = Buffer.allocUnsafe(12 + Buffer.byteLength(value))
  writeNumber(bytes, rev, 4)
  bytes.write(value, 12)
  return seal(bytes)
}

/** Throws `StoreError` kind `damaged` when the checksum does not hold. */
export function decodeMeta(key: Buffer, value: Buffer): MetaEntry {
  check(value, key, 12)
  return { key: key.toString('utf8', 1), value: value.toString('utf8', 12), rev: readNumber(value, 4) }
}

/** The value of a queue's mark, with its checksum. */
export function encodeMark({ nextSeq, headSeq }: QueueMark): Buffer {
  const bytes = Buffer.allocUnsafe(20)
  writeNumber(bytes, nextSeq, 4)
  writeNumber(bytes, headSeq, 12)
  return seal(bytes)
}

/** Throws `StoreError` kind `damaged` when the checksum does not hold. */
export function decodeMark(key: Buffer, value: Buffer): QueueMark {
  check(value, key, 20)
  return { queueId: queueIdOf(key), nextSeq: readNumber(value, 4), headSeq: readNumber(value, 12) }
}

/** The value of a counter, with its checksum. */
export function encodeNumber(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(12)
  writeNumber(bytes, number, 4)
  return seal(bytes)
}

/** Throws `StoreError` kind `damaged` when the checksum does not hold. */
export function decodeNumber(key: Buffer, value: Buffer): number {
  check(value, key, 12)
  return readNumber(value, 4)
}

function seal(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32(bytes.subarray(4)))
  return bytes
}

function check(value: Buffer, key: Buffer, leastBytes: number): void {
  if (value.length >= leastBytes && value.readUInt32BE() === crc32(value.subarray(4))) return
  throw new StoreError('damaged', `the record under the key ${JSON.stringify(key.toString('latin1'))} is damaged`)
}

function readNumber(bytes: Buffer, offset: number): number {
  return bytes.readUInt32BE(offset) * WORD + bytes.readUInt32BE(offset + 4)
}

function writeNumber(bytes: Buffer, number: number, offset: number): void {
  if (!Number.isInteger(number)) throw new RangeError(`${number} is not a whole number`)
  bytes.writeUInt32BE(Math.floor(number / WORD), offset)
  bytes.writeUInt32BE(number % WORD, offset + 4)
}
