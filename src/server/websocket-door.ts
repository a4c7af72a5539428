// The door for AMQP over WebSocket, on the port for HTTP: it takes over requests to upgrade, and gives each a connection.
// Knows HTTP upgrades and origins; the library is loaded when the first one comes.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { WebSocket, WebSocketServer } from 'ws'
import { isLoopback, plainAddress } from '../broker/access/loopback.ts'
import { Connection, UNTUNED_FRAME_BYTES } from '../session/connection.ts'
import type { SessionContext } from '../session/context.ts'
import { type CertificateNaming, securedBy } from './secured.ts'
import { type WebSocketPeer, WebSocketTransport } from './websocket-transport.ts'

/** Paths that are upgraded. */
const PATH = /^\/ws(\/amqp)?\/?$/
/** The largest WebSocket message, octets: it is in memory before any of it is looked at. Frames may go across messages. */
const LARGEST_MESSAGE = 16 * 2 ** 20
/** What of a message may wait for its end before the peer is let in, octets: a frame before tune-ok, and what is around it. */
const LARGEST_EARLY_MESSAGE = 2 * UNTUNED_FRAME_BYTES
const SUBPROTOCOL = 'amqp'

/** Who has come. */
interface Guest {
  readonly connection: Connection
  readonly peer: string
}

/** A door without a port of its own. */
export class WebSocketDoor {
  readonly #context: SessionContext
  readonly #naming: CertificateNaming
  readonly #connections = new Set<Connection>()
  #server: Promise<WebSocketServer> | null = null
  #onEmpty: () => void = () => {}
  #closed = false

  constructor(context: SessionContext, naming: CertificateNaming) {
    this.#context = context
    this.#naming = naming
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections
  }

  /** Takes a request to upgrade, and answers it whatever it is. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {})
    const [path = ''] = (request.url ?? '').split('?')
    if (!PATH.test(path)) return refuse(socket, '404 Not Found')
    this.#server ??= loadServer()
    const server = await this.#server
    if (this.#closed) return refuse(socket, '503 Service Unavailable')
    server.handleUpgrade(request, socket, head, (webSocket) => {
      const transport = new WebSocketTransport(webSocket, peerOf(request, this.#naming))
      const connection = new Connection(this.#context, transport, (gone) => this.#gone(gone))
      this.#connections.add(connection)
      transport.listen(connection)
      this.#holdEarly({ connection, peer: transport.peer }, socket, webSocket)
    })
  }

  /** The library keeps a message until all of it is there: of one who has yet to log in, no more than may be said by then. */
  #holdEarly({ connection, peer }: Guest, socket: Duplex, webSocket: WebSocket): void {
    let kept = 0
    let ended = false
    const messageEnds = (): void => {
      ended = true
    }
    // Comes after the library's own listener, which has told of all messages that end in this chunk.
    const chunkEnds = ({ length }: Buffer): void => {
      kept = ended ? 0 : kept + length
      ended = false
      const letIn = connection.channels !== null
      if (!letIn && kept <= LARGEST_EARLY_MESSAGE) return
      socket.off('data', chunkEnds)
      webSocket.off('message', messageEnds)
      if (letIn) return
      const why = `a message of more than ${LARGEST_EARLY_MESSAGE} octets came before connection.open`
      this.#context.logger.warn({ peer, why }, 'WebSocket closed')
      webSocket.terminate()
    }
    socket.on('data', chunkEnds)
    webSocket.on('message', messageEnds)
  }

  /** Takes nobody any more, ends all connections with 320 and `reason`, and resolves when they have gone. */
  async close(reason: string): Promise<void> {
    this.#closed = true
    if (this.#connections.size === 0) return
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    for (const connection of this.#connections) connection.shut(reason)
    await empty
  }

  #gone(connection: Connection): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#onEmpty()
  }
}

async function loadServer(): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws')
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LARGEST_MESSAGE,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function peerOf({ socket, headers }: IncomingMessage, naming: CertificateNaming): WebSocketPeer {
  const address = plainAddress(socket.remoteAddress ?? '')
  return {
    address,
    port: socket.remotePort ?? 0,
    // A page of somebody else's, in a browser on this machine, is not somebody on this machine.
    loopback: isLoopback(address) && isLocalOrigin(headers.origin),
    secured: socket instanceof TLSSocket ? securedBy(socket, naming) : null,
    local: { host: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 },
  }
}

/** Whether a page was served by this machine, or it is no page that asks. */
function isLocalOrigin(origin: string | undefined): boolean {
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const { hostname } = new URL(origin)
  return hostname === 'localhost' || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))
}
