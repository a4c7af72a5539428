// A byte stream cut into whole frames, for faults that are about methods: which method each frame is, or belongs to. What
// is no stream of frames (any more) goes through as it comes.

import {
  FRAME_BODY,
  FRAME_END,
  FRAME_HEADER,
  FRAME_METHOD,
  FRAME_OVERHEAD_BYTES,
  readUint32,
} from '../../protocol/frame.ts'
import { type MethodName, methodName, methods } from '../../protocol/methods.ts'

/** Octets of what a client says before its first frame. */
const PROTOCOL_HEADER_BYTES = 8
/** Frames beyond that are none. */
const MOST_BYTES = 256 * 1024 * 1024
const NOTHING: Buffer = Buffer.alloc(0)

/** A piece of a stream: a frame, or (method null, channel 0) something else. */
export interface Piece {
  readonly channel: number
  /** Its method; of a content's frames, the method that they belong to. */
  readonly method: MethodName | null
  /** Whether it is the method's own frame: the first of a message. */
  readonly first: boolean
  readonly bytes: Buffer
}

/** Cuts one direction of one connection. */
export class FrameCutter {
  #left: Buffer = NOTHING
  /** So many octets of the next method frame have gone ahead. */
  #ahead = 0
  /** Octets before the first frame that are still to come. */
  #preamble: number
  /** It has lost its way, or the peer has. */
  #lost = false
  /** The method whose content comes next, by channel. */
  readonly #contents = new Map<number, MethodName>()

  /** @param client whether it is what a client sends, who begins with the protocol header */
  constructor(client: boolean) {
    this.#preamble = client ? PROTOCOL_HEADER_BYTES : 0
  }

  /** The first `octets` of the next method frame have gone ahead: its piece will be without, and no heartbeat comes before. */
  begin(octets: number): void {
    this.#ahead = octets
  }

  /** The pieces that are whole now; their octets are their own. */
  cut(chunk: Uint8Array): readonly Piece[] {
    if (this.#lost) return [other(Buffer.from(chunk))]
    const bytes = this.#left.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#left, chunk])
    const pieces: Piece[] = []
    let at = 0
    if (this.#preamble > 0) {
      if (bytes.length < this.#preamble) return this.#keep(bytes, pieces)
      pieces.push(other(bytes.subarray(0, this.#preamble)))
      at = this.#preamble
      this.#preamble = 0
    }
    while (bytes.length - at >= FRAME_OVERHEAD_BYTES) {
      const end = at + FRAME_OVERHEAD_BYTES + readUint32(bytes, at + 3)
      if (end - at > MOST_BYTES || (end <= bytes.length && bytes[end - 1] !== FRAME_END)) {
        this.#lost = true
        return [...pieces, other(bytes.subarray(at))]
      }
      if (end > bytes.length) break
      if (this.#ahead === 0) pieces.push(this.#piece(bytes.subarray(at, end)))
      else if (bytes[at] === FRAME_METHOD) pieces.push(this.#rest(bytes.subarray(at, end)))
      at = end
    }
    return this.#keep(bytes.subarray(at), pieces)
  }

  #keep(bytes: Buffer, pieces: readonly Piece[]): readonly Piece[] {
    this.#left = bytes
    return pieces
  }

  #rest(bytes: Buffer): Piece {
    const from = this.#ahead
    this.#ahead = 0
    return { ...this.#piece(bytes), bytes: bytes.subarray(from) }
  }

  #piece(bytes: Buffer): Piece {
    const type = bytes[0]
    const channel = bytes.readUInt16BE(1)
    if (type === FRAME_METHOD) {
      const method = methodName(readUint32(bytes, 7)) ?? null
      if (method !== null && 'content' in methods[method]) this.#contents.set(channel, method)
      return { channel, method, first: true, bytes }
    }
    const method = type === FRAME_HEADER || type === FRAME_BODY ? (this.#contents.get(channel) ?? null) : null
    return { channel, method, first: false, bytes }
  }
}

function other(bytes: Buffer): Piece {
  return { channel: 0, method: null, first: false, bytes }
}
