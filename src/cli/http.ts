// The HTTP client of the command line: RabbitMQ's /api over node:http, which costs less to load than fetch. Connections
// are kept; what goes wrong becomes one line that says what was expected. Knows no command.

import type { IncomingMessage, RequestOptions } from 'node:http'
import { CommandError } from './command-error.ts'
import { exitCode } from './exit-codes.ts'
import type { Target } from './target.ts'

/** What an answer of the API may be asked to carry. */
export interface Asked {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Sent in a dry run too, since it only asks what would be. */
  readonly harmless?: boolean
}

/** An answer, whatever its status. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Parsed where it is JSON, text else; undefined when there is none. */
  readonly body: unknown
}

/** How a client behaves. */
export interface ApiOptions {
  readonly timeoutMs: number
  /** Whether what would change something is only told. */
  readonly dryRun?: boolean
  /** Told each request that is made, or would be. */
  readonly log?: (line: string) => void
  /** Told what a dry run left undone. */
  readonly undone?: (line: string) => void
}

/** The word of the failure that a wrong name or password is. */
export const LOGIN_REFUSED = 'login_refused'

/** A JSON object, as the API answers. */
export type Row = Readonly<Record<string, unknown>>

/** `/api/...` of these names, each with its special characters encoded. */
export function path(...names: readonly string[]): string {
  return `/api/${names.map(encodeURIComponent).join('/')}`
}

type Requester = (url: URL, options: RequestOptions, answered: (message: IncomingMessage) => void) => Sending

interface Sending {
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'timeout', listener: () => void): unknown
  destroy(error?: Error): unknown
  end(body?: string): unknown
}

/** A client of one broker's HTTP API. */
export class Api {
  readonly target: Target
  readonly #options: ApiOptions
  #agent: object | undefined
  #request: Requester | undefined

  constructor(target: Target, options: ApiOptions) {
    this.target = target
    this.#options = options
  }

  /** The body of what is there. Throws `CommandError` where nothing is. */
  async get(path: string, query?: Asked['query']): Promise<unknown> {
    return this.#body('GET', path, query ? { query } : {})
  }

  /** A list, as plain objects. */
  async list(path: string, query?: Asked['query']): Promise<readonly Row[]> {
    const body = await this.get(path, query)
    if (!Array.isArray(body)) throw this.#notTheApi(`${path} answered no list`)
    return body as readonly Row[]
  }

  /** One object; undefined when the API has none there (404). */
  async find(path: string, query?: Asked['query']): Promise<Row | undefined> {
    const answer = await this.ask('GET', path, query ? { query } : {})
    if (answer.status === 404) return undefined
    return this.#checked(answer, 'GET', path) as Row
  }

  /** Creates or changes. */
  async put(path: string, body: unknown = {}, query?: Asked['query']): Promise<unknown> {
    return this.#body('PUT', path, query ? { body, query } : { body })
  }

  /** Sends something to be done. */
  async post(path: string, body: unknown = {}, query?: Asked['query']): Promise<unknown> {
    return this.#body('POST', path, query ? { body, query } : { body })
  }

  /** Removes. */
  async delete(path: string, asked: Asked = {}): Promise<unknown> {
    return this.#body('DELETE', path, asked)
  }

