// The logger: pino, in JSON lines for machines and in colour for a person at a terminal. Each library is loaded only
// when it is used, since loading costs more than starting does.

import { writeSync } from 'node:fs'
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
  const lines = output.fd === undefined ? streamLines(output) : fileLines(output.fd)
  const pretty = config.logFormat === 'pretty' || (config.logFormat === 'auto' && output.isTTY === true)
  return pino(settings, pretty ? await prettyLines(lines, output, env) : lines)
}

/** Takes finished lines. A line that cannot be written is lost: a full disk or a closed terminal must not end a broker. */
interface Lines {
  write(line: string): void
}

async function prettyLines(lines: Lines, output: LogOutput, env: Environment): Promise<Lines> {
  const { prettyFactory } = await import('pino-pretty')
  const colorize = output.isTTY === true && !env['NO_COLOR']
  const pretty = prettyFactory({ colorize, singleLine: true, translateTime: 'SYS:HH:MM:ss.l' })
  return { write: (line) => lines.write(pretty(line)) }
}

function streamLines(output: LogOutput): Lines {
  let gone = false
  output.on('error', () => {
    gone = true
  })
  return {
    write(line) {
      if (!gone) output.write(line)
    },
  }
}

/** How often, a millisecond apart, a reader that is behind is asked again before the line is given up. */
const PATIENCE = 50

// Straight to the descriptor, because a stream is destroyed by its first error and would not come back with the disk.
function fileLines(fd: number): Lines {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  return {
    write(line) {
      const bytes = Buffer.from(line)
      let tries = 0
      for (let at = 0; at < bytes.length; ) {
        try {
          at += writeSync(fd, bytes, at)
        } catch (error) {
          const behind = (error as NodeJS.ErrnoException).code === 'EAGAIN'
          if (!behind || tries++ === PATIENCE) return
          Atomics.wait(pause, 0, 0, 1)
        }
      }
    },
  }
}
