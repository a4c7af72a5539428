// A Transport over a socket of node:net or node:tls. All sockets of a process are read into the same octets, one read at a
// time: memory that is used again is in the processor's cache, and neither the kernel nor the garbage collector has to
// make room (docs/decisions/0007).

import { Socket } from 'node:net'
import type { Transport, TransportListener } from '../session/transport.ts'

/** Octets of one read; more leave the processor's cache before they are sent on (measured). */
const READ_BYTES = 128 * 1024
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES)

/** Carries one connection's bytes. */
export class SocketTransport implements Transport {
  readonly peer: string
  readonly loopback: boolean
  readonly #socket: Socket
  #listener: TransportListener | null = null

  /** @param accepted a socket that nothing was read from; where it has a handle of the operating system, that is taken over */
  constructor(accepted: Socket) {
    const socket = this.#readingSocket(accepted)
    this.#socket = socket
    const address = socket.remoteAddress ?? ''
    this.peer = `${address}:${socket.remotePort ?? 0}`
    this.loopback = isLoopback(address)
    // Nagle's algorithm would wait for the peer's acknowledgement before it sends a small frame.
    socket.setNoDelay(true)
  }

  /**
   * The sockets that net.Server makes allocate for every read, and it has no option for others: a socket that reads into
   * a buffer of ours has to be made anew over the same handle.
   */
  #readingSocket(accepted: Socket): Socket {
    const { _handle: handle } = accepted as unknown as { readonly _handle?: { useUserBuffer?: unknown } | null }
    if (typeof handle?.useUserBuffer !== 'function') {
      accepted.on('data', (chunk: Buffer) => this.#listener?.data(chunk))
      return accepted
    }
    const callback = (bytes: number): boolean => {
      this.#listener?.data(readBuffer.subarray(0, bytes))
      return true
    }
    return new Socket({ handle, onread: { buffer: readBuffer, callback } } as ConstructorParameters<typeof Socket>[0])
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
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
