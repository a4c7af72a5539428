// Runs one step of a workload against one broker: starts the processes of the generator, opens and closes the window in
// which is counted, waits until what was published has been consumed, and turns counters into figures. A step that cannot
// be finished, or whose messages are not what they should be, says so in `problems`.

import { setTimeout as sleep } from 'node:timers/promises'
import { nowNs } from './generator/clock.js'
import { Generator } from './generator.js'
import { openControl, Topology } from './topology.js'
import { Usage } from './usage.js'

/** Without progress for this long, messages count as lost. */
const STALL_MS = 5000
/** A backlog that is larger than this takes to consume is left unconsumed and unchecked. */
const DRAIN_MS = 10_000
/** Time for the last acks to arrive before the queues are looked at. */
const ACKS_MS = 250
/** Time for a broker's memory to settle after a fill. */
const SETTLE_MS = 1000
const FILL_MS = 300_000
const POLL_MS = 5

/**
 * @typedef {object} Surroundings
 * @property {import('./generator/peer.js').Address & { pid?: number }} address of the broker
 * @property {string} prefix of all names; the steps of one run share it
 * @property {number} seconds that are counted
 * @property {number} warmupSeconds before them
 * @property {AbortSignal} signal
 */

/**
 * @param {import('./workloads.js').Step} step
 * @param {Surroundings} surroundings
 * @returns {Promise<object>} figures by name, `server`, and `problems` (none: all is well)
 */
export const runStep = async (step, surroundings) => {
  const run = new Run(step, surroundings)
  const abort = () => run.end()
  surroundings.signal.addEventListener('abort', abort)
  try {
    surroundings.signal.throwIfAborted()
    return await run[step.kind]()
  } catch (error) {
    return { problems: [surroundings.signal.aborted ? 'interrupted' : error.message] }
  } finally {
    surroundings.signal.removeEventListener('abort', abort)
    await run.clear()
  }
}

class Run {
  #step
  #surroundings
  #usage
  #topology
  #control
  #generators = []

  constructor(step, surroundings) {
    this.#step = step
    this.#surroundings = surroundings
    this.#topology = new Topology(surroundings.prefix, step)
  }

  /** Publishers and consumers at once, counted for a while. */
  async flow() {
    await this.#open()
    await this.#topology.declare(this.#control)
    const [consumers, publishers] = await Promise.all([
      this.#start('consumers', this.#topology.consumings()),
      this.#start('publishers', this.#topology.publishings()),
    ])
    const window = await this.#count([publishers, consumers])
    const sent = await publishers.ask('stop')
    const { checked, problems } = await this.#drain(consumers, sent.published)
    const [published, consumed] = [await publishers.ask('finish'), await consumers.ask('finish')]
    const left = this.#step.ack && checked === 'all' ? await this.#left() : []
    const operations = this.#topology.consumings().length > 0 ? window.consumed : window.published
    return {
      publishPerSecond: window.published / window.seconds,
      consumePerSecond: window.consumed / window.seconds,
      consumeMBPerSecond: window.consumedBytes / window.seconds / 1e6,
      published: published.published,
      confirmed: published.confirmed,
      consumed: consumed.consumed,
      checked,
      confirmMs: published.confirmMs,
      endToEndMs: consumed.endToEndMs,
      ...this.#costs(window, operations),
      ...this.#verdict([...problems, ...published.problems, ...consumed.problems, ...left]),
    }
  }

