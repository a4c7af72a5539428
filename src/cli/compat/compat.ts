// RabbitMQ's own command lines, in their own grammar: rabbitmqctl and its kin, and rabbitmqadmin. Here they get the
// process around them and a client of the HTTP API; each grammar has its folder.

import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fromEnvironment } from '../../config/environment.ts'
import { type Environment, options } from '../../config/options.ts'
import { VERSION } from '../../version.ts'
import { readGlobals } from '../globals.ts'
import { Api } from '../http.ts'
import { settleTarget, type Target } from '../target.ts'
import type { Terminal } from '../terminal.ts'
import type { AdminOptions } from './admin/options.ts'
import type { ToolName } from './ctl/command.ts'
import { type CompatName, nodeHost } from './names.ts'

/** What a grammar needs of the process that a terminal does not have. */
export interface CompatHost {
  readonly terminal: Terminal
  /** Resolves once something accepts a TCP connection there; rejects otherwise. */
  readonly dial: (host: string, port: number) => Promise<void>
  readonly random: (count: number) => Buffer
}

/** What a process has of it. */
export function hostOf(terminal: Terminal): CompatHost {
  return { terminal, dial, random: randomBytes }
}

/** Runs a command line of one of RabbitMQ's tools; resolves with the exit code. */
export async function runCompat(name: CompatName, argv: readonly string[], host: CompatHost): Promise<number> {
  return name === 'rabbitmqadmin' ? admin(argv, host) : ctl(name, argv, host)
}

// An HTTP request that is given up as soon as its connection stands: whatever listens there, it does.
async function dial(host: string, port: number): Promise<void> {
  const { request } = await import('node:http')
  return new Promise((done, fail) => {
    const dialled = request({ host, port, timeout: DIAL_MS })
    dialled.once('socket', (socket) => socket.once('connect', () => done(void dialled.destroy())))
    dialled.once('timeout', () => dialled.destroy(new Error('no answer')))
    dialled.once('error', fail)
  })
}

/** How long a listener has to accept a connection. */
const DIAL_MS = 5000

async function ctl(name: ToolName, argv: readonly string[], { terminal, dial, random }: CompatHost): Promise<number> {
  const { runTool } = await import('./ctl/tool.ts')
  const { stdout, stderr, cwd, pause, now, env } = terminal
  const apis: Api[] = []
  try {
    return await runTool(argv, {
      name,
      version: VERSION,
      stdout,
      stderr,
      pause,
      now,
      dial,
      random,
      readInput: async () => (await allOf(terminal)).toString('utf8'),
      readFile: (path) => readFile(resolve(cwd, path)),
      writeFile: (path, text) => writeFile(resolve(cwd, path), text),
      connect: async (node, timeoutMs) => {
        const api = new Api(ctlTarget(node, env, cwd), { timeoutMs: timeoutMs ?? 60_000 })
        apis.push(api)
        return api
      },
    })
  } finally {
    for (const api of apis) api.close()
  }
}

async function admin(argv: readonly string[], { terminal }: CompatHost): Promise<number> {
  const { runAdmin } = await import('./admin/tool.ts')
  const { stdout, stderr, cwd, env } = terminal
  let api: Api | undefined
  try {
    return await runAdmin(argv, {
      version: VERSION,
      stdout,
      stderr,
      home: env['HOME'] ?? env['USERPROFILE'],
      readInput: () => allOf(terminal),
      readFile: (path) => readFile(resolve(cwd, path)),
      writeFile: (path, contents) => writeFile(resolve(cwd, path), contents),
      connect: async (given) => {
        api ??= new Api(adminTarget(given, env, cwd), { timeoutMs: given.requestTimeoutSeconds * 1000 })
        return api
      },
    })
  } finally {
    api?.close()
  }
}

/**
 * The broker that rabbitmqctl means. Where nothing else is said, it is the host of the node's name; who asks is whom the
 * broker's own environment makes its first user, since RabbitMQ's tools stand beside the broker and need no password.
 */
export function ctlTarget(node: string | undefined, env: Environment, cwd: string): Target {
  const host = nodeHost(node)
  return settleTarget(
    readGlobals({}),
    {
      ...(host === undefined ? {} : { RABBITMQADMIN_TARGET_HOST: host }),
      ...own('RABBITMQADMIN_USERNAME', fromEnvironment(options.defaultUser, env)?.raw),
      ...own('RABBITMQADMIN_PASSWORD', fromEnvironment(options.defaultPass, env)?.raw),
      ...env,
    },
    cwd,
  )
}

/** The broker that rabbitmqadmin's options name. */
export function adminTarget(given: AdminOptions, env: Environment, cwd: string): Target {
  const base = given.baseUri === undefined ? undefined : new URL(given.baseUri)
  const isSaid = base !== undefined || given.hostname !== undefined || given.port !== undefined || given.ssl
  const scheme = given.ssl || base?.protocol === 'https:' ? 'https' : 'http'
  const hostname = base?.hostname ?? given.hostname ?? 'localhost'
  const port = base?.port || (given.port ?? (scheme === 'https' ? '15671' : '15672'))
  return settleTarget(
    readGlobals({
      ...(isSaid ? { url: `${scheme}://${bracketed(hostname)}:${port}${given.pathPrefix}` } : {}),
      ...own('user', base?.username ? decodeURIComponent(base.username) : given.username),
      ...own('password', base?.password ? decodeURIComponent(base.password) : given.password),
      ...own('caCert', given.sslCaCertFile),
      insecure: given.sslInsecure,
    }),
    env,
    cwd,
  )
}

function own(key: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [key]: value }
}

function bracketed(hostname: string): string {
  return hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname
}

async function allOf({ stdin }: Terminal): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer))
  return Buffer.concat(chunks)
}
