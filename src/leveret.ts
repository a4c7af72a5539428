// The composition root: settings become a store, a broker and open doors, and go again in the opposite order. The only
// file that knows everything; no rule of AMQP stands here.

import { randomBytes } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Logins } from './broker/access/logins.ts'
import type { Administration } from './broker/administration.ts'
import { Broker } from './broker/broker.ts'
import type { Clock } from './broker/clock.ts'
import { type Dialect, LEVERET } from './broker/dialect.ts'
import type { Logger } from './broker/logger.ts'
import type { Store } from './broker/store.ts'
import type { Surroundings } from './broker/surroundings.ts'
import type { Trace } from './broker/trace.ts'
import type { Config } from './config/config.ts'
import { type Changes, changesBetween, picked } from './config/live.ts'
import type { BootDefinitions } from './management/definitions/boot.ts'
import { HttpDoors } from './management/http-doors.ts'
import type { Routes } from './management/route.ts'
import type { Actor, Audit } from './server/audit.ts'
import { Doors } from './server/doors.ts'
import type { Carry } from './server/listener.ts'
import { memoryUsed } from './server/memory.ts'
import { type Reading, Resources } from './server/resources.ts'
import { WebSocketDoor } from './server/websocket-door.ts'
import type { SessionContext } from './session/context.ts'
import { greeting } from './session/greeting.ts'
import { Slabs } from './session/slabs.ts'
import { Sweep } from './session/sweep.ts'
import { Turn } from './session/turn.ts'
import type { Watch } from './session/watch.ts'
import { createMemoryStore } from './store/memory/memory-store.ts'
import { VERSION } from './version.ts'

/** A running broker. */
export interface Leveret {
  /** The addresses that it accepts connections on, as AMQP and HTTP URLs without credentials; AMQP comes first. */
  readonly urls: readonly string[]
  /** Users, vhosts, permissions, policies and limits: what can be changed while it runs. */
  readonly administration: Administration
  /** Takes those of other settings that can change while it runs, and says which; looks at certificates anew. */
  reload(next: Config): Changes
  /** Closes the doors, ends all connections (320, `shutdown`), stores what is to be stored. */
  stop(): Promise<void>
}

/** A world for a broker in place of the real one: that of a test, which moves its time, watches it and fails it. */
export interface Stage {
  /** Time of messages and queues. That of the store is the real one. */
  readonly clock: Clock
  /** The same time for what comes by for ever, looking for deliveries that are out for too long. */
  readonly sweepClock: Clock
  /** Time of peers: heartbeats, and how long a handshake may take. */
  readonly peerClock: Clock
  /** Which RabbitMQ it is. */
  readonly dialect: Dialect
  readonly store: Store
  readonly trace: Trace
  readonly watch: Watch
  readonly carry: Carry
  /** The broker is there, and nobody has come yet. */
  ready(broker: Broker): void
  /** The doors are open. */
  opened(doors: Pick<Doors, 'refuse'>): void
  /** What the HTTP API offers beside its own routes. */
  routes(): Promise<readonly Routes[]>
}

/** RabbitMQ's word for why connections end when the broker does (behaviour.md §2.8). */
const SHUTDOWN = `broker forced connection closure with reason 'shutdown'`

/** Time and turns of this process. */
export const processClock: Clock = {
  now: () => Date.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms).unref()
    return { cancel: () => clearTimeout(timer) }
  },
  soon: (task) => void setImmediate(task),
}

/**
 * Starts a broker and opens its doors.
 * @throws StoreError when the data cannot be opened (`locked`, `damaged`, `failed`)
 * @throws CertificateError when a certificate cannot be used
 * @throws the error of node:net when the address cannot be listened on
 */
export async function startLeveret(settings: Config, log: Logger, stage: Stage | null = null): Promise<Leveret> {
  // What changes while it runs is changed here; everybody looks when they need it.
  const config: Config = { ...settings }
  if (!config.ephemeral && !config.sync) {
    log.warn({}, 'sync is off: a confirm does not mean that the message survives a power failure')
  }
  const definitions = await definitionsOf(config)
  const withoutUser = definitions?.haveUsers ?? false
  const born = { withoutUser, withoutVhost: withoutUser && (definitions?.haveVhosts ?? false) }
  const audit = await auditOf(config, log)
  const plainStore = stage?.store ?? (await storeOf(config, log))
  const store = audit ? audit.before(plainStore) : plainStore
  const broker = await Broker.start(store, { ...config, ...born }, worldOf(log, stage))
  broker.logins.onRefusal = audit?.refused ?? null
  stage?.ready(broker)
  let doors: Doors | null = null
  let http: HttpDoors
  const context = contextOf(broker, config, log, stage)
  const webSockets = new WebSocketDoor(context, config)
  try {
    await definitions?.adopt(broker.adoption, log)
    doors = await Doors.open(context, config, stage?.carry)
    stage?.opened(doors)
    http = await openHttp(broker, config, log, doors, webSockets, audit, stage)
  } catch (error) {
    await doors?.close(SHUTDOWN)
    await broker.stop()
    throw error
  }
  const resources = new Resources(broker.alarms, processClock, log, config, () => reading(config))
  // What else runs in the process of a test says nothing about its broker.
  if (stage === null) await resources.start()
  return {
    urls: [...doors.urls, ...http.urls],
    administration: broker.administration,
    reload(next) {
      const changes = changesBetween(config, next)
      const changed = picked(next, changes.now)
      Object.assign(config, changed)
      broker.adjust(changed)
      doors.certificates?.look()
      audit?.log.reopen()
      return changes
    },
    async stop() {
      resources.stop()
      await Promise.all([doors.close(SHUTDOWN), webSockets.close(SHUTDOWN), http.close()])
      await broker.stop()
      audit?.log.close()
    },
  }
}