  /** A count of messages with nobody to consume them; the queues stay for `drain`. */
  async fill() {
    await this.#open()
    await this.#topology.declare(this.#control)
    const { count } = this.#step
    const publishers = await this.#start('publishers', this.#topology.publishings())
    const before = await this.#mark([publishers], true)
    await publishers.ask('start')
    await publishers.ask('done', undefined, FILL_MS)
    await publishers.ask('stop', undefined, FILL_MS)
    const ready = await this.#waitUntilReady(count)
    const window = difference(before, await this.#mark([publishers], false))
    await this.#pause(SETTLE_MS)
    const grown = this.#usage.read()?.rssKiB - before.usage?.rssKiB
    const { confirmMs, confirmed, problems } = await publishers.ask('finish')
    const missing = ready < count ? [`the broker counts ${ready} of ${count} messages`] : []
    this.#topology = undefined
    return {
      publishPerSecond: count / window.seconds,
      published: count,
      confirmed,
      confirmMs,
      rssBytesPerMessage: Number.isNaN(grown) ? undefined : (grown * 1024) / count,
      ...this.#costs(window, count),
      ...this.#verdict([...problems, ...missing]),
    }
  }

  /** Consumes what a fill left, to the last message. */
  async drain() {
    await this.#open()
    const { count } = this.#step
    const before = await this.#mark([], undefined)
    const consumers = await this.#start('consumers', this.#topology.consumings())
    const { checked, problems } = await this.#drain(consumers, count, FILL_MS)
    const window = difference(before, await this.#mark([consumers], undefined))
    await this.#pause(ACKS_MS)
    const consumed = await consumers.ask('finish')
    const left = checked === 'all' ? await this.#left() : []
    return {
      consumePerSecond: consumed.consumed / consumed.seconds,
      consumed: consumed.consumed,
      checked,
      ...this.#costs(window, consumed.consumed),
      rssAfterMiB: mebibytes(this.#usage.read()?.rssKiB),
      ...this.#verdict([...problems, ...consumed.problems, ...left]),
    }
  }

  churn() {
    return this.#loops('churn')
  }

  declares() {
    return this.#loops('declares')
  }

  /** Opens connections one by one, and looks at the broker while they are open. */
  async idle() {
    await this.#open()
    const { connections, holdSeconds } = this.#step
    const idlers = await this.#start('idlers', undefined)
    const before = await this.#mark([idlers], undefined)
    const plan = { address: this.#surroundings.address, connections }
    await idlers.ask('start', plan, FILL_MS)
    const opened = await this.#mark([idlers], undefined)
    await this.#pause(Math.min(holdSeconds, this.#surroundings.seconds) * 1000)
    const after = await this.#mark([idlers], undefined)
    const held = difference(opened, after)
    const window = difference(before, opened)
    const { problems } = await idlers.ask('finish')
    const grown = after.usage?.rssKiB - before.usage?.rssKiB
    return {
      operationsPerSecond: window.operations / window.seconds,
      ...this.#costs(window, window.operations),
      rssKiBPerConnection: Number.isNaN(grown) ? undefined : grown / connections,
      idleCpuPercent: percent(held.brokerSeconds, held.seconds),
      ...this.#verdict(problems),
    }
  }

  /** Ends what was started and deletes what was declared, as far as that is still possible. */
  async clear() {
    this.end()
    if (this.#topology && this.#control) {
      try {
        const control = this.#control.failure ? await openControl(this.#surroundings.address) : this.#control
        await this.#topology.delete(control)
        await control.close()
      } catch {
        // The step has told why: a broker that is gone has nothing to delete.
      }
    } else await this.#control?.close().catch(() => undefined)
  }

  /** Ends the generator at once; whatever waits for it fails. */
  end() {
    this.#usage?.end()
    for (const generator of this.#generators) generator.end()
  }

  async #open() {
    this.#control = await openControl(this.#surroundings.address)
    this.#usage = new Usage(this.#surroundings.address.pid)
  }

  async #start(role, plans) {
    const generator = await Generator.start(role)
    this.#generators.push(generator)
    this.#surroundings.signal.throwIfAborted()
    if (plans) await generator.ask('prepare', { address: this.#surroundings.address, plans })
    return generator
  }

  async #loops(role) {
    await this.#open()
    const generator = await this.#start(role, undefined)
    const { address, prefix } = this.#surroundings
    await generator.ask('prepare', { ...this.#step, address, prefix })
    const window = await this.#count([generator])
    await generator.ask('stop')
    const { operationMs, problems } = await generator.ask('finish')
    this.#topology = undefined
    return {
      operationsPerSecond: window.operations / window.seconds,
      operationMs,
      ...this.#costs(window, window.operations),
      ...this.#verdict(problems),
    }
  }

  /** Starts the generators, lets them warm up, and counts. */
  async #count(generators) {
    const { seconds, warmupSeconds } = this.#surroundings
    for (const generator of generators) await generator.ask('start')
    await this.#pause(warmupSeconds * 1000)
    const before = await this.#mark(generators, true)
    await this.#pause(seconds * 1000)
    return difference(before, await this.#mark(generators, false))
  }

  #pause(ms) {
    return sleep(ms, undefined, { signal: this.#surroundings.signal })
  }

  async #mark(generators, measuring) {
    const figures = await Promise.all(generators.map((generator) => generator.ask('figures', { measuring })))
    return {
      atNs: nowNs(),
      usage: this.#usage.read(),
      figures: new Map(generators.map((key, at) => [key, figures[at]])),
    }
  }

  /** Waits until the consumers have everything, the time is over, or nothing comes any more. */
  async #drain(consumers, published, limitMs = DRAIN_MS) {
    const plans = this.#topology.consumings().length
    if (plans === 0 || this.#topology.publishings().length === 0) return { checked: 'nothing', problems: [] }
    const wanted = published * this.#topology.copies
    const endNs = nowNs() + limitMs * 1e6
    let seen = -1
    let stalledNs = 0
    for (;;) {
      const { consumed, troubled, atNs } = await consumers.ask('figures', {})
      if (troubled) return { checked: 'what was consumed', problems: [] }
      if (consumed >= wanted) return { checked: 'all', problems: [] }
      if (consumed > seen) stalledNs = atNs
      seen = consumed
      if (atNs - stalledNs > STALL_MS * 1e6) {
        return { checked: 'all', problems: [`${wanted - consumed} of ${wanted} messages did not arrive`] }
      }
      if (atNs > endNs) return { checked: 'what was consumed', problems: [] }
      await this.#pause(POLL_MS)
    }
  }

  /** @returns {Promise<number>} how many messages the broker counts when it counts all, or no more of them */
  async #waitUntilReady(count) {
    let seen = -1
    for (let progressNs = nowNs(); nowNs() - progressNs < STALL_MS * 1e6; await this.#pause(POLL_MS)) {
      const ready = await this.#topology.ready(this.#control)
      if (ready >= count) return ready
      if (ready > seen) progressNs = nowNs()
      seen = ready
    }
    return seen
  }

  /** After everything was acknowledged and the consumers are gone, nothing may come back. */
  async #left() {
    const ready = await this.#topology.ready(this.#control)
    return ready === 0 ? [] : [`${ready} messages came back though all were acknowledged`]
  }

  #costs(window, operations) {
    const { seconds, brokerSeconds, generatorSeconds, machineSeconds } = window
    const other = machineSeconds - brokerSeconds - generatorSeconds
    return {
      seconds,
      cpuUsPerOperation: perOperation(brokerSeconds, operations),
      brokerCpuPercent: percent(brokerSeconds, seconds),
      rssPeakMiB: this.#usage.peakKiB > 0 ? mebibytes(this.#usage.peakKiB) : undefined,
      generatorCpuUsPerOperation: perOperation(generatorSeconds, operations),
      generatorCpuPercent: percent(generatorSeconds, seconds),
      otherCpuPercent: percent(other, seconds),
    }
  }

  #verdict(problems) {
    return { server: this.#control.server, problems }
  }
}

/** What happened between two marks. Each generator's counters are divided by its own time between them. */
const difference = (before, after) => {
  const seconds = (after.atNs - before.atNs) / 1e9
  const total = { seconds, published: 0, consumed: 0, consumedBytes: 0, operations: 0, generatorSeconds: 0 }
  for (const [generator, end] of after.figures) {
    const begin = before.figures.get(generator) ?? { atNs: before.atNs }
    const stretch = seconds / ((end.atNs - begin.atNs) / 1e9)
    for (const key of ['published', 'consumed', 'consumedBytes', 'operations']) {
      total[key] += ((end[key] ?? 0) - (begin[key] ?? 0)) * stretch
    }
    total.generatorSeconds += end.cpuSeconds - (begin.cpuSeconds ?? 0)
  }
  const brokerSeconds = after.usage?.cpuSeconds - before.usage?.cpuSeconds
  const machineSeconds = after.usage?.machineSeconds - before.usage?.machineSeconds
  return { ...total, brokerSeconds, machineSeconds }
}

const figure = (value) => (Number.isFinite(value) ? value : undefined)
const mebibytes = (kibibytes) => figure(kibibytes / 1024)
const percent = (part, whole) => figure((100 * part) / whole)
const perOperation = (seconds, operations) => figure((seconds * 1e6) / operations)
