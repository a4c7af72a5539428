// What a frame is, before anybody reads it: one that a channel takes, a part of a body, a method for channel 0. Knows
// bytes; not what the connection does about them.

import { FRAME_BODY, FRAME_HEADER, FRAME_METHOD } from '../protocol/frame.ts'
import { BODY_END, BODY_PIECE } from '../protocol/frame-decoder.ts'
import { decodeMethod } from '../protocol/method-codec.ts'
import type { Method } from '../protocol/methods.ts'
import { ConnectionError, NO_METHOD } from '../protocol/reply.ts'

/** Class and method ids: a method frame without them is no method frame. */
const METHOD_MIN_BYTES = 4

/** Whether a frame with so many octets says which method it is. */
export function isMethodFrame(type: number, bytes: number): boolean {
  return type === FRAME_METHOD && bytes >= METHOD_MIN_BYTES
}

/** Whether a frame is one that channels take. */
export function isChannelFrame(type: number, bytes: number): boolean {
  return type === FRAME_METHOD ? bytes >= METHOD_MIN_BYTES : type === FRAME_HEADER || isBody(type)
}

/** Whether a frame is a part of a body, or a whole one. */
export function isBody(type: number): boolean {
  return (type & 0xff) === FRAME_BODY && (type === FRAME_BODY || type === BODY_PIECE || type === BODY_END)
}

/** A method on channel 0. RabbitMQ answers one that does not decode as it does its own faults (behaviour.md §3). */
export function decodeZero(bytes: Buffer, start: number, end: number): Method {
  try {
    return decodeMethod(bytes, start, end)
  } catch (error) {
    if (error instanceof ConnectionError && error.code === 501) throw new ConnectionError(541, '', NO_METHOD)
    throw error
  }
}
