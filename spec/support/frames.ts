// Frames of the wire by hand, for specs of whatever reads them: one is made as octets, a stream of them is cut into
// chunks, and a naive decoder says what a stream holds by looking at all of it at once.

import fc from 'fast-check'
import type { FrameSink } from '../../src/protocol/frame-decoder.ts'
import { BODY_END, BODY_PIECE } from '../../src/protocol/frame-decoder.ts'
import { octets } from './arbitraries.ts'

/** A frame as the wire has it. */
export interface Frame {
  readonly type: number
  readonly channel: number
  readonly payload: Buffer
}

/** What a stream of octets holds: whole frames, and what ended it before its end. */
export interface Reading {
  readonly frames: readonly Frame[]
  /** `too large` or `bad end`, with the number that is to blame; null when all that is missing is more octets. */
  readonly failure: readonly [why: 'too large' | 'bad end', number: number] | null
}

const HEAD = 7
const END = 0xce
const BODY = 3

/** The octets of a frame. */
export function frameBytes({ type, channel, payload }: Frame, end = END): Buffer {
  const head = Buffer.alloc(HEAD)
  head.writeUInt8(type, 0)
  head.writeUInt16BE(channel, 1)
  head.writeUInt32BE(payload.length, 3)
  return Buffer.concat([head, payload, Buffer.of(end)])
}

/** Reads the whole stream at once, frame after frame. */
export function naiveReading(stream: Buffer, maxPayload: number): Reading {
  const frames: Frame[] = []
  let rest = stream
  while (rest.length >= HEAD) {
    const size = rest.readUInt32BE(3)
    if (size > maxPayload) return { frames, failure: ['too large', size] }
    if (rest.length < HEAD + size + 1) break
    const end = rest.readUInt8(HEAD + size)
    if (end !== END) return { frames, failure: ['bad end', end] }
    frames.push({ type: rest.readUInt8(0), channel: rest.readUInt16BE(1), payload: rest.subarray(HEAD, HEAD + size) })
    rest = rest.subarray(HEAD + size + 1)
  }
  return { frames, failure: null }
}

/** Collects what a decoder hands on, without copying: what it promises to leave alone is looked at later. */
export class FrameCollector implements FrameSink {
  /** Every call, in order. */
  readonly calls: Frame[] = []

  frame(type: number, channel: number, bytes: Buffer, start: number, end: number): void {
    this.calls.push({ type, channel, payload: bytes.subarray(start, end) })
  }

  /** The frames that were whole, the pieces of bodies put together. Fails where pieces and ends do not belong together. */
  get frames(): readonly Frame[] {
    const frames: Frame[] = []
    let pieces: Buffer[] = []
    let open = -1
    for (const call of this.calls) {
      if (open >= 0 && call.channel !== open) throw new Error(`channel ${call.channel} inside a body of ${open}`)
      if (call.type === BODY_PIECE) {
        open = call.channel
        pieces.push(call.payload)
      } else if (call.type === BODY_END) {
        frames.push({ type: BODY, channel: call.channel, payload: Buffer.concat(pieces) })
        pieces = []
        open = -1
      } else {
        if (open >= 0) throw new Error(`a frame of type ${call.type} inside a body`)
        frames.push(call)
      }
    }
    return frames
  }
}

/** Any frame: mostly of the types that exist, of few octets. */
export const anyFrame: fc.Arbitrary<Frame> = fc.record({
  type: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(1, 2, BODY, BODY, 8) }, { weight: 1, arbitrary: fc.nat(255) }),
  channel: fc.oneof(fc.constantFrom(0, 1, 0xff, 0x100, 0xffff), fc.nat(0xffff)),
  payload: octets(40),
})

/** Where to cut a stream: any number of places, also the same one twice (an empty chunk). */
export const cuts: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(400), { maxLength: 12 })

/** `stream` cut at each of `places`, taken modulo its length. */
export function chunked(stream: Buffer, places: readonly number[]): readonly Buffer[] {
  const sorted = places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b)
  return [...sorted, stream.length].map((end, i) => stream.subarray(i === 0 ? 0 : sorted[i - 1], end))
}
