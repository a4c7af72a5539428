// The sockets of a test broker: all that are open, so that they can be cut when the broker stops or dies. What goes over
// them is the carrier's concern.

import type { Carrier, Carry } from '../server/listener.ts'
import type { Secured } from '../session/transport.ts'
import { FaultCarrier } from './faults/fault-carrier.ts'
import type { WireRules } from './faults/wire-rules.ts'

type Socket = Parameters<Carry>[0]

/** The open sockets of one broker. */
export class Carriers implements Iterable<FaultCarrier> {
  /** What goes wrong on the way. */
  readonly #rules: () => WireRules
  readonly #noDelay: boolean
  readonly #carriers = new Map<Socket, FaultCarrier>()

  /** @param noDelay whether clients connect without waiting for an acknowledgement by the kernel */
  constructor(rules: () => WireRules, noDelay: boolean) {
    this.#rules = rules
    this.#noDelay = noDelay
  }

  /** How many there are. */
  get size(): number {
    return this.#carriers.size
  }

  [Symbol.iterator](): Iterator<FaultCarrier> {
    return this.#carriers.values()
  }

  /** Carries what comes over `socket`. */
  readonly carry = (socket: Socket, secured: Secured | null): Carrier => {
    const carrier = new FaultCarrier(socket, secured, this.#rules(), this.#noDelay)
    this.#carriers.set(socket, carrier)
    socket.once('close', () => this.#carriers.delete(socket))
    return carrier
  }

  /** Cuts all of them, as when a machine loses power: peers get a reset. */
  reset(): void {
    for (const carrier of this.#carriers.values()) carrier.reset()
  }

  /** Closes all of them without another word. */
  close(): void {
    for (const socket of this.#carriers.keys()) socket.destroy()
  }
}
