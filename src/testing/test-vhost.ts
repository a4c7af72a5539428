// A vhost as a test uses it: its address, what is in it, what has happened in it, and waiting for what will. All it tells
// is plain data, exact at the moment of asking. Starting and stopping the broker is test-broker.ts' concern.

import type { Broker } from '../broker/broker.ts'
import type { QueueStats } from '../broker/queue/queue.ts'
import type { Vhost } from '../broker/vhost.ts'
import type { BrokerEvent, DeadLettered, Delivered, Published, Settled } from './events.ts'
import type { Findings } from './findings.ts'
import type { Journal } from './journal.ts'
import { checkNames, type Known } from './known.ts'
import { LeakError, type LeakReport, leakLines } from './leaks.ts'
import { complaintOf, type LintOptions, lintsOf } from './lints.ts'
import { type Match, matches, matchText } from './match.ts'
import { messageAgain, messageOf, type PublishOptions, type PublishResult, publish } from './publish.ts'
import { quiet } from './quiet.ts'
import { type ReplayOptions, replay } from './replay.ts'
import { inTurn, restore, type Snapshot, snapshotOf } from './snapshot.ts'
import { line } from './telling.ts'
import type { TestClock } from './test-clock.ts'
import { TestQueue } from './test-queue.ts'
import { type Awaited, isThenable, WaitError, type WaitOptions, waitFor } from './waiting.ts'

/** Events that a complaint shows. */
const SHOWN_EVENTS = 10
/** Characters of a predicate that it shows. */
const SHOWN_CHARACTERS = 100

/** The broker around a vhost, as it is now: after a restart it is another one. */
export interface VhostHost {
  readonly broker: Broker
  readonly journal: Journal
  readonly clock: Pick<TestClock, 'pass' | 'messages'>
  /** `amqp://127.0.0.1:port`. */
  readonly address: string
  /** `http://127.0.0.1:port`, where the HTTP API is open. */
  readonly httpUrl: string | undefined
  /** `dead`: it can be revived; `stopped`: it will not come back. */
  readonly state: 'running' | 'dead' | 'stopped'
  /** How many frames from and to its clients are held back by faults. */
  framesHeld(vhost: string): number
  /** Bad practice that is to be remembered when what it was seen in is gone. */
  readonly findings: Findings
  /** What goes wrong, in all vhosts. */
  readonly faults: { list(vhost: string): readonly string[] }
}

/** Who a vhost belongs to. */
export interface Login {
  readonly name: string
  readonly user: string
  readonly password: string
}

/** A wait for a message, of which there may have to be several. */
export interface CountedWaitOptions extends WaitOptions {
  /** The how manieth is waited for; 1 where it is not said. */
  readonly count?: number
}

const waitOptions: Known<Required<CountedWaitOptions>> = { timeout: true, signal: true, count: true }

/** One vhost of a test broker. */
export class TestVhost {
  readonly name: string
  readonly user: string
  readonly password: string
  protected readonly host: VhostHost
  /** Events up to this number were before a reset. */
  #since = 0

  constructor(host: VhostHost, { name, user, password }: Login) {
    this.host = host
    this.name = name
    this.user = user
    this.password = password
  }

  // --- how to reach it --------------------------------------------------------------------------------------------

  /** The AMQP URL with user, password and vhost. */
  get url(): string {
    const [scheme, address] = this.host.address.split('//')
    const login = `${encodeURIComponent(this.user)}:${encodeURIComponent(this.password)}`
    return `${scheme}//${login}@${address}/${encodeURIComponent(this.name)}`
  }

  /** Environment variables for a program that is to find this vhost. */
  env(): Record<string, string> {
    const { url, name } = this
    const { httpUrl } = this.host
    const http = httpUrl === undefined ? {} : { LEVERET_HTTP_URL: httpUrl }
    return { AMQP_URL: url, RABBITMQ_URL: url, LEVERET_URL: url, LEVERET_VHOST: name, ...http }
  }

  // --- what is in it ----------------------------------------------------------------------------------------------

  /** A queue, which need not exist yet. */
  queue(name: string): TestQueue {
    return new TestQueue(this.name, name, this.host)
  }

