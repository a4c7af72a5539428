// Declaring, deleting, binding: what basic topology methods ask of a vhost. Each checks against the live tables, commits
// to the meta store what it checked, and looks again when somebody else was faster. Knows the rules of behaviour.md §5
// and §6; not channels, not how anything is stored.

import { type FieldTable, fieldType } from '../protocol/field-table.ts'
import {
  ChannelError,
  ConnectionError,
  exchangeText,
  notFound,
  preconditionFailed,
  queueText,
} from '../protocol/reply.ts'
import { type Access, ANYTHING } from './access/access.ts'
import type { Binding, BindingSpec, Destination, DestinationType } from './binding.ts'
import type { Census } from './census.ts'
import { bindingEntry, bindingKey, entryKey, exchangeEntry, queueEntry } from './entries.ts'
import { checkExchangeEquivalent, checkQueueEquivalent } from './equivalence.ts'
import { Exchange, type ExchangeSpec } from './exchange/exchange.ts'
import { checkBinding, checkExchangeArguments, checkType } from './exchange/types.ts'
import { hasLog } from './exchange-logs.ts'
import { checkExchangeLimit, checkQueueLimits, type NodeLimits } from './limits.ts'
import {
  checkDeadLetterExchange,
  checkQueueArguments,
  checkQueueProperties,
  checkServerNamed,
  withQueueType,
} from './queue/arguments.ts'
import { logCount } from './queue/priority.ts'
import type { Owner, Queue } from './queue/queue.ts'
import { type QueueType, settingsOf } from './queue/settings.ts'
import type { Lease, MetaStore, MetaWrite } from './store.ts'
import type { Vhost } from './vhost.ts'

/** What queue.declare asks for. */
export interface QueueDeclaration {
  readonly name: string
  readonly durable: boolean
  readonly exclusive: boolean
  readonly autoDelete: boolean
  readonly arguments: FieldTable
}

/** What queue.declare has done. */
export interface Declared {
  readonly name: string
  readonly queue: Queue | null
}

/** What exchange.declare asks for. */
export type ExchangeDeclaration = Omit<ExchangeSpec, 'type' | 'logId'> & { readonly type: string }

/** What topology needs beside the vhost. */
export interface TopologyHost {
  readonly meta: MetaStore
  readonly lease: Lease
  /** A number for a queue, and as many after it as make `count` numbers; none is ever given twice. */
  nextQueueId(count: number): number
  /** What type a queue has that is declared without one. */
  defaultQueueType(vhost: Vhost): QueueType
  /** All vhosts, where limits bound what is in them together. */
  readonly vhosts: ReadonlyMap<string, Vhost>
  readonly limits: NodeLimits
  /** Where declarations are counted. */
  readonly census: Pick<Census, 'queuesDeclared'>
  /** Octets for a server-generated name: 22 characters of base64url. */
  randomName(): string
}

/** Changes to one vhost. All methods reject with `ChannelError` where a rule of AMQP or RabbitMQ forbids it. */
export class Topology {
  readonly #vhost: Vhost
  readonly #host: TopologyHost
  /** Bindings that the store is to take, by key: the tables do not show them yet. */
  readonly onTheirWay = new Map<string, BindingSpec>()

  constructor(vhost: Vhost, host: TopologyHost) {
    this.#vhost = vhost
    this.#host = host
  }

  // --- queues -----------------------------------------------------------------------------------------------------

