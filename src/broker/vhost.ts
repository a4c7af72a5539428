// A virtual host: the tables of live exchanges, queues and bindings, and the routes through them. The tables change only
// when the meta store reports a change (`apply`); asking for one is topology.ts's concern.

import type { FieldTable } from '../protocol/field-table.ts'
import { ChannelError, exchangeText, notFound } from '../protocol/reply.ts'
import type { Binding, BindingSpec, Destination } from './binding.ts'
import type { Chance } from './chance.ts'
import { MessageCounts } from './counts.ts'
import { type Dialect, LEVERET } from './dialect.ts'
import { entryKey } from './entries.ts'
import { Exchange, type ExchangeSpec } from './exchange/exchange.ts'
import type { ExchangeType } from './exchange/types.ts'
import { type Firehose, TRACE_EXCHANGE } from './firehose.ts'
import { NO_LIMITS, type VhostLimits } from './limits.ts'
import type { Logger } from './logger.ts'
import type { Message } from './message.ts'
import { Parameters } from './parameters.ts'
import { combined, Policies, type Policy, type PolicySubject } from './policy.ts'
import type { LocalQueue } from './queue/local-queue.ts'
import type { Queue } from './queue/queue.ts'
import { policySubjectOf, settingsOf } from './queue/settings.ts'
import { Replies } from './replies.ts'
import { findRoute, type Route, type Tables } from './routing.ts'
import { PLAIN_VHOST, type VhostSettings } from './vhost-settings.ts'

/** Routes remembered per vhost; beyond, all are forgotten. */
const ROUTES = 65536
const NO_HEADERS: FieldTable = new Map()

/** The exchanges of every vhost (behaviour.md §5.1). */
const predeclared: readonly (readonly [name: string, type: ExchangeType, internal: boolean])[] = [
  ['', 'direct', false],
  ['amq.direct', 'direct', false],
  ['amq.fanout', 'fanout', false],
  ['amq.topic', 'topic', false],
  ['amq.headers', 'headers', false],
  ['amq.match', 'headers', false],
  [TRACE_EXCHANGE, 'topic', true],
]

/** The same as they are in a vhost that is made. */
export const predeclaredExchanges: readonly ExchangeSpec[] = predeclared.map(([name, type, internal]) => {
  return { name, type, internal, durable: true, autoDelete: false, arguments: NO_HEADERS }
})

/** What policies a queue or an exchange is under. */
export interface Governing {
  readonly policy: Policy | null
  readonly operatorPolicy: Policy | null
}

const UNGOVERNED: Governing = { policy: null, operatorPolicy: null }

/** What a vhost is given of the world around it. */
export interface VhostSurroundings {
  readonly logger?: Pick<Logger, 'warn'> | null
  readonly dialect?: Dialect
}

/** One virtual host. */
export class Vhost implements Tables {
  readonly name: string
  /** Which RabbitMQ this is. */
  readonly dialect: Dialect
  readonly exchanges = new Map<string, Exchange>()
  /** Those who wait for answers, by the names that answers are sent to. */
  readonly replies: Replies
  readonly policies: Policies
  readonly operatorPolicies: Policies
  readonly parameters = new Parameters()
  limits: VhostLimits = NO_LIMITS
  settings: VhostSettings = PLAIN_VHOST
  /** Where copies of its messages go while it is traced. Not kept: nobody is traced after a restart, as in RabbitMQ. */
  firehose: Firehose | null = null
  /** What was counted of messages by channels that are gone, and by who has none (HTTP). */
  readonly counts = new MessageCounts()
  /** The revision of its entry, as transactions expect it; 0: it is deleted. */
  rev: number
  /** Grows with every change that may change a route. */
  generation = 1
  readonly #queues = new Map<string, LocalQueue>()
  readonly #queueRevs = new Map<Queue, number>()
  readonly #inbound = new Map<Queue, Set<Binding>>()
  readonly #bindings = new Map<string, Binding>()
  /** The policies of queues, where they have some. */
  readonly #governing = new Map<Queue, Governing>()
  readonly #routes = new Map<string, Route>()
  readonly #chance: Chance
  #routesGeneration = 0