  /** The names of all queues. */
  queues(): readonly string[] {
    return [...this.live.queues.keys()]
  }

  /** The bindings from an exchange, or of all; those of the default exchange are not among them. */
  bindings(exchange?: string): readonly { source: string; destination: string; routingKey: string; type: string }[] {
    return [...this.live.bindings.values()]
      .filter(({ source }) => exchange === undefined || source === exchange)
      .map(({ source, destination, routingKey, destinationType: type }) => ({ source, destination, routingKey, type }))
  }

  /** All that happened in it and is kept, oldest first. */
  events(): readonly BrokerEvent[] {
    return this.host.journal.events(this.name).filter(({ number }) => number > this.#since)
  }

  /** What was published, and where it was routed. */
  published(match: Match = {}): readonly Published[] {
    return this.#messages<Published>('published', match, ({ routed }) => routed)
  }

  /** What died and went on, and why. */
  deadLetters(match: Match = {}): readonly DeadLettered[] {
    return this.#messages<DeadLettered>('dead-lettered', match, ({ queue, routed }) => [queue, ...routed])
  }

  /** Deliveries that nobody has settled, with their consumers. */
  unacked(): readonly Delivered[] {
    return this.host.journal.unacked(this.name)
  }

  /** What a test leaves behind if it ends now. */
  leaks(): LeakReport {
    const { connections } = this.host.broker
    const messages: Record<string, number> = {}
    for (const name of this.queues()) {
      const { ready } = this.queue(name).counts()
      // What is in a stream stays there, whoever has read it.
      if (ready > 0 && this.live.queues.get(name)?.settings.type !== 'stream') messages[name] = ready
    }
    return {
      connections: connections.countIn(this.name),
      channels: connections.channelsOf(this.user),
      unacked: this.unacked(),
      messages,
      faults: this.host.faults.list(this.name),
    }
  }

  /** Throws `LeakError` where something is left behind. */
  expectNoLeaks(): void {
    const report = this.leaks()
    if (leakLines(report).length > 0) throw new LeakError(this.name, report)
  }

  /**
   * Bad practice that the broker saw, a line for each: consumers without a prefetch limit, publishes that nobody got and
   * whose publisher does not know, dead letters that go nowhere, messages that are requeued again and again, and more.
   */
  lints(options: LintOptions = {}): readonly string[] {
    return lintsOf(this.live, this.events(), options)
  }

  /** Throws where the broker saw bad practice. */
  expectNoLints(options: LintOptions = {}): void {
    const complaint = complaintOf(this.lints(options))
    if (complaint !== null) throw complaint
  }

  // --- doing ------------------------------------------------------------------------------------------------------

  /**
   * Publishes without a client; objects and arrays as JSON. Resolves when every queue has it.
   * Rejects with `ChannelError` where a client's channel would be closed.
   */
  async publish(exchange: string, key: string, body: unknown, options: PublishOptions = {}): Promise<PublishResult> {
    const message = messageOf(exchange, key, body, options)
    return publish(this.live, message, (queues) => this.host.journal.publishedHere(this.name, message, queues))
  }

  /**
   * Publishes again what was published in a record, of this broker or another. Resolves with how many there were. With a
   * virtual clock, what a `speed` makes it wait is moved on.
   */
  replay(events: readonly BrokerEvent[], options: ReplayOptions = {}): Promise<number> {
    const { journal } = this.host
    const publishAgain = (published: Published): Promise<PublishResult> => {
      const message = messageAgain(published.message)
      return publish(this.live, message, (queues) => journal.publishedHere(this.name, message, queues, published))
    }
    return replay({ publishAgain, pass: (ms) => this.host.clock.pass(ms) }, events, options)
  }

  /** All that is in it at one moment, also while messages move; to be put back with `restore`. */
  async snapshot(): Promise<Snapshot> {
    return inTurn(this.live, () => snapshotOf(this.live, this.host.clock.messages))
  }

  /** Makes it what it was; what happened meanwhile is forgotten. Connections stay, consumers are cancelled. */
  async restore(snapshot: Snapshot): Promise<void> {
    if (!(snapshot?.messages instanceof Map)) throw new TypeError('restore is for what snapshot() has resolved with')
    await inTurn(this.live, async () => {
      await this.#clear()
      await restore(this.host.broker, this.live, snapshot, this.host.clock.messages)
      this.#since = this.host.journal.number
    })
  }

  /** Deletes all that is declared in it, with all messages and policies, and forgets what happened. Connections stay. */
  async reset(): Promise<void> {
    await inTurn(this.live, () => this.#clear())
  }

  async #clear(): Promise<void> {
    const { broker, journal } = this.host
    const { live } = this
    const topology = broker.topology(live)
    this.host.findings.add(this.lints())
    for (const queue of [...live.queues.values()]) await topology.removeQueue(queue)
    journal.forgetUnacked(this.name)
    for (const { name } of [...live.exchanges.values()]) {
      if (name !== '' && !name.startsWith('amq.')) await topology.deleteExchange(name, false)
    }
    for (const binding of [...live.bindings.values()]) await topology.unbind(binding)
    const { administration } = broker
    for (const { name } of [...live.policies]) await administration.deletePolicy(this.name, name)
    for (const { name } of [...live.operatorPolicies]) await administration.deleteOperatorPolicy(this.name, name)
    this.#since = journal.number
  }

  // --- waiting ----------------------------------------------------------------------------------------------------

  /** Waits until a message was published; one that was counts. */
  async waitForMessage(match: Match = {}, options: CountedWaitOptions = {}): Promise<Published> {
    return this.#nth(
      matchText(match),
      () => this.published(match),
      options,
      () => this.published().map(line),
    )
  }

