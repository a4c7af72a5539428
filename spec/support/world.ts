// A broker with everything that its sessions share, in memory: a clock that the spec moves, a logger that remembers, slabs
// that are counted. Peers connect to it through `Peer`, without sockets.

import type { LoginRules } from '../../src/broker/access/logins.ts'
import { Broker } from '../../src/broker/broker.ts'
import { type Dialect, LEVERET } from '../../src/broker/dialect.ts'
import type { Logger } from '../../src/broker/logger.ts'
import type { Store } from '../../src/broker/store.ts'
import type { Vhost } from '../../src/broker/vhost.ts'
import { Connection } from '../../src/session/connection.ts'
import type { SessionContext, SessionLimits } from '../../src/session/context.ts'
import { greeting } from '../../src/session/greeting.ts'
import { Slabs } from '../../src/session/slabs.ts'
import { Sweep } from '../../src/session/sweep.ts'
import { Turn } from '../../src/session/turn.ts'
import { createMemoryStore } from '../../src/store/memory/memory-store.ts'
import { ManualClock } from './manual-clock.ts'
import { MemoryTransport, Peer, type PeerOptions } from './peer.ts'

/** Slabs that know which of them are out. */
export class CountedSlabs extends Slabs {
  readonly lent = new Set<Buffer>()

  override take(): Buffer {
    const slab = super.take()
    if (this.lent.has(slab)) throw new Error('a slab is lent that is out already')
    this.lent.add(slab)
    return slab
  }

  override give(slab: Buffer): void {
    if (!this.lent.delete(slab)) throw new Error('a slab comes back that is not out')
    super.give(slab)
  }
}

/** What was logged. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

/** Keeps every line. */
export class LogBook implements Logger {
  readonly lines: LogLine[] = []

  debug(fields: object, message: string): void {
    this.lines.push({ level: 'debug', fields, message })
  }

  info(fields: object, message: string): void {
    this.lines.push({ level: 'info', fields, message })
  }

  warn(fields: object, message: string): void {
    this.lines.push({ level: 'warn', fields, message })
  }

  error(fields: object, message: string): void {
    this.lines.push({ level: 'error', fields, message })
  }

  /** What the broker says to be its own fault. */
  get defects(): readonly LogLine[] {
    return this.lines.filter(({ level, message }) => level === 'error' || message.includes('defect'))
  }
}

/** The limits of a world where the spec names no other: RabbitMQ's, without heartbeats. */
const limits: SessionLimits = {
  channelMax: 2047,
  consumerMaxPerChannel: 0,
  consumerTimeoutMs: null,
  frameMax: 131_072,
  heartbeatSeconds: 0,
  maxMessageBytes: 16_777_216,
  handshakeTimeoutMs: 10_000,
  authMechanisms: ['PLAIN', 'AMQPLAIN', 'EXTERNAL'],
  anonymousLoginUser: null,
}

/** One broker and its sessions. */
export class World {
  readonly clock: ManualClock
  readonly log: LogBook
  readonly slabs = new CountedSlabs()
  readonly broker: Broker
  readonly context: SessionContext
  readonly connections = new Set<Connection>()

  private constructor(broker: Broker, clock: ManualClock, log: LogBook, changed: Partial<SessionLimits>) {
    this.broker = broker
    this.clock = clock
    this.log = log
    this.context = {
      broker,
      clock,
      logger: log,
      slabs: this.slabs,
      turn: new Turn(clock),
      sweep: new Sweep(clock),
      limits: { ...limits, ...changed },
      greeting: greeting('0.0.0', broker.dialect, ['PLAIN', 'AMQPLAIN', 'EXTERNAL']),
    }
  }

  /** A world with one user (guest) and one vhost (/), over an empty memory store unless a store is given. */
  static async create(
    options: {
      readonly store?: Store
      readonly limits?: Partial<SessionLimits>
      readonly rules?: Partial<LoginRules>
      readonly dialect?: Dialect
    } = {},
  ): Promise<World> {
    const clock = new ManualClock()
    const log = new LogBook()
    let drawn = 0
    // Names have to differ, no more: a counter will do for chance.
    const random = (count: number) => {
      const octets = Buffer.alloc(Math.max(count, 6))
      octets.writeUIntBE(++drawn, 0, 6)
      return octets.subarray(0, count)
    }
    const first = { defaultUser: 'guest', defaultPass: 'guest', defaultVhost: '/', ...options.rules }
    const store = options.store ?? createMemoryStore()
    const broker = await Broker.start(store, first, { clock, logger: log, random, dialect: options.dialect ?? LEVERET })
    return new World(broker, clock, log, options.limits ?? {})
  }

  get vhost(): Vhost {
    return this.broker.vhost('/') as Vhost
  }

  /** A peer that has connected and said nothing. */
  connect(options: PeerOptions = {}): Peer {
    const transport = new MemoryTransport(options.loopback ?? true, options.secured ?? null)
    const connection: Connection = new Connection(this.context, transport, (gone) => this.connections.delete(gone))
    this.connections.add(connection)
    transport.listener = connection
    return new Peer(transport, () => this.settle(), options)
  }

  /** A peer that has opened a connection to the vhost `/`, and these channels. */
  async open(options: PeerOptions = {}, ...channels: readonly number[]): Promise<Peer> {
    const peer = this.connect(options)
    await peer.shakeHands()
    for (const channel of channels) await peer.ask(channel, 'channel.open')
    return peer
  }

  /** Lets turns pass until nothing moves that could move without time. */
  async settle(): Promise<void> {
    await this.clock.settle()
    while (this.clock.tasks > 0) await this.clock.pass()
  }

  /** Lets time pass, in steps, and everything that comes of it. */
  async pass(ms: number, stepMs = ms): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(stepMs)
      await this.settle()
    }
  }

  /** Milliseconds until the server ends the connection of `peer`, looked for every tenth of a second. */
  async endsAfter(peer: Peer): Promise<number> {
    const from = this.clock.now()
    for (let i = 0; i < 1000 && peer.ended !== 'destroyed'; i++) await this.pass(100)
    return this.clock.now() - from
  }

  /** Nothing of any connection is left but the broker itself. */
  expectNobody(): void {
    const left = [this.connections.size, this.clock.timers, this.clock.tasks, this.slabs.lent.size]
    expect(left).toEqual([0, 0, 0, 0])
  }

  /** Ready and unacked messages and consumers of a queue; null where there is no such queue. */
  stats(name: string) {
    return this.vhost.queues.get(name)?.stats() ?? null
  }
}
