// Field tables and arrays (AMQP 0-9-1 §4.2.5) with the type tags that RabbitMQ reads and writes: octets to values, values
// to octets, and a look for one key without decoding the rest. Every length is checked against its surroundings.
// A table's entry is its key as a shortstr, the tag of its value (one ASCII letter), and the value. Knows nothing but bytes.

import { ConnectionError } from './reply.ts'
import { decodeText, textBytes, writeText } from './utf8.ts'

/**
 * One value and the tag it travels under. Integers b B s u I i have 8, 8, 16, 16, 32, 32 bits (capital or u or i where
 * unsigned, but I is signed); l and L are both signed 64-bit integers as in RabbitMQ, T is seconds since 1970 as an
 * unsigned one: numbers where they are safe integers, else bigints. D is value / 10^scale.
 * An S, like a key, may hold octets that are not UTF-8: utf8.ts says what stands for them.
 */
export type FieldValue =
  | { readonly tag: 'S'; readonly value: string }
  | { readonly tag: 'b' | 'B' | 's' | 'u' | 'I' | 'i'; readonly value: number }
  | { readonly tag: 'l' | 'L' | 'T'; readonly value: number | bigint }
  | { readonly tag: 'f' | 'd'; readonly value: number }
  | { readonly tag: 't'; readonly value: boolean }
  | { readonly tag: 'D'; readonly value: Decimal }
  | { readonly tag: 'F'; readonly value: FieldTable }
  | { readonly tag: 'A'; readonly value: readonly FieldValue[] }
  | { readonly tag: 'V'; readonly value: null }
  | { readonly tag: 'x'; readonly value: Uint8Array }

/** value / 10^scale; scale 0 to 255, value an unsigned 32-bit integer. */
export type Decimal = { readonly scale: number; readonly value: number }

/** Fields in the order they came. Of entries with one key the first counts. */
export type FieldTable = ReadonlyMap<string, FieldValue>

/** How deep tables and arrays may lie in each other, the outermost included. */
export const TABLE_DEPTH = 128

const damaged = (why: string): ConnectionError => new ConnectionError(501, `cannot parse field table: ${why}`)

const LONGSTR = 0x53 // S
const TABLE = 0x46 // F
const ARRAY = 0x41 // A
const OCTETS = 0x78 // x

/** Octets that a value of each tag takes after it, before what a length announces. Index: the tag's character code. */
const fixedBytes: readonly (number | undefined)[] = (() => {
  const sizes: (number | undefined)[] = new Array(128).fill(undefined)
  const bySize = { 0: 'V', 1: 'tbB', 2: 'su', 4: 'IifSFAx', 5: 'D', 8: 'lLTd' }
  for (const [size, tags] of Object.entries(bySize)) {
    for (const tag of tags) sizes[tag.charCodeAt(0)] = Number(size)
  }
  return sizes
})()

const uint32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0

/**
 * The position after the value whose tag is at `at`, which must not lie beyond `end`. What tables and arrays contain is
 * not looked at.
 * @throws ConnectionError 501: unknown tag, or the value is longer than its surroundings
 */
export const skipValue = (bytes: Uint8Array, at: number, end: number): number => {
  if (at >= end) throw damaged('value missing')
  const tag = bytes[at] ?? 0
  const fixed = fixedBytes[tag]
  if (fixed === undefined) throw damaged(`unknown type ${tag}`)
  let next = at + 1 + fixed
  if ((tag === LONGSTR || tag === TABLE || tag === ARRAY || tag === OCTETS) && next <= end) {
    next += uint32At(bytes, at + 1)
  }
  if (next > end) throw damaged('value longer than its surroundings')
  return next
}

/** The position of the tag after the key at `at`. */
const skipKey = (bytes: Uint8Array, at: number, end: number): number => {
  const next = at + 1 + (bytes[at] ?? 0)
  if (next > end) throw damaged('key longer than its table')
  return next
}

const keyIs = (bytes: Uint8Array, at: number, key: string): boolean => {
  if (bytes[at] !== key.length) return false
  for (let i = 0; i < key.length; i += 1) {
    if (bytes[at + 1 + i] !== key.charCodeAt(i)) return false
  }
  return true
}

/**
 * Where the first entry called `key` (ASCII) has its tag, in a table's contents `bytes[start..end)`, or -1. Allocates
 * nothing; entries behind the one found are not checked.
 * @throws ConnectionError 501 if the entries do not fit together
 */
export const findField = (bytes: Uint8Array, start: number, end: number, key: string): number => {
  let at = start
  while (at < end) {
    const value = skipKey(bytes, at, end)
    const next = skipValue(bytes, value, end)
    if (keyIs(bytes, at, key)) return value
    at = next
  }
  return -1
}

const narrowed = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value

