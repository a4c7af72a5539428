// A Transport over a socket of node:net or node:tls.

import type { Socket } from 'node:net'
import type { Transport, TransportListener } from '../session/transport.ts'

/** Carries one connection's bytes. */
export class SocketTransport implements Transport {
  readonly peer: string
  readonly loopback: boolean
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    const address = socket.remoteAddress ?? ''
    this.peer = `${address}:${socket.remotePort ?? 0}`
    this.loopback = isLoopback(address)
    // Nagle's algorithm would wait for the peer's acknowledgement before it sends a small frame.
    socket.setNoDelay(true)
  }

  /** Passes what the socket says on to `listener`. */
  listen(listener: TransportListener): void {
    this.#socket.on('data', (chunk: Buffer) => listener.data(chunk))
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
