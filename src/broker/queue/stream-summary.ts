// What is known of a stream's chunk without its being read: the octets that are stored beside it. Knows layouts only.
//
//   0       4       8             16           24          32       36        44       52
//   +-------+-------+-------------+------------+-----------+--------+---------+--------+
//   | crc32 | count | body octets | first time | last time | octets | segment | commit |
//   | long  | long  |  longlong   |  longlong  | longlong  |  long  | longlong|longlong|
//   +-------+-------+-------------+------------+-----------+--------+---------+--------+
//
// The checksum covers everything after itself. The times are those at which its first and its last message were added,
// milliseconds since 1970; `octets` is the size of the chunk; `segment` and `commit` are sequence numbers: the first one of
// the chunks that go together when the stream becomes too large or too old, and the first one that the commit stored which
// wrote the chunk last.

import { crc32 } from 'node:zlib'
import { readUint32, readUint64, writeUint32, writeUint64 } from '../../protocol/frame.ts'
import { bodyBytesOf, checkedCount, DamagedChunk, expiresAtOf, offsetsOf } from './page.ts'

const SUMMARY_BYTES = 52

/** A chunk of a stream, in short. */
export interface StreamChunk {
  readonly firstSeq: number
  readonly count: number
  readonly bodyBytes: number
  /** Octets of its page. */
  readonly bytes: number
  readonly firstAt: number
  readonly lastAt: number
  readonly segmentSeq: number
}

/** The octets to be stored beside a chunk; `commitSeq`: the first sequence number that is stored with this commit. */
export function writeStreamSummary(chunk: StreamChunk, commitSeq: number): Buffer {
  const summary = Buffer.alloc(SUMMARY_BYTES)
  let at = writeUint32(summary, 4, chunk.count)
  at = writeUint64(summary, at, chunk.bodyBytes)
  at = writeUint64(summary, at, chunk.firstAt)
  at = writeUint64(summary, at, chunk.lastAt)
  at = writeUint32(summary, at, chunk.bytes)
  at = writeUint64(summary, at, chunk.segmentSeq)
  writeUint64(summary, at, commitSeq)
  writeUint32(summary, 0, crc32(summary.subarray(4)))
  return summary
}

/** Reads it back. Throws `DamagedChunk` when it is not what was once written. */
export function readStreamSummary(firstSeq: number, summary: Buffer): StreamChunk & { readonly commitSeq: number } {
  if (summary.length !== SUMMARY_BYTES) {
    throw new DamagedChunk(`its summary has ${summary.length} octets, that of a stream's chunk has ${SUMMARY_BYTES}`)
  }
  if (crc32(summary.subarray(4)) !== readUint32(summary, 0)) {
    throw new DamagedChunk('the checksum of its summary is wrong')
  }
  return {
    firstSeq,
    count: readUint32(summary, 4),
    bodyBytes: readUint64(summary, 8),
    firstAt: readUint64(summary, 16),
    lastAt: readUint64(summary, 24),
    bytes: readUint32(summary, 32),
    segmentSeq: readUint64(summary, 36),
    commitSeq: readUint64(summary, 44),
  }
}

/** The same from the chunk's own octets, where they are all that is left. Throws `DamagedChunk`. */
export function summarise(firstSeq: number, bytes: Buffer, segmentSeq: number): StreamChunk {
  const count = checkedCount(bytes)
  const offsets = offsetsOf(bytes, count)
  const [first = 0] = offsets
  const last = offsets[count - 1] ?? 0
  return {
    firstSeq,
    count,
    bodyBytes: offsets.reduce((sum, at) => sum + bodyBytesOf(bytes, at), 0),
    bytes: bytes.length,
    firstAt: count > 0 ? expiresAtOf(bytes, first) : 0,
    lastAt: count > 0 ? expiresAtOf(bytes, last) : 0,
    segmentSeq,
  }
}
