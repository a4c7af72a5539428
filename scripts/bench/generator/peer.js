// One AMQP connection with one channel, seen from the client: handshake, calls that wait for their answer, and a scan of
// the frames that arrive, by offsets into memory that all connections of the process share. Publishers and consumers
// build on it; what a message means is theirs.

import { connect } from 'node:net'
import { nowNs, within } from './clock.js'
import {
  BODY,
  FRAME_END,
  FRAME_HEAD,
  FRAME_OVERHEAD,
  goodbye,
  HEADER,
  HEARTBEAT,
  HEARTBEAT_FRAME,
  ids,
  long,
  longstr,
  METHOD,
  method,
  octet,
  PROTOCOL_HEADER,
  short,
  shortstr,
  table,
} from './wire.js'

/** The first bytes of each body are the generator's own; a scan waits until they are all there. See publisher.js. */
export const STAMP_BYTES = 16

const READ_BYTES = 256 * 1024
const FRAME_MAX = 128 * 1024
const CHANNEL_MAX = 2047
const CALL_MS = 20_000

/** What every socket reads into. Before it is room for the unfinished frame that the previous read of a peer ended in. */
const HEADROOM = FRAME_MAX + 64
export const arena = new Uint8Array(HEADROOM + READ_BYTES)
export const view = new DataView(arena.buffer)
const readBuffer = arena.subarray(HEADROOM)

const capabilities = {
  publisher_confirms: true,
  'basic.nack': true,
  consumer_cancel_notify: true,
  'connection.blocked': true,
  authentication_failure_close: true,
}

/** @typedef {{ host: string, port: number, user: string, password: string, vhost: string }} Address */

export class Peer {
  /** Largest frame in bytes that both sides agreed on. */
  frameMax = FRAME_MAX
  /** Product and version, as the server calls itself. */
  server = ''
  /** Why the connection ended before its time. */
  failure
  /** When the bytes that are being scanned were read, by `nowNs`. */
  readAtNs = 0
  bytesRead = 0

  #socket
  #calls = []
  /** The operating system did not take all at once. `drain` of the socket is no help: small writes do not cause it. */
  #full = false
  #written = () => {
    if (!this.#full || this.#socket.writableLength > 0) return
    this.#full = false
    this.onDrain()
  }
  #heartbeat
  #closing = false
  #rest = new Uint8Array(0)
  /** Bytes of the current body frame that have not arrived, its end octet counted. */
  #missing = 0
  #bodyBytes = 0
  #bodySeen = 0

  /**
   * Connects, logs in and opens channel 1 unless told otherwise. Works for classes that extend this one.
   * @param {Address} address
   * @throws Error with the server's text when it refuses
   */
  static async open(address, { channel = true } = {}) {
    const peer = new this()
    await peer.connect(address)
    await peer.#login(address)
    if (channel) await peer.call(method(1, ids.channelOpen, shortstr('')), ids.channelOpenOk)
    return peer
  }

  /** Bytes that the operating system has not taken yet. */
  get waitingBytes() {
    return this.#socket.writableLength
  }

