// A peer over a real socket, for specs of the doors: it opens a connection, says what it is told, and waits for what comes.
// Over TLS too, where it is told how.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import type { MethodName, MethodOf } from '../../src/protocol/methods.ts'
import { type Arrival, method, methodBytes, type Publication, publishBytes, Reader } from './peer.ts'

/** One client over TCP. */
export class SocketPeer {
  readonly socket: Socket
  /** Resolves when the socket is closed, whoever closed it. */
  readonly closed: Promise<void>
  readonly #reader = new Reader(131_072)
  readonly #waiting = new Set<() => void>()

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes) => {
      this.#reader.push(bytes)
      for (const look of this.#waiting) look()
    })
    // A reset is an end like any other: `closed` says so.
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  /** Connects and says nothing. */
  static async connect(port: number, host = '127.0.0.1'): Promise<SocketPeer> {
    const socket = connect({ host, port })
    await once(socket, 'connect')
    return new SocketPeer(socket)
  }

  /** Over a stream that is there already: a WebSocket. */
  static over(stream: Duplex): SocketPeer {
    // Unlike a socket's, its own side stays open when the other ends.
    stream.once('end', () => stream.destroy())
    return new SocketPeer(stream as Socket)
  }

  /** Connects over TLS and says nothing. Rejects where the handshake fails. */
  static async connectTls(port: number, options: ConnectionOptions): Promise<SocketPeer> {
    const socket = connectTls({ host: '127.0.0.1', port, ...options })
    await once(socket, 'secureConnect')
    return new SocketPeer(socket)
  }

  /** Connects, opens a connection to the vhost `/` and channel 1. */
  static async open(port: number): Promise<SocketPeer> {
    return (await SocketPeer.connect(port)).enter()
  }

  /** Opens a connection to the vhost `/`, as guest unless it is said how, and channel 1. */
  async enter(login: Partial<MethodOf<'connection.start-ok'>> = {}): Promise<SocketPeer> {
    this.socket.write(PROTOCOL_HEADER)
    this.send(0, 'connection.start-ok', {
      mechanism: 'PLAIN',
      response: Buffer.from('\0guest\0guest'),
      ...login,
    })
    this.send(0, 'connection.tune-ok', { channelMax: 10, frameMax: 131_072 })
    this.send(0, 'connection.open', { virtualHost: '/' })
    this.send(1, 'channel.open')
    await this.until('channel.open-ok')
    return this
  }

  send<Name extends MethodName>(channel: number, name: Name, fields: Partial<MethodOf<Name>> = {}): void {
    this.socket.write(methodBytes(channel, method(name, fields)))
  }

  publish(channel: number, publication: Publication): void {
    this.socket.write(publishBytes(channel, publication))
  }

  /** Everything up to and including the first arrival of that name. */
  until(name: Arrival['name']): Promise<readonly Arrival[]> {
    return new Promise((resolve) => {
      const look = (): void => {
        const at = this.#reader.arrivals.findIndex((each) => each.name === name)
        if (at < 0) return
        this.#waiting.delete(look)
        resolve(this.#reader.arrivals.splice(0, at + 1))
      }
      this.#waiting.add(look)
      look()
    })
  }
}