  /** Any request, with any answer: a refusal is not an error here, no answer is. */
  async ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    if (this.#options.dryRun && method !== 'GET' && !asked.harmless) {
      this.#options.undone?.(`would ${method} ${path}${asked.body === undefined ? '' : ` ${shown(asked.body)}`}`)
      return { status: 204, headers: {}, body: undefined }
    }
    const message = await this.#send(method, path, asked)
    return { status: message.statusCode ?? 0, headers: message.headers, body: await bodyOf(message) }
  }

  /** The pieces of an answer that goes on, as text, until it or `signal` ends. */
  async *stream(path: string, signal: AbortSignal): AsyncGenerator<string> {
    const message = await this.#send('GET', path, {}, signal)
    if (message.statusCode !== 200) {
      this.#checked({ status: message.statusCode ?? 0, headers: {}, body: await bodyOf(message) }, 'GET', path)
    }
    try {
      for await (const chunk of message.setEncoding('utf8')) yield chunk as string
    } catch (error) {
      if (!signal.aborted) throw this.#unreachable(error as NodeJS.ErrnoException)
    }
  }

  /** Lets go of the connections that are kept. */
  close(): void {
    const agent = this.#agent as { destroy?: () => void } | undefined
    agent?.destroy?.()
  }

  async #body(method: string, path: string, asked: Asked): Promise<unknown> {
    return this.#checked(await this.ask(method, path, asked), method, path)
  }

  async #send(method: string, path: string, asked: Asked, signal?: AbortSignal): Promise<IncomingMessage> {
    const { user, password, url: base, ca, insecure } = this.target
    const url = new URL(`${base}${path}`)
    for (const [key, value] of Object.entries(asked.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, String(value))
    }
    const body = asked.body === undefined ? undefined : JSON.stringify(asked.body)
    const request = await this.#requester(url.protocol)
    const options: RequestOptions & { ca?: string; rejectUnauthorized?: boolean } = {
      method,
      headers: {
        accept: 'application/json, */*;q=0.1',
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...asked.headers,
      },
      agent: this.#agent as never,
      timeout: this.#options.timeoutMs,
      ...(signal ? { signal } : {}),
      ...(ca === undefined ? {} : { ca }),
      ...(insecure ? { rejectUnauthorized: false } : {}),
    }
    const startedAt = performance.now()
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      const sending = request(url, options, resolve)
      sending.on('timeout', () => {
        if (!signal) sending.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))
      })
      sending.on('error', (error) => reject(this.#unreachable(error as NodeJS.ErrnoException)))
      sending.end(body)
    })
    const tookMs = Math.round(performance.now() - startedAt)
    this.#options.log?.(`${method} ${url.pathname}${url.search} ${message.statusCode} (${tookMs} ms)`)
    return message
  }

  async #requester(protocol: string): Promise<Requester> {
    if (this.#request) return this.#request
    const { request, Agent } = protocol === 'https:' ? await import('node:https') : await import('node:http')
    this.#agent = new Agent({ keepAlive: true })
    this.#request = request as Requester
    return this.#request
  }

  #checked({ status, body }: Answer, method: string, path: string): unknown {
    if (status >= 200 && status < 300) {
      if (typeof body === 'string' && method === 'GET') throw this.#notTheApi(`GET ${path} answered no JSON`)
      return body
    }
    const { error, reason } = refusal(body)
    const said = reason ?? error ?? ''
    const { user, url } = this.target
    switch (status) {
      case 401:
        if (/not_authori[sz]ed/.test(error ?? '') && !/login failed/i.test(said)) {
          throw new CommandError(`user "${user}" may not do this (${method} ${path}): ${said}`, exitCode.noPermission)
        }
        throw new CommandError(
          `user "${user}" is not let in at ${url}: wrong name or password (--user and LEVERET_PASSWORD give others)`,
          exitCode.noPermission,
          LOGIN_REFUSED,
        )
      case 403:
        throw new CommandError(`user "${user}" may not do this (${method} ${path}): ${said}`, exitCode.noPermission)
      case 404:
        if (error === undefined) throw this.#notTheApi(`${method} ${path} is not found there`)
        throw new CommandError(
          `there is no ${decodeURIComponent(path.slice('/api/'.length))}`,
          exitCode.data,
          'not_found',
        )
      case 503:
        throw new CommandError(`the broker at ${url} cannot do that now: ${said}`, exitCode.unavailable)
      default:
        if (error === undefined) throw this.#notTheApi(`${method} ${path} answered ${status}`)
        throw new CommandError(said, status < 500 ? exitCode.data : exitCode.software, error)
    }
  }

  #notTheApi(what: string): CommandError {
    return new CommandError(
      `${this.target.url} is not the HTTP API of a broker: ${what} (the URL comes from ${this.target.source})`,
      exitCode.unavailable,
    )
  }

  #unreachable({ code, message }: NodeJS.ErrnoException): CommandError {
    const { url, source } = this.target
    const other = source === 'the default' ? '--url or LEVERET_URL names another' : `the URL comes from ${source}`
    switch (code) {
      case 'ECONNREFUSED':
        return new CommandError(`nothing listens at ${url}: is the broker running? (${other})`, exitCode.unavailable)
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        return new CommandError(`${new URL(url).hostname} is not a known host name (${other})`, exitCode.unavailable)
      case 'ETIMEDOUT':
        return new CommandError(
          `${url} did not answer within ${this.#options.timeoutMs / 1000} s (--timeout waits longer)`,
          exitCode.temporary,
        )
      case 'ECONNRESET':
      case 'EPIPE':
        return new CommandError(`${url} closed the connection: ${message} (${other})`, exitCode.unavailable)
      case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      case 'SELF_SIGNED_CERT_IN_CHAIN':
      case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      case 'CERT_HAS_EXPIRED':
      case 'ERR_TLS_CERT_ALTNAME_INVALID':
        return new CommandError(
          `the certificate of ${url} is not trusted: ${message} (--ca-cert names who signed it, --insecure trusts anybody)`,
          exitCode.unavailable,
        )
      default:
        return new CommandError(`${url} cannot be asked: ${message} (${other})`, exitCode.unavailable)
    }
  }
}

/** The words of a refusal, where the body is one. */
export function refusal(body: unknown): { readonly error?: string; readonly reason?: string } {
  if (typeof body !== 'object' || body === null) return {}
  const { error, reason } = body as Readonly<Record<string, unknown>>
  return {
    ...(error === undefined ? {} : { error: String(error) }),
    ...(reason === undefined ? {} : { reason: typeof reason === 'string' ? reason : JSON.stringify(reason) }),
  }
}

async function bodyOf(message: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  if (text === '') return undefined
  if (!/json/.test(message.headers['content-type'] ?? '')) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** A request's body as a dry run shows it: secrets stay hidden. */
function shown(body: unknown): string {
  return JSON.stringify(body, (key, value: unknown) => (/^password/.test(key) && value !== '' ? '(hidden)' : value))
}
