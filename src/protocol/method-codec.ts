// Method payloads (class id, method id, arguments) to methods and back, both derived from the table in methods.ts.
// Readers are binary-parser programs, compiled when a method first comes in: right for what is rare. What comes with
// every message is read in hot-methods.ts. Knows no frames.

import { Parser } from 'binary-parser'
import { decodeTable, type FieldTable, tableBytes, writeShortstr, writeTable } from './field-table.ts'
import { type Domain, type Method, type MethodName, methodName, methods, type Rule } from './methods.ts'
import { ConnectionError, cannotDecode, type FailedMethod, NO_METHOD } from './reply.ts'
import { decodeText, isMalformed, textBytes } from './utf8.ts'

/** What lies in the octets of a method's arguments: a field, or up to eight bits in one octet, lowest bit first. */
type Slot =
  | { readonly domain: Exclude<Domain, 'bit'>; readonly field: string }
  | { readonly domain: 'bits'; readonly fields: readonly string[] }

type Arguments = { [field: string]: unknown }

const layoutOf = (rule: Rule): Slot[] => {
  const slots: Slot[] = []
  let bits: string[] = []
  for (const [field, domain] of Object.entries(rule.fields)) {
    if (domain !== 'bit') {
      bits = []
      slots.push({ domain, field })
      continue
    }
    if (bits.length % 8 === 0) {
      bits = []
      slots.push({ domain: 'bits', fields: bits })
    }
    bits.push(field)
  }
  return slots
}

const padding = ['bit1', 'bit2', 'bit3', 'bit4', 'bit5', 'bit6', 'bit7'] as const

/** binary-parser takes the highest bit first; AMQP counts from the lowest. */
const readBits = (parser: Parser, fields: readonly string[]): void => {
  const unused = padding[7 - fields.length]
  if (unused !== undefined) parser[unused]('$unused')
  for (const field of [...fields].reverse()) parser.bit1(field)
}

const readSlot = (parser: Parser, slot: Slot): Parser => {
  switch (slot.domain) {
    case 'bits':
      readBits(parser, slot.fields)
      return parser
    case 'octet':
      return parser.uint8(slot.field)
    case 'short':
      return parser.uint16(slot.field)
    case 'long':
      return parser.uint32(slot.field)
    case 'longlong':
    case 'timestamp':
      return parser.uint64(slot.field)
    case 'shortstr':
      return parser.uint8(`$${slot.field}`).buffer(slot.field, { length: `$${slot.field}` })
    case 'longstr':
    case 'table':
      return parser.uint32(`$${slot.field}`).buffer(slot.field, { length: `$${slot.field}` })
    default:
      return slot satisfies never
  }
}

/** Text of a shortstr: UTF-8, except in methods that content follows. RabbitMQ takes their names as they come. */
const textOf = (bytes: Buffer, rule: Rule): string => {
  const text = decodeText(bytes, 0, bytes.length)
  if (rule.content !== true && isMalformed(text)) {
    throw new ConnectionError(501, 'Malformed UTF-8 in shortstr', NO_METHOD)
  }
  return text
}

/** A field's value from what binary-parser makes of its octets: numbers, bigints, views of strings and tables. */
const argumentOf = (raw: unknown, domain: Domain, rule: Rule): unknown => {
  switch (domain) {
    case 'bit':
      return raw === 1
    case 'longlong':
    case 'timestamp':
      return (raw as bigint) > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : Number(raw)
    case 'shortstr':
      return textOf(raw as Buffer, rule)
    case 'longstr':
      return Buffer.from(raw as Buffer)
    case 'table':
      return decodeTable(raw as Buffer, 0, (raw as Buffer).length)
    default:
      return raw
  }
}

type Reader = (bytes: Buffer, start: number, end: number) => Method

const compileReader = (name: MethodName): Reader => {
  const rule: Rule = methods[name]
  const ids: FailedMethod = { classId: rule.class, methodId: rule.method }
  const fields = Object.entries(rule.fields)
  const parser = layoutOf(rule).reduce(readSlot, new Parser()).saveOffset('$end')
  const parse = (bytes: Buffer): Arguments | undefined => {
    try {
      const raw = parser.parse(bytes) as Arguments & { readonly $end: number }
      return raw.$end === bytes.length ? raw : undefined
    } catch {
      return undefined // compiled code reads the octets and nothing else: it throws where they end too soon
    }
  }
  return (bytes, start, end) => {
    const raw = parse(bytes.subarray(start, end))
    if (raw === undefined) throw cannotDecode(bytes, start, end, ids)
    const method: Arguments = { name }
    for (const [field, domain] of fields) method[field] = argumentOf(raw[field], domain, rule)
    return method as Method
  }
}

