// Chunks of a byte stream become frames. A chunk is never copied as a whole: frames that lie inside it are handed on in
// place, a frame that straddles two chunks is completed in a buffer of its own size, and a body frame that does is
// handed on in pieces. An incomplete frame is not an error, it is a wait. Knows nothing of channels' states.

import { FRAME_BODY, FRAME_END, FRAME_HEAD_BYTES, readUint32 } from './frame.ts'
import { ConnectionError, frameText, NO_METHOD } from './reply.ts'

/** Not types on the wire: a piece of a body frame that straddles chunks, and that frame's end (its octet was right). */
export const BODY_PIECE = 0x103
export const BODY_END = 0x203

/** Who takes the frames. */
export interface FrameSink {
  /**
   * A frame: its type, or BODY_PIECE, or BODY_END (without bytes). `bytes[start..end)` is the payload; the bytes hold
   * until `push` returns: who needs them longer copies them.
   */
  frame(type: number, channel: number, bytes: Buffer, start: number, end: number): void
}

const NONE = Buffer.alloc(0)

/** A push decoder: feed it chunks of any size, it calls the sink with what is complete. */
export class FrameDecoder {
  readonly #sink: FrameSink
  #maxPayload: number
  #stopped = false
  /** The straddling frame so far (`NONE` when there is none), and how many octets of it are there. */
  #partial: Buffer = NONE
  #partialUsed = 0
  /** Octets of the current body frame still to come, frame-end included; 0 when none is open. */
  #bodyLeft = 0
  #bodyChannel = 0

  /** @param maxPayload the largest payload accepted, octets (the negotiated frame-max, see `limit`) */
  constructor(sink: FrameSink, maxPayload: number) {
    this.#sink = sink
    this.#maxPayload = maxPayload
  }

  /** Changes the largest payload accepted: RabbitMQ lets a payload reach frame-max itself (behaviour.md §3). */
  limit(maxPayload: number): void {
    this.#maxPayload = maxPayload
  }

  /** Ends decoding for good: the rest of the current chunk and all later ones are ignored. */
  stop(): void {
    this.#stopped = true
    this.#partial = NONE
  }

  /**
   * Takes the next chunk. Throws `ConnectionError` 501 (`lostSync`) for an oversized frame or a wrong frame-end, and
   * whatever the sink throws; the decoder is then stopped.
   */
  push(chunk: Buffer): void {
    if (this.#stopped) return
    let at = 0
    try {
      if (this.#bodyLeft > 0) at = this.#continueBody(chunk, 0)
      else if (this.#partial !== NONE) at = this.#continuePartial(chunk)
      if (at < chunk.length && !this.#stopped) this.#scan(chunk, at)
    } catch (error) {
      this.stop()
      throw error
    }
  }

  #scan(chunk: Buffer, from: number): void {
    const end = chunk.length
    let at = from
    while (at + FRAME_HEAD_BYTES <= end) {
      const size = this.#checkedSize(chunk, at)
      const payload = at + FRAME_HEAD_BYTES
      const frameEnd = payload + size
      if (frameEnd >= end) break
      if (chunk[frameEnd] !== FRAME_END) throw badFrameEnd(chunk[at] as number, chunk, payload, frameEnd)
      this.#emit(chunk, at, payload, frameEnd)
      if (this.#stopped) return
      at = frameEnd + 1
    }
    if (at < end) this.#keep(chunk, at)
  }

  #emit(bytes: Buffer, at: number, payload: number, frameEnd: number): void {
    const type = bytes[at] as number
    const channel = ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
    this.#sink.frame(type, channel, bytes, payload, frameEnd)
  }

  /** Keeps the unfinished frame at the end of a chunk; of a body, hands on what is there already. */
  #keep(chunk: Buffer, at: number): void {
    const there = chunk.length - at
    if (there < FRAME_HEAD_BYTES) {
      this.#partial = Buffer.allocUnsafe(FRAME_HEAD_BYTES)
      this.#partialUsed = chunk.copy(this.#partial, 0, at)
      return
    }
    this.#open(chunk, at)
    if (this.#bodyLeft > 0) this.#continueBody(chunk, at + FRAME_HEAD_BYTES)
    else this.#partialUsed = chunk.copy(this.#partial, 0, at)
  }

  /** A frame's head is known: a body is streamed, anything else is gathered in a buffer of the frame's size. */
  #open(head: Buffer, at: number): void {
    const size = this.#checkedSize(head, at)
    if (head[at] === FRAME_BODY) {
      this.#bodyChannel = head.readUInt16BE(at + 1)
      this.#bodyLeft = size + 1
      this.#partial = NONE
    } else {
      this.#partial = Buffer.allocUnsafe(FRAME_HEAD_BYTES + size + 1)
    }
  }

  /** Adds to the straddling frame. Returns the position in the chunk where the next frame starts. */
  #continuePartial(chunk: Buffer): number {
    const partial = this.#partial
    const copied = chunk.copy(partial, this.#partialUsed, 0)
    this.#partialUsed += copied
    if (this.#partialUsed < partial.length) return copied
    if (partial.length === FRAME_HEAD_BYTES) {
      this.#open(partial, 0)
      if (this.#bodyLeft > 0) return this.#continueBody(chunk, copied)
      partial.copy(this.#partial)
      return copied + this.#continuePartial(chunk.subarray(copied))
    }
    this.#partial = NONE
    const frameEnd = partial.length - 1
    if (partial[frameEnd] !== FRAME_END) throw badFrameEnd(partial[0] as number, partial, FRAME_HEAD_BYTES, frameEnd)
    this.#emit(partial, 0, FRAME_HEAD_BYTES, frameEnd)
    return copied
  }

  /** Hands on the next piece of the open body frame. Returns the position after what it took. */
  #continueBody(chunk: Buffer, at: number): number {
    const pieceEnd = Math.min(chunk.length, at + this.#bodyLeft - 1)
    if (pieceEnd > at) this.#sink.frame(BODY_PIECE, this.#bodyChannel, chunk, at, pieceEnd)
    this.#bodyLeft -= pieceEnd - at
    if (pieceEnd === chunk.length || this.#stopped) return pieceEnd
    this.#bodyLeft = 0
    if (chunk[pieceEnd] !== FRAME_END) throw badFrameEnd(FRAME_BODY, chunk, at, pieceEnd)
    this.#sink.frame(BODY_END, this.#bodyChannel, NONE, 0, 0)
    return pieceEnd + 1
  }

  #checkedSize(bytes: Buffer, at: number): number {
    const size = readUint32(bytes, at + 3)
    if (size <= this.#maxPayload) return size
    throw lostSync(bytes[at] as number, bytes, 0, 0, `{frame_too_large,${size},${this.#maxPayload - 8}}`)
  }
}

/** RabbitMQ's answer to a stream that can no longer be followed (behaviour.md §3). */
function lostSync(type: number, bytes: Buffer, start: number, end: number, reason: string): ConnectionError {
  return new ConnectionError(501, frameText(type, bytes, start, end, reason), NO_METHOD, true)
}

function badFrameEnd(type: number, bytes: Buffer, start: number, end: number): ConnectionError {
  return lostSync(type, bytes, start, end, `{invalid_frame_end_marker,${bytes[end]}}`)
}
