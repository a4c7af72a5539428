// The broker: vhosts, users, and the store that they come back from. It loads them, applies every change that the meta
// store reports, and recovers queues' logs. Knows no connections but as owners of exclusive queues.

import { type Access, UserAccess } from './access/access.ts'
import { type LoginRules, Logins, PLAIN_RULES } from './access/logins.ts'
import { Users } from './access/users.ts'
import { Administration, type EntryChange } from './administration.ts'
import { Adoption } from './adoption/adoption.ts'
import { Alarms } from './alarms.ts'
import { Census } from './census.ts'
import { type Chance, chanceOf } from './chance.ts'
import { tellChanges } from './change-events.ts'
import { changeGlobals, changeUsers, changeVhost } from './changes.ts'
import { Connections, type Guest } from './connections.ts'
import { type Dialect, LEVERET } from './dialect.ts'
import { bindingEntry, entryKey, exchangeEntry, type Kind, keyNames, kinds, vhostEntry } from './entries.ts'
import { Events } from './events.ts'
import { firstEntries } from './first-start.ts'
import { NO_NODE_LIMITS, type NodeLimits } from './limits.ts'
import { looseKeys } from './loose.ts'
import { Maker } from './maker.ts'
import { Committer } from './queue/committer.ts'
import type { Owner, Queue } from './queue/queue.ts'
import { SegmentMemory } from './queue/segment-memory.ts'
import { Recovery } from './recovery.ts'
import type { Lease, MetaChange, MetaEntry, MetaWrite, Store, StoreError } from './store.ts'
import type { Surroundings } from './surroundings.ts'
import type { Json } from './term.ts'
import { Topology } from './topology.ts'
import { Vhost } from './vhost.ts'

/** What a broker is born with, where its store is empty, and what limits it has; none where it is not said. */
export interface BrokerOptions extends Partial<NodeLimits>, Partial<LoginRules> {
  /** Octets of memory from which on publishers are blocked; Infinity where it is not said. */
  readonly memoryLimit?: number
  /** How long a commit waits for others, and from how many octets on it does not (`Grouping`). */
  readonly lingerMs?: number
  readonly batchBytes?: number
  readonly defaultUser: string
  readonly defaultPass: string
  readonly defaultVhost: string
  /** What it is not born with, because definitions say what there is instead. */
  readonly withoutUser?: boolean
  readonly withoutVhost?: boolean
}

/** Written when the broker stops in order, taken away when it starts: says that queues' marks are exact. */
const STOPPED_KEY = 'stopped'
/** Queue numbers of one start: its epoch in the high part. */
const QUEUES_PER_EPOCH = 2 ** 32
/** Octets that make 22 characters of base64url, as in RabbitMQ's names. */
const NAME_BYTES = 16

/** One broker over one store. */
export class Broker {
  readonly users = new Users()
  readonly logins: Logins
  readonly connections: Connections
  readonly administration: Administration
  readonly adoption: Adoption
  readonly alarms = new Alarms((name, resource) => this.events.tell(name, () => ({ resource })))
  /** What has happened, counted, and told as it happens. */
  readonly census = new Census()
  readonly events: Events
  /** Which RabbitMQ this is. */
  readonly dialect: Dialect
  readonly #globals = new Map<string, Json>()
  readonly #store: Store
  readonly #lease: Lease
  readonly #surroundings: Surroundings
  readonly #committer: Committer
  readonly #chance: Chance
  readonly #vhosts = new Map<string, Vhost>()
  readonly #topologies = new Map<string, Topology>()
  /** By the key of the permission. They look up what it is: kept for those who come again. */
  readonly #accesses = new Map<string, Access>()
  readonly #limits: NodeLimits
  readonly #maker: Maker
  readonly #memory: SegmentMemory
  #queuesDeclared = 0

