// One entry more, or a look at one, in the headers of a content header: without decoding the others. Knows bytes only. The
// headers have been found sound before (properties.ts); here they are trusted.

import { findField } from './field-table.ts'
import { copyBytes, HEADER_FLAGS_OFFSET, HEADER_MIN_BYTES, readUint32, writeUint32, writeUint64 } from './frame.ts'
import { headersAt, locateProperties, propertyOffsets, rewriteHeader } from './properties.ts'
import { decodeText } from './utf8.ts'

/** The properties before the headers, and the headers, in the first octet of flags. */
const CONTENT_TYPE = 0x80
const CONTENT_ENCODING = 0x40
const HEADERS = 0x20
const LONGSTR = 0x53
const LONG_LONG = 0x6c
/** Tag and value of a 64-bit number. */
const VALUE_BYTES = 9

const offsets = propertyOffsets()

/** Where the headers table of the content header at `start` begins, or would begin. */
function tableAt(bytes: Buffer, start: number): number {
  const flags = bytes[start + HEADER_FLAGS_OFFSET] as number
  let at = start + HEADER_MIN_BYTES
  if ((flags & CONTENT_TYPE) !== 0) at += 1 + (bytes[at] as number)
  if ((flags & CONTENT_ENCODING) !== 0) at += 1 + (bytes[at] as number)
  return at
}

function hasTable(bytes: Buffer, start: number): boolean {
  return ((bytes[start + HEADER_FLAGS_OFFSET] as number) & HEADERS) !== 0
}

/** The text of the header `key` (ASCII) of the content header at `start`; null where it is absent or no text. */
export function headerText(bytes: Buffer, start: number, key: string): string | null {
  if (!hasTable(bytes, start)) return null
  const table = tableAt(bytes, start)
  const at = findField(bytes, table + 4, table + 4 + readUint32(bytes, table), key)
  if (at < 0 || bytes[at] !== LONGSTR) return null
  return decodeText(bytes, at + 5, at + 5 + readUint32(bytes, at + 1))
}

/** A header whose value is a number of 64 bits, to be added to many content headers. */
export class AddedHeader {
  readonly #key: string
  readonly #keyBytes: Buffer
  /** The content header that was made last. */
  bytes: Buffer = Buffer.allocUnsafe(256)

  /** @param key ASCII, of at most 255 octets */
  constructor(key: string) {
    this.#key = key
    this.#keyBytes = Buffer.concat([Buffer.of(key.length), Buffer.from(key, 'latin1')])
  }

  /**
   * Makes the content header `from[start..end)` with this header, instead of the one of that name where it has one, at the
   * beginning of `bytes`, which holds until the next call. Returns its octets.
   */
  add(from: Buffer, start: number, end: number, value: number): number {
    const table = tableAt(from, start)
    const known = hasTable(from, start)
    const fieldsAt = known ? table + 4 : table
    const fieldsEnd = known ? fieldsAt + readUint32(from, table) : table
    if (findField(from, fieldsAt, fieldsEnd, this.#key) >= 0) return this.#replace(from, start, end, value)
    const entryBytes = this.#keyBytes.length + VALUE_BYTES
    this.#reserve(end - start + 4 + entryBytes)
    const to = this.bytes
    let at = copyBytes(from, start, table, to, 0)
    at = writeUint32(to, at, fieldsEnd - fieldsAt + entryBytes)
    at = copyBytes(from, fieldsAt, fieldsEnd, to, at)
    at = copyBytes(this.#keyBytes, 0, this.#keyBytes.length, to, at)
    to[at++] = LONG_LONG
    at = writeUint64(to, at, value)
    to[HEADER_FLAGS_OFFSET] = (to[HEADER_FLAGS_OFFSET] as number) | HEADERS
    return copyBytes(from, fieldsEnd, end, to, at)
  }

  /** What a client has sent on from somewhere else: rare, and made the long way. */
  #replace(from: Buffer, start: number, end: number, value: number): number {
    locateProperties(from, start, end, offsets)
    const headers = new Map(headersAt(from, tableAt(from, start)))
    headers.set(this.#key, { tag: 'l', value })
    this.bytes = rewriteHeader(from, start, end, offsets, headers, true)
    return this.bytes.length
  }

  #reserve(bytes: number): void {
    if (this.bytes.length < bytes) this.bytes = Buffer.allocUnsafe(bytes * 2)
  }
}
