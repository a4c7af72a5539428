// The doors for TCP and TLS: they accept sockets and give each a connection. Know addresses, sockets and what TLS says of
// itself, no AMQP.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { plainAddress } from '../broker/access/loopback.ts'
import { Connection } from '../session/connection.ts'
import type { SessionContext } from '../session/context.ts'
import type { Secured, Transport, TransportListener } from '../session/transport.ts'
import type { Certificates } from './certificates.ts'
import { ProxiedSockets } from './proxied.ts'
import type { Ends } from './proxy-header.ts'
import { type CertificateNaming, securedBy } from './secured.ts'
import { SocketTransport } from './socket-transport.ts'

/** A transport that has yet to be told who listens. */
export interface Carrier extends Transport {
  listen(listener: TransportListener): void
}

/** Carries what comes over a socket in a way of its own; a test broker puts faults there. */
export type Carry = (socket: Socket, secured: Secured | null, ends?: Ends) => Carrier

/** Where to listen, 0 being any free port, and with what certificate; without one, nothing is encrypted. */
export interface Door {
  readonly host: string
  readonly port: number
  readonly tls?: TlsDoor
  /** Whether each socket begins with a PROXY header. */
  readonly proxied?: boolean
  readonly carry?: Carry | undefined
}

/** How a door speaks TLS. */
export interface TlsDoor extends CertificateNaming {
  readonly certificates: Certificates
  /** Certificates of clients: not asked for, checked where there is one, or needed. */
  readonly tlsVerify: 'none' | 'peer' | 'require'
}

/** An open port with its connections. */
export class Listener {
  readonly #context: SessionContext
  readonly #server: Server
  readonly #carry: Carry
  readonly #connections = new Set<Connection>()
  /** Sockets whose handshake may not be through. */
  readonly #early = new Set<Socket>()
  /** Sockets that have to say first whom they come from; null where nobody stands between. */
  readonly #proxied: ProxiedSockets | null
  /** Whom sockets connect that are TLS's now, by both of their own ends: a proxy may use a port for more than one. */
  readonly #ends = new Map<string, Ends>()
  /** Called when the last connection has gone. */
  #onEmpty: () => void = () => {}
  #address: AddressInfo | null = null
  /** Who comes is refused. */
  #suspended = false

  constructor(context: SessionContext, { tls, proxied, carry }: Pick<Door, 'tls' | 'proxied' | 'carry'>) {
    this.#context = context
    this.#carry = carry ?? ((socket, secured, ends) => new SocketTransport(socket, secured, ends))
    this.#proxied = proxied ? new ProxiedSockets(context) : null
    this.#server = this.#proxied
      ? this.#proxiedServer(this.#proxied, tls)
      : tls
        ? this.#tlsServer(tls)
        : createServer((socket) => this.#accept(socket, null))
  }

  /**
   * Opens a door.
   * @throws the error of node:net, EADDRINUSE for example
   */
  static async open(context: SessionContext, door: Door): Promise<Listener> {
    const { host, port } = door
    const listener = new Listener(context, door)
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
    this.#address = (this.#server.address() as AddressInfo | null) ?? this.#address
    return this.#address as AddressInfo
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections
  }

  /** Refuses who comes from now on, until `resume`; who is there stays. */
  suspend(): void {
    this.#suspended = true
    // The address is kept for `resume`; of one that only just opens, `resume` knows what to do.
    if (this.address && this.#server.listening) this.#server.close()
  }

  /**
   * Listens again where it did; resolves when it does.
   * @throws the error of node:net when somebody else listens there by now
   */
  async resume(): Promise<void> {
    this.#suspended = false
    if (this.#server.listening) return
    const { address: host, port } = this.address
    await once(this.#server.listen({ host, port }), 'listening')
    // Somebody has thought better of it while it opened.
    if (this.#suspended) this.#server.close()
  }

  /** Accepts nobody any more, ends all connections with 320 and `reason`, and resolves when they have gone. */
  async close(reason: string): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    this.#proxied?.close()
    for (const connection of this.#connections) connection.shut(reason)
    if (this.#connections.size > 0) await empty
    for (const socket of this.#early) socket.destroy()
    await closed
  }

  /** The header comes before all else, and unencrypted; what follows may be TLS. */
  #proxiedServer(proxied: ProxiedSockets, tls: TlsDoor | undefined): Server {
    if (!tls) {
      return createServer((socket) =>
        proxied.take(socket, (_, ends, rest) => {
          const connection = this.#accept(socket, null, ends ?? undefined)
          if (rest.length > 0) connection.data(rest)
          socket.resume()
        }),
      )
    }
    const server = this.#tlsServer(tls)
    return createServer((socket) =>
      proxied.take(socket, (_, ends, rest) => {
        const pair = endsOf(socket)
        if (ends) {
          this.#ends.set(pair, ends)
          socket.once('close', () => this.#ends.delete(pair))
        }
        socket.pause()
        if (rest.length > 0) socket.unshift(rest)
        server.emit('connection', socket)
      }),
    )
  }

  #tlsServer(tls: TlsDoor): Server {
    const server = createTlsServer({
      ...tls.certificates.options,
      requestCert: tls.tlsVerify !== 'none',
      rejectUnauthorized: tls.tlsVerify === 'require',
      handshakeTimeout: this.#context.limits.handshakeTimeoutMs,
    })
    tls.certificates.onRenewal((options) => server.setSecureContext(options))
    server.on('connection', (socket: Socket) => {
      this.#early.add(socket)
      socket.once('close', () => this.#early.delete(socket))
    })
    server.on('secureConnection', (socket) => this.#acceptTls(socket, tls))
    server.on('tlsClientError', (error, socket) => this.#refused(socket, error.message))
    return server
  }

  /** A certificate that is shown has to hold, also where none needs to be shown (RabbitMQ's `verify_peer`). */
  #acceptTls(socket: TLSSocket, tls: TlsDoor): void {
    const secured = securedBy(socket, tls)
    if (secured.certificate && !socket.authorized) {
      socket.on('error', () => {})
      this.#refused(socket, `${socket.authorizationError}`)
      socket.destroy()
    } else {
      this.#accept(socket, secured, this.#ends.get(endsOf(socket)))
    }
  }

  #refused(socket: Socket, why: string): void {
    const { remote } = this.#ends.get(endsOf(socket)) ?? {}
    const peer = remote ? `${remote.host}:${remote.port}` : endOf(socket)
    this.#context.logger.warn({ peer, why }, 'a TLS handshake failed')
  }

  #accept(socket: Socket, secured: Secured | null, ends?: Ends): Connection {
    const transport = this.#carry(socket, secured, ends)
    const connection = new Connection(this.#context, transport, (gone) => this.#gone(gone))
    this.#connections.add(connection)
    transport.listen(connection)
    return connection
  }

  #gone(connection: Connection): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#onEmpty()
  }
}

/** The other end of a socket, as a text. */
function endOf({ remoteAddress, remotePort }: Socket): string {
  // A socket that was reset does not know its ends any more.
  return remoteAddress === undefined ? 'somebody who has gone' : `${plainAddress(remoteAddress)}:${remotePort}`
}

/** Both ends of a socket, as a text that no other open socket has. */
function endsOf(socket: Socket): string {
  return `${endOf(socket)} ${plainAddress(socket.localAddress ?? '')}:${socket.localPort}`
}