/** The value whose tag is at `at`; `end` has been made sure of by skipValue. */
const decodeChecked = (bytes: Buffer, at: number, end: number, depth: number): FieldValue => {
  const from = at + 1
  const tag = String.fromCharCode(bytes[at] ?? 0) as FieldValue['tag']
  switch (tag) {
    case 'S':
      return { tag, value: decodeText(bytes, from + 4, end) }
    case 'b':
      return { tag, value: bytes.readInt8(from) }
    case 'B':
      return { tag, value: bytes.readUInt8(from) }
    case 's':
      return { tag, value: bytes.readInt16BE(from) }
    case 'u':
      return { tag, value: bytes.readUInt16BE(from) }
    case 'I':
      return { tag, value: bytes.readInt32BE(from) }
    case 'i':
      return { tag, value: bytes.readUInt32BE(from) }
    case 'l':
    case 'L':
      return { tag, value: narrowed(bytes.readBigInt64BE(from)) }
    case 'T':
      return { tag, value: narrowed(bytes.readBigUInt64BE(from)) }
    case 'f':
      return { tag, value: bytes.readFloatBE(from) }
    case 'd':
      return { tag, value: bytes.readDoubleBE(from) }
    case 't':
      return { tag, value: bytes[from] !== 0 }
    case 'D':
      return { tag, value: { scale: bytes.readUInt8(from), value: bytes.readUInt32BE(from + 1) } }
    case 'F':
      return { tag, value: decodeEntries(bytes, from + 4, end, depth + 1) }
    case 'A':
      return { tag, value: decodeElements(bytes, from + 4, end, depth + 1) }
    case 'V':
      return { tag, value: null }
    case 'x':
      return { tag, value: Buffer.from(bytes.subarray(from + 4, end)) }
    default:
      return tag satisfies never
  }
}

const decodeElements = (bytes: Buffer, start: number, end: number, depth: number): FieldValue[] => {
  if (depth > TABLE_DEPTH) throw damaged(`nested deeper than ${TABLE_DEPTH}`)
  const elements: FieldValue[] = []
  for (let at = start; at < end; ) {
    const next = skipValue(bytes, at, end)
    elements.push(decodeChecked(bytes, at, next, depth))
    at = next
  }
  return elements
}

const decodeEntries = (bytes: Buffer, start: number, end: number, depth: number): FieldTable => {
  if (depth > TABLE_DEPTH) throw damaged(`nested deeper than ${TABLE_DEPTH}`)
  const table = new Map<string, FieldValue>()
  for (let at = start; at < end; ) {
    const value = skipKey(bytes, at, end)
    const next = skipValue(bytes, value, end)
    const key = decodeText(bytes, at + 1, value)
    if (!table.has(key)) table.set(key, decodeChecked(bytes, value, next, depth))
    at = next
  }
  return table
}

/**
 * A table from its contents, `bytes[start..end)`, without the 4-octet length before them. The values share no memory
 * with `bytes`.
 * @throws ConnectionError 501 with no method ids: unknown tag, a length that does not fit, nested deeper than TABLE_DEPTH
 */
export const decodeTable = (bytes: Buffer, start: number, end: number): FieldTable => {
  if (end > bytes.length || start > end) throw damaged('longer than its surroundings')
  return decodeEntries(bytes, start, end, 1)
}

/** The value whose tag is at `at`, as findField returns it. Throws what decodeTable throws. */
export const decodeValueAt = (bytes: Buffer, at: number, end: number): FieldValue =>
  decodeChecked(bytes, at, skipValue(bytes, at, Math.min(end, bytes.length)), 1)

const contentBytes = (field: FieldValue): number => {
  switch (field.tag) {
    case 'S':
      return textBytes(field.value)
    case 'x':
      return field.value.length
    case 'F':
      return tableBytes(field.value) - 4
    case 'A':
      return field.value.reduce((sum, element) => sum + valueBytes(element), 0)
    default:
      return 0
  }
}

const valueBytes = (field: FieldValue): number => 1 + (fixedBytes[field.tag.charCodeAt(0)] ?? 0) + contentBytes(field)

/** Octets of a table on the wire, the 4 of its length included. */
export const tableBytes = (table: FieldTable): number => {
  let bytes = 4
  for (const [key, value] of table) bytes += 1 + textBytes(key) + valueBytes(value)
  return bytes
}

/**
 * Writes a shortstr (a length octet, then UTF-8) and returns the position after it.
 * @throws RangeError if it is longer than 255 octets or there is no room
 */
export const writeShortstr = (text: string, bytes: Buffer, at: number): number => {
  const length = textBytes(text)
  if (length > 255) throw new RangeError(`a shortstr holds 255 octets, not ${length}`)
  return writeText(text, bytes, bytes.writeUInt8(length, at))
}

/** A shortstr's octets, its length octet included. Throws what writeShortstr throws. */
export const encodeShortstr = (text: string): Buffer => {
  const bytes = Buffer.allocUnsafe(1 + textBytes(text))
  writeShortstr(text, bytes, 0)
  return bytes
}