  /** Whole frames only. The bytes must stay as they are until `waitingBytes` is 0. */
  send(bytes) {
    this.#socket.write(bytes, this.#written)
    if (this.#socket.writableLength > 0) this.#full = true
  }

  /** Sends frames and resolves with the payload of the answer, a copy. */
  call(bytes, answerId) {
    const answer = this.answer(answerId)
    this.send(bytes)
    return answer
  }

  /** Resolves with the payload of the next method of that kind; answers are taken in order. */
  answer(answerId) {
    if (this.failure) return Promise.reject(this.failure)
    return new Promise((resolve, reject) => this.#calls.push({ answerId, resolve, reject }))
  }

  /** Closes the connection in good peace, or cuts it when the server takes too long. */
  async close() {
    this.#closing = true
    clearInterval(this.#heartbeat)
    try {
      if (!this.failure) {
        const closed = this.call(method(0, ids.connectionClose, goodbye), ids.connectionCloseOk)
        await within(CALL_MS / 2, closed, 'connection.close')
      }
    } finally {
      this.#socket.destroy()
    }
  }

  /** Ends the connection without a word. */
  cut() {
    this.#closing = true
    this.#socket.destroy()
  }

  /** The connection is of no use any more; whoever waits for it is told why. */
  lose(error) {
    if (this.failure) return
    this.failure = error
    clearInterval(this.#heartbeat)
    this.#socket.destroy()
    for (const { reject } of this.#calls) reject(error)
    this.#calls = []
    if (!this.#closing) this.onLost(error)
  }

  /** A method arrived; its payload is `arena` from `at` on. Classes that extend this one look at theirs first. */
  onMethod(id, at, size) {
    switch (id) {
      case ids.connectionClose:
      case ids.channelClose:
        return this.#closedByServer(id, at)
      case ids.channelFlow:
        this.send(method(1, ids.channelFlowOk, octet(arena[at + 4])))
        return this.onFlow(arena[at + 4] === 1)
      case ids.connectionBlocked:
      case ids.connectionUnblocked:
        return this.onFlow(id === ids.connectionUnblocked)
      default: {
        const index = this.#calls.findIndex(({ answerId }) => answerId === id)
        if (index < 0) return
        const [{ resolve }] = this.#calls.splice(index, 1)
        resolve(Buffer.from(arena.subarray(at, at + size)))
      }
    }
  }

  /** The stamp of a body is `arena` from `at` on, if the body has one. */
  onBody(_at) {}
  /** The last byte of a body arrived. */
  onContent(_bodyBytes) {}
  /** All that was read is scanned. */
  onScanned() {}
  /** All that waited has been taken by the operating system. */
  onDrain() {}
  /** The server asked to stop publishing, or to go on. */
  onFlow(_active) {}
  /** The connection ended without being asked to. */
  onLost(_error) {}

  /** Only the TCP connection. */
  connect({ host, port }) {
    return new Promise((resolve, reject) => {
      const onread = { buffer: readBuffer, callback: (count) => this.#arrived(count) }
      this.#socket = connect({ host, port, noDelay: true, onread })
      this.#socket.once('connect', resolve)
      this.#socket.once('error', reject)
      this.#socket.on('error', (error) => this.lose(error))
      this.#socket.on('close', () => this.lose(new Error('the server hung up')))
    })
  }

  async #login(address) {
    const start = await this.call(PROTOCOL_HEADER, ids.connectionStart)
    this.server = `${stringIn(start, 'product')} ${stringIn(start, 'version')}`.trim()
    const tune = await this.call(startOkFor(address), ids.connectionTune)
    const { frameMax, heartbeatSeconds, bytes } = tuneOkAndOpen(address, tune)
    this.frameMax = frameMax
    await this.call(bytes, ids.connectionOpenOk)
    if (heartbeatSeconds > 0) this.#beat(heartbeatSeconds * 500)
  }

  #beat(everyMs) {
    this.#heartbeat = setInterval(() => this.send(HEARTBEAT_FRAME), everyMs).unref()
  }

  #closedByServer(id, at) {
    const code = view.getUint16(at + 4)
    const text = Buffer.from(arena.subarray(at + 7, at + 7 + arena[at + 6])).toString()
    const channel = id === ids.channelClose ? 1 : 0
    this.send(method(channel, id + 1))
    this.lose(new Error(`${channel ? 'channel' : 'connection'} closed by the server: ${code} ${text}`))
  }

  #arrived(count) {
    const rest = this.#rest.length
    if (rest > 0) arena.set(this.#rest, HEADROOM - rest)
    this.bytesRead += count
    this.readAtNs = nowNs()
    try {
      const end = HEADROOM + count
      const scanned = this.#scan(HEADROOM - rest, end)
      if (end - scanned > HEADROOM) throw new Error('a frame is longer than agreed')
      if (rest > 0 || scanned < end) this.#rest = arena.slice(scanned, end)
      this.onScanned()
    } catch (error) {
      this.lose(error)
    }
    return true
  }

  /** @returns {number} where the first frame begins that is not all there */
  #scan(from, end) {
    let at = this.#missing > 0 ? this.#scanRest(from, end) : from
    while (end - at >= FRAME_HEAD) {
      const size = view.getUint32(at + 3)
      const next = at + FRAME_OVERHEAD + size
      const type = arena[at]
      if (type === BODY) {
        if (end - at < FRAME_HEAD + Math.min(size, STAMP_BYTES)) break
        if (this.#bodySeen === 0) this.onBody(at + FRAME_HEAD)
        this.#bodySeen += size
        if (next > end) {
          this.#missing = next - end
          return end
        }
        this.#frameEnds(next)
        this.#bodyEnds()
      } else {
        if (next > end) break
        this.#frameEnds(next)
        if (type === METHOD) this.onMethod(view.getUint32(at + FRAME_HEAD), at + FRAME_HEAD, size)
        else if (type === HEADER) this.#header(at + FRAME_HEAD)
        else if (type !== HEARTBEAT) throw new Error(`frame of unknown type ${type}`)
      }
      at = next
    }
    return at
  }

  /** Skips the rest of a body frame that began in an earlier read. */
  #scanRest(from, end) {
    const there = Math.min(this.#missing, end - from)
    this.#missing -= there
    if (this.#missing === 0) {
      this.#frameEnds(from + there)
      this.#bodyEnds()
    }
    return from + there
  }

  #header(at) {
    this.#bodyBytes = view.getUint32(at + 4) * 2 ** 32 + view.getUint32(at + 8)
    this.#bodySeen = 0
    if (this.#bodyBytes === 0) this.onContent(0)
  }

  #frameEnds(next) {
    if (arena[next - 1] !== FRAME_END) throw new Error('a frame does not end in 0xCE')
  }

  #bodyEnds() {
    if (this.#bodySeen === this.#bodyBytes) this.onContent(this.#bodyBytes)
    else if (this.#bodySeen > this.#bodyBytes) throw new Error('a body is longer than its header says')
  }
}

/** connection.start-ok: who we are. @param {Address} address */
export const startOkFor = ({ user, password }) => {
  const client = table({ product: 'leveret-bench', capabilities })
  const plain = longstr(`\0${user}\0${password}`)
  return method(0, ids.connectionStartOk, client, shortstr('PLAIN'), plain, shortstr('en_US'))
}

/** What is agreed on, given the payload of connection.tune; and the frames that say so and open the vhost. */
export const tuneOkAndOpen = ({ vhost }, tune) => {
  const least = (offered, wanted) => (offered === 0 ? wanted : Math.min(offered, wanted))
  const frameMax = least(tune.readUInt32BE(6), FRAME_MAX)
  const channelMax = least(tune.readUInt16BE(4), CHANNEL_MAX)
  const heartbeatSeconds = tune.readUInt16BE(10)
  const tuneOk = method(0, ids.connectionTuneOk, short(channelMax), long(frameMax), short(heartbeatSeconds))
  const open = method(0, ids.connectionOpen, shortstr(vhost), shortstr(''), octet(0))
  return { frameMax, heartbeatSeconds, bytes: Buffer.concat([tuneOk, open]) }
}

/** The string field of that name in connection.start's properties, found without reading the table. */
const stringIn = (start, name) => {
  const at = start.indexOf(Buffer.concat([shortstr(name), Buffer.from('S')]))
  if (at < 0) return ''
  const text = at + name.length + 2
  return start.toString('utf8', text + 4, text + 4 + start.readUInt32BE(text))
}
