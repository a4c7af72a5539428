// A throwaway RabbitMQ to compare with: its own port, node name, epmd, cookie and folder, everything on loopback, and
// nothing left behind when it stops. Knows nothing of AMQP; it only starts and ends processes.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { type Administer, overHttp } from './administration.ts'
import { type Ending, runProgram } from './program.ts'

/** A running RabbitMQ node. `stop` ends the node and its epmd and removes its folder; calling it twice is fine. */
export type Rabbitmq = {
  /** Changes users, permissions, policies and limits. */
  readonly administer: Administer
  readonly host: string
  readonly port: number
  readonly url: string
  /** Of its HTTP API, without `/api`. */
  readonly managementUrl: string
  /** Runs one of its own command line tools, such as rabbitmqctl. */
  readonly tool: (name: string, args: readonly string[]) => Promise<Ending>
  readonly pid: number
  readonly version: string
  /** Ends the node with this signal and starts it again on the same data and port. */
  restart(signal: NodeJS.Signals): Promise<void>
  stop(): Promise<void>
}

/** `config` adds lines to rabbitmq.conf; `statistics` lets the HTTP API have numbers of messages and rates. */
export type RabbitmqOptions = { readonly config?: readonly string[]; readonly statistics?: boolean }

const host = '127.0.0.1'
/** The exchange types that RabbitMQ ships beside its core, and the HTTP API. */
const plugins = [
  'rabbitmq_management',
  'rabbitmq_consistent_hash_exchange',
  'rabbitmq_random_exchange',
  'rabbitmq_recent_history_exchange',
  'rabbitmq_sharding',
]
const started = /RabbitMQ (\d[\d.]*)[\s\S]*completed with/
const startLimitMs = 60_000
const stopLimitMs = 20_000

// Debian's /usr/sbin/rabbitmq-server changes user when root runs it; the script that it wraps does not.
const knownScripts = ['/usr/lib/rabbitmq/bin/rabbitmq-server', '/opt/homebrew/sbin/rabbitmq-server']

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK)
    return realpathSync(path)
  } catch {
    return undefined
  }
}

/** The path of an installed rabbitmq-server, or undefined. */
export function findRabbitmq(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'rabbitmq-server'))
  for (const path of [...knownScripts, ...onPath]) {
    const found = executable(path)
    if (found !== undefined) return found
  }
  return undefined
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Resolves when the child's output matches; rejects with what it printed when it exits or the limit passes first. */
function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (why: string) => reject(new Error(`rabbitmq-server ${why}:\n${output}`))
    const timer = setTimeout(() => fail(`did not start in ${startLimitMs} ms`), startLimitMs)
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const match = output.match(pattern)
      if (match === null) return
      clearTimeout(timer)
      resolve(match)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', (error) => fail(`failed (${error.message})`))
    child.once('exit', (code) => {
      clearTimeout(timer)
      fail(`exited with ${code}`)
    })
  })
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
  await exited
  clearTimeout(timer)
}

function environment(folder: string, node: string, ports: Readonly<Record<'epmd' | 'dist', number>>) {
  return {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    HOME: folder,
    ERL_EPMD_ADDRESS: host,
    ERL_EPMD_PORT: String(ports.epmd),
    RABBITMQ_NODENAME: node,
    RABBITMQ_DIST_PORT: String(ports.dist),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'no-env.conf'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
    // Makes the script exec the node instead of guarding it, so that the pid we hold is the node's.
    RUNNING_UNDER_SYSTEMD: 'true',
  }
}

/**
 * Starts a RabbitMQ node with default settings (guest/guest on `/`) and resolves when it accepts connections.
 * Undefined when rabbitmq-server is not installed; throws with the node's output when it does not come up.
 * `max_message_size` is set to 16 MiB, the default of RabbitMQ 4 and of Leveret.
 */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<Rabbitmq | undefined> {
  const script = findRabbitmq()
  if (script === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'leveret-rabbitmq-'))
  const port = await freePort()
  const ports = { epmd: await freePort(), dist: await freePort() }
  const managementPort = await freePort()
  const lines = [
    `listeners.tcp.1 = ${host}:${port}`,
    'max_message_size = 16777216',
    `management.tcp.ip = ${host}`,
    `management.tcp.port = ${managementPort}`,
    `management_agent.disable_metrics_collector = ${options.statistics !== true}`,
    ...(options.config ?? []),
  ]
  writeFileSync(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'enabled_plugins'), `[${plugins.join(',')}].\n`)
  const env = environment(folder, `conformance-${port}@localhost`, ports)
  const epmd = spawn('epmd', ['-address', host, '-port', String(ports.epmd)], { env, stdio: 'ignore' })
  const start = () => spawn(script, [], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let node = start()
  // The last resort when the process that started us ends without stop().
  const abandon = () => {
    node.kill('SIGKILL')
    epmd.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', abandon)
  const stop = async () => {
    await end(node, 'SIGTERM')
    await end(epmd, 'SIGTERM')
    rmSync(folder, { recursive: true, force: true })
    process.off('exit', abandon)
  }
  const restart = async (signal: NodeJS.Signals) => {
    await end(node, signal)
    node = start()
    await printed(node, started)
  }
  try {
    epmd.once('error', () => node.kill('SIGKILL'))
    const [, version = ''] = await printed(node, started)
    const url = `amqp://guest:guest@${host}:${port}`
    const administer = overHttp(host, managementPort)
    const managementUrl = `http://${host}:${managementPort}`
    const tool: Rabbitmq['tool'] = (name, args) => runProgram({ command: join(dirname(script), name), args, env })
    return { host, port, url, managementUrl, tool, administer, pid: node.pid ?? 0, version, restart, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
