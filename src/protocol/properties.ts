// The content properties of class basic (§1.8 of the specification's reference), read where they lie: a content header
// stays the bytes that arrived, and only the fields that a feature asks for are looked at. Knows the header's layout
// (frame.ts draws it), not what a property makes a broker do.

import {
  decodeTable,
  encodeShortstr,
  encodeTable,
  type FieldTable,
  findField,
  tableBytes,
  writeTable,
} from './field-table.ts'
import { HEADER_FLAGS_OFFSET, HEADER_MIN_BYTES, readUint32, readUint64, writeUint64 } from './frame.ts'
import { ConnectionError } from './reply.ts'
import { checkTable } from './table-check.ts'
import { decodeText } from './utf8.ts'

/** Bit 0 would announce a second flags word; basic has fourteen properties, so nobody may send it. Bit 1 is unused. */
const UNKNOWN_FLAGS = 0b11
const CLASS_BASIC = 60

type Kind = 'shortstr' | 'octet' | 'table' | 'timestamp'

/** The properties in wire order, with their domains; the flag of entry i is bit 15-i. */
const layout = [
  ['contentType', 'shortstr'],
  ['contentEncoding', 'shortstr'],
  ['headers', 'table'],
  ['deliveryMode', 'octet'],
  ['priority', 'octet'],
  ['correlationId', 'shortstr'],
  ['replyTo', 'shortstr'],
  ['expiration', 'shortstr'],
  ['messageId', 'shortstr'],
  ['timestamp', 'timestamp'],
  ['type', 'shortstr'],
  ['userId', 'shortstr'],
  ['appId', 'shortstr'],
  ['clusterId', 'shortstr'],
] as const satisfies readonly (readonly [string, Kind])[]
const kinds: readonly Kind[] = layout.map(([, kind]) => kind)

type Value<K> = K extends 'shortstr' ? string : K extends 'table' ? FieldTable : number

/** The properties as an object; an absent property is undefined. `timestamp` is in seconds. */
export type Properties = { readonly [P in (typeof layout)[number] as P[0]]?: Value<P[1]> }

/** The flag of delivery-mode, in the first octet of flags; mostly the only one. */
const DELIVERY_MODE_FLAG = 0x10

/**
 * The delivery-mode of a content header that has no other property: 0 where it has none either, -1 where it has others
 * (or does not decode). What most messages need to be asked.
 */
export function soleDeliveryMode(bytes: Buffer, start: number, end: number): number {
  const flagsAt = start + HEADER_FLAGS_OFFSET
  if (bytes[flagsAt + 1] !== 0) return -1
  if (bytes[flagsAt] === 0) return end - flagsAt === 2 ? 0 : -1
  return bytes[flagsAt] === DELIVERY_MODE_FLAG && end - flagsAt === 3 ? (bytes[flagsAt + 2] as number) : -1
}

/** The flag of expiration, in the first octet of flags. */
const EXPIRATION_FLAG = 0x01

/** The flag of priority, in the first octet of flags. */
const PRIORITY_FLAG = 0x08

/** Whether the content header at `start` has a priority. */
export function hasPriority(bytes: Buffer, start: number): boolean {
  return ((bytes[start + HEADER_FLAGS_OFFSET] as number) & PRIORITY_FLAG) !== 0
}

/** Whether the content header at `start` has an expiration. */
export function hasExpiration(bytes: Buffer, start: number): boolean {
  return ((bytes[start + HEADER_FLAGS_OFFSET] as number) & EXPIRATION_FLAG) !== 0
}

/** Indices into the offsets that `locateProperties` fills: the place of the property in wire order. */
export const HEADERS = 2
export const DELIVERY_MODE = 3
export const PRIORITY = 4
export const CORRELATION_ID = 5
export const REPLY_TO = 6
export const EXPIRATION = 7
export const MESSAGE_ID = 8
export const TIMESTAMP = 9
export const USER_ID = 11

/** Room for `locateProperties`: one offset per property, reused from message to message. */
export function propertyOffsets(): Int32Array {
  return new Int32Array(layout.length)
}

