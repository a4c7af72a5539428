// The layout of keys and values in LevelDB, format 1. Bytes only: no database here.
//
//   key                                      value
//   'm' key (UTF-8)                          rev be8, JSON text (UTF-8)           a declared thing
//   'c' queueId be8, firstSeq be8            the chunk                            a piece of a queue's log
//   's' queueId be8, firstSeq be8            the chunk's settled set
//   'q' queueId be8                          nextSeq be8, headSeq be8             a queue's mark
//   'v' "boots"                              be8                                  openings so far, the lease's epoch
//   'v' "format"                             be8                                  this layout's number
//   'v' "rev"                                be8                                  highest revision of a declared thing
//
// be8 is an unsigned big-endian integer of 8 bytes, never above 2^53-1, so that keys sort as their numbers do. The
// settled sets and marks have namespaces of their own: what is rewritten often stays away from the bulk of the log.

import { type ChunkKey, type MetaEntry, type QueueMark, StoreError } from '../../broker/store.ts'

/** The number of the layout drawn above. It grows with every change that an older program would misread. */
export const FORMAT = 1

const WORD = 2 ** 32

/** The first byte of a key. */
export const namespace = { meta: 0x6d, chunk: 0x63, settled: 0x73, mark: 0x71, version: 0x76 } as const

type QueueNamespace = typeof namespace.chunk | typeof namespace.settled | typeof namespace.mark

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

export function metaKey(key: string): Buffer {
  return Buffer.from(`m${key}`)
}

export function queueKey(prefix: QueueNamespace, queueId: number): Buffer {
  const bytes = Buffer.allocUnsafe(9)
  bytes[0] = prefix
  writeNumber(bytes, queueId, 1)
  return bytes
}

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

export function encodeMeta(rev: number, value: string): Buffer {
  const bytes = Buffer.allocUnsafe(8 + Buffer.byteLength(value))
  writeNumber(bytes, rev, 0)
  bytes.write(value, 8)
  return bytes
}

export function decodeMeta(key: Buffer, value: Buffer): MetaEntry {
  return { key: key.toString('utf8', 1), value: value.toString('utf8', 8), rev: readNumber(value, 0) }
}

export function encodeMark({ nextSeq, headSeq }: QueueMark): Buffer {
  const bytes = Buffer.allocUnsafe(16)
  writeNumber(bytes, nextSeq, 0)
  writeNumber(bytes, headSeq, 8)
  return bytes
}

export function decodeMark(queueId: number, value: Buffer): QueueMark {
  return { queueId, nextSeq: readNumber(value, 0), headSeq: readNumber(value, 8) }
}

export function encodeNumber(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  writeNumber(bytes, number, 0)
  return bytes
}

/** Throws `StoreError` kind `damaged` when there are no 8 bytes at `offset` or they hold more than 2^53-1. */
export function readNumber(bytes: Buffer, offset = 0): number {
  if (bytes.length >= offset + 8) {
    const number = bytes.readUInt32BE(offset) * WORD + bytes.readUInt32BE(offset + 4)
    if (number <= Number.MAX_SAFE_INTEGER) return number
  }
  throw new StoreError('damaged', `a number that should be in a record of the store is not: ${bytes.toString('hex')}`)
}

function writeNumber(bytes: Buffer, number: number, offset: number): void {
  bytes.writeUInt32BE(Math.floor(number / WORD), offset)
  bytes.writeUInt32BE(number % WORD, offset + 4)
}
