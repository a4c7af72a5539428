// Sockets that a proxy opens: each says first who has come to the proxy. Waits for that, for so long, and gives the socket
// on. Knows sockets and the header; not what is spoken after it.

import type { Socket } from 'node:net'
import { plainAddress } from '../broker/access/loopback.ts'
import type { SessionContext } from '../session/context.ts'
import { patiently } from '../session/standstill.ts'
import { type Ends, ProxyHeaderError, readProxyHeader } from './proxy-header.ts'

/** Who takes the socket: `ends` are null where they are the socket's own; `rest` are the client's first octets. */
export type Taker = (socket: Socket, ends: Ends | null, rest: Buffer) => void

/** The door of sockets whose header has yet to come. */
export class ProxiedSockets {
  readonly #context: SessionContext
  readonly #waiting = new Set<Socket>()

  constructor(context: SessionContext) {
    this.#context = context
  }

  /** Reads the header of a socket; one that has none, or none in time, is closed, and the log says why. */
  take(socket: Socket, taker: Taker): void {
    const { clock, limits } = this.#context
    const peer = `${plainAddress(socket.remoteAddress ?? '')}:${socket.remotePort ?? 0}`
    let come: Buffer = Buffer.alloc(0)
    this.#waiting.add(socket)
    const done = (): void => {
      timer.cancel()
      this.#waiting.delete(socket)
      socket.off('data', read).off('end', end).off('close', done).off('error', ignore)
    }
    const refuse = (why: string): void => {
      done()
      socket.on('error', ignore)
      socket.destroy()
      this.#context.logger.warn({ peer, why }, 'a connection without a PROXY header was closed')
    }
    const read = (chunk: Buffer): void => {
      come = Buffer.concat([come, chunk])
      try {
        const header = readProxyHeader(come)
        if (!header) return
        done()
        taker(socket, header.ends, come.subarray(header.length))
      } catch (error) {
        if (!(error instanceof ProxyHeaderError)) throw error
        refuse(error.message)
      }
    }
    const end = (): void => refuse('it has ended before')
    const timer = patiently(clock, limits.handshakeTimeoutMs, () => refuse('none has come in time'))
    socket.on('data', read).on('end', end).on('close', done).on('error', ignore)
  }

  /** Closes those whose header has not come. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy()
  }
}

/** `close` follows every error. */
function ignore(): void {}