  /**
   * Makes sure that a queue of that name exists for `owner`'s connection, equivalent to the declaration (behaviour.md
   * §6.1). The queue is null when another connection or channel has deleted it again meanwhile.
   */
  async declareQueue(asked: QueueDeclaration, owner: Owner): Promise<Declared> {
    const usual = this.#host.defaultQueueType(this.#vhost)
    const declaration = { ...asked, arguments: withQueueType(asked, usual, this.#vhost.dialect) }
    const stripped = withoutBreaks(declaration.name)
    if (stripped === '') checkServerNamed(declaration.arguments)
    if (stripped.startsWith('amq.')) throw reserved('queue', stripped)
    const name = stripped === '' ? `amq.gen-${this.#host.randomName()}` : stripped
    owner.access.queue('configure', name)
    this.#host.census.queuesDeclared++
    for (;;) {
      const existing = this.#vhost.queues.get(name)
      if (existing) return { name, queue: this.#equivalentQueue(existing, declaration, owner) }
      // Nobody would ever delete what a connection that is gone declares for itself.
      if (declaration.exclusive && owner.gone) return { name, queue: null }
      this.#checkNewQueue(name, declaration, owner.access)
      if (await this.#createQueue(name, declaration, owner))
        return { name, queue: this.#vhost.queues.get(name) ?? null }
    }
  }

  #equivalentQueue(existing: Queue, declaration: QueueDeclaration, owner: Owner): Queue {
    if (existing.owner !== (declaration.exclusive ? owner : null)) throw locked(existing)
    checkQueueEquivalent(existing, declaration, this.#vhost.dialect)
    return existing
  }

  /** In RabbitMQ's order (behaviour.md §6.1). */
  #checkNewQueue(name: string, declaration: QueueDeclaration, access: Access): void {
    const { name: vhost, dialect } = this.#vhost
    checkDeadLetterExchange(name, vhost, declaration.arguments)
    const deadLetterExchange = declaration.arguments.get('x-dead-letter-exchange')
    if (deadLetterExchange?.tag === 'S') {
      access.queue('read', name)
      access.exchange('write', deadLetterExchange.value)
    }
    checkQueueArguments(name, vhost, declaration.arguments, dialect)
    checkQueueLimits(name, this.#vhost, this.#host.vhosts.values(), this.#host.limits)
    checkQueueProperties(name, vhost, declaration, dialect)
  }

  #createQueue(name: string, declaration: QueueDeclaration, owner: Owner): Promise<boolean> {
    const { exclusive, autoDelete } = declaration
    const durable = declaration.durable && !exclusive
    const key = entryKey('queue', this.#vhost.name, name)
    const entry = {
      id: this.#host.nextQueueId(logCount(settingsOf(declaration.arguments, undefined, this.#vhost.dialect))),
      durable,
      autoDelete,
      owner: exclusive ? owner.id : 0,
      arguments: declaration.arguments,
    }
    return this.#commit([[key, 0]], [{ key, value: queueEntry.write(entry), ephemeral: !durable }])
  }

  /** The queue `name` for use by `owner`'s connection. Throws `ChannelError` 404 or 405. */
  queue(name: string, owner: Owner): Queue {
    const queue = this.#vhost.queues.get(name)
    if (!queue) throw notFound(queueText(name, this.#vhost.name))
    if (queue.owner !== null && queue.owner !== owner) throw locked(queue)
    return queue
  }

  /** Deletes a queue that need not exist; resolves with its ready messages (behaviour.md §6.4). */
  async deleteQueue(asked: string, owner: Owner, ifUnused: boolean, ifEmpty: boolean): Promise<number> {
    const name = withoutBreaks(asked)
    owner.access.queue('configure', name)
    for (;;) {
      if (!this.#vhost.queues.has(name)) return 0
      const queue = this.queue(name, owner)
      const what = queueText(name, this.#vhost.name)
      const { type } = queue.settings
      if (type === 'quorum') refuseConditions(what, ifUnused, ifEmpty)
      const stats = type === 'stream' ? UNCONDITIONAL : await queue.stats()
      if (ifUnused && stats.consumers > 0) throw preconditionFailed(`${what} in use`)
      if (ifEmpty && stats.ready > 0) throw preconditionFailed(`${what} not empty`)
      if (await this.removeQueue(queue)) return stats.ready
    }
  }

  /** Deletes `queue` and its bindings, whoever owns it. False when it was gone already. */
  async removeQueue(queue: Queue): Promise<boolean> {
    const vhost = this.#vhost
    const { name, durable } = queue
    while (vhost.queues.get(name) === queue) {
      const bindings = [...vhost.bindingsTo(queue)]
      const expect = [this.#expectation('queue', name, vhost.queueRev(queue)), ...this.#notOvertaken('queue', name)]
      const writes = [remove(entryKey('queue', vhost.name, name), !durable), ...this.#removals(bindings)]
      if (!(await this.#commit(expect, writes))) continue
      await this.#removeUnbound(bindings)
      return true
    }
    return false
  }

  // --- exchanges --------------------------------------------------------------------------------------------------

  /** The exchange `asked`, whatever it is. Throws `ChannelError` 403 or 404 (behaviour.md §5.2, passive). */
  exchange(asked: string, access: Access = ANYTHING): Exchange {
    const name = withoutBreaks(asked)
    refuseDefault(name)
    // Any of the three will do to look at it (§13.1).
    if (this.#vhost.dialect.guardsPassive) access.exchangeInAnyWay(name)
    return this.#vhost.exchange(name)
  }

  /** Makes sure that an exchange exists and is what the declaration asks for (behaviour.md §5.2). */
  async declareExchange(declaration: ExchangeDeclaration, access: Access = ANYTHING): Promise<void> {
    const { type } = declaration
    const name = withoutBreaks(declaration.name)
    checkType(type, this.#vhost.dialect)
    refuseDefault(name)
    access.exchange('configure', name)
    const spec: ExchangeSpec = { ...declaration, name, type }
    for (;;) {
      const existing = this.#vhost.exchanges.get(name)
      if (existing) return checkExchangeEquivalent(spec, existing, this.#vhost.name)
      if (name.startsWith('amq.')) throw reserved('exchange', name)
      checkAlternate(spec, this.#vhost.name, access)
      checkExchangeLimit(name, this.#vhost, this.#host.vhosts.values(), this.#host.limits)
      checkExchangeArguments(type, spec.arguments, this.#vhost.dialect)
      const { keepsTransientExchanges } = this.#vhost.dialect
      const key = entryKey('exchange', this.#vhost.name, name)
      const entry = hasLog(spec) ? { ...spec, logId: this.#host.nextQueueId(1) } : spec
      const write = { key, value: exchangeEntry.write(entry), ephemeral: !(spec.durable || keepsTransientExchanges) }
      if (await this.#commit([[key, 0]], [write])) return
    }
  }

  /** Deletes an exchange that need not exist (behaviour.md §5.3). */
  async deleteExchange(asked: string, ifUnused: boolean, access: Access = ANYTHING): Promise<void> {
    const name = withoutBreaks(asked)
    refuseDefault(name)
    const what = exchangeText(name, this.#vhost.name)
    if (name.startsWith('amq.')) throw new ChannelError(403, `deletion of system ${what} not allowed`)
    access.exchange('configure', name)
    for (;;) {
      const exchange = this.#vhost.exchanges.get(name)
      if (!exchange) return
      if (ifUnused && exchange.bindings.size > 0) throw preconditionFailed(`${what} in use`)
      if (await this.#removeExchange(exchange)) return
    }
  }

  async #removeExchange(exchange: Exchange): Promise<boolean> {
    const { name, rev } = exchange
    const inbound = [...exchange.inbound]
    const bindings = new Set([...exchange.bindings.values(), ...inbound])
    const expect = [this.#expectation('exchange', name, rev), ...this.#notOvertaken('exchange', name)]
    const gone = remove(entryKey('exchange', this.#vhost.name, name), !this.#lasts(exchange))
    const writes = [gone, ...this.#removals(bindings)]
    if (!(await this.#commit(expect, writes))) return false
    await this.#removeUnbound(inbound)
    return true
  }

  /** Removes auto-delete exchanges that have just lost their last binding as source (§5.3). */
  async #removeUnbound(removed: readonly Binding[]): Promise<void> {
    for (const exchange of new Set(removed.map((binding) => binding.from))) {
      while (this.#isUnbound(exchange)) if (await this.#removeExchange(exchange)) break
    }
  }

  #isUnbound(exchange: Exchange): boolean {
    return exchange.autoDelete && exchange.bindings.size === 0 && this.#vhost.exchanges.get(exchange.name) === exchange
  }

  // --- bindings ---------------------------------------------------------------------------------------------------

  /** Makes sure that a binding exists (behaviour.md §5.4). */
  async bind(asked: BindingSpec, owner: Owner): Promise<void> {
    const spec = this.#permitted(meant(asked), owner.access)
    const vhost = this.#vhost
    for (;;) {
      const source = vhost.exchange(spec.source)
      const destination = this.#destination(spec, owner)
      const queue = destination instanceof Exchange ? null : destination
      checkBinding(source, spec, queue, vhost.dialect)
      const key = bindingKey(vhost.name, spec)
      if (vhost.bindings.has(key)) return
      const durable = this.#lasts(source) && this.#lasts(destination)
      const rev = destination instanceof Exchange ? destination.rev : vhost.queueRev(destination)
      const expect = [[key, 0] as const, this.#expectation(spec.destinationType, spec.destination, rev)]
      if (source.rev > 0) expect.push(this.#expectation('exchange', source.name, source.rev))
      const write = { key, value: bindingEntry.write(), ephemeral: !durable }
      this.onTheirWay.set(key, spec)
      try {
        if (await this.#commit(expect, [write])) return
      } finally {
        this.onTheirWay.delete(key)
      }
    }
  }

  /**
   * What the deletion of a queue or exchange expects of bindings on their way to or from it: that there are none. Where
   * there are, it loses against them, and takes them with it when it looks again.
   */
  #notOvertaken(type: DestinationType, name: string): (readonly [string, number])[] {
    return [...this.onTheirWay]
      .filter(([, { source, destinationType, destination }]) => {
        return (type === destinationType && name === destination) || (type === 'exchange' && name === source)
      })
      .map(([key]) => [key, 0])
  }

  #destination(spec: BindingSpec, owner: Owner): Exchange | Queue {
    if (spec.destinationType === 'exchange') return this.#vhost.exchange(spec.destination)
    return this.queue(spec.destination, owner)
  }

  /** Whether it is there after a restart. */
  #lasts(end: Destination): boolean {
    return end.durable || (end instanceof Exchange && this.#vhost.dialect.keepsTransientExchanges)
  }

  #removals(bindings: Iterable<Binding>): readonly MetaWrite[] {
    return [...bindings].map(({ key, from, to }) => remove(key, !(this.#lasts(from) && this.#lasts(to))))
  }

  #expectation(type: DestinationType, name: string, rev: number): readonly [string, number] {
    return [entryKey(type, this.#vhost.name, name), rev]
  }

  /**
   * Removes a binding that need not exist, and the auto-delete exchange that it was the last binding of. One that exists
   * and leads to an exclusive queue is its `owner`'s to remove (behaviour.md §5.4); null: whoever it belongs to.
   */
  async unbind(asked: BindingSpec, owner: Owner | null = null): Promise<void> {
    const spec = this.#permitted(meant(asked), owner?.access ?? ANYTHING)
    for (;;) {
      const binding = this.#vhost.bindings.get(bindingKey(this.#vhost.name, spec))
      if (!binding) return
      if (owner !== null && spec.destinationType === 'queue') this.queue(spec.destination, owner)
      if (await this.#commit([[binding.key, binding.rev]], this.#removals([binding]))) {
        return this.#removeUnbound([binding])
      }
    }
  }

  /** Throws `ChannelError` 403 where the binding is not for somebody with this access; in RabbitMQ's order (§5.4). */
  #permitted(spec: BindingSpec, access: Access): BindingSpec {
    const { source, destinationType, destination, routingKey } = spec
    if (destinationType === 'queue') access.queue('write', destination)
    else access.exchange('write', destination)
    refuseDefault(source)
    if (destinationType === 'exchange') refuseDefault(destination)
    access.exchange('read', source)
    if (this.#vhost.exchanges.get(source)?.type === 'topic') access.topic('read', source, routingKey)
    return spec
  }

  /** Throws `ConnectionError` 530 where the vhost is deleted: nothing can be declared in it, and nothing is left. */
  async #commit(expect: readonly (readonly [string, number])[], writes: readonly MetaWrite[]): Promise<boolean> {
    const { name, rev } = this.#vhost
    const all = [...expect, [entryKey('vhost', name), rev] as const]
    if (await this.#host.meta.commit(this.#host.lease, { expect: all, writes })) return true
    if (this.#vhost.rev === 0) throw new ConnectionError(530, `vhost ${name} not found`)
    return false
  }
}

function remove(key: string, ephemeral: boolean): MetaWrite {
  return { key, value: null, ephemeral }
}

/** The binding by the names that it means. */
function meant(asked: BindingSpec): BindingSpec {
  return { ...asked, source: withoutBreaks(asked.source), destination: withoutBreaks(asked.destination) }
}

/** Carriage returns and line feeds are stripped from the names of what is declared, bound or deleted (behaviour.md §5.2). */
function withoutBreaks(name: string): string {
  return name.replace(/[\r\n]/g, '')
}

function refuseDefault(exchange: string): void {
  if (exchange === '') throw new ChannelError(403, 'operation not permitted on the default exchange')
}

function reserved(kind: 'queue' | 'exchange', name: string): ChannelError {
  return new ChannelError(403, `${kind} name '${name}' contains reserved prefix 'amq.*'`)
}

function locked(queue: Queue): ChannelError {
  return new ChannelError(
    405,
    `cannot obtain exclusive access to locked ${queueText(queue.name, queue.vhost)}. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
  )
}

function checkAlternate(spec: ExchangeSpec, vhost: string, access: Access): void {
  const value = spec.arguments.get('alternate-exchange')
  if (value === undefined) return
  if (value.tag === 'S') {
    access.exchange('read', spec.name)
    access.exchange('write', value.value)
    return
  }
  const what = exchangeText(spec.name, vhost)
  throw preconditionFailed(`invalid type '${fieldType(value)}' for arg 'alternate-exchange' in ${what}`)
}

/** A stream is deleted whatever is in it and whoever reads it, and nobody counts what goes (behaviour.md §6.4). */
const UNCONDITIONAL = { ready: 0, consumers: 0 } as const

/** A quorum queue is deleted whatever is in it and whoever uses it (behaviour.md §6.4). */
function refuseConditions(what: string, ifUnused: boolean, ifEmpty: boolean): void {
  if (!ifUnused && !ifEmpty) return
  const flag = ifUnused ? 'if-unused' : 'if-empty'
  const why = `queue.delete operations with ${flag} flag set are not supported by quorum queues`
  throw new ConnectionError(540, `cannot delete ${what}. ${why}`)
}
