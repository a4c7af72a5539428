// A connection that publishes as fast as the server takes it, or at a pace. All messages are encoded beforehand, one after
// the other in a slab that is sent round and round in large writes; per message only the stamp changes, the first 16 bytes
// of the body: when it was published (8 bytes, see clock.js), publisher (2), queue (2), number of the message (4).

import { nowNs } from './clock.js'
import { Histogram } from './histogram.js'
import { arena, Peer, view } from './peer.js'
import { contentFrames, FRAME_HEAD, FRAME_OVERHEAD, goodbye, ids, method, octet, short, shortstr } from './wire.js'

/** In a stamp: the message goes to more than one queue. */
export const ANY_QUEUE = 0xffff

const WRITE_BYTES = 64 * 1024
const SLAB_BYTES = 256 * 1024
const LEAST_SLAB_BYTES = 16 * 1024
const ALL_SLABS_BYTES = 2 * 1024 * 1024
/** After so many writes whatever else waits in the process gets its turn. */
const WRITES_PER_TURN = 16

/**
 * @typedef {object} Publishing
 * @property {number} publisher number of this one, 0 to 65,535
 * @property {number} publishers how many there are in all
 * @property {string} exchange
 * @property {{ routingKey: string, queue: number }[]} routes taken in turn; routing keys of one length
 * @property {number} bodyBytes at least 16
 * @property {boolean} persistent
 * @property {number} window most messages without a confirm; 0: no confirms
 * @property {number} count messages to publish; 0: until told to stop
 * @property {number} perSecond pace of this publisher; 0: none
 */

export class Publisher extends Peer {
  published = 0
  confirmed = 0
  measuring = false
  confirmTimes = new Histogram()
  problems = []

  /** @type {Publishing} */
  #plan
  #running = false
  #held = false
  #turnIsComing = false
  #slab = new Uint8Array(0)
  #slabView = new DataView(this.#slab.buffer)
  #messageBytes = 0
  #stampAt = 0
  #slots = 0
  #slot = 0
  /** When the next message is due, and whether it has been kept waiting by a full socket or window. */
  #dueNs = 0
  #late = false
  /** By tag & mask: when it was published; whether its confirm is to come. All tags up to `#settled` are confirmed. */
  #publishedAt = new Float64Array(0)
  #pending = new Uint8Array(0)
  #mask = 0
  #settled = 0
  #outstanding = 0
  #whenSettled
  #whenDone

  /** @param {Publishing} plan */
  async prepare(plan) {
    this.#plan = plan
    this.#encode()
    if (plan.window === 0) return
    const size = 2 ** Math.ceil(Math.log2(plan.window * 4))
    this.#publishedAt = new Float64Array(size)
    this.#pending = new Uint8Array(size)
    this.#mask = size - 1
    await this.call(method(1, ids.confirmSelect, octet(0)), ids.confirmSelectOk)
  }

  start() {
    const { publisher, publishers } = this.#plan
    this.#dueNs = nowNs() + (this.#everyNs() * publisher) / publishers
    this.#running = true
    this.pump()
  }

