// What is on its way to a peer: frames are gathered in slabs and handed to the transport once per turn; large bodies go
// by reference. Knows bytes and how many of them the peer has not taken yet; not what they say.

import { methodFrameBytes, writeMethodFrame } from '../protocol/frame.ts'
import type { Method } from '../protocol/methods.ts'
import { SLAB_BYTES, type Slabs } from './slabs.ts'
import type { Transport } from './transport.ts'

/** Octets on their way from which on nothing more is delivered, and at which delivering goes on. */
const CONGESTED_BYTES = 1024 * 1024
const RELIEVED_BYTES = CONGESTED_BYTES / 2
const NOTHING = Buffer.alloc(0)

/** What an outbox tells its connection. */
export interface OutboxListener {
  /** There is output: `flush` is to be called at the end of the turn. */
  outputWaits(): void
  /** The peer has taken enough: no longer congested. */
  relieved(): void
}

/** The output of one connection. */
export class Outbox {
  readonly #transport: Transport
  readonly #slabs: Slabs
  readonly #listener: OutboxListener
  /** The slab being filled: octets from `#from` to `#at` are not in `#parts` yet. */
  #slab: Buffer = NOTHING
  #from = 0
  #at = 0
  #parts: Uint8Array[] = []
  /** Slabs that `#parts` views and nothing more is written to. */
  #full: Buffer[] = []
  #bytes = 0
  #congested = false
  #waits = false
  #sent = 0

  constructor(transport: Transport, slabs: Slabs, listener: OutboxListener) {
    this.#transport = transport
    this.#slabs = slabs
    this.#listener = listener
  }

  /** The peer is far behind: give it nothing that can wait. */
  get congested(): boolean {
    return this.#congested
  }

  /** How many times something was flushed; tells whether a heartbeat is due. */
  get flushes(): number {
    return this.#sent
  }

  /** Queues a method frame. */
  method(channel: number, method: Method): void {
    const bytes = methodFrameBytes(method)
    const slab = this.reserve(bytes)
    this.#at = writeMethodFrame(slab, this.#at, channel, method)
    this.#count(bytes)
  }

  /** Room for `bytes` octets: to be written to the buffer returned, from `position` on, and followed by `advance`. */
  reserve(bytes: number): Buffer {
    if (this.#slab.length - this.#at < bytes) this.#nextSlab(bytes)
    return this.#slab
  }

  get position(): number {
    return this.#at
  }

  /** `bytes` octets were written after `reserve`. */
  advance(bytes: number): void {
    this.#at += bytes
    this.#count(bytes)
  }

  /** Queues bytes without copying them; they must not change any more. */
  refer(bytes: Uint8Array): void {
    this.#closePart()
    this.#parts.push(bytes)
    this.#count(bytes.length)
  }

  /** Hands everything to the transport: one write. */
  flush(): void {
    this.#waits = false
    this.#closePart()
    const parts = this.#parts
    if (parts.length === 0) return
    this.#sent++
    const slabs = this.#full
    if (this.#slab !== NOTHING) slabs.push(this.#slab)
    this.#parts = []
    this.#full = []
    this.#slab = NOTHING
    this.#from = this.#at = 0
    let bytes = 0
    for (const part of parts) bytes += part.length
    this.#transport.write(parts, () => this.#written(bytes, slabs))
  }

  #written(bytes: number, slabs: readonly Buffer[]): void {
    for (const slab of slabs) if (slab.length === SLAB_BYTES) this.#slabs.give(slab)
    this.#bytes -= bytes
    if (this.#congested && this.#bytes < RELIEVED_BYTES) {
      this.#congested = false
      this.#listener.relieved()
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > CONGESTED_BYTES) this.#congested = true
    if (this.#waits) return
    this.#waits = true
    this.#listener.outputWaits()
  }

  #closePart(): void {
    if (this.#at > this.#from) this.#parts.push(new Uint8Array(this.#slab.buffer, this.#from, this.#at - this.#from))
    this.#from = this.#at
  }

  #nextSlab(bytes: number): void {
    this.#closePart()
    if (this.#slab !== NOTHING) this.#full.push(this.#slab)
    this.#slab = bytes > SLAB_BYTES ? Buffer.allocUnsafeSlow(bytes) : this.#slabs.take()
    this.#from = this.#at = 0
  }
}
