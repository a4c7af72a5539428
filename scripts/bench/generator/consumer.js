// A connection that consumes: counts, takes times, acknowledges, and checks that the messages of each queue arrive in the
// order they were published in, none missing, none twice, none that belongs elsewhere.

import { nowNs } from './clock.js'
import { Histogram } from './histogram.js'
import { arena, Peer, view } from './peer.js'
import { ANY_QUEUE } from './publisher.js'
import { ids, long, method, octet, short, shortstr, table } from './wire.js'

const ACK_BYTES = 21
/** Where an ack frame has its delivery tag. */
const TAG_AT = 11
const ACKS_PER_SLAB = 3000
const DIGITS = 5

/**
 * @typedef {object} Consuming
 * @property {number} consumer
 * @property {{ name: string, queue: number }[]} queues
 * @property {boolean} ack whether each message is acknowledged
 * @property {number} prefetch 0: no limit
 * @property {number} bodyBytes that each message has
 * @property {number} step by how much the numbers of a queue's successive messages differ
 */

export class Consumer extends Peer {
  consumed = 0
  /** Bytes of message bodies. */
  bodyBytes = 0
  measuring = false
  latencies = new Histogram()
  problems = []
  /** When basic.consume was sent, and when the last message came, by `nowNs`. */
  beganAtNs = 0
  lastAtNs = 0

  /** @type {Consuming} */
  #plan
  #severalQueues = false
  #queue = 0
  #last = new Float64Array(0)
  #tagHigh = 0
  #tagLow = 0
  #stampNs = 0
  #acks
  #acksView
  #acksEnd = 0

  /** Resolves when the server has accepted every consumer. @param {Consuming} plan */
  async prepare(plan) {
    this.#plan = plan
    const { queues, ack, prefetch, step } = plan
    this.#severalQueues = queues.length > 1
    this.#queue = queues[0].queue
    const highest = Math.max(...queues.map(({ queue }) => queue))
    this.#last = Float64Array.from({ length: highest + 1 }, (_, queue) => (step === 1 ? 0 : queue + 1 - step))
    if (ack) this.#newAcks()
    if (prefetch > 0) {
      await this.call(method(1, ids.basicQos, long(0), short(prefetch), octet(0)), ids.basicQosOk)
    }
    const accepted = queues.map(() => this.answer(ids.basicConsumeOk))
    this.beganAtNs = nowNs()
    for (const { name, queue } of queues) {
      const tag = `c${String(queue).padStart(DIGITS, '0')}`
      const flags = octet(ack ? 0 : 2)
      this.send(method(1, ids.basicConsume, short(0), shortstr(name), shortstr(tag), flags, table({})))
    }
    await Promise.all(accepted)
  }

  onMethod(id, at, size) {
    if (id === ids.basicDeliver) this.#delivery(at)
    else if (id === ids.basicCancel) this.#complain('cancelled by the server')
    else super.onMethod(id, at, size)
  }

  onBody(at) {
    const queue = this.#queue
    const meant = view.getUint16(at + 10)
    const number = view.getUint32(at + 12)
    const due = this.#last[queue] + this.#plan.step
    if (meant !== queue && meant !== ANY_QUEUE) this.#complain(`queue ${queue} got a message meant for queue ${meant}`)
    else if (number !== due) this.#outOfOrder(number, due)
    this.#last[queue] = number
    this.#stampNs = view.getFloat64(at)
  }

  onContent(bodyBytes) {
    this.consumed++
    this.lastAtNs = this.readAtNs
    this.bodyBytes += bodyBytes
    if (bodyBytes !== this.#plan.bodyBytes) this.#complain(`a body of ${bodyBytes} bytes`)
    if (this.measuring) this.latencies.record(this.readAtNs - this.#stampNs)
    if (this.#acks) this.#ack()
  }

  onScanned() {
    if (this.#acksEnd > 0) this.#sendAcks()
  }

  onLost(error) {
    this.#complain(error.message)
  }

  #delivery(at) {
    const tagBytes = arena[at + 4]
    if (this.#severalQueues) this.#queue = digitsAt(at + 5 + tagBytes - DIGITS)
    const after = at + 5 + tagBytes
    this.#tagHigh = view.getUint32(after)
    this.#tagLow = view.getUint32(after + 4)
    if ((arena[after + 8] & 1) === 1) this.#complain('a message was redelivered')
  }

  #outOfOrder(number, due) {
    const what = number < due ? 'twice or too late' : 'too early: one before it is missing'
    this.#complain(`queue ${this.#queue}: message ${number} instead of ${due}, ${what}`)
  }

  #ack() {
    const at = this.#acksEnd + TAG_AT
    this.#acksView.setUint32(at, this.#tagHigh)
    this.#acksView.setUint32(at + 4, this.#tagLow)
    this.#acksEnd += ACK_BYTES
    if (this.#acksEnd === this.#acks.length) this.#sendAcks()
  }

  #sendAcks() {
    this.send(this.#acks.subarray(0, this.#acksEnd))
    this.#acksEnd = 0
    if (this.waitingBytes > 0) this.#newAcks()
  }

  #newAcks() {
    const frame = method(1, ids.basicAck, long(0), long(0), octet(0))
    this.#acks = new Uint8Array(Buffer.concat(Array.from({ length: ACKS_PER_SLAB }, () => frame)))
    this.#acksView = new DataView(this.#acks.buffer)
  }

  #complain(text) {
    if (this.problems.length < 5) this.problems.push(`consumer ${this.#plan?.consumer ?? '?'}: ${text}`)
  }
}

const digitsAt = (at) => {
  let value = 0
  for (let index = 0; index < DIGITS; index++) value = value * 10 + arena[at + index] - 48
  return value
}
