// The two brokers that can be told what to change, with one vocabulary: that of our own public API. Ours is a program that
// embeds it (administered.js); RabbitMQ is asked over its HTTP API.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A method of the administration and its arguments. */
export type Change = readonly [method: string, ...args: readonly unknown[]]

/** Makes a change; resolves with the reason when it is refused. */
export type Administer = (change: Change) => Promise<string | undefined>

/** A broker that takes changes. */
export type Administered = {
  readonly host: string
  readonly port: number
  readonly administer: Administer
  /** SIGTERM, or whatever is named; settles when the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** What to start: memory only, or on a data folder (a temporary one, removed at the end, when none is named). */
export type AdministeredOptions = {
  readonly ephemeral?: boolean
  readonly dataDir?: string
  /** Further settings, in the words of the public API's Config. */
  readonly settings?: { readonly [name: string]: unknown }
}

/** Room on the disk that no disk has: a broker that asks for it is short of it from the start. */
export const impossibleDiskBytes = 2 ** 50

const program = join(__dirname, 'administered.js')
const indexPath = join(__dirname, '..', '..', 'dist', 'index.js')
const startLimitMs = 20_000

/** Starts our broker inside a program that takes changes. */
export async function startAdministered(options: AdministeredOptions = {}): Promise<Administered> {
  const made = options.ephemeral || options.dataDir ? undefined : await mkdtemp(join(tmpdir(), 'leveret-administered-'))
  const store = options.ephemeral ? { ephemeral: true } : { dataDir: options.dataDir ?? made }
  const settings = JSON.stringify({ host: '127.0.0.1', port: 0, ...store, ...options.settings })
  const child = spawn(process.execPath, [program, indexPath, settings], { stdio: ['pipe', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-20_000)
  })
  const ended = once(child, 'close')
  const waiting = new Map<number, (answer: { error?: string }) => void>()
  const url = await new Promise<URL>((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), startLimitMs)
    void ended.then(() => reject(new Error(`the administered broker ended:\n${complaints}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { url?: string; id?: number; error?: string }
      if (said.id !== undefined) return waiting.get(said.id)?.(said)
      clearTimeout(timer)
      resolve(new URL(said.url ?? ''))
    })
  })
  let last = 0
  const administer: Administer = async (change) => {
    const id = ++last
    const answer = new Promise<{ error?: string }>((resolve) => waiting.set(id, resolve))
    child.stdin.write(`${JSON.stringify({ id, change })}\n`)
    const { error } = await Promise.race([answer, ended.then(() => ({ error: 'the broker has ended' }))])
    waiting.delete(id)
    return error
  }
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal)
    await ended
    if (made !== undefined) await rm(made, { recursive: true, force: true })
  }
  return { host: '127.0.0.1', port: Number(url.port), administer, stop }
}

type Request = readonly [method: 'PUT' | 'DELETE', path: readonly string[], body?: unknown]
type Fields = { readonly [name: string]: unknown }

const limits = (kind: string, name: string, values: Fields): readonly Request[] =>
  Object.entries(values).map(([limit, value]) => ['PUT', [kind, name, limit], { value }])

function policy(kind: string, vhost: string, name: string, { applyTo, ...rest }: Fields): readonly Request[] {
  return [['PUT', [kind, vhost, name], { ...rest, ...(applyTo === undefined ? {} : { 'apply-to': applyTo }) }]]
}

/** The requests to RabbitMQ's HTTP API that make a change. */
function requests([method, ...args]: Change): readonly Request[] {
  const [first = '', second = '', third = ''] = args as readonly string[]
  const fields = args.at(-1) as Fields
  switch (method) {
    case 'putUser':
      return [['PUT', ['users', first], { ...fields, tags: ((fields['tags'] ?? []) as string[]).join(',') }]]
    case 'deleteUser':
      return [['DELETE', ['users', first]]]
    case 'setUserLimits':
      return limits('user-limits', first, fields)
    case 'setPermission':
      return [['PUT', ['permissions', second, first], fields]]
    case 'clearPermission':
      return [['DELETE', ['permissions', second, first]]]
    case 'setTopicPermission':
      return [['PUT', ['topic-permissions', second, first], { ...fields, exchange: third }]]
    case 'clearTopicPermission':
      return [['DELETE', ['topic-permissions', second, first]]]
    case 'putVhost':
      return [['PUT', ['vhosts', first], {}]]
    case 'deleteVhost':
      return [['DELETE', ['vhosts', first]]]
    case 'setVhostLimits':
      return limits('vhost-limits', first, fields)
    case 'putPolicy':
      return policy('policies', first, second, fields)
    case 'putOperatorPolicy':
      return policy('operator-policies', first, second, fields)
    case 'deletePolicy':
      return [['DELETE', ['policies', first, second]]]
    case 'deleteOperatorPolicy':
      return [['DELETE', ['operator-policies', first, second]]]
    default:
      throw new Error(`RabbitMQ's HTTP API has no ${method}`)
  }
}

/** Makes changes over RabbitMQ's HTTP API. */
export function overHttp(host: string, port: number): Administer {
  const headers = { authorization: `Basic ${btoa('guest:guest')}`, 'content-type': 'application/json' }
  return async (change) => {
    for (const [method, path, body] of requests(change)) {
      const url = `http://${host}:${port}/api/${path.map(encodeURIComponent).join('/')}`
      const response = await fetch(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (!response.ok) return reasonOf(text)
    }
    return undefined
  }
}

/** RabbitMQ's reason without what its HTTP API puts around it; 3.10 escapes it as if it were HTML. */
function reasonOf(text: string): string {
  try {
    const { reason } = JSON.parse(text) as { reason?: unknown }
    return String(reason)
      .replace(/^Validation failed\n\n/, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .trimEnd()
  } catch {
    return text
  }
}
