// The process around a command, as the command sees it: streams, environment, time, Ctrl-C. Passed in, so that a spec can
// be that process. Knows no command.

import type { Readable } from 'node:stream'
import type { Environment } from '../config/options.ts'
import { exitCode } from './exit-codes.ts'

/** Where text goes. */
export interface Output {
  write(text: string): unknown
  /** Whether a person looks at it. */
  readonly isTTY?: boolean | undefined
  /** Its width in characters, where it has one. */
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

/** Where text comes from. */
export type Input = Readable & {
  readonly isTTY?: boolean | undefined
  setRawMode?: (raw: boolean) => unknown
}

/** The process around a command. */
export interface Terminal {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: Input
  readonly env: Environment
  readonly cwd: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Resolves after this time, or at once when Ctrl-C comes. */
  readonly pause: (ms: number) => Promise<void>
  /** Aborts with the first Ctrl-C. Who asks for it ends by itself; a second Ctrl-C ends the process. */
  readonly interrupted: () => AbortSignal
}

/** The part of `process` that a terminal is made of. */
export interface HostProcess {
  readonly stdout: Output & { on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown }
  readonly stderr: Output
  readonly stdin: Input
  readonly env: Environment
  cwd(): string
  exit(code: number): unknown
  once(event: 'SIGINT', listener: () => void): unknown
}

/** The terminal of a process. Its standard input is only touched when it is read. */
export function terminalOf(host: HostProcess): Terminal {
  let controller: AbortController | undefined
  const interrupted = (): AbortSignal => {
    if (!controller) {
      const made = new AbortController()
      controller = made
      host.once('SIGINT', () => made.abort())
    }
    return controller.signal
  }
  return {
    stdout: guarded(host),
    stderr: host.stderr,
    get stdin() {
      return host.stdin
    },
    env: host.env,
    cwd: host.cwd(),
    now: () => Date.now(),
    pause: (ms) => pause(ms, controller?.signal),
    interrupted,
  }
}

/**
 * Standard output that may end before the command does: a reader who has seen enough (`| head`) ends it in silence, a full
 * disk with a line. Watched from the first write on, since a broker's log has rules of its own.
 */
function guarded(host: HostProcess): Output {
  let watched = false
  return {
    write(text) {
      if (!watched) host.stdout.on('error', (error) => host.exit(endOf(error, host.stderr)))
      watched = true
      return host.stdout.write(text)
    },
    get isTTY() {
      return host.stdout.isTTY
    },
    get columns() {
      return host.stdout.columns
    },
    get rows() {
      return host.stdout.rows
    },
  }
}

function endOf({ code, message }: NodeJS.ErrnoException, stderr: Output): number {
  if (code === 'EPIPE') return exitCode.ok
  stderr.write(`leveret: standard output cannot be written: ${message}\n`)
  return exitCode.io
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
