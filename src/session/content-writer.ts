// Methods that carry a message to the client: basic.deliver, basic.get-ok, basic.return. Written by hand, in one go where
// the message is small: this is the hottest code on the way out. Knows the octets of the methods (they are checked
// against the grammar table in the specs), not who asked for them.

import type { Message } from '../broker/message.ts'
import {
  copyBytes,
  FRAME_BODY,
  FRAME_END,
  FRAME_HEAD_BYTES,
  FRAME_HEADER,
  FRAME_METHOD,
  FRAME_OVERHEAD_BYTES,
  writeFrameHead,
  writeUint32,
  writeUint64,
} from '../protocol/frame.ts'
import type { Outbox } from './outbox.ts'

const BASIC_DELIVER = (60 << 16) | 60
const BASIC_GET_OK = (60 << 16) | 71
const BASIC_RETURN = (60 << 16) | 50
const NO_ROUTE = 312
/** A body of this many octets or more is not worth a slab that has room for the whole message. */
const LARGE_BODY_BYTES = 4096
/** The text of a return: the only reason that is ever sent (behaviour.md §8.1). */
const NO_ROUTE_TEXT = Buffer.from('\x08NO_ROUTE', 'latin1')

/** basic.deliver (60/60): consumer tag, delivery tag, redelivered, exchange, routing key; then the content. */
export function writeDeliver(
  out: Outbox,
  channel: number,
  frameMax: number,
  consumerTag: Buffer,
  deliveryTag: number,
  redelivered: boolean,
  message: Message,
): void {
  const size = 4 + consumerTag.length + 9 + message.routingEnd - message.routingStart
  const whole = wholeBytes(size, frameMax, message)
  const bytes = out.reserve(whole)
  let at = writeFrameHead(bytes, out.position, FRAME_METHOD, channel, size)
  at = writeUint32(bytes, at, BASIC_DELIVER)
  at = copyBytes(consumerTag, 0, consumerTag.length, bytes, at)
  at = writeUint64(bytes, at, deliveryTag)
  bytes[at++] = redelivered ? 1 : 0
  at = copyBytes(message.routing, message.routingStart, message.routingEnd, bytes, at)
  bytes[at++] = FRAME_END
  writeContent(out, bytes, at, channel, frameMax, message, whole)
}

/** basic.get-ok (60/71): delivery tag, redelivered, exchange, routing key, message count; then the content. */
export function writeGetOk(
  out: Outbox,
  channel: number,
  frameMax: number,
  deliveryTag: number,
  redelivered: boolean,
  remaining: number,
  message: Message,
): void {
  const size = 4 + 9 + message.routingEnd - message.routingStart + 4
  const whole = wholeBytes(size, frameMax, message)
  const bytes = out.reserve(whole)
  let at = writeFrameHead(bytes, out.position, FRAME_METHOD, channel, size)
  at = writeUint32(bytes, at, BASIC_GET_OK)
  at = writeUint64(bytes, at, deliveryTag)
  bytes[at++] = redelivered ? 1 : 0
  at = copyBytes(message.routing, message.routingStart, message.routingEnd, bytes, at)
  at = writeUint32(bytes, at, remaining)
  bytes[at++] = FRAME_END
  writeContent(out, bytes, at, channel, frameMax, message, whole)
}

/** basic.return (60/50) for want of a route: reply code and text, exchange, routing key; then the content. */
export function writeReturn(out: Outbox, channel: number, frameMax: number, message: Message): void {
  const size = 4 + 2 + NO_ROUTE_TEXT.length + message.routingEnd - message.routingStart
  const whole = wholeBytes(size, frameMax, message)
  const bytes = out.reserve(whole)
  let at = writeFrameHead(bytes, out.position, FRAME_METHOD, channel, size)
  at = writeUint32(bytes, at, BASIC_RETURN)
  bytes[at++] = NO_ROUTE >>> 8
  bytes[at++] = NO_ROUTE & 0xff
  at = copyBytes(NO_ROUTE_TEXT, 0, NO_ROUTE_TEXT.length, bytes, at)
  at = copyBytes(message.routing, message.routingStart, message.routingEnd, bytes, at)
  bytes[at++] = FRAME_END
  writeContent(out, bytes, at, channel, frameMax, message, whole)
}

/** Octets of method, header and, where it is copied, body frame. */
function wholeBytes(methodBytes: number, frameMax: number, message: Message): number {
  const head = methodBytes + message.headerEnd - message.headerStart + 2 * FRAME_OVERHEAD_BYTES
  if (message.bodyBytes === 0 || isApart(message, frameMax)) return head
  return head + message.bodyBytes + FRAME_OVERHEAD_BYTES
}

/** Whether the body goes apart from the rest: over several slabs, or in several frames. */
function isApart(message: Message, frameMax: number): boolean {
  return message.bodyBytes >= LARGE_BODY_BYTES || message.bodyBytes > frameMax - FRAME_OVERHEAD_BYTES
}

function writeContent(
  out: Outbox,
  bytes: Buffer,
  from: number,
  channel: number,
  frameMax: number,
  message: Message,
  whole: number,
): void {
  let at = writeFrameHead(bytes, from, FRAME_HEADER, channel, message.headerEnd - message.headerStart)
  at = copyBytes(message.header, message.headerStart, message.headerEnd, bytes, at)
  bytes[at++] = FRAME_END
  const apart = isApart(message, frameMax)
  if (message.bodyBytes > 0 && !apart) {
    at = writeFrameHead(bytes, at, FRAME_BODY, channel, message.bodyBytes)
    at = copyBytes(message.body, message.bodyStart, message.bodyEnd, bytes, at)
    bytes[at] = FRAME_END
  }
  out.advance(whole)
  if (apart) writeBodyApart(out, channel, frameMax, message)
}

/** The body as frames of at most frame-max octets each. */
function writeBodyApart(out: Outbox, channel: number, frameMax: number, message: Message): void {
  const largest = frameMax - FRAME_OVERHEAD_BYTES
  for (let at = message.bodyStart; at < message.bodyEnd; at += largest) {
    const end = Math.min(at + largest, message.bodyEnd)
    writeFrameHead(out.reserve(FRAME_HEAD_BYTES), out.position, FRAME_BODY, channel, end - at)
    out.advance(FRAME_HEAD_BYTES)
    out.bytes(message.body, at, end)
    out.reserve(1)[out.position] = FRAME_END
    out.advance(1)
  }
}