  /** @param around who is told of policies whose patterns take too long, and which RabbitMQ this is */
  constructor(name: string, chance: Chance, rev = 0, around: VhostSurroundings = {}) {
    const { logger = null, dialect = LEVERET } = around
    this.name = name
    this.dialect = dialect
    this.replies = new Replies(dialect)
    this.rev = rev
    this.policies = new Policies(logger)
    this.operatorPolicies = new Policies(logger)
    this.#chance = chance
    for (const spec of predeclaredExchanges) this.exchanges.set(spec.name, new Exchange(spec, 0, chance, dialect))
  }

  get queues(): ReadonlyMap<string, Queue> {
    return this.#queues
  }

  /** The queues whose logs are in this process. */
  localQueues(): Iterable<LocalQueue> {
    return this.#queues.values()
  }

  /** All bindings but those to the default exchange, which are not kept. */
  get bindings(): ReadonlyMap<string, Binding> {
    return this.#bindings
  }

  /** The exchange. Throws `ChannelError` 404. */
  exchange(name: string): Exchange {
    const exchange = this.exchanges.get(name)
    if (!exchange) throw notFound(exchangeText(name, this.name))
    return exchange
  }

  /** The revision of a queue's entry, as transactions expect it. */
  queueRev(queue: Queue): number {
    return this.#queueRevs.get(queue) ?? 0
  }

  /** The bindings to a queue. */
  bindingsTo(queue: Queue): Iterable<Binding> {
    return this.#inbound.get(queue) ?? []
  }

