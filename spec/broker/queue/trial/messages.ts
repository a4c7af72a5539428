// Messages that can be told apart: each is made from a number and a kind, and read back octet by octet. They begin in
// the middle of their buffers, as those that come from a socket do.

import { encodeRouting, LARGE_BODY_BYTES, Message } from '../../../../src/broker/message.ts'

interface Make {
  readonly headerBytes: number
  /** The sizes of the pieces that the body comes in; one piece is one stretch, not a list of slices. */
  readonly pieces: readonly number[]
}

const makes = {
  empty: { headerBytes: 14, pieces: [0] },
  tiny: { headerBytes: 14, pieces: [9] },
  small: { headerBytes: 40, pieces: [120] },
  pieces: { headerBytes: 29, pieces: [1, 0, 300, 44] },
  page: { headerBytes: 14, pieces: [5000] },
  brim: { headerBytes: 14, pieces: [8191] },
  large: { headerBytes: 14, pieces: [8192] },
  sliced: { headerBytes: 60, pieces: [4000, 4000, 5000] },
  wide: { headerBytes: 100_000, pieces: [16] },
  vast: { headerBytes: 14, pieces: [131_064, 131_064, 70_000] },
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
  const { headerBytes, pieces } = makes[kind]
  const message = new Message()
  message.setRouting(routing, BEFORE, routing.length)
  const header = stretch(id, headerBytes)
  header[BEFORE + ID_BYTES] = kinds.indexOf(kind)
  message.setHeader(header, BEFORE, header.length)
  const bodyBytes = bytesOf(pieces)
  const body = stretch(id, bodyBytes)
  if (pieces.length === 1) message.setBody(body, BEFORE, body.length)
  else message.setSlices(cut(body.subarray(BEFORE), pieces), bodyBytes)
  message.persistent = persistent
  return message
}

function cut(body: Buffer, pieces: readonly number[]): readonly Buffer[] {
  let at = 0
  return pieces.map((bytes) => {
    at += bytes
    return body.subarray(at - bytes, at)
  })
}

/** Overwrites the bytes that `message` views, as a buffer that is used again; not those of a body kept by reference. */
export function spoil(message: Message): void {
  message.header.fill(0xee)
  if (message.bodyBytes >= LARGE_BODY_BYTES) return
  message.body.fill(0xee)
  for (const slice of message.slices ?? []) slice.fill(0xee)
}

/** The number of the message that `message` views. Throws when an octet is not as `makeMessage` made it. */
export function idOf(message: Message): number {
  const { header, headerStart, headerEnd } = message
  const kind = kinds[header[headerStart + ID_BYTES] as number]
  if (kind === undefined) throw new Error('a content header that nobody made')
  const id = header.readUInt32LE(headerStart)
  ensureSame('routing', message.routing, message.routingStart, message.routingEnd, routing, BEFORE, routing.length)
  ensureFiller('header', header, headerStart, headerEnd, ID_BYTES + 1)
  const { headerBytes, pieces } = makes[kind]
  const bodyBytes = bytesOf(pieces)
  if (headerEnd - headerStart !== headerBytes || message.bodyBytes !== bodyBytes) {
    throw new Error(`message ${id} has ${headerEnd - headerStart} and ${message.bodyBytes} octets`)
  }
  ensureBody(message, id)
  return id
}

function ensureBody({ slices, body, bodyStart, bodyEnd }: Message, id: number): void {
  const [whole, from, to] = slices
    ? [Buffer.concat(slices), 0, bytesOf(slices.map(({ length }) => length))]
    : [body, bodyStart, bodyEnd]
  if (to - from >= ID_BYTES && whole.readUInt32LE(from) !== id) throw new Error(`a body of another message than ${id}`)
  ensureFiller('body', whole, from, to, ID_BYTES)
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

function bytesOf(pieces: readonly number[]): number {
  return pieces.reduce((total, bytes) => total + bytes, 0)
}
