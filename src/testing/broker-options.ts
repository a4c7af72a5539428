// How a test broker is to be: what can be asked for, and the settings that come of it. Knows no broker.

import { type Compat, dialects } from '../broker/dialect.ts'
import type { Logger } from '../broker/logger.ts'
import { type Config, usualOf } from '../config/config.ts'
import { options as allSettings } from '../config/options.ts'
import { checkNames, type Known } from './known.ts'

/** How a test broker is to be. */
export interface BrokerOptions {
  /** Where it is reached; this machine only (127.0.0.1), where it is not said. `::` is every interface. */
  readonly host?: string
  /** 0, where it is not said: any free port. */
  readonly port?: number
  /** Whether the HTTP API is open as well, on a free port. */
  readonly http?: boolean
  /** `virtual`: time of messages stands still until the test moves it. */
  readonly clock?: 'real' | 'virtual'
  /** With a virtual clock: heartbeats and handshakes go by it as well. */
  readonly virtualHeartbeats?: boolean
  /**
   * Clients that leave Nagle's algorithm on, as amqp.node does, connect in 4 ms (where it is not said); false: in 45, as to any
   * other broker.
   */
  readonly noDelay?: boolean
  /** Which RabbitMQ it is where versions differ; Leveret as it is served, where it is not said. */
  readonly compat?: Compat
  /** Events that are kept; 10,000 where it is not said. */
  readonly keepEvents?: number
  /** Other settings of the broker, as `leveret serve` knows them. */
  readonly settings?: Partial<Config>
  /** Where the broker's log goes; nowhere where it is not said. */
  readonly logger?: Logger
}

const names: Known<Required<BrokerOptions>> = {
  host: true,
  port: true,
  http: true,
  clock: true,
  virtualHeartbeats: true,
  noDelay: true,
  compat: true,
  keepEvents: true,
  settings: true,
  logger: true,
}
const USER = 'guest'
const LOOPBACK = '127.0.0.1'

/** Throws `RangeError` where an option is none, or is not what it can be. */
export function checkOptions(options: BrokerOptions): void {
  checkNames('startBroker', options, names)
  const { clock = 'real', compat = 'leveret', keepEvents = 1, settings = {} } = options
  if (clock !== 'real' && clock !== 'virtual') throw new RangeError(`clock is '${clock}', expected real or virtual`)
  if (!Object.hasOwn(dialects, compat)) {
    throw new RangeError(`compat is '${compat}', expected ${Object.keys(dialects).join(', ')}`)
  }
  if (!(keepEvents >= 1)) throw new RangeError(`keepEvents is ${keepEvents}, expected a number from 1 on`)
  const known = Object.fromEntries(Object.keys(allSettings).map((name) => [name, true as const]))
  checkNames('settings', settings, known as Known<Config>)
}

/** The settings of the broker that is asked for. */
export function settingsOf({
  host = LOOPBACK,
  port = 0,
  http = false,
  compat = 'leveret',
}: BrokerOptions): Partial<Config> {
  // Whoever can come from elsewhere does not know a password that nobody has told them: guest's they know.
  const loopbackUsers = host === LOOPBACK ? [] : [USER]
  const doors = { host, port, httpHost: LOOPBACK, httpPort: http ? 0 : ('off' as const) }
  const rabbitmq = { testCompat: compat, ...usualOf(compat) }
  return { ...doors, ...rabbitmq, metricsPort: 'off', ephemeral: true, loopbackUsers, logLevel: 'silent' }
}