  /** Resolves when `count` messages are published. */
  done() {
    return new Promise((resolve, reject) => {
      if (this.failure) reject(this.failure)
      else if (this.#isDone()) resolve()
      else this.#whenDone = { resolve, reject }
    })
  }

  /** Publishes no more; resolves when all confirms are here and the server has read all messages. */
  async stop() {
    this.#running = false
    if (this.failure) throw this.failure
    if (this.#outstanding > 0) {
      await new Promise((resolve, reject) => {
        this.#whenSettled = { resolve, reject }
      })
    }
    await this.call(method(1, ids.channelClose, goodbye), ids.channelCloseOk)
  }

  /** Writes what may be written now. Harmless at any time. */
  pump() {
    for (let writes = 0; this.#running && !this.#held; writes++) {
      if (this.waitingBytes > 0) {
        this.#late = true
        return
      }
      if (writes === WRITES_PER_TURN) return this.#pumpNextTurn()
      if (this.#publishSome() === 0) return
      if (this.#isDone()) this.#whenDone?.resolve()
    }
  }

  onDrain() {
    this.pump()
  }

  onScanned() {
    if (this.#whenSettled && this.#outstanding === 0) this.#whenSettled.resolve()
    this.pump()
  }

  onFlow(active) {
    this.#held = !active
  }

  onLost(error) {
    this.#running = false
    this.#complain(error.message)
    this.#whenSettled?.reject(error)
    this.#whenDone?.reject(error)
  }

  onMethod(id, at, size) {
    if (id === ids.basicAck || id === ids.basicNack) {
      const tag = view.getUint32(at + 4) * 2 ** 32 + view.getUint32(at + 8)
      this.#settle(tag, (arena[at + 12] & 1) === 1, id === ids.basicNack)
    } else if (id === ids.basicReturn) {
      this.#complain('a message was returned')
    } else super.onMethod(id, at, size)
  }

  #encode() {
    const { publisher, publishers, exchange, routes, bodyBytes, persistent } = this.#plan
    const wanted = Math.max(LEAST_SLAB_BYTES, Math.min(SLAB_BYTES, ALL_SLABS_BYTES / publishers))
    const body = Buffer.from(
      Array.from({ length: bodyBytes }, (_, index) => (index * 131 + (index >> 8) * 17 + 7) & 0xff),
    )
    const round = routes.map(({ routingKey, queue }) => {
      body.writeUInt16BE(publisher, 8)
      body.writeUInt16BE(queue, 10)
      const publish = method(1, ids.basicPublish, short(0), shortstr(exchange), shortstr(routingKey), octet(0))
      const content = contentFrames({ channel: 1, persistent, body, frameMax: this.frameMax })
      this.#stampAt = publish.length + FRAME_OVERHEAD + content.readUInt32BE(3) + FRAME_HEAD
      return Buffer.concat([publish, content])
    })
    this.#messageBytes = round[0].length
    if (round.some(({ length }) => length !== this.#messageBytes)) throw new Error('routing keys differ in length')
    const rounds = Math.max(1, Math.ceil(wanted / (this.#messageBytes * routes.length)))
    this.#slots = rounds * routes.length
    this.#slab = new Uint8Array(Buffer.concat(Array.from({ length: rounds }, () => round).flat()))
    this.#slabView = new DataView(this.#slab.buffer)
  }

  /** @returns {number} how many messages were written */
  #publishSome() {
    const now = nowNs()
    const count = this.#room(now)
    if (count === 0) return 0
    const { window, perSecond } = this.#plan
    const from = this.#slot * this.#messageBytes
    const end = from + count * this.#messageBytes
    const tag = this.published + 1
    this.#stamp(from + this.#stampAt, end, tag, now)
    if (window > 0) this.#expectConfirms(tag, count, now)
    if (perSecond > 0) this.#dueNs += count * this.#everyNs()
    if (perSecond === 0 || this.#dueNs > now) this.#late = false
    this.published += count
    this.#slot = (this.#slot + count) % this.#slots
    this.send(this.#slab.subarray(from, end))
    return count
  }

  #stamp(from, end, firstTag, now) {
    const slab = this.#slabView
    const step = this.#messageBytes
    const { everyNs, firstNs } = this.#times(now)
    let tag = firstTag
    for (let at = from; at < end; at += step) {
      slab.setFloat64(at, firstNs + (tag - firstTag) * everyNs)
      slab.setUint32(at + 12, tag)
      tag++
    }
  }

  /** A message that was due earlier but kept waiting counts from when it was due: what waits is part of the latency. */
  #times(now) {
    const kept = this.#plan.perSecond > 0 && this.#late
    return kept ? { firstNs: this.#dueNs, everyNs: this.#everyNs() } : { firstNs: now, everyNs: 0 }
  }

  #everyNs() {
    return this.#plan.perSecond > 0 ? 1e9 / this.#plan.perSecond : 0
  }

  #isDone() {
    return this.#plan.count > 0 && this.published >= this.#plan.count
  }

  /** How many messages may go out in one write now. */
  #room(now) {
    const { count, perSecond, window } = this.#plan
    let room = Math.max(1, Math.floor(WRITE_BYTES / this.#messageBytes))
    room = Math.min(room, this.#slots - this.#slot)
    if (count > 0) room = Math.min(room, count - this.published)
    if (perSecond > 0) room = Math.min(room, Math.floor((now - this.#dueNs) / this.#everyNs()) + 1)
    if (window > 0 && room > 0) {
      const free = Math.min(window - this.#outstanding, this.#mask - (this.published - this.#settled))
      if (free <= 0) this.#late = true
      room = Math.min(room, free)
    }
    return Math.max(0, room)
  }

  #expectConfirms(firstTag, count, now) {
    const { firstNs, everyNs } = this.#times(now)
    for (let index = 0; index < count; index++) {
      const slot = (firstTag + index) & this.#mask
      this.#publishedAt[slot] = firstNs + index * everyNs
      this.#pending[slot] = 1
    }
    this.#outstanding += count
  }

  #settle(tag, multiple, refused) {
    const last = multiple && tag === 0 ? this.published : tag
    if (last === 0 || last > this.published) return this.#complain(`a confirm for ${tag} of ${this.published}`)
    if (!multiple) this.#settleOne(last, refused, true)
    else for (let each = this.#settled + 1; each <= last; each++) this.#settleOne(each, refused, false)
    while (this.#settled < this.published && this.#pending[(this.#settled + 1) & this.#mask] === 0) this.#settled++
  }

  #settleOne(tag, refused, alone) {
    const slot = tag & this.#mask
    if (tag <= this.#settled || this.#pending[slot] === 0) {
      if (alone) this.#complain(`a second confirm for ${tag}`)
      return
    }
    this.#pending[slot] = 0
    this.#outstanding--
    if (refused) return this.#complain(`message ${tag} was refused (basic.nack)`)
    this.confirmed++
    if (this.measuring) this.confirmTimes.record(this.readAtNs - this.#publishedAt[slot])
  }

  #pumpNextTurn() {
    if (this.#turnIsComing) return
    this.#turnIsComing = true
    setImmediate(() => {
      this.#turnIsComing = false
      this.pump()
    })
  }

  #complain(text) {
    if (this.problems.length < 5) this.problems.push(`publisher ${this.#plan?.publisher ?? '?'}: ${text}`)
  }
}
