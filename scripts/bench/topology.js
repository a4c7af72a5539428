// What a step declares before it begins and deletes when it is over, and who publishes and consumes where.

import { Peer } from './generator/peer.js'
import { ANY_QUEUE } from './generator/publisher.js'
import { ids, method, octet, short, shortstr, table } from './generator/wire.js'

const PASSIVE = 1
const DURABLE = 2

/** Four ways in which a topic exchange can be bound to the same key. */
const patterns = [(word) => `a.${word}.c`, (word) => `*.${word}.*`, (word) => `a.${word}.#`, (word) => `#.${word}.c`]

/** The exchange, queues, routes and shares of a step, all names beginning with `prefix`. */
export class Topology {
  #prefix
  #step

  constructor(prefix, step) {
    this.#prefix = prefix
    this.#step = { publishers: 1, consumers: 1, queues: 1, exchange: '', bindings: 0, ...step }
  }

  get exchange() {
    return this.#step.exchange && `${this.#prefix}.${this.#step.exchange}`
  }

  /** How many queues get each message. */
  get copies() {
    return this.#step.exchange === 'fanout' ? this.#step.queues : 1
  }

  get queueNames() {
    return Array.from({ length: this.#step.queues }, (_, queue) => `${this.#prefix}.q${String(queue).padStart(5, '0')}`)
  }

  /** @returns {import('./generator/publisher.js').Publishing[]} */
  publishings() {
    const { publishers, size, persistent = false, window = 0, count = 0, perSecond = 0 } = this.#step
    const routes = this.#routes()
    return Array.from({ length: publishers }, (_, publisher) => ({
      publisher,
      publishers,
      exchange: this.exchange,
      routes: routes.filter((_, index) => index % publishers === publisher),
      bodyBytes: size,
      persistent,
      window,
      count: count / publishers,
      perSecond: perSecond / publishers,
    }))
  }

  /** @returns {import('./generator/consumer.js').Consuming[]} */
  consumings() {
    const { consumers, size, ack = false, prefetch = 0, exchange, queues } = this.#step
    const all = this.queueNames.map((name, queue) => ({ name, queue }))
    return Array.from({ length: consumers }, (_, consumer) => ({
      consumer,
      queues: all.filter(({ queue }) => queue % consumers === consumer),
      ack,
      prefetch,
      bodyBytes: size,
      step: exchange === 'topic' ? queues : 1,
    }))
  }

  async declare(control) {
    const durable = octet(this.#step.durable ? DURABLE : 0)
    if (this.exchange) {
      const kind = shortstr(this.#step.exchange)
      const declare = method(1, ids.exchangeDeclare, short(0), shortstr(this.exchange), kind, durable, table({}))
      await control.call(declare, ids.exchangeDeclareOk)
    }
    for (const name of this.queueNames) await declareQueue(control, name, durable)
    await Promise.all(this.#bindings().map((bind) => control.call(bind, ids.queueBindOk)))
  }

  /** @returns {Promise<number>} messages that wait in all queues */
  async ready(control) {
    let total = 0
    for (const name of this.queueNames) {
      const answer = await declareQueue(control, name, octet(PASSIVE))
      total += answer.readUInt32BE(5 + answer[4])
    }
    return total
  }

  async delete(control) {
    for (const name of this.queueNames) {
      await control.call(method(1, ids.queueDelete, short(0), shortstr(name), octet(0)), ids.queueDeleteOk)
    }
    if (!this.exchange) return
    const bytes = method(1, ids.exchangeDelete, short(0), shortstr(this.exchange), octet(0))
    await control.call(bytes, ids.exchangeDeleteOk)
  }

  #routes() {
    const { exchange, queues, bindings } = this.#step
    switch (exchange) {
      case 'fanout':
        return [{ routingKey: 'all', queue: ANY_QUEUE }]
      case 'topic':
        return words(bindings).map((word, index) => ({ routingKey: `a.${word}.c`, queue: index % queues }))
      default:
        return this.queueNames.map((routingKey, queue) => ({ routingKey, queue }))
    }
  }

  #bindings() {
    const { exchange, queues, bindings } = this.#step
    const names = this.queueNames
    if (exchange === 'fanout') return names.map((name) => bind(name, this.exchange, 'all'))
    if (exchange !== 'topic') return []
    return words(bindings).map((word, index) => bind(names[index % queues], this.exchange, patterns[index & 3](word)))
  }
}

/** Opens a connection for the work around the measuring. */
export const openControl = (address) => Peer.open(address)

const words = (count) => Array.from({ length: count }, (_, index) => `k${String(index).padStart(6, '0')}`)

const bind = (queue, exchange, key) =>
  method(1, ids.queueBind, short(0), shortstr(queue), shortstr(exchange), shortstr(key), octet(0), table({}))

const declareQueue = (control, name, flags) =>
  control.call(method(1, ids.queueDeclare, short(0), shortstr(name), flags, table({})), ids.queueDeclareOk)
