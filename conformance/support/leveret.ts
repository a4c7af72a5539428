/**
 * Starts the built broker as a process of its own, as a user would, and stops it in the ways that a user or a power cut
 * would. Knows the command line and the log line of `leveret serve`, and nothing else of the broker.
 *
 * To check the specs themselves against another broker, set
 *   AMQP_TARGET=host:port        a broker that is already running; nothing is started or stopped
 *   AMQP_TARGET_CONTROL=program  run with `start` (nothing to do when it is up), `stop` (orderly) or `kill` (SIGKILL)
 *                                by the specs that restart it; without it they are skipped
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Program, startProgram } from './program.ts'

const mainPath = join(__dirname, '..', '..', 'dist', 'cli', 'main.js')
const startLimitMs = 20_000
const { AMQP_TARGET: target, AMQP_TARGET_CONTROL: controlProgram } = process.env

/** What to start: memory only, or on a data folder (a temporary one, removed at the end, when none is named). */
export interface LeveretOptions {
  readonly ephemeral?: boolean
  readonly dataDir?: string
  /** 0 or absent: a free port. */
  readonly port?: number
  /** Whether it serves its HTTP API, on a free port of loopback. */
  readonly http?: boolean
  /** Further flags of `leveret serve`. */
  readonly args?: readonly string[]
  /** Added to the environment of this process. */
  readonly env?: NodeJS.ProcessEnv
}

/** A running broker. */
export interface Leveret {
  readonly host: string
  readonly port: number
  /** `amqp://host:port`, without a path: the default vhost. */
  readonly url: string
  /** `http://host:port`; empty where the HTTP API was not asked for. */
  readonly httpUrl: string
  readonly pid: number
  /** SIGTERM; settles when the process is gone, with its exit code (null when it died of a signal). */
  stop(): Promise<{ code: number | null }>
  /** SIGKILL; settles when the process is gone. */
  kill(): Promise<void>
  /** Everything it has logged so far. */
  log(): string
}

/** Whether the specs can restart the broker: always, unless AMQP_TARGET names one that they have no control over. */
export const canRestart = !target || Boolean(controlProgram)

/**
 * Starts a broker on loopback and waits until it has logged `Server startup complete`.
 *
 * @throws Error with everything the process printed, when it exits or says nothing for 20 s; and when the wanted port
 *   is taken.
 */
export async function startLeveret(options: LeveretOptions = {}): Promise<Leveret> {
  if (target) return useTarget(target, options)
  if (options.port) await assertFree(options.port)
  const made = options.ephemeral || options.dataDir ? undefined : await mkdtemp(join(tmpdir(), 'leveret-conformance-'))
  const removeMade = async () => {
    if (made) await rm(made, { recursive: true, force: true })
  }
  const store = options.ephemeral ? ['--ephemeral'] : ['--data-dir', options.dataDir ?? made ?? '']
  const program = startProgram({
    command: process.execPath,
    args: [
      mainPath,
      'serve',
      '--port',
      `${options.port ?? 0}`,
      '--host',
      '127.0.0.1',
      ...(options.http ? ['--http-port', '0', '--http-host', '127.0.0.1'] : ['--http-port', 'off']),
      ...['--metrics-port', 'off'],
      ...store,
      ...(options.args ?? []),
    ],
    env: { ...process.env, ...options.env },
    limitMs: 30 * 60_000,
  })
  try {
    const { port, httpUrl } = await started(program)
    return {
      host: '127.0.0.1',
      port,
      url: `amqp://127.0.0.1:${port}`,
      httpUrl,
      pid: program.pid,
      stop: async () => ({ code: (await endWith(program, 'SIGTERM', removeMade)).code }),
      kill: async () => void (await endWith(program, 'SIGKILL', removeMade)),
      log: () => program.output(),
    }
  } catch (error) {
    await endWith(program, 'SIGKILL', removeMade).catch(() => undefined)
    throw error
  }
}

async function endWith(program: Program, signal: NodeJS.Signals, after: () => Promise<void>) {
  program.signal(signal)
  const ending = await program.ended
  await after()
  return ending
}

interface Started {
  readonly port: number
  readonly httpUrl: string
}

async function started(program: Program): Promise<Started> {
  let found: Started | undefined
  await program.line((line) => {
    found = startedWith(line)
    return found !== undefined
  }, startLimitMs)
  return found ?? { port: 0, httpUrl: '' }
}

/** The addresses in the JSON log line that says that the broker is up; undefined for any other line. */
function startedWith(line: string): Started | undefined {
  if (!line.includes('Server startup complete')) return undefined
  const { msg, urls = [] } = JSON.parse(line) as { msg?: string; urls?: readonly string[] }
  const url = msg === 'Server startup complete' ? urls.find((each) => each.startsWith('amqp://127.0.0.1:')) : undefined
  if (url === undefined) return undefined
  return { port: Number(new URL(url).port), httpUrl: urls.find((each) => each.startsWith('http://')) ?? '' }
}

/** @throws Error when something listens on the port, on IPv4 or IPv6 loopback (clients try both for `localhost`). */
async function assertFree(port: number): Promise<void> {
  for (const host of ['127.0.0.1', '::1']) {
    await new Promise<void>((resolve, reject) => {
      const probe = createServer()
      probe.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') reject(new Error(`port ${port} on ${host} is taken: this spec needs it free`))
        else resolve()
      })
      probe.listen({ port, host }, () => probe.close(() => resolve()))
    })
  }
}

/** The broker of AMQP_TARGET. It is only ever stopped by a spec that asked for a data folder, in order to restart on it. */
async function useTarget(address: string, options: LeveretOptions): Promise<Leveret> {
  const [host = '127.0.0.1', port = '5672'] = address.split(':')
  if (options.port && options.port !== Number(port)) {
    throw new Error(`this spec needs the broker on port ${options.port}, and AMQP_TARGET is ${address}`)
  }
  if (controlProgram) await control('start')
  const end = async (how: 'stop' | 'kill') => {
    if (options.dataDir) await control(how)
  }
  return {
    host,
    port: Number(port),
    url: `amqp://${host}:${port}`,
    httpUrl: '',
    pid: 0,
    stop: async () => {
      await end('stop')
      return { code: 0 }
    },
    kill: () => end('kill'),
    log: () => `(the log of ${address} is not ours)`,
  }
}

async function control(order: 'start' | 'stop' | 'kill'): Promise<void> {
  if (!controlProgram) throw new Error(`AMQP_TARGET_CONTROL is not set, so that AMQP_TARGET cannot be told to ${order}`)
  await promisify(execFile)(controlProgram, [order])
}
