// A Transport over a WebSocket: what is written at once is one binary message, what comes in is bytes, whatever messages
// they came in. Knows the library ws; no AMQP.

import type { WebSocket } from 'ws'
import type { Address } from '../broker/peers.ts'
import type { Secured, Transport, TransportListener } from '../session/transport.ts'

/** Codes of RFC 6455 §7.4.1. */
const NORMAL = 1000
const NOT_THIS_KIND = 1003

/** Where the other end is. */
export interface WebSocketPeer {
  readonly address: string
  readonly port: number
  readonly loopback: boolean
  readonly secured: Secured | null
  /** Where this end is. */
  readonly local: Address
}

/** Carries one connection's bytes. */
export class WebSocketTransport implements Transport {
  readonly peer: string
  readonly address: string
  readonly loopback: boolean
  readonly secured: Secured | null
  readonly remote: Address
  readonly local: Address
  readonly #socket: WebSocket

  constructor(socket: WebSocket, { address, port, loopback, secured, local }: WebSocketPeer) {
    this.#socket = socket
    this.remote = { host: address, port }
    this.local = local
    this.peer = `${address}:${port}`
    this.address = address
    this.loopback = loopback
    this.secured = secured
  }

  /** Passes what the socket says on to `listener`. */
  listen(listener: TransportListener): void {
    const socket = this.#socket
    socket.on('message', (data, isBinary) => {
      if (isBinary) listener.data(data as Buffer)
      else socket.close(NOT_THIS_KIND, 'AMQP is binary')
    })
    // `close` follows every error; what it was matters to nobody.
    socket.on('error', () => {})
    socket.on('close', () => listener.closed())
  }

  write(parts: readonly Uint8Array[], written: () => void): void {
    const last = parts.length - 1
    // Clients read frames from one message with less trouble than across two: the parts are pieces of one.
    for (let i = 0; i < last; i++) this.#socket.send(parts[i] as Uint8Array, { binary: true, fin: false })
    this.#socket.send(parts[last] as Uint8Array, { binary: true, fin: true }, () => written())
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    // What answers the close is not seen by one that does not read.
    this.#socket.resume()
    this.#socket.close(NORMAL)
  }

  destroy(): void {
    this.#socket.terminate()
  }
}