  constructor(
    store: Store,
    lease: Lease,
    surroundings: Surroundings,
    limits: NodeLimits & LoginRules & Pick<BrokerOptions, 'memoryLimit' | 'lingerMs' | 'batchBytes'>,
  ) {
    this.#store = store
    this.#lease = lease
    this.#surroundings = surroundings
    this.dialect = surroundings.dialect ?? LEVERET
    this.#chance = chanceOf(surroundings.random)
    const { lingerMs = 0, batchBytes = 0 } = limits
    const heard = { failed: (error: StoreError) => this.#storeFails(error), succeeded: () => this.#storeWorks() }
    const grouping = { lingerMs, batchBytes: lingerMs > 0 ? batchBytes : 0 }
    this.#committer = new Committer(
      store.messages,
      lease,
      surroundings.storeClock ?? surroundings.clock,
      heard,
      grouping,
    )
    this.#limits = limits
    this.#memory = SegmentMemory.within(limits.memoryLimit)
    this.passTime()
    this.events = new Events(surroundings)
    this.connections = new Connections(this.users, limits, this.events, this.dialect)
    this.logins = new Logins({ ...surroundings, users: this.users, rules: limits })
    this.#maker = new Maker({
      ...surroundings,
      committer: this.#committer,
      ...{ memory: this.#memory, events: this.events },
      messages: store.messages,
      owner: (id) => this.connections.get(id),
      remove: (queue) => this.#removeQueue(queue),
    })
    this.administration = new Administration({
      users: this.users,
      vhosts: this.#vhosts,
      globals: this.#globals,
      dialect: this.dialect,
      limits,
      logger: surroundings.logger,
      change: (entries) => this.#change(entries),
      random: surroundings.random,
      rules: limits,
    })
    this.adoption = new Adoption({
      dialect: this.dialect,
      users: this.users,
      vhosts: this.#vhosts,
      globals: this.#globals,
      limits,
      nextQueueId: (count) => this.#nextQueueId(count),
      commit: (transaction) => store.meta.commit(lease, transaction),
      topology: (vhost) => this.topology(vhost),
      inTurn: (task) => this.administration.inTurn(task),
      opens: async (name, password) => (await this.logins.check(name, password)) !== undefined,
      secret: (password) => this.administration.secret(password),
    })
  }

  /** Opens `store` and brings back what it holds. Rejects with `StoreError`. */
  static async start(store: Store, options: BrokerOptions, surroundings: Surroundings): Promise<Broker> {
    const lease = await store.open()
    const broker = new Broker(store, lease, surroundings, { ...NO_NODE_LIMITS, ...PLAIN_RULES, ...options })
    store.meta.watch((changes) => tellChanges(broker, changes))
    store.meta.watch((changes) => broker.#apply(changes))
    try {
      await broker.#recover(await store.meta.load())
      if (broker.#vhosts.size === 0) await broker.#change(await firstEntries(options, surroundings.random))
    } catch (error) {
      await store.close()
      throw error
    }
    return broker
  }

  /**
   * Stores what is to be stored, and closes the store. Connections have to be gone. Rejects with `StoreError` when the
   * store is closed but does not know that the stop was orderly.
   */
  async stop(): Promise<void> {
    for (const vhost of this.#vhosts.values()) {
      for (const queue of vhost.localQueues()) queue.mark()
      for (const { log } of vhost.exchanges.values()) log?.mark()
    }
    try {
      await this.#committer.flush()
      // Where marks could not be stored, those that are there are not exact.
      if (!this.alarms.has('store')) await this.#commit([{ key: STOPPED_KEY, value: '{}', ephemeral: false }])
    } finally {
      this.#committer.end()
      await this.#store.close()
    }
  }

  /** All vhosts, by name. */
  get vhosts(): ReadonlyMap<string, Vhost> {
    return this.#vhosts
  }

  /** What is set for no vhost in particular, by name. */
  get globalParameters(): ReadonlyMap<string, Json> {
    return this.#globals
  }

  vhost(name: string): Vhost | undefined {
    return this.#vhosts.get(name)
  }

  /** What messages occupy, and what they may before those that are stored leave memory; octets. */
  get memory(): Readonly<Pick<SegmentMemory, 'used' | 'budget'>> {
    return this.#memory
  }

  /** Somebody has something to do: what queues note the time of from now on is of now. */
  passTime(): void {
    this.#memory.now = this.#surroundings.clock.now()
  }

  /** The changes that can be made to a vhost that exists. */
  topology(vhost: Vhost): Topology {
    let topology = this.#topologies.get(vhost.name)
    if (!topology) {
      topology = new Topology(vhost, {
        meta: this.#store.meta,
        lease: this.#lease,
        nextQueueId: (count) => this.#nextQueueId(count),
        defaultQueueType: ({ settings }) => settings.defaultQueueType ?? 'classic',
        vhosts: this.#vhosts,
        limits: this.#limits,
        census: this.census,
        randomName: () => this.randomName(),
      })
      this.#topologies.set(vhost.name, topology)
    }
    return topology
  }

  #nextQueueId(count: number): number {
    const id = this.#lease.epoch * QUEUES_PER_EPOCH + this.#queuesDeclared + 1
    this.#queuesDeclared += count
    return id
  }

  /** 22 characters that nobody can guess, for server-generated names (behaviour.md §6.1, §7.1). */
  randomName(): string {
    return this.#surroundings.random(NAME_BYTES).toString('base64url')
  }

  /** What a user may do in a vhost. */
  access(user: string, vhost: string): Access {
    const key = entryKey('permission', user, vhost)
    const access = this.#accesses.get(key) ?? new UserAccess(this.users, user, vhost, this.#surroundings.logger)
    this.#accesses.set(key, access)
    return access
  }

  /** Other limits and rules from now on; those that are left out stay. */
  adjust(changed: Partial<NodeLimits & LoginRules>): void {
    Object.assign(this.#limits, changed)
  }

  /** A connection that is let in: it declares things from now on. Without a guest it is the broker itself. */
  registerOwner(guest?: Guest): Owner {
    return this.connections.add(guest)
  }

  /** Ends an owner and deletes its queues; a second time is none. */
  async releaseOwner(owner: Owner): Promise<void> {
    this.connections.leave(owner)
    const queues = [...owner.exclusiveQueues]
    await Promise.all(queues.map((queue) => this.#removeQueue(queue)))
    this.connections.forget(owner)
  }

  async #removeQueue(queue: Queue): Promise<void> {
    const vhost = this.#vhosts.get(queue.vhost)
    if (vhost) await this.topology(vhost).removeQueue(queue)
  }

  #commit(writes: readonly MetaWrite[]): Promise<boolean> {
    return this.#store.meta.commit(this.#lease, { expect: [], writes })
  }

  async #change(entries: readonly EntryChange[]): Promise<void> {
    await this.#commit(entries.map(([key, value]) => ({ key, value, ephemeral: false })))
  }

  /** A store that takes nothing is a disk that is full: publishers are held until it takes something again. */
  #storeFails(error: StoreError): void {
    this.#surroundings.logger.error({ err: error }, 'messages could not be stored; their publishers get a nack')
    if (this.alarms.raise('store'))
      this.#surroundings.logger.warn({}, 'publishers are blocked: the store takes nothing')
  }

  #storeWorks(): void {
    if (this.alarms.clear('store'))
      this.#surroundings.logger.info({}, 'publishers go on: the store takes messages again')
  }

  // --- changes ----------------------------------------------------------------------------------------------------

  #apply(changes: readonly MetaChange[]): void {
    for (const change of changes) {
      const { kind, names } = keyNames(change.key)
      if (kind === 'vhost') this.#applyVhost(names[0] ?? '', change)
      else if (changeUsers(this.users, kind, names, change.value)) this.#usersChanged(kind, names, change)
      else if (!changeGlobals(this.#globals, kind, names, change.value)) this.#applyTopology(names, change)
    }
  }

  #usersChanged(kind: Kind, [user = '', vhost = '']: readonly string[], { value }: MetaChange): void {
    if (kind === 'user' && value === null) {
      this.#accesses.clear()
      this.connections.endUser(user)
    }
    // Who publishes asks again where it has come to rest: what it may do counts from now on.
    const changed = kind === 'permission' || kind === 'topic-permission' ? this.#vhosts.get(vhost) : undefined
    if (changed) changed.generation++
  }

  #applyVhost(name: string, { value, rev }: MetaChange): void {
    const known = this.#vhosts.get(name)
    if (value !== null) {
      const vhost = known ?? new Vhost(name, this.#chance, 0, this.#surroundings)
      vhost.rev = rev
      vhost.settings = vhostEntry.read(value)
      this.#vhosts.set(name, vhost)
    } else if (known) {
      this.#vhosts.delete(name)
      this.#topologies.delete(name)
      this.#accesses.clear()
      this.connections.endVhost(name)
      for (const queue of known.queues.values()) this.census.bury(queue)
      this.#dropEntries(known.retire())
      this.census.counts.add(known.counts)
    }
  }

  /** Takes out what was declared in a vhost while it was being deleted. */
  #dropEntries(keys: readonly string[]): void {
    if (keys.length === 0) return
    this.#change(keys.map((key) => [key, null])).catch((error: unknown) =>
      this.#surroundings.logger.error({ err: error, keys }, 'entries of a deleted vhost are left in the store'),
    )
  }

  #applyTopology(names: readonly string[], { key, value, rev }: MetaChange): void {
    const { kind } = keyNames(key)
    const [vhostName = '', name = ''] = names
    const vhost = this.#vhosts.get(vhostName)
    if (!vhost || changeVhost(vhost, kind, names.slice(1), value)) return
    if (kind === 'queue') {
      if (value === null) this.#buryQueue(vhost, name)
      else {
        vhost.putQueue(this.#maker.queue(vhost, name, value), rev)
        if (this.#maker.recovered) this.census.queuesCreated++
      }
    } else if (kind === 'exchange') {
      if (value === null) vhost.removeExchange(name)
      else this.#maker.furnish(vhost, vhost.putExchange(exchangeEntry.read(name, value), rev))
    } else if (kind === 'binding') {
      if (value === null) vhost.removeBinding(key)
      else vhost.putBinding(key, bindingEntry.read(names), rev)
    }
  }

  #buryQueue(vhost: Vhost, name: string): void {
    const queue = vhost.queues.get(name)
    if (queue) this.census.bury(queue)
    vhost.removeQueue(name)
  }

  // --- recovery ---------------------------------------------------------------------------------------------------

  async #recover(entries: readonly MetaEntry[]): Promise<void> {
    for (const kind of kinds) {
      this.#apply(entries.filter((entry) => keyNames(entry.key).kind === kind))
    }
    await this.#dropLoose(entries)
    const stopped = entries.find((entry) => entry.key === STOPPED_KEY)
    const stored = new Set(await this.#store.messages.queueIds())
    const recovery = new Recovery(this.#store.messages, this.#surroundings, stopped !== undefined, stored.size)
    for (const vhost of this.#vhosts.values()) {
      for (const queue of vhost.localQueues()) {
        const names = { queue: queue.name, vhost: queue.vhost }
        for (const logId of queue.logIds) {
          if (stored.delete(logId)) await recovery.recover(queue.log(logId), names)
        }
      }
      for (const { name, log } of vhost.exchanges.values()) {
        if (log === null || !stored.delete(log.queueId)) continue
        await recovery.recover(log, { exchange: name, vhost: vhost.name })
        await log.restore()
      }
    }
    for (const queueId of stored) await this.#store.messages.dropQueue(this.#lease, queueId)
    if (stopped) await this.#commit([{ key: STOPPED_KEY, value: null, ephemeral: false }])
    this.#maker.begin(this.#vhosts.values())
  }

  async #dropLoose(entries: readonly MetaEntry[]): Promise<void> {
    const keys = looseKeys(entries, { vhosts: this.#vhosts, users: this.users })
    if (keys.length === 0) return
    const names = keys.map((key) => [keyNames(key).kind, ...keyNames(key).names])
    this.#surroundings.logger.error({ entries: names }, 'stored entries are left out: what they belong to is missing')
    await this.#change(keys.map((key) => [key, null]))
  }
}
