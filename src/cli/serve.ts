// `leveret serve`: settings, logger, broker, signals, and the way back out. The one command that holds a broker instead
// of talking to one like any other client; it reaches it only through the start function that it is given.

import type { Logger } from 'pino'
import { type Config, type Given, type Loaded, loadConfig, redacted } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Environment } from '../config/options.ts'
import { VERSION } from '../version.ts'
import { exitCode } from './exit-codes.ts'
import { configFailure, type Failure, startFailure } from './failure.ts'
import { type LogOutput, openLog } from './log.ts'
import { notifier, type Spawn } from './notify.ts'
import { announce, type ReadyPlaces } from './ready.ts'
import { type Reloading, reload } from './reload.ts'

/** A broker that runs. */
export interface Running extends Reloading {
  /** One AMQP URL for each door that is open. */
  readonly urls: readonly string[]
  /** Closes the doors, says goodbye to every connection, writes what is not yet written. */
  stop(reason?: string): Promise<void>
}

/** Starts a broker; resolves once its doors are open. */
export type Start = (config: Config, log: Logger) => Promise<Running>

/** A signal that asks the broker to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM'

/** The events of a process that a server listens to; `process` is one. */
export interface ProcessEvents {
  on(event: StopSignal, listener: (signal: StopSignal) => void): unknown
  on(event: 'SIGHUP', listener: () => void): unknown
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (reason: unknown) => void): unknown
}

/** The process around the command, passed in so that a spec can be that process. */
export interface World {
  readonly env: Environment
  readonly cwd: string
  readonly stdout: LogOutput
  readonly stderr: { write(text: string): unknown }
  readonly events: ProcessEvents
  /** Ends the process with this code. */
  readonly exit: (code: number) => void
  /** Milliseconds since the process began. */
  readonly elapsedMs: () => number
  readonly start: Start
  /** Starts another program; as Node does where it is not said. */
  readonly spawn?: Spawn
}

/** What the command line says about the settings. */
export type ServeFlags = ReadyPlaces & Pick<Given, 'flags' | 'configFile' | 'rabbitmqConf'>

/** Exit codes of a process that a signal ends at once: 128 and the signal's number. */
const atOnce = { SIGINT: 130, SIGTERM: 143 } as const

/** Runs a broker until SIGTERM or SIGINT; resolves after the world's exit has been called. */
export async function serve(flags: ServeFlags, world: World): Promise<void> {
  const loaded = await load(flags, world)
  if (!loaded) return
  const { config, warnings, notices } = loaded
  const log = await openLog(config, world.stdout, world.env)
  for (const warning of warnings) log.warn(warning)
  for (const notice of notices) log.info(notice)
  log.debug({ config: redacted(config) }, 'Settings')
  const notify = notifier(world.env, log, world.spawn)
  let started = false
  const isStarted = (): boolean => started
  const fail = (error: unknown): void => {
    tell(startFailure(error, config), world, log.isLevelEnabled('debug') ? `${stackOf(error)}\n` : '')
  }
  outliveFaults(world, log, isStarted, fail)
  // Without a listener the signal would end the process; before there is a broker there is nothing to tell.
  let onHangup = (): void => {}
  world.events.on('SIGHUP', () => onHangup())
  const signalled = firstSignal(world, log, isStarted)
  let running: Running
  try {
    running = await world.start(config, log)
  } catch (error) {
    fail(error)
    return
  }
  started = true
  onHangup = () => void reload({ ...flags, env: world.env, cwd: world.cwd }, running, log)
  log.info({ urls: running.urls, startupMs: Math.round(world.elapsedMs()) }, 'Server startup complete')
  try {
    announce(flags, world.cwd, { urls: running.urls, pid: process.pid, version: VERSION })
  } catch (error) {
    // Whoever waits for the word would wait for ever.
    await drain(running, 'SIGTERM', log)
    tell({ line: (error as Error).message, exitCode: exitCode.io }, world)
    return
  }
  void notify('READY=1', `STATUS=${running.urls.join(' ')}`)
  const signal = await signalled
  const [code] = await Promise.all([drain(running, signal, log), notify('STOPPING=1')])
  world.exit(code)
}

async function load(flags: ServeFlags, world: World): Promise<Loaded | undefined> {
  try {
    return await loadConfig({ ...flags, env: world.env, cwd: world.cwd })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    tell(configFailure(error), world)
    return undefined
  }
}

async function drain(running: Running, signal: StopSignal, log: Logger): Promise<number> {
  log.info({ signal }, 'Stopping')
  try {
    await running.stop(signal)
  } catch (error) {
    log.error({ err: error }, 'Stopping failed')
    return exitCode.software
  }
  log.info('Stopped')
  return exitCode.ok
}

/**
 * The same signal within this time is the same wish: npm passes on to the broker what a terminal or systemd has already
 * sent to both.
 */
const SAME_WISH_MS = 200

/** Resolves with the first signal; a second one ends the process at once. */
function firstSignal(world: World, log: Logger, isStarted: () => boolean): Promise<StopSignal> {
  return new Promise((resolve) => {
    let first: { readonly signal: StopSignal; readonly atMs: number } | undefined
    const onSignal = (signal: StopSignal): void => {
      const atMs = world.elapsedMs()
      if (first) {
        if (signal !== first.signal || atMs - first.atMs > SAME_WISH_MS) world.exit(atOnce[signal])
        return
      }
      first = { signal, atMs }
      if (!isStarted()) log.info({ signal }, 'Stopping once started; a second signal stops at once')
      resolve(signal)
    }
    world.events.on('SIGINT', onSignal)
    world.events.on('SIGTERM', onSignal)
  })
}

/**
 * A fault that nobody caught is Leveret's bug. A running broker logs it and lives on, since other people's connections
 * and messages depend on it; one that is still starting gives up.
 */
function outliveFaults(world: World, log: Logger, isStarted: () => boolean, fail: (error: unknown) => void): void {
  const onFault = (name: string) => (error: unknown) => {
    if (isStarted()) log.error({ err: error }, `${name}: the broker goes on`)
    else fail(error)
  }
  world.events.on('uncaughtException', onFault('Uncaught exception'))
  world.events.on('unhandledRejection', onFault('Unhandled rejection'))
}

function tell(failure: Failure, world: Pick<World, 'stderr' | 'exit'>, details = ''): void {
  world.stderr.write(`leveret: ${failure.line}\n${details}`)
  world.exit(failure.exitCode)
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
