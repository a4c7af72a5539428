// A message as the broker sees it: three stretches of bytes, exactly as the publisher sent them. The same class views a
// publish that is just coming in and a record at rest in a queue's log, so that one encoder delivers both. It owns no
// bytes and may be pointed elsewhere as soon as the call that received it returns: who wants to keep a message copies it.

import { encodeShortstr, type FieldTable, type FieldValue } from '../protocol/field-table.ts'
import { copyBytes, readUint32 } from '../protocol/frame.ts'
import {
  DELIVERY_MODE,
  HEADERS,
  headersAt,
  locateProperties,
  propertyOctets,
  propertyOffsets,
  shortstrAt,
} from '../protocol/properties.ts'

const NOTHING = Buffer.alloc(0)
const PERSISTENT = 2
const NO_HEADERS: FieldTable = new Map()
const offsets = propertyOffsets()

/** A view of one message. Offsets are into the buffer of the same name; `end` is exclusive. */
export class Message {
  /** The shortstrs exchange and routing key, one after the other, as in basic.publish and basic.deliver. */
  routing: Buffer = NOTHING
  routingStart = 0
  routingEnd = 0
  /** The payload of the content header (frame.ts draws it). */
  header: Buffer = NOTHING
  headerStart = 0
  headerEnd = 0
  body: Buffer = NOTHING
  bodyStart = 0
  bodyEnd = 0
  /** The size of the body; while it is still coming in, what its header announced. */
  bodyBytes = 0
  /** delivery-mode 2 (behaviour.md §8.1). */
  persistent = false
  /** When it expires, milliseconds since 1970; 0: never. */
  expiresAt = 0
  /** It has died: what its headers say of that was written by a broker, not by a client (behaviour.md §9.5). */
  dead = false
  /** It is routed by its headers CC and BCC as well, of which nobody is to see BCC (behaviour.md §5.5). */
  copies = false

  /** The exchange it was published to. */
  get exchange(): string {
    return shortstrAt(this.routing, this.routingStart)
  }

  /** The routing key it was published with. */
  get routingKey(): string {
    return shortstrAt(this.routing, this.routingStart + 1 + (this.routing[this.routingStart] as number))
  }

  /** All keys that it is routed by: the routing key, and what CC and BCC add (behaviour.md §5.5). */
  get routingKeys(): readonly string[] {
    if (!this.copies) return [this.routingKey]
    const { headers } = this
    return [this.routingKey, ...textsIn(headers.get('CC')), ...textsIn(headers.get('BCC'))]
  }

  /** The table of its headers, decoded anew with every call; empty where it has none. */
  get headers(): FieldTable {
    locateProperties(this.header, this.headerStart, this.headerEnd, offsets)
    const at = offsets[HEADERS] as number
    return at < 0 ? NO_HEADERS : headersAt(this.header, at)
  }

  /** The octets of a shortstr's text or of a timestamp, by its index in properties.ts; null where it is absent. */
  propertyBytes(property: number): Buffer | null {
    locateProperties(this.header, this.headerStart, this.headerEnd, offsets)
    return propertyOctets(this.header, offsets, property)
  }

  /** Whether its delivery-mode is 2: what a record that has to survive anyway does not say of itself. */
  get asksForPersistence(): boolean {
    return this.propertyBytes(DELIVERY_MODE)?.[0] === PERSISTENT
  }

  /** Points this view at what `other` views. */
  view(other: Message): this {
    this.routing = other.routing
    this.routingStart = other.routingStart
    this.routingEnd = other.routingEnd
    this.setHeader(other.header, other.headerStart, other.headerEnd)
    this.body = other.body
    this.bodyStart = other.bodyStart
    this.bodyEnd = other.bodyEnd
    this.bodyBytes = other.bodyBytes
    this.persistent = other.persistent
    this.expiresAt = other.expiresAt
    this.dead = other.dead
    this.copies = other.copies
    return this
  }

  setRouting(bytes: Buffer, start: number, end: number): void {
    this.routing = bytes
    this.routingStart = start
    this.routingEnd = end
  }

  setHeader(bytes: Buffer, start: number, end: number): void {
    this.header = bytes
    this.headerStart = start
    this.headerEnd = end
  }

  setBody(bytes: Buffer, start: number, end: number): void {
    this.body = bytes
    this.bodyStart = start
    this.bodyEnd = end
    this.bodyBytes = end - start
  }

  /** The body as one buffer of its own. */
  copyBody(): Buffer {
    return Buffer.from(this.body.subarray(this.bodyStart, this.bodyEnd))
  }

  /** The same message over bytes of its own, for who has to keep it. */
  copy(): Message {
    const { routing, header, body } = this
    const copy = new Message().view(this)
    const bytes = Buffer.allocUnsafe(this.routingBytes + this.headerBytes + this.bodyEnd - this.bodyStart)
    const headerAt = copyBytes(routing, this.routingStart, this.routingEnd, bytes, 0)
    const bodyAt = copyBytes(header, this.headerStart, this.headerEnd, bytes, headerAt)
    copyBytes(body, this.bodyStart, this.bodyEnd, bytes, bodyAt)
    copy.setRouting(bytes, 0, headerAt)
    copy.setHeader(bytes, headerAt, bodyAt)
    copy.setBody(bytes, bodyAt, bytes.length)
    return copy
  }

  get routingBytes(): number {
    return this.routingEnd - this.routingStart
  }

  get headerBytes(): number {
    return this.headerEnd - this.headerStart
  }

  /** Octets that the message takes as a record of a log (see page.ts). */
  get recordBytes(): number {
    const expiryBytes = this.expiresAt > 0 ? 8 : 0
    return expiryBytes + this.routingBytes + this.headerBytes + this.bodyBytes
  }
}

function textsIn(value: FieldValue | undefined): readonly string[] {
  return value?.tag === 'A' ? value.value.flatMap((text) => (text.tag === 'S' ? [text.value] : [])) : []
}

/** Where the routing bytes that start at `at` end: two shortstrs. */
export function routingEnd(bytes: Buffer, at: number): number {
  const keyAt = at + 1 + (bytes[at] as number)
  return keyAt + 1 + (bytes[keyAt] as number)
}

/** The shortstrs `exchange` and `routingKey`, one after the other. Throws `RangeError` over 255 octets each. */
export function encodeRouting(exchange: string, routingKey: string): Buffer {
  return Buffer.concat([encodeShortstr(exchange), encodeShortstr(routingKey)])
}

/** The body size that a content header announces, octets; Infinity where it exceeds what a number holds. */
export function announcedBytes(header: Buffer, start: number): number {
  const high = readUint32(header, start + 4)
  return high > 0x1f_ffff ? Number.POSITIVE_INFINITY : high * 0x1_0000_0000 + readUint32(header, start + 8)
}
