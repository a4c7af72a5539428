// Where the broker is and who asks: flags before variables, those before a context, that before rabbitmqadmin's variables,
// those before RabbitMQ's usual guest at localhost. Knows no command and opens nothing.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Environment } from '../config/options.ts'
import { CommandError } from './command-error.ts'
import type { Context } from './contexts.ts'
import { exitCode } from './exit-codes.ts'
import type { Globals } from './globals.ts'

/** A broker, as a client of it is configured. */
export interface Target {
  /** Of the HTTP API, without credentials and without `/api`; it ends without a slash. */
  readonly url: string
  /** Where it was said, for complaints. */
  readonly source: string
  /** Of AMQP, with credentials and vhost; undefined when it has to be asked for. */
  readonly amqpUrl?: string | undefined
  readonly user: string
  readonly password: string
  /** Undefined when none was named: commands then mean `/`, lists mean all. */
  readonly vhost?: string | undefined
  readonly ca?: string | undefined
  readonly insecure: boolean
}

/** What was said of a broker, from one place. */
interface Said {
  readonly source: string
  readonly url?: string | undefined
  readonly amqpUrl?: string | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly vhost?: string | undefined
  readonly caCert?: string | undefined
  readonly insecure?: boolean
}

const defaults: Said = { source: 'the default', url: 'http://localhost:15672', user: 'guest', password: 'guest' }

/**
 * Settles which broker is meant.
 * @param context the context in use, and whether a flag named it: then it goes before the environment
 * @throws CommandError for a URL that is none, or a file that cannot be read
 */
export function settleTarget(
  globals: Globals,
  env: Environment,
  cwd: string,
  context?: { readonly name: string; readonly entry: Context; readonly named: boolean },
): Target {
  const fromContext = context ? [ofContext(context.name, context.entry)] : []
  const sources = [
    ofFlags(globals),
    ...(context?.named ? fromContext : []),
    ofVariables(env),
    ...(context?.named ? [] : fromContext),
    ofRabbitmqadmin(env),
    ofServer(env),
    defaults,
  ].map(withUrlParts)
  // A password belongs to the user that it was said with: one from a context must not go out with another user's name.
  const users = sources.findIndex(({ user }) => user !== undefined)
  const passwords = sources.slice(0, users + 1).find(({ password }) => password !== undefined)
  const { url = '', source } = sources.find(({ url }) => url !== undefined) ?? defaults
  const caCert = first(sources, 'caCert')
  return {
    url,
    source,
    amqpUrl: first(sources, 'amqpUrl'),
    user: sources[users]?.user ?? '',
    password: passwords?.password ?? '',
    vhost: first(sources, 'vhost'),
    ca: caCert === undefined ? undefined : readCa(resolve(cwd, caCert)),
    insecure: sources.some(({ insecure }) => insecure === true),
  }
}

function first<K extends keyof Said>(sources: readonly Said[], key: K): Said[K] | undefined {
  return sources.find((said) => said[key] !== undefined)?.[key]
}

function ofFlags({ url, amqpUrl, user, password, vhost, caCert, insecure }: Globals): Said {
  return { source: '--url', url, amqpUrl, user, password, vhost, caCert, insecure }
}

function ofContext(name: string, entry: Context): Said {
  return {
    source: `context "${name}"`,
    url: entry.url,
    amqpUrl: entry.amqp_url,
    user: entry.user,
    password: entry.password,
    vhost: entry.vhost,
    caCert: entry.ca_cert,
    insecure: entry.insecure === 'true',
  }
}

function ofVariables(env: Environment): Said {
  return {
    source: 'LEVERET_URL',
    url: env['LEVERET_URL'] || undefined,
    amqpUrl: env['LEVERET_AMQP_URL'] || undefined,
    user: env['LEVERET_USER'] || undefined,
    password: env['LEVERET_PASSWORD'] || undefined,
    vhost: env['LEVERET_VHOST'] || undefined,
    caCert: env['LEVERET_CA_CERT'] || undefined,
  }
}

function ofRabbitmqadmin(env: Environment): Said {
  const host = env['RABBITMQADMIN_TARGET_HOST']
  const port = env['RABBITMQADMIN_TARGET_PORT']
  const address = host || port ? `http://${host || 'localhost'}:${port || '15672'}` : undefined
  return {
    source: env['RABBITMQADMIN_BASE_URI'] ? 'RABBITMQADMIN_BASE_URI' : 'RABBITMQADMIN_TARGET_HOST',
    url: env['RABBITMQADMIN_BASE_URI']?.replace(/\/api\/?$/, '') || address,
    user: env['RABBITMQADMIN_USERNAME'] || undefined,
    password: env['RABBITMQADMIN_PASSWORD'] || undefined,
    vhost: env['RABBITMQADMIN_TARGET_VHOST'] || undefined,
  }
}

/** In a container, the variables that the broker was started with are those of its health check too. */
function ofServer(env: Environment): Said {
  const port = env['LEVERET_HTTP_PORT']
  return {
    source: 'LEVERET_HTTP_PORT',
    url: port !== undefined && /^[1-9]\d*$/.test(port) ? `http://localhost:${port}` : undefined,
    user: env['LEVERET_DEFAULT_USER'] || env['RABBITMQ_DEFAULT_USER'] || undefined,
    password: env['LEVERET_DEFAULT_PASS'] || env['RABBITMQ_DEFAULT_PASS'] || undefined,
  }
}

/** Takes user, password and (of AMQP's) vhost out of the URLs; what was said beside them goes before. */
function withUrlParts(said: Said): Said {
  const http = said.url === undefined ? undefined : parsed(said.url, said.source)
  const amqp = said.amqpUrl === undefined ? undefined : parsed(said.amqpUrl, said.source)
  const from = http ?? amqp
  if (!from) return said
  const isAmqp = from.protocol.startsWith('amqp')
  const path = from.pathname.replace(/^\//, '')
  const vhost = isAmqp && path !== '' ? decodeURIComponent(path) : undefined
  const { user = decoded(from.username), password = decoded(from.password) } = said
  return {
    ...said,
    user,
    password,
    vhost: said.vhost ?? vhost,
    url: http && addressOf(http),
    amqpUrl: said.amqpUrl ?? (http && isAmqp ? said.url : undefined),
  }
}

function parsed(text: string, source: string): URL {
  const whole = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`
  try {
    const url = new URL(whole)
    if (/^(https?|amqps?):$/.test(url.protocol) && url.hostname !== '') return url
  } catch {
    // Told below, together with what is no address of a broker.
  }
  const masked = text.replace(/\/\/[^@/]*@/, '//...@')
  throw new CommandError(
    `${source}: got "${masked}", expected a URL such as http://localhost:15672 or amqp://localhost:5672`,
    source.startsWith('--') ? exitCode.usage : exitCode.config,
  )
}

/** Where the API is: the URL itself, or beside the AMQP port, at the port that RabbitMQ gives it. */
function addressOf(url: URL): string {
  if (url.protocol === 'amqp:') return `http://${url.hostname}:15672`
  if (url.protocol === 'amqps:') return `https://${url.hostname}:15671`
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/(api\/?)?$/, '')}`
}

function decoded(text: string): string | undefined {
  return text === '' ? undefined : decodeURIComponent(text)
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CommandError(`--ca-cert: ${path} cannot be read: ${(error as Error).message}`, exitCode.noInput)
  }
}