const writeContent = (field: FieldValue, bytes: Buffer, at: number): number => {
  switch (field.tag) {
    case 'S':
      return writeText(field.value, bytes, bytes.writeUInt32BE(textBytes(field.value), at))
    case 'b':
      return bytes.writeInt8(field.value, at)
    case 'B':
      return bytes.writeUInt8(field.value, at)
    case 's':
      return bytes.writeInt16BE(field.value, at)
    case 'u':
      return bytes.writeUInt16BE(field.value, at)
    case 'I':
      return bytes.writeInt32BE(field.value, at)
    case 'i':
      return bytes.writeUInt32BE(field.value, at)
    case 'l':
    case 'L':
      return bytes.writeBigInt64BE(BigInt(field.value), at)
    case 'T':
      return bytes.writeBigUInt64BE(BigInt(field.value), at)
    case 'f':
      return bytes.writeFloatBE(field.value, at)
    case 'd':
      return bytes.writeDoubleBE(field.value, at)
    case 't':
      return bytes.writeUInt8(field.value ? 1 : 0, at)
    case 'D':
      return bytes.writeUInt32BE(field.value.value, bytes.writeUInt8(field.value.scale, at))
    case 'F':
      return writeTable(field.value, bytes, at)
    case 'A': {
      let next = at + 4
      for (const element of field.value) next = writeValue(element, bytes, next)
      bytes.writeUInt32BE(next - at - 4, at)
      return next
    }
    case 'V':
      return at
    case 'x':
      bytes.set(field.value, bytes.writeUInt32BE(field.value.length, at))
      return at + 4 + field.value.length
    default:
      return field satisfies never
  }
}

const writeValue = (field: FieldValue, bytes: Buffer, at: number): number =>
  writeContent(field, bytes, bytes.writeUInt8(field.tag.charCodeAt(0), at))

/**
 * Writes a table with its 4-octet length and returns the position after it.
 * @throws RangeError if there is no room, a key is longer than 255 octets, or a number does not fit its tag
 */
export const writeTable = (table: FieldTable, bytes: Buffer, at: number): number => {
  let next = at + 4
  for (const [key, value] of table) next = writeValue(value, bytes, writeShortstr(key, bytes, next))
  bytes.writeUInt32BE(next - at - 4, at)
  return next
}

/** A table's octets, its 4-octet length included. Throws what writeTable throws. */
export const encodeTable = (table: FieldTable): Buffer => {
  const bytes = Buffer.allocUnsafe(tableBytes(table))
  writeTable(table, bytes, 0)
  return bytes
}

/** What `table` makes fields of. */
export type PlainValue =
  | string
  | boolean
  | number
  | bigint
  | null
  | Uint8Array
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue }

const INT32_LIMIT = 2 ** 31

const numberField = (value: number): FieldValue => {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return { tag: 'd', value }
  return value >= -INT32_LIMIT && value < INT32_LIMIT ? { tag: 'I', value } : { tag: 'l', value }
}

const plainField = (value: PlainValue): FieldValue => {
  if (value === null) return { tag: 'V', value }
  switch (typeof value) {
    case 'string':
      return { tag: 'S', value }
    case 'boolean':
      return { tag: 't', value }
    case 'number':
      return numberField(value)
    case 'bigint':
      return { tag: 'l', value: narrowed(value) }
    default:
      if (value instanceof Uint8Array) return { tag: 'x', value }
      if (Array.isArray(value)) return { tag: 'A', value: value.map(plainField) }
      return { tag: 'F', value: table(value as { readonly [key: string]: PlainValue }) }
  }
}

/** A table of plain values: strings as S, booleans t, integers I or l, other numbers d, null V, octets x, arrays A, objects F. */
export const table = (plain: { readonly [key: string]: PlainValue }): FieldTable =>
  new Map(Object.entries(plain).map(([key, value]) => [key, plainField(value)]))

const plainOf = (field: FieldValue): unknown => {
  switch (field.tag) {
    case 'F':
      return toPlain(field.value)
    case 'A':
      return field.value.map(plainOf)
    case 'D':
      return field.value.value / 10 ** field.value.scale
    case 'x':
      return Buffer.from(field.value).toString('base64')
    default:
      return typeof field.value === 'bigint' ? field.value.toString() : field.value
  }
}

/** A table for logs and JSON, types reduced to JSON's: octets become base64, integers that are not safe become strings. */
export const toPlain = (table: FieldTable): { [key: string]: unknown } =>
  Object.fromEntries([...table].map(([key, value]) => [key, plainOf(value)]))

const typeNames = {
  S: 'longstr',
  I: 'signedint',
  l: 'long',
  L: 'long',
  b: 'byte',
  B: 'unsignedbyte',
  s: 'short',
  u: 'unsignedshort',
  i: 'unsignedint',
  f: 'float',
  d: 'double',
  t: 'bool',
  T: 'timestamp',
  D: 'decimal',
  F: 'table',
  A: 'array',
  V: 'void',
  x: 'binary',
} as const satisfies { readonly [Tag in FieldValue['tag']]: string }

/** What RabbitMQ calls the value's type in reply texts. */
export const fieldType = (value: FieldValue): string => typeNames[value.tag]
