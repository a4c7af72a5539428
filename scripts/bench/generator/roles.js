// What a process of the generator can be: many publishers, many consumers, connections that come and go, queues that are
// declared and deleted, connections that idle. All have one shape: prepare, start, figures, stop, finish.

import { nowNs } from './clock.js'
import { Consumer } from './consumer.js'
import { Histogram } from './histogram.js'
import { pace } from './pacer.js'
import { Passage, passageThrough } from './passage.js'
import { Peer } from './peer.js'
import { Publisher } from './publisher.js'
import { ids, method, octet, short, shortstr, table } from './wire.js'

const sum = (things, key) => things.reduce((total, thing) => total + thing[key], 0)
const firstFew = (problems) => problems.slice(0, 5)

/** Opens one after the other, so that no server sees a burst that the workload does not ask for. */
const openAll = async (Kind, address, plans) => {
  const peers = []
  for (const plan of plans) {
    const peer = await Kind.open(address)
    await peer.prepare(plan)
    peers.push(peer)
  }
  return peers
}

const closeAll = async (peers) => {
  await Promise.allSettled(peers.map((peer) => peer.close()))
}

/** Times of all connections in one histogram. */
const shareHistogram = (peers, key) => {
  const times = new Histogram()
  for (const peer of peers) peer[key] = times
  return times
}

class Publishers {
  #peers = []
  #times
  #stopPacing = async () => undefined

  async prepare({ address, plans }) {
    this.#peers = await openAll(Publisher, address, plans)
    this.#times = shareHistogram(this.#peers, 'confirmTimes')
    const perSecond = sum(plans, 'perSecond')
    if (perSecond > 0) {
      this.#stopPacing = pace(perSecond, () => {
        for (const peer of this.#peers) peer.pump()
      })
    }
    return { server: this.#peers[0]?.server }
  }

  start() {
    for (const peer of this.#peers) peer.start()
  }

  measure(on) {
    for (const peer of this.#peers) peer.measuring = on
  }

  figures() {
    return { published: sum(this.#peers, 'published'), confirmed: sum(this.#peers, 'confirmed') }
  }

  /** Resolves when every publisher has published its count. */
  async done() {
    await Promise.all(this.#peers.map((peer) => peer.done()))
  }

  async stop() {
    await Promise.allSettled(this.#peers.map((peer) => peer.stop()))
    return this.figures()
  }

  async finish() {
    await this.#stopPacing()
    await closeAll(this.#peers)
    const problems = firstFew(this.#peers.flatMap((peer) => peer.problems))
    return { ...this.figures(), confirmMs: this.#times?.summary(), problems }
  }
}

class Consumers {
  #peers = []
  #times

  async prepare({ address, plans }) {
    this.#peers = await openAll(Consumer, address, plans)
    this.#times = shareHistogram(this.#peers, 'latencies')
    return { server: this.#peers[0]?.server }
  }

  start() {}

  measure(on) {
    for (const peer of this.#peers) peer.measuring = on
  }

  figures() {
    const troubled = this.#peers.some(({ problems }) => problems.length > 0)
    return { consumed: sum(this.#peers, 'consumed'), consumedBytes: sum(this.#peers, 'bodyBytes'), troubled }
  }

  stop() {}

  async finish() {
    const figures = this.figures()
    await closeAll(this.#peers)
    const seconds =
      (Math.max(...this.#peers.map((peer) => peer.lastAtNs)) - Math.min(...this.#peers.map((peer) => peer.beganAtNs))) /
      1e9
    const problems = firstFew(this.#peers.flatMap((peer) => peer.problems))
    return { ...figures, seconds, endToEndMs: this.#times?.summary(), problems }
  }
}

/** Does one thing over and over in several places at once, and counts and times it. */
class Loops {
  #operations = 0
  #times = new Histogram()
  #measuring = false
  #running = false
  #problems = []
  #loops = []
  #plan

  async prepare(plan) {
    this.#plan = plan
    await this.begin(plan)
  }

  start() {
    this.#running = true
    this.#loops = Array.from({ length: this.#plan.parallel }, (_, index) => this.#loop(index))
  }

  measure(on) {
    this.#measuring = on
  }

  figures() {
    return { operations: this.#operations }
  }

  async stop() {
    this.#running = false
    await Promise.all(this.#loops)
  }

  async finish() {
    await this.end()
    return { operations: this.#operations, operationMs: this.#times.summary(), problems: this.#problems }
  }

  async #loop(index) {
    for (let round = 0; this.#running; round++) {
      const beganNs = nowNs()
      try {
        await this.once(this.#plan, index, round)
      } catch (error) {
        this.#problems.push(error.message)
        return
      }
      if (!this.#measuring) continue
      this.#operations++
      this.#times.record(nowNs() - beganNs)
    }
  }
}

/** Opens a connection and a channel, closes both. */
class Churn extends Loops {
  async begin({ address }) {
    this.script = await passageThrough(address)
  }

  end() {}

  once({ address }) {
    return new Passage(this.script).go(address)
  }
}

/** Declares a queue and deletes it. */
class Declares extends Loops {
  #peers = []

  async begin({ address, parallel }) {
    for (let index = 0; index < parallel; index++) this.#peers.push(await Peer.open(address))
  }

  async end() {
    await closeAll(this.#peers)
  }

  async once({ prefix, durable }, index, round) {
    const name = shortstr(`${prefix}.d${index}.${round % 1024}`)
    const flags = octet(durable ? 2 : 0)
    const peer = this.#peers[index]
    await peer.call(method(1, ids.queueDeclare, short(0), name, flags, table({})), ids.queueDeclareOk)
    await peer.call(method(1, ids.queueDelete, short(0), name, octet(0)), ids.queueDeleteOk)
  }
}

/** Connections with one channel that do nothing. */
class Idlers {
  #peers = []
  #problems = []

  prepare() {}
  measure() {}
  stop() {}

  /** Opens them one by one. */
  async start({ address, connections }) {
    try {
      while (this.#peers.length < connections) this.#peers.push(await Peer.open(address))
    } catch (error) {
      this.#problems.push(`connection ${this.#peers.length + 1}: ${error.message}`)
    }
  }

  figures() {
    return { operations: this.#peers.length }
  }

  async finish() {
    const lost = this.#peers.find((peer) => peer.failure)
    if (lost) this.#problems.push(lost.failure.message)
    const operations = this.#peers.length
    await closeAll(this.#peers)
    return { operations, problems: this.#problems }
  }
}

/** By the name that the parent process asks for. */
export const roles = {
  publishers: () => new Publishers(),
  consumers: () => new Consumers(),
  churn: () => new Churn(),
  declares: () => new Declares(),
  idlers: () => new Idlers(),
}