const readers = new Map<MethodName, Reader>()

const readerOf = (name: MethodName): Reader => {
  const known = readers.get(name)
  if (known !== undefined) return known
  const reader = compileReader(name)
  readers.set(name, reader)
  return reader
}

/**
 * The method in the payload `bytes[start..end)` of a method frame (four octets at least). Its values share no memory
 * with `bytes`.
 * @throws ConnectionError 501 for arguments that are too short, too long, not UTF-8 or a damaged table; 503 for a method
 *   that does not exist
 */
export const decodeMethod = (bytes: Buffer, start: number, end: number): Method => {
  if (end - start < 4) throw cannotDecode(bytes, start, end, NO_METHOD)
  const name = methodName(bytes.readUInt32BE(start))
  if (name !== undefined) return readerOf(name)(bytes, start + 4, end)
  const ids = { classId: bytes.readUInt16BE(start), methodId: bytes.readUInt16BE(start + 2) }
  throw new ConnectionError(503, `unknown method ${ids.classId}/${ids.methodId}`, ids)
}

/** Writes one slot. `size` adds up what `write` needs; both take the whole method. */
type Writer = {
  readonly size: (method: Arguments) => number
  readonly write: (method: Arguments, bytes: Buffer, at: number) => number
}

const NOTHING = Buffer.alloc(0)
const NO_FIELDS: FieldTable = new Map()

const fixedWriter = (size: number, write: Writer['write']): Writer => ({ size: () => size, write })

const writeLonglong = (value: number, bytes: Buffer, at: number): number => {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is not a longlong`)
  return bytes.writeUInt32BE(value % 2 ** 32, bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at))
}

const writerOf = (slot: Slot): Writer => {
  if (slot.domain === 'bits') {
    return fixedWriter(1, (method, bytes, at) =>
      bytes.writeUInt8(
        slot.fields.reduce((octet, field, bit) => octet | (method[field] === true ? 1 << bit : 0), 0),
        at,
      ),
    )
  }
  const { field } = slot
  const number = (method: Arguments): number => (method[field] ?? 0) as number
  const text = (method: Arguments): string => (method[field] ?? '') as string
  const octets = (method: Arguments): Uint8Array => (method[field] ?? NOTHING) as Uint8Array
  const table = (method: Arguments): FieldTable => (method[field] ?? NO_FIELDS) as FieldTable
  switch (slot.domain) {
    case 'octet':
      return fixedWriter(1, (method, bytes, at) => bytes.writeUInt8(number(method), at))
    case 'short':
      return fixedWriter(2, (method, bytes, at) => bytes.writeUInt16BE(number(method), at))
    case 'long':
      return fixedWriter(4, (method, bytes, at) => bytes.writeUInt32BE(number(method), at))
    case 'longlong':
    case 'timestamp':
      return fixedWriter(8, (method, bytes, at) => writeLonglong(number(method), bytes, at))
    case 'shortstr':
      return {
        size: (method) => 1 + textBytes(text(method)),
        write: (method, bytes, at) => writeShortstr(text(method), bytes, at),
      }
    case 'longstr':
      return {
        size: (method) => 4 + octets(method).length,
        write: (method, bytes, at) => {
          bytes.set(octets(method), bytes.writeUInt32BE(octets(method).length, at))
          return at + 4 + octets(method).length
        },
      }
    case 'table':
      return {
        size: (method) => tableBytes(table(method)),
        write: (method, bytes, at) => writeTable(table(method), bytes, at),
      }
    default:
      return slot satisfies never
  }
}

const writers = new Map<string, readonly Writer[]>(
  Object.entries<Rule>(methods).map(([name, rule]) => [name, layoutOf(rule).map(writerOf)]),
)

const writersOf = (method: Method): readonly Writer[] => writers.get(method.name) ?? []

/** Octets of the method's payload: its ids and arguments. */
export const methodBytes = (method: Method): number =>
  writersOf(method).reduce((sum, writer) => sum + writer.size(method), 4)

/**
 * Writes the method's payload and returns the position after it.
 * @throws RangeError if there is no room, a shortstr is longer than 255 octets, or a number does not fit its field
 */
export const writeMethod = (method: Method, bytes: Buffer, at: number): number => {
  const { class: classId, method: id } = methods[method.name]
  let next = bytes.writeUInt16BE(id, bytes.writeUInt16BE(classId, at))
  for (const writer of writersOf(method)) next = writer.write(method, bytes, next)
  return next
}

/** The method's payload in a buffer of its own. Throws what writeMethod throws. */
export const encodeMethod = (method: Method): Buffer => {
  const bytes = Buffer.allocUnsafe(methodBytes(method))
  writeMethod(method, bytes, 0)
  return bytes
}
