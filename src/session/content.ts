// A content on its way in: a method that carries one, its header frame, its body frames, in that order and nothing
// between (§2.3.5.2 of the specification). Gathers them into a message without copying; knows the frames' rules, not
// what the message is for.

import { announcedBytes, LARGE_BODY_BYTES, Message } from '../broker/message.ts'
import { HEADER_MIN_BYTES } from '../protocol/frame.ts'
import { ConnectionError } from '../protocol/reply.ts'

const CLASS_BASIC = 60
const PUBLISH = { classId: 60, methodId: 40 }
/** RabbitMQ's ceiling for any body (behaviour.md §3), octets. */
const CEILING_BYTES = 536_870_912
/** Pieces that a body is gathered in before they are joined to a larger one: bounds what tiny body frames may cost. */
const PIECES = 4096

/** The content state of one channel. */
export class Content {
  /** The message gathered last; whole once `header` or `bodyEnd` has returned true. */
  readonly message = new Message()
  /** What the publish said besides: bits of basic.publish (hot-methods.ts). */
  bits = 0
  #expects: 'method' | 'header' | 'body' = 'method'
  #left = 0
  #pieces: Buffer[] = []
  /** Pieces that were joined, all before `#pieces`. */
  #joined: Buffer[] = []
  /** The body is counted and thrown away: nobody wants this message. */
  #discarded = false

  /** Whether a message has been begun and not ended. */
  get open(): boolean {
    return this.#expects !== 'method'
  }

  /** A method frame came: allowed only between contents. Throws `ConnectionError` 505. */
  checkMethod(): void {
    if (this.#expects !== 'method') throw this.#unexpected()
  }

  /** basic.publish: its exchange and routing key are `bytes[start..end)`. */
  begin(bytes: Buffer, start: number, end: number, bits: number): void {
    this.message.setRouting(bytes, start, end)
    this.bits = bits
    this.#expects = 'header'
    this.#discarded = false
  }

  /** The body that follows will not be looked at: it is not kept either. */
  discard(): void {
    this.#discarded = true
  }

  /** A header frame. Returns whether the message is whole (it has no body). Throws `ConnectionError` 505, 501. */
  header(bytes: Buffer, start: number, end: number): boolean {
    if (this.#expects !== 'header') throw this.#unexpected()
    if (end - start < HEADER_MIN_BYTES) throw new ConnectionError(541, '', { classId: 0, methodId: 0 })
    const classId = ((bytes[start] as number) << 8) | (bytes[start + 1] as number)
    if (classId !== CLASS_BASIC) {
      const text = `expected content header for class 60, got one for class ${classId} instead`
      throw new ConnectionError(505, text, PUBLISH)
    }
    if (bytes[start + 2] !== 0 || bytes[start + 3] !== 0) throw this.#unexpected()
    const bodyBytes = announcedBytes(bytes, start)
    if (bodyBytes > CEILING_BYTES) {
      const text = `content body size ${bytes.readBigUInt64BE(start + 4)} exceeds maximum allowed size ${CEILING_BYTES}`
      throw new ConnectionError(501, text, PUBLISH)
    }
    this.message.setHeader(bytes, start, end)
    this.message.setBody(bytes, end, end)
    this.message.bodyBytes = this.#left = bodyBytes
    this.#expects = bodyBytes === 0 ? 'method' : 'body'
    return bodyBytes === 0
  }

  /** A piece of a body frame. Throws `ConnectionError` 505, 501. */
  bodyPiece(bytes: Buffer, start: number, end: number): void {
    if (this.#expects !== 'body') throw this.#unexpected()
    const length = end - start
    if (length > this.#left) {
      throw new ConnectionError(501, 'content body frame exceeds remaining content size', PUBLISH)
    }
    this.#left -= length
    if (this.#discarded || length === 0) return
    if (length === this.message.bodyBytes) this.message.setBody(bytes, start, end)
    else this.#pieces.push(bytes.subarray(start, end))
    if (this.#pieces.length < PIECES) return
    this.#joined.push(Buffer.concat(this.#pieces))
    this.#pieces = []
  }

  /** The end of a body frame. Returns whether the message is whole. Throws `ConnectionError` 505. */
  bodyEnd(): boolean {
    if (this.#expects !== 'body') throw this.#unexpected()
    if (this.#left > 0) return false
    this.#expects = 'method'
    if (this.#pieces.length + this.#joined.length > 0) this.#join()
    return true
  }

  #join(): void {
    const pieces = [...this.#joined, ...this.#pieces]
    this.#joined = []
    this.#pieces = []
    if (this.message.bodyBytes >= LARGE_BODY_BYTES) {
      this.message.setSlices(pieces, this.message.bodyBytes)
    } else {
      const body = Buffer.concat(pieces)
      this.message.setBody(body, 0, body.length)
    }
  }

  #unexpected(): ConnectionError {
    if (this.#expects === 'method') {
      const text = 'expected method frame, got non method frame instead'
      return new ConnectionError(505, text, { classId: 0, methodId: 0 })
    }
    const text =
      this.#expects === 'header'
        ? 'expected content header for class 60, got non content header frame instead'
        : 'expected content body, got non content body frame instead'
    return new ConnectionError(505, text, PUBLISH)
  }
}
