// The logger: pino, in JSON lines for machines and in colour for a person at a terminal. Each library is loaded only
// when it is used, since loading costs more than starting does.

import type { Writable } from 'node:stream'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { type Environment, optionList } from '../config/options.ts'

/** Where the log goes: a stream that may be a terminal. */
export type LogOutput = Writable & { readonly isTTY?: boolean; readonly fd?: number }

/**
 * Opens the log.
 * @param output standard output, as a rule; lines are written at once, so that none is lost on exit
 */
export async function openLog(
  config: Pick<Config, 'logLevel' | 'logFormat'>,
  output: LogOutput,
  env: Environment,
): Promise<Logger> {
  const { pino } = await import('pino')
  const secrets = optionList.filter(([, option]) => option.secret).flatMap(([field]) => [field, `*.${field}`])
  const settings = {
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // A second lock: nobody should log the settings as they are, and if somebody does, the secrets stay hidden.
    redact: { paths: secrets, censor: '(hidden)' },
  }
  const pretty = config.logFormat === 'pretty' || (config.logFormat === 'auto' && output.isTTY === true)
  if (pretty) return pino(settings, await prettyLines(output, env))
  return pino(settings, output.fd === undefined ? output : pino.destination({ fd: output.fd, sync: true }))
}

async function prettyLines(output: LogOutput, env: Environment): Promise<{ write(line: string): void }> {
  const { prettyFactory } = await import('pino-pretty')
  const colorize = output.isTTY === true && !env['NO_COLOR']
  const pretty = prettyFactory({ colorize, singleLine: true, translateTime: 'SYS:HH:MM:ss.l' })
  let gone = false
  // A terminal that went away is no reason to end, nor to complain about into that same terminal.
  output.on('error', () => {
    gone = true
  })
  return {
    write(line) {
      if (!gone) output.write(pretty(line))
    },
  }
}