  /** The keys of all that is declared in it, bindings first. */
  declaredKeys(): string[] {
    const exchanges = [...this.exchanges.values()].filter(({ rev }) => rev > 0)
    return [
      ...this.#bindings.keys(),
      ...[...this.#queues.keys()].map((queue) => entryKey('queue', this.name, queue)),
      ...exchanges.map((exchange) => entryKey('exchange', this.name, exchange.name)),
    ]
  }

  // --- routes -----------------------------------------------------------------------------------------------------

  /**
   * The route by a message's exchange and routing key alone. Where that is not enough it leads nowhere, and is not
   * `byKeyOnly`. Throws `ChannelError` 404 or 403 when the message cannot be published there (behaviour.md §5.5).
   */
  route(message: Message): Route {
    if (this.#routesGeneration !== this.generation) {
      this.#routes.clear()
      this.#routesGeneration = this.generation
    }
    const key = message.routing.toString('latin1', message.routingStart, message.routingEnd)
    const known = this.#routes.get(key)
    if (known) return known
    const route = this.routeKeys(message.exchange, [message.routingKey], null)
    // From the default exchange, a key that leads nowhere may lead to a queue declared later, which changes no generation.
    const lasts = route.queues.length > 0 || route.exchange.name !== ''
    if (route.byKeyOnly && lasts && route.generation === this.generation) {
      if (this.#routes.size >= ROUTES) this.#routes.clear()
      this.#routes.set(key, route)
    }
    return route
  }

  /** The route of `message` from `exchange` with several keys (CC and BCC); not remembered. Throws as `route`. */
  routeKeys(exchange: string, keys: readonly string[], message: Message | null): Route {
    const from = this.exchange(exchange)
    if (from.internal) {
      throw new ChannelError(403, `cannot publish to internal ${exchangeText(exchange, this.name)}`)
    }
    return findRoute(this, from, keys, message)
  }

  // --- changes reported by the meta store -------------------------------------------------------------------------

  putQueue(queue: LocalQueue, rev: number): void {
    this.#queues.set(queue.name, queue)
    this.#queueRevs.set(queue, rev)
    this.#inbound.set(queue, new Set())
    queue.owner?.exclusiveQueues.add(queue)
    this.#govern(queue)
  }

  removeQueue(name: string): void {
    const queue = this.#queues.get(name)
    if (!queue) return
    this.#queues.delete(name)
    this.#queueRevs.delete(queue)
    this.#inbound.delete(queue)
    this.#governing.delete(queue)
    queue.owner?.exclusiveQueues.delete(queue)
    this.generation++
    queue.retire()
  }

  putExchange(spec: ExchangeSpec, rev: number): Exchange {
    const exchange = new Exchange(spec, rev, this.#chance, this.dialect)
    this.#governExchange(exchange)
    this.exchanges.set(spec.name, exchange)
    this.generation++
    return exchange
  }

  removeExchange(name: string): void {
    const exchange = this.exchanges.get(name)
    if (!exchange) return
    this.exchanges.delete(name)
    this.generation++
    exchange.log?.retire()
  }

  putBinding(key: string, spec: BindingSpec, rev: number): void {
    const from = this.exchanges.get(spec.source)
    const to =
      spec.destinationType === 'queue' ? this.#queues.get(spec.destination) : this.exchanges.get(spec.destination)
    // Both ends are expected by the transaction that made it; one that is missing was damaged on disk.
    if (!from || !to) return
    const binding: Binding = { ...spec, key, rev, from, to }
    this.#bindings.set(key, binding)
    from.add(binding)
    this.#inboundOf(to)?.add(binding)
    this.generation++
    for (const message of from.matcher.recent ?? []) this.#replay(message, to)
  }

  /** Gives a message of the past to a destination of now; nobody waits for it. */
  #replay(message: Message, to: Destination): void {
    const queues = to instanceof Exchange ? findRoute(this, to, message.routingKeys, message).queues : [to]
    for (const queue of queues) queue.publish(message, null, 0)
  }

  removeBinding(key: string): void {
    const binding = this.#bindings.get(key)
    if (!binding) return
    this.#bindings.delete(key)
    binding.from.remove(binding)
    this.#inboundOf(binding.to)?.delete(binding)
    this.generation++
  }

  /** Policies have changed: what they say holds from now on for what is there. */
  policiesChanged(): void {
    for (const queue of this.#queues.values()) this.#govern(queue)
    for (const exchange of this.exchanges.values()) this.#governExchange(exchange)
    this.generation++
  }

  /** The policy and the operator policy for what bears this name. */
  policiesOf(subject: PolicySubject, name: string): Governing {
    return {
      policy: this.policies.match(subject, name),
      operatorPolicy: this.operatorPolicies.match(subject, name),
    }
  }

  #govern(queue: LocalQueue): void {
    const { policy, operatorPolicy } = this.policiesOf(policySubjectOf(queue.arguments), queue.name)
    const before = this.#governing.get(queue) ?? UNGOVERNED
    if (before.policy === policy && before.operatorPolicy === operatorPolicy) return
    this.#governing.set(queue, { policy, operatorPolicy })
    queue.apply(settingsOf(queue.arguments, combined(policy, operatorPolicy), this.dialect))
  }

  #governExchange(exchange: Exchange): void {
    // It has no alternate (what names no queue goes nowhere), and declaring a queue changes no generation.
    if (exchange.name === '') return
    const { policy, operatorPolicy } = this.policiesOf('exchanges', exchange.name)
    exchange.apply(combined(policy, operatorPolicy))
  }

  /**
   * It is deleted, with what may still be declared in it. Returns the keys of that: who declared it could not know yet.
   */
  retire(): readonly string[] {
    const left = this.declaredKeys()
    for (const name of [...this.#queues.keys()]) this.removeQueue(name)
    for (const name of [...this.exchanges.keys()]) this.removeExchange(name)
    this.#bindings.clear()
    this.rev = 0
    this.generation++
    return left
  }

  /** The bindings to a queue or an exchange; undefined for a queue that is not there any more. */
  #inboundOf(to: Destination): Set<Binding> | undefined {
    return to instanceof Exchange ? to.inbound : this.#inbound.get(to)
  }
}
