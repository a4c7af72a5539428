// An HTTP API that answers as a spec says, on a port of loopback, for specs of commands that ask one.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that came. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly headers: Readonly<Record<string, unknown>>
}

/** An answer: a status and a body; a body alone is a 200. */
export type Scripted = { readonly status: number; readonly body?: unknown; readonly type?: string }

/** An API, by `METHOD /path?query`; what is not scripted is 404 in RabbitMQ's words. */
export interface ScriptedApi {
  readonly url: string
  readonly received: Received[]
  /** @param answer or what tells it, each time it is asked */
  answer(request: string, answer: Scripted | (() => Scripted)): void
  close(): Promise<void>
}

/** Starts an API. */
export async function scriptedApi(): Promise<ScriptedApi> {
  const answers = new Map<string, Scripted | (() => Scripted)>()
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const { method = '', url = '', headers } = request
    received.push({ method, path: url, body: text === '' ? undefined : JSON.parse(text), headers })
    const known = answers.get(`${method} ${url}`) ?? answers.get(`${method} ${url.replace(/\?.*/, '')}`)
    const { status, body, type } = (typeof known === 'function' ? known() : known) ?? {
      status: 404,
      body: { error: 'Object Not Found', reason: 'Not Found' },
    }
    response.writeHead(status, { 'content-type': type ?? 'application/json' })
    response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (request, answer) => void answers.set(request, answer),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
