// The composition root: settings become a store, a broker and open doors, and go again in the opposite order. The only
// file that knows everything; no rule of AMQP stands here.

import { randomBytes } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { Administration } from './broker/administration.ts'
import { Broker } from './broker/broker.ts'
import type { Clock } from './broker/clock.ts'
import type { Store } from './broker/store.ts'
import type { Config } from './config/config.ts'
import { Listener } from './server/listener.ts'
import { type Reading, Resources } from './server/resources.ts'
import type { SessionContext } from './session/context.ts'
import { greeting } from './session/greeting.ts'
import { Slabs } from './session/slabs.ts'
import { Sweep } from './session/sweep.ts'
import { Turn } from './session/turn.ts'
import { createLevelStore } from './store/level/level-store.ts'
import { createMemoryStore } from './store/memory/memory-store.ts'
import { VERSION } from './version.ts'

/** A running broker. */
export interface Leveret {
  /** The addresses that it accepts connections on, as AMQP URLs without credentials. */
  readonly urls: readonly string[]
  /** Users, vhosts, permissions, policies and limits: what can be changed while it runs. */
  readonly administration: Administration
  /** Closes the doors, ends all connections (320, `shutdown`), stores what is to be stored. */
  stop(): Promise<void>
}

/** RabbitMQ's word for why connections end when the broker does (behaviour.md §2.8). */
const SHUTDOWN = `broker forced connection closure with reason 'shutdown'`

/** Time and turns of this process. */
const clock: Clock = {
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
 * @throws the error of node:net when the address cannot be listened on
 */
export async function startLeveret(config: Config, log: Logger): Promise<Leveret> {
  if (!config.ephemeral && !config.sync) {
    log.warn('sync is off: a confirm does not mean that the message survives a power failure')
  }
  const broker = await Broker.start(storeOf(config, log), config, { clock, logger: log, random: randomBytes })
  let listener: Listener
  try {
    listener = await open(contextOf(broker, config, log), config)
  } catch (error) {
    await broker.stop()
    throw error
  }
  const resources = new Resources(broker.alarms, clock, log, config, () => reading(config))
  await resources.start()
  return {
    urls: [`amqp://${hostOf(listener.address)}:${listener.address.port}`],
    administration: broker.administration,
    async stop() {
      resources.stop()
      await listener.close(SHUTDOWN)
      await broker.stop()
    },
  }
}

function storeOf(config: Config, log: Logger): Store {
  return config.ephemeral ? createMemoryStore() : createLevelStore(config.dataDir, { sync: config.sync, log })
}

function contextOf(broker: Broker, config: Config, log: Logger): SessionContext {
  const shared = { slabs: new Slabs(), turn: new Turn(clock), sweep: new Sweep(clock) }
  return { broker, clock, logger: log, ...shared, limits: config, greeting: greeting(VERSION) }
}

/** Memory of this process, and room where the data is. */
async function reading({ ephemeral, dataDir }: Config): Promise<Reading> {
  const memoryUsed = process.memoryUsage.rss()
  if (ephemeral) return { memoryUsed, diskFree: Number.POSITIVE_INFINITY }
  const { bavail, bsize } = await statfs(dataDir)
  return { memoryUsed, diskFree: bavail * bsize }
}

/** Every interface means IPv6 and IPv4 where there is IPv6, IPv4 else. */
async function open(context: SessionContext, { host, port }: Config): Promise<Listener> {
  try {
    return await Listener.open(context, host, port)
  } catch (error) {
    const noIpv6 = error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT'
    if (host !== '::' || !noIpv6) throw error
    return Listener.open(context, '0.0.0.0', port)
  }
}

/** The host part of a URL that reaches `address` from this machine. */
function hostOf({ address, family }: AddressInfo): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost'
  return family === 'IPv6' ? `[${address}]` : address
}
