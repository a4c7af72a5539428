// The frame: AMQP 0-9-1's envelope (§4.2.3 of the specification), and the writers of the frames that every layer sends.
// Knows bytes only: not what a method means, not who reads it.
//
//   0      1         3             7                 7+size
//   +------+---------+-------------+-----------------+-----------+
//   | type | channel |    size     |     payload     | frame-end |
//   +------+---------+-------------+-----------------+-----------+
//    octet    short       long         size octets      0xCE
//
// A content header's payload (§4.2.6.1), which this broker keeps as it came:
//
//   0          2        4            12               14
//   +----------+--------+------------+----------------+-------------+
//   | class-id | weight | body size  | property flags | properties… |
//   +----------+--------+------------+----------------+-------------+
//     short      short     longlong      short

import { methodBytes, writeMethod } from './method-codec.ts'
import type { Method } from './methods.ts'

export const FRAME_METHOD = 1
export const FRAME_HEADER = 2
export const FRAME_BODY = 3
export const FRAME_HEARTBEAT = 8
export const FRAME_END = 0xce

/** Octets before a frame's payload. */
export const FRAME_HEAD_BYTES = 7
/** Octets that a frame adds to its payload: head and end. */
export const FRAME_OVERHEAD_BYTES = 8
/** Where the property flags lie in a content header's payload. */
export const HEADER_FLAGS_OFFSET = 12
/** The smallest content header: class, weight, size and empty flags. */
export const HEADER_MIN_BYTES = 14

/** What a client says first (§4.2.2), and what a server answers to anything else. */
export const PROTOCOL_HEADER: Buffer = Buffer.from('AMQP\x00\x00\x09\x01', 'latin1')

/** The frame that keeps a silent connection alive (§4.2.7); the same bytes every time. */
export const HEARTBEAT_FRAME: Buffer = Buffer.from([FRAME_HEARTBEAT, 0, 0, 0, 0, 0, 0, FRAME_END])

/** Reads a long; shifts are several times faster than a DataView (no bounds are checked). */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  )
}

/** Writes a long. Returns the position after it. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
  return at + 4
}

/** Reads a longlong as a number: exact up to 2^53, rounded above. */
export function readUint64(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) * 0x1_0000_0000 + readUint32(bytes, at + 4)
}

/** Writes a safe integer as a longlong. Returns the position after it. */
export function writeUint64(bytes: Uint8Array, at: number, value: number): number {
  writeUint32(bytes, at, Math.floor(value / 0x1_0000_0000))
  return writeUint32(bytes, at + 4, value >>> 0)
}

/**
 * Copies `source[start..end)` to `target[at..]`. Returns the position after it. A loop wins under some twenty octets,
 * one `set` of a view above (measured; see docs/decisions).
 */
export function copyBytes(source: Buffer, start: number, end: number, target: Uint8Array, at: number): number {
  const length = end - start
  if (length <= 20) {
    for (let i = 0; i < length; i++) target[at + i] = source[start + i] as number
  } else {
    target.set(new Uint8Array(source.buffer, source.byteOffset + start, length), at)
  }
  return at + length
}

/** Writes the seven octets before a payload. Returns the position of the payload. */
export function writeFrameHead(bytes: Uint8Array, at: number, type: number, channel: number, size: number): number {
  bytes[at] = type
  bytes[at + 1] = channel >>> 8
  bytes[at + 2] = channel
  return writeUint32(bytes, at + 3, size)
}

/** The octets that `method` takes as a frame. */
export function methodFrameBytes(method: Method): number {
  return methodBytes(method) + FRAME_OVERHEAD_BYTES
}

/** Writes `method` as a frame. Returns the position after it. */
export function writeMethodFrame(bytes: Buffer, at: number, channel: number, method: Method): number {
  const payloadAt = at + FRAME_HEAD_BYTES
  const end = writeMethod(method, bytes, payloadAt)
  writeFrameHead(bytes, at, FRAME_METHOD, channel, end - payloadAt)
  bytes[end] = FRAME_END
  return end + 1
}
