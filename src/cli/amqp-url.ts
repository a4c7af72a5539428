// Where a broker takes messages: what was said, or what its HTTP API says about its listeners. Knows no command.

import { CommandError } from './command-error.ts'
import { type Api, LOGIN_REFUSED } from './http.ts'
import type { Target } from './target.ts'

interface Listener {
  readonly protocol?: unknown
  readonly ip_address?: unknown
  readonly port?: unknown
}

/**
 * The AMQP URL of a target, with user, password and vhost. Asks the API where nobody said it, and takes the usual port
 * where that says nothing.
 * @throws CommandError for a wrong password: AMQP would refuse it too, if the usual port is the right one at all
 */
export async function amqpUrlOf(target: Target, api: Pick<Api, 'get'>): Promise<string> {
  if (target.amqpUrl !== undefined) return withParts(new URL(target.amqpUrl), target)
  const { hostname, protocol } = new URL(target.url)
  const secure = protocol === 'https:'
  const listeners = await listenersOf(api)
  const found =
    listeners.find((each) => each.protocol === (secure ? 'amqp/ssl' : 'amqp')) ??
    listeners.find((each) => each.protocol === 'amqp' || each.protocol === 'amqp/ssl')
  const tls = found ? found.protocol === 'amqp/ssl' : secure
  const port = Number(found?.port ?? (tls ? 5671 : 5672))
  return withParts(new URL(`${tls ? 'amqps' : 'amqp'}://${hostname}:${port}`), target)
}

async function listenersOf(api: Pick<Api, 'get'>): Promise<readonly Listener[]> {
  try {
    const { listeners = [] } = (await api.get('/api/overview')) as { readonly listeners?: readonly Listener[] }
    return listeners
  } catch (error) {
    if (error instanceof CommandError && error.word === LOGIN_REFUSED) throw error
    return []
  }
}

function withParts(url: URL, { user, password, vhost }: Target): string {
  // URL's own setters encode too little for AMQP's path, in which a slash belongs to the vhost's name.
  const path = vhost === undefined ? url.pathname.slice(1) : encodeURIComponent(vhost)
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  return `${url.protocol}//${credentials}@${url.host}/${path === '' ? '%2F' : path}${url.search}`
}