/** The audit log with what it is told by; null where nobody wants one. */
interface Auditing {
  readonly log: Audit
  before(store: Store): Store
  readonly refused: NonNullable<Logins['onRefusal']>
}

async function auditOf({ auditFile }: Config, logger: Logger): Promise<Auditing | null> {
  if (auditFile === null) return null
  const [{ Audit }, { auditedStore }] = await Promise.all([
    import('./server/audit.ts'),
    import('./server/audited-store.ts'),
  ])
  const log = new Audit(auditFile, processClock, logger)
  return {
    log,
    before: (store) => auditedStore(store, log),
    refused: (attempt, refusal) => log.refused(attempt, refusal),
  }
}

/** What the broker is to be, where a file says so. It is read before there is a broker that would have to go again. */
async function definitionsOf({ loadDefinitions: path }: Config): Promise<BootDefinitions | null> {
  if (path === null) return null
  const { BootDefinitions } = await import('./management/definitions/boot.ts')
  return BootDefinitions.read(path)
}

/** LevelDB is loaded where it is needed only: a broker in memory starts without it. */
async function storeOf(config: Config, log: Logger): Promise<Store> {
  if (config.ephemeral) return createMemoryStore()
  const { createLevelStore } = await import('./store/level/level-store.ts')
  return createLevelStore(config.dataDir, { sync: config.sync, log: { warn: (message) => log.warn({}, message) } })
}

function worldOf(log: Logger, stage: Stage | null): Surroundings {
  const { clock = processClock, trace = null, dialect = LEVERET } = stage ?? {}
  return { clock, storeClock: processClock, logger: log, random: randomBytes, trace, dialect }
}

function contextOf(broker: Broker, config: Config, log: Logger, stage: Stage | null): SessionContext {
  const { sweepClock = processClock, peerClock: clock = processClock, watch = null } = stage ?? {}
  const shared = { slabs: new Slabs(), turn: new Turn(clock), sweep: new Sweep(sweepClock) }
  return {
    broker,
    clock,
    logger: log,
    ...shared,
    limits: config,
    greeting: greeting(VERSION, broker.dialect, config.authMechanisms, config.anonymousLoginUser),
    watch,
  }
}

/** The HTTP API, and AMQP over WebSocket beside it. */
async function openHttp(
  broker: Broker,
  config: Config,
  logger: Logger,
  doors: Doors,
  webSockets: WebSocketDoor,
  audit: Auditing | null,
  stage: Stage | null,
): Promise<HttpDoors> {
  const asCaller = audit ? (caller: Actor, task: () => void): void => audit.log.run(caller, task) : undefined
  const node = { name: `rabbit@${hostname()}`, version: VERSION, startedAt: Math.round(performance.timeOrigin) }
  const listeners = () => [...doors.listeners, ...http.listeners]
  const facts = async () => (await import('./management/node-facts.ts')).nodeFacts(config)
  const certificateEnd = () => doors.certificates?.until.getTime() ?? null
  const known = { node, limits: config, random: randomBytes, listeners, facts, certificateEnd }
  const given = { broker, clock: processClock, logger, ...known }
  const load = async () => {
    const { createApp } = await import('./management/app.ts')
    const context = { ...given, asCaller }
    if (stage === null) return createApp(context)
    const { routes } = await import('./management/routes/routes.ts')
    return createApp(context, [...routes, ...(await stage.routes())])
  }
  const loadMetrics = async () => {
    const { MetricsPages } = await import('./management/metrics/pages.ts')
    return new MetricsPages(given)
  }
  const http = await HttpDoors.open(config, doors.certificates, {
    logger,
    load,
    loadMetrics,
    upgrade: (request, socket, head) => void webSockets.upgrade(request, socket, head),
  })
  return http
}

/** Memory of this process, and room where the data is. */
async function reading({ ephemeral, dataDir }: Config): Promise<Reading> {
  const used = await memoryUsed()
  if (ephemeral) return { memoryUsed: used, diskFree: Number.POSITIVE_INFINITY }
  const { bavail, bsize } = await statfs(dataDir)
  return { memoryUsed: used, diskFree: bavail * bsize }
}