/**
 * Walks the properties of the content header `bytes[start..end)`, notes in `offsets` where each begins (-1: absent), and
 * checks that they end where the header ends and that the headers table is sound. Throws `ConnectionError` 541 where they
 * do not or it is not (behaviour.md §3, "content properties that do not decode").
 */
export function locateProperties(bytes: Buffer, start: number, end: number, offsets: Int32Array): void {
  offsets.fill(-1)
  if (end < start + HEADER_MIN_BYTES) throw undecodable()
  const flagsAt = start + HEADER_FLAGS_OFFSET
  const flags = ((bytes[flagsAt] as number) << 8) | (bytes[flagsAt + 1] as number)
  if (walk(bytes, flagsAt + 2, end, flags, offsets) !== end) throw undecodable()
  const headers = offsets[HEADERS] as number
  if (headers >= 0) checkHeaders(bytes, headers)
}

function checkHeaders(bytes: Buffer, at: number): void {
  try {
    checkTable(bytes, at + 4, at + 4 + readUint32(bytes, at))
  } catch {
    throw undecodable()
  }
}

function walk(bytes: Buffer, from: number, end: number, flags: number, offsets: Int32Array): number {
  if ((flags & UNKNOWN_FLAGS) !== 0) throw undecodable()
  let at = from
  for (let i = 0, bit = 1 << 15; i < kinds.length && at <= end; i++, bit >>= 1) {
    if ((flags & bit) === 0) continue
    offsets[i] = at
    at += propertyBytes(bytes, at, end, kinds[i] as Kind)
  }
  return at
}

function propertyBytes(bytes: Buffer, at: number, end: number, kind: Kind): number {
  if (kind === 'shortstr') return at < end ? 1 + (bytes[at] as number) : 1
  if (kind === 'octet') return 1
  if (kind === 'timestamp') return 8
  return at + 4 <= end ? 4 + readUint32(bytes, at) : 4
}

/** Whether the headers table, at the offset that `locateProperties` found, has an entry named `key` (ASCII). */
export function hasHeader(bytes: Buffer, headersAt: number, key: string): boolean {
  return findField(bytes, headersAt + 4, headersAt + 4 + readUint32(bytes, headersAt), key) >= 0
}

/** Decodes the headers table at the offset that `locateProperties` found. */
export function headersAt(bytes: Buffer, at: number): FieldTable {
  return decodeTable(bytes, at + 4, at + 4 + readUint32(bytes, at))
}

/** The shortstr at `at`, as text; octets that are no UTF-8 as utf8.ts has them. */
export function shortstrAt(bytes: Buffer, at: number): string {
  return decodeText(bytes, at + 1, at + 1 + (bytes[at] as number))
}

/** The octets of a property that `locateProperties` found, of a shortstr those of its text; null where it is absent. */
export function propertyOctets(bytes: Buffer, offsets: Int32Array, property: number): Buffer | null {
  const at = offsets[property] as number
  if (at < 0) return null
  const kind = kinds[property] as Kind
  return bytes.subarray(kind === 'shortstr' ? at + 1 : at, at + propertyBytes(bytes, at, bytes.length, kind))
}

/** All properties of a content header as an object. Throws `ConnectionError` 541 when they do not decode. */
export function decodeProperties(bytes: Buffer, start: number, end: number): Properties {
  locateProperties(bytes, start, end, propertyOffsets())
  const flags = bytes.readUInt16BE(start + HEADER_FLAGS_OFFSET)
  const found: { [name: string]: string | number | FieldTable } = {}
  let at = start + HEADER_MIN_BYTES
  layout.forEach(([name, kind], i) => {
    if ((flags & (1 << (15 - i))) === 0) return
    if (kind === 'shortstr') found[name] = shortstrAt(bytes, at)
    else if (kind === 'octet') found[name] = bytes[at] as number
    else if (kind === 'timestamp') found[name] = readUint64(bytes, at)
    else found[name] = headersAt(bytes, at)
    at += propertyBytes(bytes, at, end, kind)
  })
  return found
}

