// The HTTP door: a port that is open as soon as the broker serves, and an application that is loaded when somebody asks
// for something, so that neither start nor idle memory pays for it. Knows sockets; not what is answered.

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import type { Logger } from '../broker/logger.ts'
import type { ListenerFact } from './context.ts'

/** Answers requests; a fastify application is one. */
export interface Application {
  routing(request: IncomingMessage, response: ServerResponse): void
  close(): PromiseLike<void>
}

/** The certificate of a door for HTTPS. */
export interface Certificate {
  readonly options: SecureContextOptions
  /** Calls `renewal` with every new one. */
  onRenewal(renewal: (options: SecureContextOptions) => void): void
}

/** Where to listen, and what answers there. */
export interface HttpDoorOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** null: nothing is encrypted. */
  readonly certificate: Certificate | null
  readonly logger: Logger
  /** Makes the application; called once, with the first request. */
  readonly load: () => Promise<Application>
  /** Takes over requests to speak something else on their socket. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** Requests that are being answered when the door closes have this time to get their answer, milliseconds. */
const LAST_ANSWERS_MS = 1000
/** How long a connection waits for another request, as RabbitMQ's do, milliseconds: a scraper comes by more often. */
const IDLE_MS = 60_000

/** An open port that speaks HTTP. */
export class HttpDoor {
  readonly #options: HttpDoorOptions
  readonly #server: Server
  #application: Promise<Application> | null = null
  #closing = false

  private constructor(options: HttpDoorOptions) {
    this.#options = options
    this.#server = serverOf(options.certificate, (request, response) => void this.#answer(request, response))
    this.#server.on('upgrade', (request, socket, head) => options.upgrade(request, socket, head))
  }

  /**
   * Listens.
   * @throws the error of node:net, EADDRINUSE for example
   */
  static async open(options: HttpDoorOptions): Promise<HttpDoor> {
    const door = new HttpDoor(options)
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject)
      door.#server.listen({ host: options.host, port: options.port }, resolve)
    })
    door.#server.on('error', (error) => options.logger.error({ err: error }, 'an HTTP connection was not accepted'))
    return door
  }

  /** Where it listens. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo
  }

  /** Where it is reached from this machine. */
  get url(): string {
    const { address, family, port } = this.address
    const scheme = this.#options.certificate ? 'https' : 'http'
    if (address === '::' || address === '0.0.0.0') return `${scheme}://localhost:${port}`
    return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  /** What it is among the listeners of a node. */
  get listener(): ListenerFact {
    const { address, port } = this.address
    return { protocol: this.#options.certificate ? 'https' : 'http', address, port }
  }

  /** Accepts nobody any more; resolves when the last answer has left, or has had its time. */
  async close(): Promise<void> {
    this.#closing = true
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => this.#server.closeAllConnections(), LAST_ANSWERS_MS)
    await (await this.#application?.catch(() => undefined))?.close()
    await closed
    clearTimeout(timer)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#application ??= this.#options.load()
    // What is kept alive for another request is not to be waited for once the last answer has left.
    response.once('close', () => {
      if (this.#closing) setImmediate(() => this.#server.closeIdleConnections())
    })
    try {
      const application = await this.#application
      application.routing(request, response)
    } catch (error) {
      this.#options.logger.error({ err: error }, 'the HTTP API could not be loaded')
      response.writeHead(500).end()
    }
  }
}

function serverOf(certificate: Certificate | null, listener: RequestListener): Server {
  if (!certificate) return createServer({ keepAliveTimeout: IDLE_MS }, listener)
  const server = createTlsServer({ ...certificate.options, keepAliveTimeout: IDLE_MS }, listener)
  certificate.onRenewal((options) => server.setSecureContext(options))
  return server
}

/**
 * Opens the door. Every interface means IPv6 and IPv4 where there is IPv6, IPv4 else.
 * @throws the error of node:net
 */
export async function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  try {
    return await HttpDoor.open(options)
  } catch (error) {
    const noIpv6 = error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT'
    if (options.host !== '::' || !noIpv6) throw error
    return HttpDoor.open({ ...options, host: '0.0.0.0' })
  }
}
