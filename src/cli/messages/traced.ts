// What a broker tells of a vhost that is traced (RabbitMQ's firehose), read back: from a copy in amq.rabbitmq.trace to the
// message that it is a copy of. Knows what copies say; no command, and not who follows them.

import type { ConsumeMessage } from '../amqp.ts'
import { path } from '../http.ts'
import type { Task } from '../task.ts'
import type { Followed } from './following.ts'
import { named } from './properties.ts'

const TRACE_EXCHANGE = 'amq.rabbitmq.trace'

/** Copies of what is published through the default exchange, to which nothing can be bound. */
const publishedDirectly: Followed = { exchange: TRACE_EXCHANGE, key: 'publish.' }

/** Whether the vhost is traced. */
export async function isTraced(task: Task): Promise<boolean> {
  const api = await task.api()
  const vhost = (await api.get(path('vhosts', await task.vhost()))) as { readonly tracing?: boolean }
  return vhost.tracing === true
}

/**
 * The bindings that let a follower of a queue with `bindings` see what comes to it directly as well. One that gets copies
 * itself is left as it is: copies are what comes to it.
 */
export function withDirect(bindings: readonly Followed[]): readonly Followed[] {
  return getsCopies(bindings) ? bindings : [...bindings, publishedDirectly]
}

/**
 * What a follower has got, as the queue has got it: the message that a copy tells of, and nothing for a copy of what went
 * elsewhere.
 */
export function asQueued(
  queue: string,
  bindings: readonly Followed[],
): (message: ConsumeMessage) => ConsumeMessage | undefined {
  if (getsCopies(bindings)) return (message) => message
  return (message) => (message.fields.exchange === TRACE_EXCHANGE ? originalOf(message, queue) : message)
}

function getsCopies(bindings: readonly Followed[]): boolean {
  return bindings.some(({ exchange }) => exchange === TRACE_EXCHANGE)
}

function originalOf(copy: ConsumeMessage, queue: string): ConsumeMessage | undefined {
  const {
    exchange_name: exchange,
    routing_keys: keys,
    routed_queues: queues,
    properties,
  } = copy.properties.headers ?? {}
  if (!Array.isArray(queues) || !queues.includes(queue)) return undefined
  const fields = { ...copy.fields, exchange: String(exchange ?? ''), routingKey: String(keys?.[0] ?? '') }
  return { ...copy, fields, properties: { ...nothing(copy), ...named(properties ?? {}) } }
}

/** No property at all: those of a copy are its own. */
function nothing({ properties }: ConsumeMessage): ConsumeMessage['properties'] {
  const absent = Object.fromEntries(Object.keys(properties).map((name) => [name, undefined]))
  return { ...absent, headers: {} } as ConsumeMessage['properties']
}
