// A content on its way in: a method that carries one, its header frame, its body frames, in that order and nothing
// between (§2.3.5.2 of the specification). Where all of it lies in one chunk, the message views that chunk; what the next
// chunk is to complete is copied, for chunks are read into the same octets again. Knows the frames' rules, not what the
// message is for.

import { announcedBytes, Message } from '../broker/message.ts'
import { HEADER_MIN_BYTES } from '../protocol/frame.ts'
import { ConnectionError } from '../protocol/reply.ts'
import { SLAB_BYTES, type Slabs } from './slabs.ts'

const CLASS_BASIC = 60
const PUBLISH = { classId: 60, methodId: 40 }
/** RabbitMQ's ceiling for any body (behaviour.md §3), octets. */
const CEILING_BYTES = 536_870_912
const NOTHING = Buffer.alloc(0)
/** Octets of a body from which on it may occupy a whole slab while it comes. */
const SMALLEST_IN_SLAB = 8192

/** The content state of one channel. */
export class Content {
  /** The message gathered last; whole once `header` or `bodyEnd` has returned true, and until `done`. */
  readonly message = new Message()
  /** What the publish said besides: bits of basic.publish (hot-methods.ts). */
  bits = 0
  readonly #slabs: Slabs
  #expects: 'method' | 'header' | 'body' = 'method'
  #left = 0
  /** The body so far, where it does not come in one piece; `NOTHING` where it does. */
  #gathered: Buffer = NOTHING
  #gatheredBytes = 0
  /** The body is counted and thrown away: nobody wants this message. */
  #discarded = false

  constructor(slabs: Slabs) {
    this.#slabs = slabs
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
    this.done()
  }

  /** The body that follows will not be looked at: it is not kept either. */
  discard(): void {
    this.#discarded = true
  }

  /** The octets that were handed in are about to change: of a message that is not whole, they are copied. */
  detach(): void {
    if (this.#expects === 'method') return
    const { message } = this
    message.setRouting(own(message.routing, message.routingStart, message.routingEnd), 0, message.routingBytes)
    if (this.#expects === 'header') return
    message.setHeader(own(message.header, message.headerStart, message.headerEnd), 0, message.headerBytes)
    if (message.bodyEnd > message.bodyStart && this.#gatheredBytes === 0) {
      this.#gather(message.body, message.bodyStart, message.bodyEnd)
    }
  }

  /** The message has been taken: nobody views its body any more. */
  done(): void {
    if (this.#gatheredBytes === 0) return
    if (this.#gathered.length === SLAB_BYTES) this.#slabs.give(this.#gathered)
    this.#gathered = NOTHING
    this.#gatheredBytes = 0
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
    else this.#gather(bytes, start, end)
  }

  /** The end of a body frame. Returns whether the message is whole. Throws `ConnectionError` 505. */
  bodyEnd(): boolean {
    if (this.#expects !== 'body') throw this.#unexpected()
    if (this.#left > 0) return false
    this.#expects = 'method'
    if (this.#gatheredBytes > 0) this.message.setBody(this.#gathered, 0, this.#gatheredBytes)
    return true
  }

  #gather(bytes: Buffer, start: number, end: number): void {
    const needed = this.#gatheredBytes + end - start
    if (needed > this.#gathered.length) this.#grow(needed)
    bytes.copy(this.#gathered, this.#gatheredBytes, start, end)
    this.#gatheredBytes = needed
  }

  /** Room grows as the body comes, not as its header announces: nobody gets memory for a promise. */
  #grow(needed: number): void {
    const former = this.#gathered
    const room = Math.min(this.message.bodyBytes, Math.max(needed, former.length * 2))
    const unfit = room < SMALLEST_IN_SLAB || room > SLAB_BYTES
    this.#gathered = unfit ? Buffer.allocUnsafeSlow(room) : this.#slabs.take()
    former.copy(this.#gathered, 0, 0, this.#gatheredBytes)
    if (former.length === SLAB_BYTES) this.#slabs.give(former)
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

/** `bytes[start..end)` as a buffer of its own, which it may be already. */
function own(bytes: Buffer, start: number, end: number): Buffer {
  return start === 0 && end === bytes.length ? bytes : Buffer.from(bytes.subarray(start, end))
}
