// The HTTP API over a broker in memory, asked without sockets. Every answer of 500 is a defect, and fails the spec.

import { createApp } from '../../src/management/app.ts'
import type { ManagementContext } from '../../src/management/context.ts'
import type { App } from '../../src/management/route.ts'
import { seededRandom } from './site.ts'
import { World } from './world.ts'

/** What is asked. */
export interface Asked {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD' | 'OPTIONS' | 'PATCH'
  /** User and password, a colon between them; null: nobody. guest:guest where it is not said. */
  readonly as?: string | null
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly from?: string
}

/** What was answered; `body` is what the JSON says, or the text where it is none. */
export interface Answered {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is for the spec to find out
  readonly body: any
  readonly headers: Readonly<Record<string, unknown>>
}

/** A broker that is asked over HTTP. */
export class Api {
  readonly world: World
  readonly app: App
  readonly context: ManagementContext

  private constructor(world: World, app: App, context: ManagementContext) {
    this.world = world
    this.app = app
    this.context = context
  }

  /** A broker with one user (guest, administrator) and one vhost (/). */
  static async create(world?: World): Promise<Api> {
    const made = world ?? (await World.create())
    const context: ManagementContext = {
      broker: made.broker,
      clock: made.clock,
      logger: made.log,
      node: { name: 'leveret@here', version: '0.0.0', startedAt: 0 },
      limits: { maxMessageBytes: 16 * 2 ** 20 },
      random: seededRandom(),
      listeners: () => [{ protocol: 'amqp', address: '127.0.0.1', port: 5672 }],
    }
    return new Api(made, await createApp(context), context)
  }

  get broker() {
    return this.world.broker
  }

  /** Asks, and answers with what came. */
  async ask(
    url: string,
    { method = 'GET', as = 'guest:guest', body, headers = {}, from }: Asked = {},
  ): Promise<Answered> {
    const login = as === null ? {} : { authorization: `Basic ${Buffer.from(as).toString('base64')}` }
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const response = await this.inTime(
      this.app.inject({
        method,
        url,
        headers: { ...login, ...headers },
        ...(payload === undefined ? {} : { payload }),
        ...(from === undefined ? {} : { remoteAddress: from }),
      }),
    )
    // 503 is what a health check answers that fails.
    if (response.statusCode >= 500 && response.statusCode !== 503)
      throw new Error(`${method} ${url}: ${response.statusCode} ${this.#lastFault()}`)
    const isJson = String(response.headers['content-type'] ?? '').includes('json') && response.body !== ''
    return {
      status: response.statusCode,
      body: isJson ? JSON.parse(response.body) : response.body,
      headers: response.headers,
    }
  }

  /** What `waiting` comes to, while turns of the loop go by; time stands still. */
  async inTime<T>(waiting: PromiseLike<T>): Promise<T> {
    let over = false
    const done = Promise.resolve(waiting).finally(() => {
      over = true
    })
    // Who fails is told by who waits.
    done.catch(() => {})
    while (!over) await this.world.clock.pass()
    return done
  }

  /** The status that a change is answered with. */
  async change(method: 'PUT' | 'POST' | 'DELETE', url: string, body?: unknown, as?: string): Promise<number> {
    const asked = { method, ...(body === undefined ? {} : { body }), ...(as === undefined ? {} : { as }) }
    return (await this.ask(url, asked)).status
  }

  /** A user with these tags, whose password is `secret`, and permissions to all in these vhosts. */
  async addUser(name: string, tags: readonly string[], vhosts: readonly string[] = []): Promise<string> {
    await this.broker.administration.putUser(name, { password: 'secret', tags })
    for (const vhost of vhosts) {
      await this.broker.administration.setPermission(name, vhost, { configure: '.*', write: '.*', read: '.*' })
    }
    return `${name}:secret`
  }

  async close(): Promise<void> {
    await this.app.close()
  }

  #lastFault(): string {
    const { fields } = this.world.log.lines.findLast(({ level }) => level === 'error') ?? { fields: {} }
    const { err } = fields as { readonly err?: Error }
    return err?.stack ?? ''
  }
}
