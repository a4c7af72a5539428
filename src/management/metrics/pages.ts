// What the metrics port answers: its pages, the probes of orchestrators, and what to say of everything else. Knows HTTP as
// far as a request and an answer go; the port is http.ts'.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { PatternError } from '../../broker/access/pattern.ts'
import { HttpError } from '../errors.ts'
import { alarmsOn, notReady } from '../health.ts'
import type { Application } from '../http.ts'
import type { MetricsContext } from './look.ts'
import { CONTENT_TYPE, detailedPage, groupNames, memoryPage, metricsPage, perObjectPage } from './scrape.ts'

const JSON_TYPE = 'application/json'
const TEXT_TYPE = 'text/plain; charset=utf-8'

/** An answer. */
export interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** Answers the requests of the metrics port. */
export class MetricsPages implements Application {
  readonly #context: MetricsContext

  constructor(context: MetricsContext) {
    this.#context = context
  }

  routing(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request, response).catch((error: unknown) => {
      this.#context.logger.error({ err: error, url: request.url }, 'metrics could not be collected: this is a bug')
      response.writeHead(500).end()
    })
  }

  async close(): Promise<void> {}

  async #answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body } = await this.page(method ?? '', url ?? '/')
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
    response.end(method === 'HEAD' ? '' : body)
  }

  /** What is answered to a request. */
  async page(method: string, url: string): Promise<Page> {
    if (method !== 'GET' && method !== 'HEAD') return refused(405, `${method} is not for this: GET is`)
    const { pathname, searchParams } = new URL(url, 'http://metrics')
    switch (pathname.replace(/(.)\/$/, '$1')) {
      case '/metrics':
        return metrics(await metricsPage(this.#context))
      case '/metrics/per-object':
        return metrics(await perObjectPage(this.#context))
      case '/metrics/detailed':
        return this.#detailed(searchParams)
      case '/metrics/memory-breakdown':
        return metrics(await memoryPage(this.#context))
      case '/livez':
        return health(null)
      case '/readyz':
        return health(notReady(this.#context))
      case '/healthz':
        return health(notReady(this.#context) ?? alarmsOn(this.#context))
      default:
        return refused(404, `${pathname} is not here: /metrics, /healthz, /readyz and /livez are`)
    }
  }

  async #detailed(query: URLSearchParams): Promise<Page> {
    const unknown = query.getAll('family').find((name) => !groupNames.includes(name))
    if (unknown !== undefined) return refused(400, `family: expected one of ${groupNames.join(', ')}; got '${unknown}'`)
    try {
      return metrics(await detailedPage(this.#context, query))
    } catch (error) {
      if (error instanceof PatternError || error instanceof HttpError) return refused(400, `queue: ${error.message}`)
      throw error
    }
  }
}

function metrics(body: string): Page {
  return { status: 200, type: CONTENT_TYPE, body }
}

function health(ailment: { readonly reason: string } | null): Page {
  const body = ailment === null ? { status: 'ok' } : { status: 'failed', ...ailment }
  return { status: ailment === null ? 200 : 503, type: JSON_TYPE, body: JSON.stringify(body) }
}

function refused(status: number, body: string): Page {
  return { status, type: TEXT_TYPE, body: `${body}\n` }
}
