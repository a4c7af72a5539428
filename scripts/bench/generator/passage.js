// A connection whose whole life is known beforehand: logged in, a channel opened and closed, closed. Each answer of the
// server is met with frames that are encoded once for all connections, so that little of what is measured is our own.

import { arena, Peer, startOkFor, tuneOkAndOpen } from './peer.js'
import { goodbye, ids, method, PROTOCOL_HEADER, shortstr } from './wire.js'

/**
 * What to send at which method of this server. Takes one connection to learn what it wants to agree on.
 * @param {import('./peer.js').Address} address
 * @returns {Promise<ReadonlyMap<number, Uint8Array>>}
 */
export const passageThrough = async (address) => {
  const script = new Map([[ids.connectionStart, startOkFor(address)]])
  const first = new Passage(script)
  const tuned = new Promise((resolve) => {
    first.onTune = resolve
  })
  const through = first.go(address)
  through.catch(() => undefined)
  const tune = await Promise.race([tuned, through])
  first.cut()
  return script
    .set(ids.connectionTune, tuneOkAndOpen(address, tune).bytes)
    .set(ids.connectionOpenOk, method(1, ids.channelOpen, shortstr('')))
    .set(ids.channelOpenOk, method(1, ids.channelClose, goodbye))
    .set(ids.channelCloseOk, method(0, ids.connectionClose, goodbye))
}

export class Passage extends Peer {
  #script
  #resolve
  #reject

  constructor(script) {
    super()
    this.#script = script
  }

  /** Resolves when the server has said goodbye. */
  go(address) {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.connect(address).then(() => this.send(PROTOCOL_HEADER), reject)
    })
  }

  onTune(_tune) {}

  onMethod(id, at, size) {
    const next = this.#script.get(id)
    if (next) this.send(next)
    else if (id === ids.connectionTune) this.onTune(Buffer.from(arena.subarray(at, at + size)))
    else if (id === ids.connectionCloseOk) {
      this.cut()
      this.#resolve()
    } else super.onMethod(id, at, size)
  }

  onLost(error) {
    this.#reject(error)
  }
}