  /** Waits until a message was acked by whoever had it. */
  async waitForAck(match: Match = {}, options: CountedWaitOptions = {}): Promise<Settled> {
    const acked = () =>
      this.#messages<Settled>('settled', match, ({ queue }) => [queue]).filter(({ how }) => how === 'acked')
    return this.#nth(`an ack of ${matchText(match)}`, acked, options)
  }

  /** Waits until a message died and went on. */
  async waitForDeadLetter(match: Match = {}, options: CountedWaitOptions = {}): Promise<DeadLettered> {
    return this.#nth(`the death of ${matchText(match)}`, () => this.deadLetters(match), options)
  }

  /** Waits until a queue has so many consumers. */
  async waitForConsumer(queue: string, options: CountedWaitOptions = {}): Promise<void> {
    const { count = 1 } = options
    const enough = (): true | undefined => (this.queue(queue).consumers() >= count ? true : undefined)
    const what = `${count === 1 ? 'a consumer' : `${count} consumers`} of queue '${queue}'`
    await this.#wait({ what, look: enough, instead: () => this.#state() }, options)
  }

  /**
   * Waits until nothing is ready, unacked, on its way, or held back by a delayed exchange, a delayed retry or a fault. What
   * becomes due by time alone (a queue's expiry) does not count, nor does what lies in a stream: it stays there.
   */
  async waitForIdle(options: WaitOptions = {}): Promise<void> {
    const { journal } = this.host
    let busy: readonly string[] = []
    const idle = async (): Promise<true | undefined> => {
      busy = await this.#busy()
      if (busy.length > 0) return undefined
      // What is on its way shows itself in a few turns; another look follows then.
      const before = journal.activity
      await quiet(() => journal.activity)
      busy = await this.#busy()
      return before === journal.activity && busy.length === 0 ? true : undefined
    }
    const wait: Awaited<true> = { what: `vhost '${this.name}' to be idle`, look: idle, instead: () => orNothing(busy) }
    await this.#wait(wait, options)
  }

  /**
   * Waits until `predicate` says so; it is asked whenever something happens in the broker, and now and then: it may ask for
   * what the program under test has done. Rejects with what it throws.
   */
  async waitFor(predicate: (vhost: this) => boolean | Promise<boolean>, options: WaitOptions = {}): Promise<void> {
    const look = () => {
      const holds = predicate(this)
      return isThenable(holds) ? Promise.resolve(holds).then(trueOrNothing) : trueOrNothing(holds)
    }
    const what = `a predicate to hold: ${predicateText(predicate)}`
    await this.#wait({ what, look, instead: () => this.#state(), elsewhere: true }, options)
  }