/** A content header's payload for a body of `bodyBytes` octets. A property over 255 octets throws `RangeError`. */
export function encodeHeader(properties: Properties, bodyBytes: number): Buffer {
  const head = Buffer.alloc(HEADER_MIN_BYTES)
  head.writeUInt16BE(CLASS_BASIC, 0)
  writeUint64(head, 4, bodyBytes)
  const parts: Buffer[] = [head]
  let flags = 0
  layout.forEach(([name, kind], i) => {
    const value = properties[name]
    if (value === undefined) return
    flags |= 1 << (15 - i)
    parts.push(encodeProperty(kind, value))
  })
  head.writeUInt16BE(flags, HEADER_FLAGS_OFFSET)
  return Buffer.concat(parts)
}

function encodeProperty(kind: Kind, value: string | number | FieldTable): Buffer {
  if (typeof value === 'string') return encodeShortstr(value)
  if (typeof value !== 'number') return encodeTable(value)
  if (kind === 'octet') return Buffer.from([value])
  const time = Buffer.alloc(8)
  writeUint64(time, 0, value)
  return time
}

/**
 * The content header `bytes[start..end)` with `headers` in place of its headers table at `headersOffset` (as
 * `locateProperties` found it); all other octets stay as they came.
 */
export function replaceHeaders(
  bytes: Buffer,
  start: number,
  end: number,
  headersOffset: number,
  headers: FieldTable,
): Buffer {
  const after = headersOffset + 4 + readUint32(bytes, headersOffset)
  return Buffer.concat([bytes.subarray(start, headersOffset), encodeTable(headers), bytes.subarray(after, end)])
}

/** The content header `bytes[start..end)` with `text` in place of its shortstr at `at`. */
export function replaceShortstr(bytes: Buffer, start: number, end: number, at: number, text: string): Buffer {
  const after = at + 1 + (bytes[at] as number)
  return Buffer.concat([bytes.subarray(start, at), encodeShortstr(text), bytes.subarray(after, end)])
}

/**
 * The content header `bytes[start..end)`, whose properties are at `offsets`, with `headers` for its headers table, whether
 * it had one or not; without its expiration where it is not to keep that. All other octets stay as they came.
 */
export function rewriteHeader(
  bytes: Buffer,
  start: number,
  end: number,
  offsets: Int32Array,
  headers: FieldTable,
  keepsExpiration: boolean,
): Buffer {
  const former = offsets[HEADERS] as number
  const tableAt = former >= 0 ? former : (offsets.find((at, i) => i > HEADERS && at >= 0) ?? end)
  const afterTable = former >= 0 ? former + 4 + readUint32(bytes, former) : tableAt
  const expirationAt = keepsExpiration ? -1 : (offsets[EXPIRATION] as number)
  const cutFrom = expirationAt >= 0 ? expirationAt : end
  const cutTo = expirationAt >= 0 ? expirationAt + 1 + (bytes[expirationAt] as number) : end
  const rewritten = Buffer.allocUnsafe(tableAt - start + tableBytes(headers) + cutFrom - afterTable + end - cutTo)
  bytes.copy(rewritten, 0, start, tableAt)
  const written = writeTable(headers, rewritten, tableAt - start)
  bytes.copy(rewritten, written, afterTable, cutFrom)
  bytes.copy(rewritten, written + cutFrom - afterTable, cutTo, end)
  const flags = rewritten.readUInt16BE(HEADER_FLAGS_OFFSET) | flagOf(HEADERS)
  rewritten.writeUInt16BE(expirationAt >= 0 ? flags & ~flagOf(EXPIRATION) : flags, HEADER_FLAGS_OFFSET)
  return rewritten
}

/** The flag that says that the property with this index is there. */
function flagOf(index: number): number {
  return 1 << (15 - index)
}

function undecodable(): ConnectionError {
  return new ConnectionError(541, '', { classId: 0, methodId: 0 })
}
