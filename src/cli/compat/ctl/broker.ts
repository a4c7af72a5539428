// The broker as the compatible commands see it: its HTTP API, with refusals told in rabbitmqctl's words. What the API does
// not say otherwise is told as it is. Knows no command.

import { exitCode } from '../../exit-codes.ts'
import { type Answer, type Asked, path, type Row, refusal } from '../../http.ts'
import { CtlError } from './ctl-error.ts'

/** Who answers requests; the command line's HTTP client is one. */
export interface Asking {
  ask(method: string, path: string, asked?: Asked): Promise<Answer>
}

/** What a status is told as; whatever is not here is told in the API's own words. */
export type Refusals = Readonly<Record<number, CtlError>>

/** A broker to ask. */
export class Broker {
  readonly #api: Asking
  readonly #assumed: string
  #overview: Promise<Row> | undefined

  /** @param assumedNode the node's name until the API has told it */
  constructor(api: Asking, assumedNode: string) {
    this.#api = api
    this.#assumed = assumedNode
  }

  /** A list; an object where the API answers one. */
  async list(names: readonly string[], refusals: Refusals = {}): Promise<readonly Row[]> {
    const body = await this.request('GET', names, undefined, refusals)
    return Array.isArray(body) ? (body as readonly Row[]) : []
  }

  /** One object. */
  async get(names: readonly string[], refusals: Refusals = {}): Promise<Row> {
    return (await this.request('GET', names, undefined, refusals)) as Row
  }

  /** One object; undefined when there is none. */
  async find(names: readonly string[]): Promise<Row | undefined> {
    const answer = await this.#api.ask('GET', path(...names))
    return answer.status === 404 ? undefined : (this.#checked(answer, {}) as Row)
  }

  /** Any request; its body when it was done. */
  async request(
    method: string,
    names: readonly string[],
    body?: unknown,
    refusals: Refusals = {},
    query?: Asked['query'],
  ): Promise<unknown> {
    const asked = { ...(body === undefined ? {} : { body }), ...(query === undefined ? {} : { query }) }
    return this.#checked(await this.#api.ask(method, path(...names), asked), refusals)
  }

  /** Any request, with any answer. */
  ask(method: string, names: readonly string[], asked?: Asked): Promise<Answer> {
    return this.#api.ask(method, path(...names), asked)
  }

  /** What the API says of the broker as a whole. */
  overview(): Promise<Row> {
    this.#overview ??= this.get(['overview'])
    return this.#overview
  }

  /** The node's name; a broker that does not answer has the one that was given. */
  async node(): Promise<string> {
    try {
      return String((await this.overview())['node'] ?? this.#assumed)
    } catch {
      return this.#assumed
    }
  }

  #checked({ status, body }: Answer, refusals: Refusals): unknown {
    if (status >= 200 && status < 300) return body
    const { error, reason } = refusal(body)
    const told = refusals[status]
    if (told) throw told
    if (status === 401 || status === 403) {
      throw new CtlError(
        `the HTTP API refuses: ${reason ?? error ?? status}. LEVERET_USER and LEVERET_PASSWORD say who asks`,
        exitCode.unavailable,
      )
    }
    if (status === 404) throw new CtlError(reason === undefined || reason === 'Not Found' ? 'not_found' : reason)
    throw new CtlError(reason ?? error ?? `the HTTP API answered ${status}`)
  }
}
