// What is on its way to a peer: frames are gathered in slabs and handed to the transport once per turn, and early where
// they are many. Knows bytes and how many of them the peer has not taken yet; not what they say.

import { copyBytes, methodFrameBytes, writeMethodFrame } from '../protocol/frame.ts'
import type { Method } from '../protocol/methods.ts'
import { SLAB_BYTES, type Slabs } from './slabs.ts'
import type { Transport } from './transport.ts'

/** Octets on their way from which on nothing more is delivered, and at which delivering goes on. */
const CONGESTED_BYTES = 1024 * 1024
const RELIEVED_BYTES = CONGESTED_BYTES / 2
/** Octets that leave before the turn ends: what is gathered then is still in the processor's cache when it is sent. */
const FLUSHED_BYTES = 256 * 1024
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
  /** The slab being filled, up to `#at`. */
  #slab: Buffer = NOTHING
  #at = 0
  /** The slabs before it that are full, and what of them is used. */
  #full: Buffer[] = []
  #parts: Uint8Array[] = []
  /** Octets that are not handed to the transport. */
  #gathered = 0
  /** Octets that the transport has not sent, those included. */
  #bytes = 0
  #congested = false
  #waits = false
  #sent = 0
  /** Octets handed to the transport. */
  sentBytes = 0

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

  /** Octets that the transport has not sent. */
  get pendingBytes(): number {
    return this.#bytes
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

  /** Queues any number of octets. */
  bytes(bytes: Buffer, start = 0, end = bytes.length): void {
    for (let at = start; at < end; ) {
      if (this.#at === this.#slab.length) this.#nextSlab(SLAB_BYTES)
      const taken = Math.min(end - at, this.#slab.length - this.#at)
      this.#at = copyBytes(bytes, at, at + taken, this.#slab, this.#at)
      at += taken
    }
    this.#count(end - start)
  }

  /** Hands everything to the transport: one write. */
  flush(): void {
    this.#waits = false
    if (this.#at === 0) return
    this.#sent++
    const slabs = this.#full
    slabs.push(this.#slab)
    const parts = this.#parts
    parts.push(written(this.#slab, this.#at))
    const bytes = this.#gathered
    this.sentBytes += bytes
    this.#parts = []
    this.#full = []
    this.#slab = NOTHING
    this.#at = this.#gathered = 0
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
    this.#gathered += bytes
    if (this.#bytes > CONGESTED_BYTES) this.#congested = true
    if (this.#gathered > FLUSHED_BYTES) this.flush()
    if (this.#waits) return
    this.#waits = true
    this.#listener.outputWaits()
  }

  #nextSlab(bytes: number): void {
    if (this.#at > 0) {
      this.#parts.push(written(this.#slab, this.#at))
      this.#full.push(this.#slab)
    }
    this.#slab = bytes > SLAB_BYTES ? Buffer.allocUnsafeSlow(bytes) : this.#slabs.take()
    this.#at = 0
  }
}

function written(slab: Buffer, end: number): Uint8Array {
  return new Uint8Array(slab.buffer, slab.byteOffset, end)
}
