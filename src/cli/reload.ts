// SIGHUP: the settings are read again, what can be is changed at once, and the rest is named. Settings that are no good
// change nothing. Knows settings and the log; the broker behind is given.

import type { Logger } from 'pino'
import { type Config, type Given, type Loaded, loadConfig } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Changes } from '../config/live.ts'
import { flagOf, type OptionField, options } from '../config/options.ts'

/** A broker that can be told of new settings. */
export interface Reloading {
  /** Takes what can be taken, and says what; certificates and the audit log are looked at anew in any case. */
  reload(next: Config): Changes
}

/** Reads the settings again and gives them to `broker`. Never rejects. */
export async function reload(given: Given, broker: Reloading, log: Logger): Promise<void> {
  const loaded = await read(given, log)
  if (!loaded) return
  for (const text of [...loaded.warnings, ...loaded.notices]) log.warn(text)
  const { now, later } = broker.reload(loaded.config)
  log.level = loaded.config.logLevel
  if (later.length > 0) log.warn({ settings: later.map(named) }, 'These settings need a restart, and stay as they were')
  log.info({ changed: now.map(named) }, 'Configuration reloaded')
}

async function read(given: Given, log: Logger): Promise<Loaded | undefined> {
  try {
    return await loadConfig(given)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    log.error({ why: error.message }, 'The configuration cannot be used: nothing is changed')
    return undefined
  }
}

function named(field: OptionField): string {
  return flagOf(options[field])
}
