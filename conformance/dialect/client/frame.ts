// Frames of the test client: encoding whatever a scenario asks for, and cutting what the broker sends into frames.
//
//   type(1) channel(2) size(4) payload(size) 0xCE          type: 1 method, 2 header, 3 body, 8 heartbeat
//
// May not know sockets.

import { type Field, integer, longstr, Reader, shortstr, type Table, table } from './field-table.ts'
import { methodName, methods, properties } from './grammar.ts'

/** A frame as it arrived. */
export type Frame = { readonly type: number; readonly channel: number; readonly payload: Buffer }

/** Field or property values by their camel-case names; what is missing is zero, empty or false. */
export type Values = { readonly [name: string]: unknown }

const frameEnd = 0xce

/** A frame with the given payload; `end` other than 0xCE makes a bad one. */
export function frame(type: number, channel: number, payload: Buffer, end = frameEnd): Buffer {
  return Buffer.concat([integer(type, 1), integer(channel, 2), integer(payload.length, 4), payload, integer(end, 1)])
}

function fieldValue(domain: string, value: unknown): Buffer {
  switch (domain) {
    case 'octet':
      return integer((value ?? 0) as number, 1)
    case 'short':
      return integer((value ?? 0) as number, 2)
    case 'long':
      return integer((value ?? 0) as number, 4)
    case 'longlong':
      return integer((value ?? 0) as number | bigint, 8)
    case 'shortstr':
      return shortstr((value ?? '') as string | Buffer)
    case 'longstr':
      return longstr((value ?? '') as string | Buffer)
    default:
      return table((value ?? {}) as Table | Buffer | readonly (readonly [string, Field])[])
  }
}

/** The arguments of a method as bytes; neighbouring bits share an octet, first bit lowest. */
export function argumentBytes(name: string, values: Values): Buffer {
  const grammar = methods.get(name)
  if (grammar === undefined) throw new Error(`no method ${name}`)
  for (const key of Object.keys(values))
    if (!grammar.fields.some(([field]) => field === key)) throw new Error(`${name} has no field ${key}`)
  const parts: Buffer[] = []
  let bits: number[] = []
  const flush = () => {
    if (bits.length > 0)
      parts.push(
        integer(
          bits.reduce((sum, bit, at) => sum + (bit << at), 0),
          1,
        ),
      )
    bits = []
  }
  for (const [field, domain] of grammar.fields) {
    if (domain === 'bit') {
      bits.push(values[field] === true ? 1 : 0)
      continue
    }
    flush()
    parts.push(fieldValue(domain, values[field]))
  }
  flush()
  return Buffer.concat(parts)
}

/** A method frame by name. */
export function method(channel: number, name: string, values: Values = {}): Buffer {
  const grammar = methods.get(name)
  if (grammar === undefined) throw new Error(`no method ${name}`)
  return rawMethod(channel, grammar.classId, grammar.methodId, argumentBytes(name, values))
}

/** A method frame with any ids and any argument bytes. */
export function rawMethod(channel: number, classId: number, methodId: number, argument: Buffer): Buffer {
  return frame(1, channel, Buffer.concat([integer(classId, 2), integer(methodId, 2), argument]))
}

/** Flags and values of the properties that are present. */
export function propertyBytes(values: Values): Buffer {
  let flags = 0
  const parts: Buffer[] = []
  properties.forEach(([name, domain], at) => {
    if (values[name] === undefined) return
    flags |= 1 << (15 - at)
    parts.push(fieldValue(domain, values[name]))
  })
  return Buffer.concat([integer(flags, 2), ...parts])
}

/** What a content header may get wrong. */
export type HeaderOptions = { readonly classId?: number; readonly weight?: number; readonly properties?: Buffer }

/** A content header frame. */
export function header(
  channel: number,
  bodyBytes: number | bigint,
  values: Values,
  options: HeaderOptions = {},
): Buffer {
  const fixed = [integer(options.classId ?? 60, 2), integer(options.weight ?? 0, 2), integer(bodyBytes, 8)]
  return frame(2, channel, Buffer.concat([...fixed, options.properties ?? propertyBytes(values)]))
}

/** Body frames of at most `frameMax - 8` bytes each; none for an empty body. */
export function body(channel: number, bytes: Buffer, frameMax: number): Buffer {
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; at += frameMax - 8)
    frames.push(frame(3, channel, bytes.subarray(at, at + frameMax - 8)))
  return Buffer.concat(frames)
}

/** Reads a method payload; undefined when its ids are unknown or its arguments do not decode. */
export function readMethod(payload: Buffer): { readonly name: string; readonly values: Values } | undefined {
  try {
    const reader = new Reader(payload)
    const name = methodName(reader.uint(2), reader.uint(2))
    const grammar = name === undefined ? undefined : methods.get(name)
    if (name === undefined || grammar === undefined) return undefined
    const values = readFields(reader, grammar.fields)
    return reader.left === 0 ? { name, values } : undefined
  } catch {
    return undefined
  }
}

function readFields(reader: Reader, fields: readonly (readonly [string, string])[]): Values {
  const values: Record<string, unknown> = {}
  let bits = 0
  let bit = 8
  for (const [field, domain] of fields) {
    if (domain !== 'bit') {
      bit = 8
      values[field] = readField(reader, domain)
      continue
    }
    if (bit === 8) {
      bits = reader.uint(1)
      bit = 0
    }
    values[field] = ((bits >> bit) & 1) === 1
    bit += 1
  }
  return values
}

const uintSizes: Readonly<Record<string, number>> = { octet: 1, short: 2, long: 4, longlong: 8 }

function readField(reader: Reader, domain: string): unknown {
  const size = uintSizes[domain]
  if (size !== undefined) return reader.uint(size)
  if (domain === 'shortstr') return reader.shortstr()
  return domain === 'longstr' ? reader.longstr() : reader.table()
}

/** Reads a content header payload. Throws RangeError when it does not decode. */
export function readHeader(payload: Buffer): { readonly bodyBytes: number; readonly properties: Values } {
  const reader = new Reader(payload)
  reader.take(4)
  const bodyBytes = reader.uint(8)
  const flags = reader.uint(2)
  const values: Record<string, unknown> = {}
  properties.forEach(([name, domain], at) => {
    if ((flags & (1 << (15 - at))) !== 0) values[name] = readField(reader, domain)
  })
  return { bodyBytes, properties: values }
}

/** Cuts a byte stream into frames; what is incomplete waits for the next chunk. */
export class FrameReader {
  #chunks: Buffer[] = []
  #held = 0
  #wanted = 7

  /** The frames that `chunk` completes. Throws on a bad frame end: no broker may send one. */
  read(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    const frames: Frame[] = []
    if (this.#held < this.#wanted) return frames
    let bytes = Buffer.concat(this.#chunks)
    for (;;) {
      this.#wanted = bytes.length < 7 ? 7 : bytes.readUInt32BE(3) + 8
      if (bytes.length < this.#wanted) break
      if (bytes[this.#wanted - 1] !== frameEnd) throw new Error('the broker sent a bad frame end')
      frames.push({
        type: bytes.readUInt8(0),
        channel: bytes.readUInt16BE(1),
        payload: bytes.subarray(7, this.#wanted - 1),
      })
      bytes = bytes.subarray(this.#wanted)
    }
    this.#chunks = [bytes]
    this.#held = bytes.length
    return frames
  }
}
