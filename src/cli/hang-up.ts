// `leveret reload`: sends SIGHUP to a broker on this machine, which then reads its settings and certificates again. Knows
// the note that a broker leaves in its data directory, not the broker.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Given, loadConfig } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { exitCode } from './exit-codes.ts'
import { configFailure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** Which broker is meant: the process, or the data directory that it holds. */
export interface Meant extends Omit<Given, 'env' | 'cwd'> {
  readonly pid?: string | undefined
}

/** Sends a process a signal, as `process.kill` does. */
export type Kill = (pid: number, signal: 'SIGHUP') => unknown

/** Sends the signal; resolves with the exit code: 0, 64, 69 when there is no such process, 77 when it is another's. */
export async function hangUp(
  meant: Meant,
  { env, cwd, stderr }: Pick<Terminal, 'env' | 'cwd' | 'stderr'>,
  kill: Kill = (pid, signal) => process.kill(pid, signal),
): Promise<number> {
  const end = (line: string, code: number): number => {
    stderr.write(`leveret: ${line}\n`)
    return code
  }
  try {
    const { pid, where } = await processOf(meant, env, cwd)
    if (pid === undefined) return end(where, exitCode.unavailable)
    if (!(pid > 1 || where === '--pid')) return end(`${where}: ${pid} is not a process to signal`, exitCode.usage)
    kill(pid, 'SIGHUP')
    stderr.write(`process ${pid} reads its settings again; its log says what changed\n`)
    return exitCode.ok
  } catch (error) {
    if (error instanceof ConfigError) return end(configFailure(error).line, configFailure(error).exitCode)
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ESRCH') return end('there is no such process: the broker is not running', exitCode.unavailable)
    if (code === 'EPERM')
      return end('the broker runs as another user: no permission to signal it', exitCode.noPermission)
    return end(message, exitCode.usage)
  }
}

/** The process that is meant, or why there is none. */
async function processOf(
  { pid, ...given }: Meant,
  env: Terminal['env'],
  cwd: string,
): Promise<{ readonly pid?: number; readonly where: string }> {
  if (pid !== undefined) {
    if (!/^[1-9]\d{0,9}$/.test(pid)) throw new Error(`--pid: got "${pid}", expected the number of a process`)
    return { pid: Number(pid), where: '--pid' }
  }
  const { config } = await loadConfig({ ...given, env, cwd })
  const note = join(config.dataDir, 'leveret.pid')
  const text = await readFile(note, 'utf8').catch(() => '')
  if (!/^\d+\s*$/.test(text)) {
    return { where: `no broker holds ${config.dataDir} (--data-dir names another, --pid a process)` }
  }
  return { pid: Number.parseInt(text, 10), where: note }
}
