// Messages that can be told apart: each is made from a number and a kind, and read back octet by octet. They begin in
// the middle of their buffers, as those that come from a socket do.

import { encodeRouting, Message } from '../../../../src/broker/message.ts'

interface Make {
  readonly headerBytes: number
  readonly bodyBytes: number
}

const makes = {
  empty: { headerBytes: 14, bodyBytes: 0 },
  tiny: { headerBytes: 14, bodyBytes: 9 },
  small: { headerBytes: 40, bodyBytes: 120 },
  page: { headerBytes: 14, bodyBytes: 5000 },
  large: { headerBytes: 14, bodyBytes: 70_000 },
  wide: { headerBytes: 100_000, bodyBytes: 16 },
  vast: { headerBytes: 14, bodyBytes: 332_128 },
} as const satisfies { readonly [name: string]: Make }

/** What a message looks like: sizes on both sides of every limit that a segment has. */
export type Kind = keyof typeof makes

/** All kinds. */
export const kinds = Object.keys(makes) as Kind[]

const BEFORE = 3
const routing = Buffer.concat([Buffer.alloc(BEFORE), encodeRouting('ex', 'some.key')])
/** What all stretches hold after their first octets: no octet like its neighbours. */
const filler = Buffer.from(Uint8Array.from({ length: 340_000 }, (_, i) => (i * 7 + (i >>> 8)) & 0xff))
/** Octets in front of the filler: the message's number, and in a header its kind. */
const ID_BYTES = 4

function stretch(id: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(BEFORE + bytes)
  filler.copy(buffer, BEFORE, 0, bytes)
  for (let i = 0; i < Math.min(ID_BYTES, bytes); i++) buffer[BEFORE + i] = id >>> (8 * i)
  return buffer
}

/** The message number `id`. Its persistence is that of a queue's record, not a property of its header. */
export function makeMessage(id: number, kind: Kind, persistent = false): Message {
  const { headerBytes, bodyBytes } = makes[kind]
  const message = new Message()
  message.setRouting(routing, BEFORE, routing.length)
  const header = stretch(id, headerBytes)
  header[BEFORE + ID_BYTES] = kinds.indexOf(kind)
  message.setHeader(header, BEFORE, header.length)
  const body = stretch(id, bodyBytes)
  message.setBody(body, BEFORE, body.length)
  message.persistent = persistent
  return message
}

/** Overwrites the bytes that `message` views, as a buffer that is used again. */
export function spoil(message: Message): void {
  message.header.fill(0xee)
  message.body.fill(0xee)
}

/** The number of the message that `message` views. Throws when an octet is not as `makeMessage` made it. */
export function idOf(message: Message): number {
  const { header, headerStart, headerEnd } = message
  const kind = kinds[header[headerStart + ID_BYTES] as number]
  if (kind === undefined) throw new Error('a content header that nobody made')
  const id = header.readUInt32LE(headerStart)
  ensureSame('routing', message.routing, message.routingStart, message.routingEnd, routing, BEFORE, routing.length)
  ensureFiller('header', header, headerStart, headerEnd, ID_BYTES + 1)
  const { headerBytes, bodyBytes } = makes[kind]
  if (headerEnd - headerStart !== headerBytes || message.bodyBytes !== bodyBytes) {
    throw new Error(`message ${id} has ${headerEnd - headerStart} and ${message.bodyBytes} octets`)
  }
  ensureBody(message, id)
  return id
}

function ensureBody({ body, bodyStart, bodyEnd }: Message, id: number): void {
  if (bodyEnd - bodyStart >= ID_BYTES && body.readUInt32LE(bodyStart) !== id) {
    throw new Error(`a body of another message than ${id}`)
  }
  ensureFiller('body', body, bodyStart, bodyEnd, ID_BYTES)
}

/** Octets of `bytes` from `skip` after `start` on are the filler's. */
function ensureFiller(what: string, bytes: Buffer, start: number, end: number, skip: number): void {
  if (end - start > skip) ensureSame(what, bytes, start + skip, end, filler, skip, end - start)
}

function ensureSame(
  what: string,
  a: Buffer,
  aStart: number,
  aEnd: number,
  b: Buffer,
  bStart: number,
  bEnd: number,
): void {
  if (a.compare(b, bStart, bEnd, aStart, aEnd) !== 0) throw new Error(`the ${what} is not as it was published`)
}
