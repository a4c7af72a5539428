// A Transport over a socket of node:net or node:tls. All sockets of a process are read into the same octets, one read at a
// time: memory that is used again is in the processor's cache, and neither the kernel nor the garbage collector has to
// make room (docs/decisions/0007).

import type { Socket } from 'node:net'
import { isLoopback, plainAddress } from '../broker/access/loopback.ts'
import type { Address } from '../broker/peers.ts'
import type { Secured, Transport, TransportListener } from '../session/transport.ts'
import type { Ends } from './proxy-header.ts'

/** Octets of one read; more leave the processor's cache before they are sent on (measured). */
const READ_BYTES = 128 * 1024
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES)

/** What is set of a socket that `onread` is given to. */
interface Reading {
  [field: symbol]: unknown
  readonly _handle?: { readonly useUserBuffer?: (buffer: Buffer) => void } | null
}

/** Carries one connection's bytes. */
export class SocketTransport implements Transport {
  readonly peer: string
  readonly address: string
  readonly loopback: boolean
  readonly secured: Secured | null
  readonly remote: Address
  readonly local: Address
  readonly #socket: Socket
  #listener: TransportListener | null = null

  /**
   * @param secured what TLS has settled, where the socket is one of node:tls
   * @param ends whom it connects, where a proxy stands between
   */
  constructor(socket: Socket, secured: Secured | null = null, ends: Ends = endsOf(socket)) {
    this.#socket = socket
    this.secured = secured
    const { remote, local } = ends
    this.address = remote.host
    this.peer = `${remote.host}:${remote.port}`
    this.remote = remote
    this.local = local
    this.loopback = isLoopback(remote.host)
    // Nagle's algorithm would wait for the peer's acknowledgement before it sends a small frame.
    socket.setNoDelay(true)
    // Under TLS it is the cipher's octets that are read, and what they say has been allocated by then.
    if (secured || !this.#readsIntoBuffer()) socket.on('data', (chunk: Buffer) => this.#listener?.data(chunk))
  }

  /**
   * Gives a socket of net.Server what only sockets that connect can be given, the option `onread`: where the socket would
   * keep it, and the handle what belongs to it. False where it is not to be had: the handle takes no buffer, or this version
   * of Node keeps it elsewhere. Then every read allocates.
   */
  #readsIntoBuffer(): boolean {
    const socket = this.#socket as unknown as Reading
    const [buffer, callback] = ['kBuffer', 'kBufferCb'].map((name) => ownSymbol(socket, name))
    const { _handle: handle } = socket
    if (buffer === undefined || callback === undefined || typeof handle?.useUserBuffer !== 'function') return false
    socket[buffer] = readBuffer
    socket[callback] = (bytes: number): boolean => {
      this.#listener?.data(readBuffer.subarray(0, bytes))
      return true
    }
    handle.useUserBuffer(readBuffer)
    return true
  }

  /** Passes what the socket says on to `listener`. */
  listen(listener: TransportListener): void {
    this.#listener = listener
    // A half-closed peer cannot be answered: its end is the end.
    this.#socket.on('end', () => this.#socket.destroy())
    // `close` follows every error; what it was matters to nobody.
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => listener.closed())
  }

  write(parts: readonly Uint8Array[], written: () => void): void {
    const socket = this.#socket
    const last = parts.length - 1
    if (last > 0) socket.cork()
    for (let i = 0; i < last; i++) socket.write(parts[i] as Uint8Array)
    socket.write(parts[last] as Uint8Array, written)
    if (last > 0) socket.uncork()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.end()
    // A socket that is not read from does not see its peer's end, and does not keep the process alive until then.
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Breaks the connection as a crash does: the peer gets a reset. */
  reset(): void {
    // TLS has no reset of its own, it is the socket below that has: known to the socket above by a field that Node does not
    // promise. Where that is not to be had, the peer gets an end without TLS's word of it, which is no orderly one either.
    const { _parent: below } = this.#socket as unknown as { readonly _parent?: Socket | null }
    if (this.secured === null) this.#socket.resetAndDestroy()
    else if (typeof below?.resetAndDestroy === 'function') below.resetAndDestroy()
    else this.#socket.destroy()
  }
}

/** The ends of the socket itself. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): Ends {
  return {
    remote: { host: plainAddress(remoteAddress ?? ''), port: remotePort ?? 0 },
    local: { host: plainAddress(localAddress ?? ''), port: localPort ?? 0 },
  }
}

/** The symbol of that name among a socket's own fields. */
function ownSymbol(socket: object, name: string): symbol | undefined {
  return Object.getOwnPropertySymbols(socket).find(({ description }) => description === name)
}
