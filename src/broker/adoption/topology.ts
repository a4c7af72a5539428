// The part of a plan that is about exchanges, queues and bindings. What is there already cannot be changed, and stays as it
// is; what is new is checked as a declaration is. Knows the tables of each vhost and what is planned.

import { queueText } from '../../protocol/reply.ts'
import type { Dialect } from '../dialect.ts'
import { bindingEntry, bindingKey, entryKey, exchangeEntry, queueEntry } from '../entries.ts'
import { checkExchangeEquivalent, checkQueueEquivalent } from '../equivalence.ts'
import type { ExchangeSpec } from '../exchange/exchange.ts'
import { checkBinding, checkExchangeArguments, checkType } from '../exchange/types.ts'
import { hasLog } from '../exchange-logs.ts'
import { checkExchangeLimit, checkQueueLimits, type NodeLimits, type VhostLimits } from '../limits.ts'
import { checkDeadLetterExchange, checkQueueArguments, checkQueueProperties } from '../queue/arguments.ts'
import { logCount } from '../queue/priority.ts'
import type { QueueSpec } from '../queue/queue.ts'
import { settingsOf } from '../queue/settings.ts'
import { predeclaredExchanges, type Vhost } from '../vhost.ts'
import type { DefinedBinding, DefinedExchange, DefinedQueue, Definitions } from './definitions.ts'
import type { Plan } from './plan.ts'

/** What planning asks of what is around it. */
export interface TopologyPresent {
  readonly vhosts: ReadonlyMap<string, Vhost>
  readonly limits: NodeLimits
  readonly dialect?: Dialect | undefined
  /** Whether there is such a vhost, or will be; complains where not. */
  hasVhost(place: string, name: string): boolean
  /** A number for a queue, and as many after it as make `count` numbers. */
  nextQueueId(count: number): number
}

/** An end of a binding. */
interface End {
  readonly durable: boolean
  /** The key that the binding's commit expects, and its revision. */
  readonly key: string
  readonly rev: number
}
type QueueEnd = End & Pick<QueueSpec, 'arguments'>
type ExchangeEnd = End & Pick<ExchangeSpec, 'type' | 'arguments'>

/** A vhost as it is and will be. */
class PlannedVhost {
  readonly name: string
  readonly limits: VhostLimits
  readonly live: Vhost | undefined
  readonly #queues = new Map<string, DefinedQueue>()
  readonly #exchanges = new Map<string, ExchangeSpec>()

  constructor(name: string, live: Vhost | undefined, limits: VhostLimits) {
    this.name = name
    this.live = live
    this.limits = limits
    if (!live) for (const exchange of predeclaredExchanges) this.addExchange(exchange)
  }