  // --- how --------------------------------------------------------------------------------------------------------

  /** The vhost as it is now. Throws where it was deleted. */
  protected get live(): Vhost {
    const vhost = this.host.broker.vhost(this.name)
    if (!vhost) throw new Error(this.#goneText)
    return vhost
  }

  get #goneText(): string {
    return `vhost '${this.name}' is gone: it was disposed of, or deleted`
  }

  #messages<E extends Published | DeadLettered | Settled>(
    event: E['event'],
    match: Match,
    queuesOf: (event: E) => readonly string[],
  ): readonly E[] {
    const all = this.events().filter((each): each is E => each.event === event)
    return all.filter((each) => each.message !== null && matches(match, each.message, queuesOf(each)))
  }

  #nth<E>(
    what: string,
    found: () => readonly E[],
    options: CountedWaitOptions,
    instead: () => readonly string[] = () => this.#state(),
  ): Promise<E> {
    const { count = 1 } = options
    const named = count === 1 ? what : `${what}, number ${count} of them`
    return this.#wait({ what: named, look: () => found()[count - 1], instead: () => orNothing(instead()) }, options)
  }

  async #wait<T>(awaited: Awaited<T>, options: CountedWaitOptions): Promise<T> {
    checkNames('a wait', options, waitOptions)
    const { count = 1 } = options
    if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`count is ${count}, expected 1 or more`)
    const look: Awaited<T>['look'] = () => (this.#isThere() ? awaited.look() : undefined)
    const instead = () => (this.host.state === 'running' ? awaited.instead() : ['a broker that is dead'])
    return waitFor(this.host.journal, { ...awaited, look, instead }, options)
  }

  /** false: its broker is dead, and can be revived. Throws where there is no hope. */
  #isThere(): boolean {
    const { state } = this.host
    if (state === 'stopped') throw new WaitError('the broker was stopped')
    if (state === 'running' && !this.host.broker.vhosts.has(this.name)) throw new WaitError(this.#goneText)
    return state === 'running'
  }

  /** Queues with what is in them, and what happened last. */
  #state(): readonly string[] {
    const queues = this.queues().map((name) => stateOf(name, this.queue(name).counts()))
    return [...(queues.length === 0 ? ['no queue'] : queues), ...this.events().slice(-SHOWN_EVENTS).map(line)]
  }

  /** What keeps the vhost from being idle. */
  async #busy(): Promise<readonly string[]> {
    const queues: string[] = []
    for (const [name, { settings }] of [...this.live.queues]) {
      const counts = this.queue(name).counts()
      const ready = settings.type === 'stream' ? 0 : counts.ready
      if (ready + counts.unacked > 0) queues.push(stateOf(name, counts))
      else if (settings.type === 'quorum') queues.push(...(await this.#retries(name)))
    }
    const held = this.host.framesHeld(this.name)
    const frames = held === 0 ? [] : [`${held} frames are held back by a fault`]
    const delays = [...this.live.exchanges.values()].flatMap(({ name, delay }) => {
      return delay !== null && delay.size > 0 ? [`exchange '${name}' holds ${delay.size} messages back`] : []
    })
    return [...queues, ...delays, ...frames]
  }

  /** Messages of a quorum queue that are neither ready nor with a consumer wait for their next try. */
  async #retries(name: string): Promise<readonly string[]> {
    const { length } = await this.queue(name).messages()
    return length === 0 ? [] : [`queue '${name}': ${length} wait for their next try`]
  }
}

function stateOf(name: string, { ready, unacked, consumers }: QueueStats): string {
  return `queue '${name}': ${ready} ready, ${unacked} unacked, ${consumers} consumers`
}

/** A predicate as it is written, in short. */
function predicateText(predicate: (...args: never[]) => unknown): string {
  const text = String(predicate).replace(/\s+/g, ' ')
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text
}

function trueOrNothing(holds: boolean): true | undefined {
  return holds ? true : undefined
}

function orNothing(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ['nothing'] : lines
}
