// The sockets of a test broker: all that are open, so that they can be cut when the broker stops or dies. What goes over
// them is the carrier's concern.

import type { Carrier, Carry } from '../server/listener.ts'
import { SocketTransport } from '../server/socket-transport.ts'

type Socket = Parameters<Carry>[0]

/** The open sockets of one broker. */
export class Carriers {
  readonly #sockets = new Set<Socket>()

  /** How many there are. */
  get size(): number {
    return this.#sockets.size
  }

  /** Carries what comes over `socket`. */
  readonly carry = (socket: Socket): Carrier => {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return new SocketTransport(socket)
  }

  /** Cuts all of them, as when a machine loses power: peers get a reset. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Closes all of them without another word. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