  get queues(): { readonly size: number } {
    return { size: this.#queues.size + (this.live?.queues.size ?? 0) }
  }

  get exchanges(): { readonly size: number } {
    return { size: this.#exchanges.size + (this.live?.exchanges.size ?? 0) }
  }

  addQueue(queue: DefinedQueue): void {
    this.#queues.set(queue.name, queue)
  }

  addExchange(exchange: ExchangeSpec): void {
    this.#exchanges.set(exchange.name, exchange)
  }

  /** A queue that is there, or planned; null for one that is exclusive to a connection. */
  queue(name: string): QueueSpec | DefinedQueue | null | undefined {
    const live = this.live?.queues.get(name)
    return live ? (live.owner === null ? live : null) : this.#queues.get(name)
  }

  exchange(name: string): ExchangeSpec | undefined {
    return this.live?.exchanges.get(name) ?? this.#exchanges.get(name)
  }

  queueRev(name: string): number {
    const queue = this.live?.queues.get(name)
    return queue ? (this.live?.queueRev(queue) ?? 0) : 0
  }
}

/** Plans what is declared. */
export class TopologyPlan {
  readonly #plan: Plan
  readonly #present: TopologyPresent
  readonly #vhosts = new Map<string, PlannedVhost>()
  readonly #expected = new Map<string, number>()

  constructor(plan: Plan, present: TopologyPresent) {
    this.#plan = plan
    this.#present = present
    // Limits of the whole broker count what is in all of them.
    for (const [name, vhost] of present.vhosts) this.#vhosts.set(name, new PlannedVhost(name, vhost, vhost.limits))
  }

  /** Things that are there and have to be so still when the plan is committed, with their revisions. */
  get expected(): ReadonlyMap<string, number> {
    return this.#expected
  }

  /** Adds all of `definitions` that is declared. */
  add(definitions: Definitions): void {
    for (const exchange of definitions.exchanges) this.#addExchange(exchange)
    for (const queue of definitions.queues) this.#addQueue(queue)
    for (const binding of definitions.bindings) this.#addBinding(binding)
  }

  /** The vhost that something is for; undefined, and complained of, where there is none. */
  #vhost(place: string, name: string): PlannedVhost | undefined {
    if (!this.#present.hasVhost(place, name)) return undefined
    const known = this.#vhosts.get(name)
    if (known) return known
    const vhost = new PlannedVhost(name, undefined, {})
    this.#vhosts.set(name, vhost)
    return vhost
  }

  #addExchange(defined: DefinedExchange): void {
    const { place, name, type } = defined
    const vhost = this.#vhost(place, defined.vhost)
    if (!vhost || !this.#checkName(place, name)) return
    const plan = this.#plan
    const key = entryKey('exchange', vhost.name, name)
    if (!plan.check(`${place}.type`, () => checkType(type, this.#present.dialect))) return
    const spec = specOf(defined)
    const known = vhost.exchange(name)
    if (known) return this.#keep(place, key, () => checkExchangeEquivalent(spec, known, vhost.name))
    if (name.startsWith('amq.')) {
      return plan.complain(`${place}.name`, `exchange name '${name}' contains reserved prefix 'amq.*'`)
    }
    const fine = plan.check(place, () => {
      checkExchangeLimit(name, vhost, this.#vhosts.values(), this.#present.limits)
      checkExchangeArguments(spec.type, spec.arguments, this.#present.dialect)
    })
    if (!fine) return
    const entry = hasLog(spec) ? { ...spec, logId: this.#present.nextQueueId(1) } : spec
    plan.put(place, key, exchangeEntry.write(entry), null, !spec.durable)
    this.#expectVhost(vhost)
    vhost.addExchange(spec)
  }

  #addQueue(defined: DefinedQueue): void {
    const { place, name, durable, autoDelete } = defined
    const vhost = this.#vhost(place, defined.vhost)
    if (!vhost || !this.#checkName(place, name)) return
    const key = entryKey('queue', vhost.name, name)
    const known = vhost.queue(name)
    if (known === null) return this.#plan.ignore(place, key, 'it is exclusive to a connection')
    if (known) {
      const present = 'id' in known ? known : { ...known, id: 0, owner: null }
      return this.#keep(place, key, () => checkQueueEquivalent(present, defined, this.#present.dialect))
    }
    const { dialect } = this.#present
    const fine = this.#plan.check(place, () => {
      checkDeadLetterExchange(name, vhost.name, defined.arguments)
      checkQueueArguments(name, vhost.name, defined.arguments, dialect)
      checkQueueLimits(name, vhost, this.#vhosts.values(), this.#present.limits)
      checkQueueProperties(name, vhost.name, { ...defined, exclusive: false }, dialect)
    })
    if (!fine) return
    const id = this.#present.nextQueueId(logCount(settingsOf(defined.arguments, undefined, dialect)))
    const entry = { id, durable, autoDelete, owner: 0, arguments: defined.arguments }
    this.#plan.put(place, key, queueEntry.write(entry), null, !durable)
    this.#expectVhost(vhost)
    vhost.addQueue(defined)
  }

  /** Something that is there stays what it is; it counts as unchanged where it is what was asked for. */
  #keep(place: string, key: string, check: () => void): void {
    try {
      check()
      this.#plan.unchanged++
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ChannelError')) throw error
      this.#plan.ignore(place, key, error.message)
    }
  }

  #addBinding(defined: DefinedBinding): void {
    const { place, source, destination, destinationType, routingKey } = defined
    const vhost = this.#vhost(place, defined.vhost)
    if (!vhost) return
    const key = bindingKey(vhost.name, defined)
    if (source === '') {
      // Every queue is bound there by its name, and old exports say so.
      if (destinationType === 'queue' && destination === routingKey) return
      return this.#plan.complain(`${place}.source`, 'nothing can be bound to the default exchange')
    }
    const from = this.#exchangeEnd(vhost, `${place}.source`, source)
    const queue = destinationType === 'queue' ? this.#queueEnd(vhost, `${place}.destination`, destination) : null
    const to = destinationType === 'queue' ? queue : this.#exchangeEnd(vhost, `${place}.destination`, destination)
    if (!from || !to) return
    if (vhost.live?.bindings.has(key)) {
      this.#plan.unchanged++
      return
    }
    if (!this.#plan.check(place, () => checkBinding(from, defined, queue, this.#present.dialect))) return
    this.#plan.put(place, key, bindingEntry.write(), null, !(from.durable && to.durable))
    this.#expectVhost(vhost)
    for (const end of [from, to]) if (end.rev > 0) this.#expected.set(end.key, end.rev)
  }

  #exchangeEnd(vhost: PlannedVhost, place: string, name: string): ExchangeEnd | null {
    const exchange = vhost.exchange(name)
    if (name !== '' && exchange) {
      const rev = vhost.live?.exchanges.get(name)?.rev ?? 0
      const { durable, type, arguments: args } = exchange
      return { durable, type, arguments: args, key: entryKey('exchange', vhost.name, name), rev }
    }
    this.#plan.complain(
      place,
      `there is no exchange '${name}' in vhost '${vhost.name}', neither here nor in the definitions`,
    )
    return null
  }

  #queueEnd(vhost: PlannedVhost, place: string, name: string): QueueEnd | null {
    const queue = vhost.queue(name)
    if (queue) {
      const key = entryKey('queue', vhost.name, name)
      return { durable: queue.durable, arguments: queue.arguments, key, rev: vhost.queueRev(name) }
    }
    const why = queue === null ? 'is exclusive to a connection' : 'is neither here nor in the definitions'
    this.#plan.complain(place, `${queueText(name, vhost.name)} ${why}`)
    return null
  }

  #expectVhost({ name, live }: PlannedVhost): void {
    if (live) this.#expected.set(entryKey('vhost', name), live.rev)
  }

  #checkName(place: string, name: string): boolean {
    const bytes = Buffer.byteLength(name)
    if (name !== '' && bytes <= 255) return true
    this.#plan.complain(
      `${place}.name`,
      name === '' ? 'a name is missing' : `a name has 255 octets at most, not ${bytes}`,
    )
    return false
  }
}

/** Of a type that can be declared. */
function specOf({ name, type, durable, autoDelete, internal, arguments: args }: DefinedExchange): ExchangeSpec {
  return { name, type: type as ExchangeSpec['type'], durable, autoDelete, internal, arguments: args }
}
