/**
 * Runs another program as a child process and lets a spec await what it prints and how it ends. Knows nothing of AMQP
 * and nothing of the broker: support/leveret.ts and the client specs build on it.
 */
import { type ChildProcess, spawn } from 'node:child_process'

/** How a program ended: exit code or signal (the other one is null), and all that it printed. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** What to start. `limitMs` (default 60,000) is how long it may live before it is killed and every wait fails. */
export interface ProgramOptions {
  readonly command: string
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly limitMs?: number
}

/** A running child process. */
export interface Program {
  readonly pid: number
  /** Settles when the process is gone and its output has been read to the end. Rejects when it could not be started. */
  readonly ended: Promise<Ending>
  /** Everything printed so far, stdout and stderr in order of arrival. */
  output(): string
  /**
   * The first line of stdout for which `wanted` is true (or which contains the text `wanted`), already printed or yet
   * to come. Rejects with the whole output when the program ends, or `withinMs` passes, before such a line.
   */
  line(wanted: string | ((line: string) => boolean), withinMs?: number): Promise<string>
  /** Sends a signal, without waiting for its effect. */
  signal(signal: NodeJS.Signals): void
}

/** Starts a program without a shell. */
export function startProgram(options: ProgramOptions): Program {
  const child = spawn(options.command, options.args ?? [], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = record(child)
  const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 60_000)
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout: printed.stdout, stderr: printed.stderr }))
  }).finally(() => clearTimeout(limit))
  ended.catch(() => undefined)
  return {
    pid: child.pid ?? 0,
    ended,
    output: () => printed.all,
    line: (wanted, withinMs = 20_000) => awaitLine(child, printed, wanted, withinMs),
    signal: (signal) => void child.kill(signal),
  }
}

/** Starts a program and waits for its end. */
export function runProgram(options: ProgramOptions): Promise<Ending> {
  return startProgram(options).ended
}

interface Printed {
  stdout: string
  stderr: string
  all: string
}

function record(child: ChildProcess): Printed {
  const printed: Printed = { stdout: '', stderr: '', all: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed.stdout += text
    printed.all += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text
    printed.all += text
  })
  return printed
}

function awaitLine(
  child: ChildProcess,
  printed: Printed,
  wanted: string | ((line: string) => boolean),
  withinMs: number,
): Promise<string> {
  const matches = typeof wanted === 'string' ? (line: string) => line.includes(wanted) : wanted
  return new Promise((resolve, reject) => {
    let searched = 0
    const search = () => {
      for (let end = printed.stdout.indexOf('\n', searched); end !== -1; end = printed.stdout.indexOf('\n', searched)) {
        const line = printed.stdout.slice(searched, end)
        searched = end + 1
        if (matches(line)) return settle(() => resolve(line))
      }
    }
    const fail = (why: string) => settle(() => reject(new Error(`${why}; its output:\n${printed.all}`)))
    const onClose = () => fail('the program ended before the line that was waited for')
    const onError = (error: Error) => fail(`the program could not be run (${error.message})`)
    const timer = setTimeout(() => fail(`the line that was waited for did not come within ${withinMs} ms`), withinMs)
    const settle = (outcome: () => void) => {
      clearTimeout(timer)
      child.stdout?.off('data', search)
      child.off('close', onClose).off('error', onError)
      outcome()
    }
    child.stdout?.on('data', search)
    child.on('close', onClose).on('error', onError)
    search()
    if (child.exitCode !== null && child.stdout?.destroyed) onClose()
  })
}
