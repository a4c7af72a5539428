// The TCP door: accepts sockets and gives each a connection. Knows addresses and sockets, no AMQP.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Connection } from '../session/connection.ts'
import type { SessionContext } from '../session/context.ts'
import type { Transport, TransportListener } from '../session/transport.ts'
import { SocketTransport } from './socket-transport.ts'

/** A transport that has yet to be told who listens. */
export interface Carrier extends Transport {
  listen(listener: TransportListener): void
}

/** Carries what comes over a socket in a way of its own; a test broker puts faults there. */
export type Carry = (socket: Socket) => Carrier

/** An open port with its connections. */
export class Listener {
  readonly #context: SessionContext
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  /** Called when the last connection has gone. */
  #onEmpty: () => void = () => {}

  constructor(context: SessionContext, carry: Carry = (socket) => new SocketTransport(socket)) {
    this.#context = context
    this.#server = createServer((socket) => {
      const transport = carry(socket)
      const connection = new Connection(this.#context, transport, (gone) => this.#gone(gone))
      this.#connections.add(connection)
      transport.listen(connection)
    })
  }

  /**
   * Listens on `host` and `port` (0: any free one).
   * @throws the error of node:net, EADDRINUSE for example
   */
  static async open(context: SessionContext, host: string, port: number, carry?: Carry): Promise<Listener> {
    const listener = new Listener(context, carry)
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject)
      listener.#server.listen({ host, port }, resolve)
    })
    // From now on an error is a socket that could not be accepted (no file descriptor is left): the others go on.
    listener.#server.on('error', (error) => context.logger.error({ err: error }, 'a connection was not accepted'))
    return listener
  }

  /** Where it listens. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections
  }

  /** Accepts nobody any more, ends all connections with 320 and `reason`, and resolves when they have gone. */
  async close(reason: string): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    for (const connection of this.#connections) connection.shut(reason)
    if (this.#connections.size > 0) await empty
    await closed
  }

  #gone(connection: Connection): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#onEmpty()
  }
}
