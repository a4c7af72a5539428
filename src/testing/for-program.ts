// A test broker for programs in other processes, as `leveret exec` and `leveret serve --test-mode` want it: with the HTTP
// API open, which a program in any language can use. Their tests were written for RabbitMQ: connecting takes as long as there
// (docs/decisions/0093).

import type { Compat } from '../broker/dialect.ts'
import type { Logger } from '../broker/logger.ts'
import type { Config } from '../config/config.ts'
import type { Changes } from '../config/live.ts'
import { toNdjson } from './record.ts'
import { line } from './telling.ts'
import { TestBroker } from './test-broker.ts'

/** A test broker, as far as the command line knows it. */
export interface ProgramBroker {
  env(): Record<string, string>
  /** The last events, a line each. */
  tail(count: number): readonly string[]
  /** All events that are kept, a JSON document a line. */
  trace(): string
  /** Bad practice that was seen, a line each. */
  lints(): readonly string[]
  stop(): Promise<void>
}

/** Starts one. */
export async function startForProgram(options: {
  readonly host: string
  readonly port: number
  readonly clock: 'real' | 'virtual'
  readonly compat: Compat
}): Promise<ProgramBroker> {
  const broker = await TestBroker.start({ ...options, http: true, noDelay: false })
  broker.journal.keepsGone = true
  return {
    env: () => broker.env(),
    tail: (count) => broker.events().slice(-count).map(line),
    trace: () => toNdjson(broker.events()),
    lints: () => broker.lints(),
    stop: () => broker.stop(),
  }
}

/** A test broker that is served, as far as the command line knows it. */
export interface ServedBroker {
  readonly urls: readonly string[]
  reload(next: Config): Changes
  stop(): Promise<void>
}

/** Starts one with all of these settings. */
export async function serveForTests(settings: Config, logger: Logger): Promise<ServedBroker> {
  logger.warn({}, 'test mode: nothing is kept, and whoever reaches the HTTP API may do anything with this broker')
  const broker = await TestBroker.start({ settings, logger, noDelay: false, clock: settings.testClock })
  return {
    urls: broker.urls,
    reload: (next) => broker.reload(next),
    stop: () => broker.stop(),
  }
}
