// Looking at messages over Leveret's own API, which leaves them untouched. Other brokers have nothing like it, which shows
// in a 404 that is not about the queue.

import type { Message } from '../amqp.ts'
import { path, type Row } from '../http.ts'
import type { Task } from '../task.ts'
import { publishOptions } from './properties.ts'

/** As many as one answer may hold. */
const PAGE = 1000

/**
 * Messages of a queue; undefined where the broker cannot show them so, or says nothing.
 * @param offset how many to pass over
 */
export async function browsed(
  task: Task,
  queue: string,
  offset: number,
  count: number,
): Promise<readonly Message[] | undefined> {
  const api = await task.api()
  const from = `${path('leveret', 'queues', await task.vhost(), queue)}/messages`
  const messages: Message[] = []
  let after: unknown
  while (messages.length < offset + count) {
    const query = { count: Math.min(PAGE, offset + count - messages.length), encoding: 'base64' }
    const answer = await api
      .ask('GET', from, { query: typeof after === 'number' ? { ...query, after } : query })
      .catch(() => undefined)
    if (answer?.status !== 200) return undefined
    const { items = [], next = null } = answer.body as { readonly items?: readonly Row[]; readonly next?: unknown }
    messages.push(...items.map(messageOf))
    if (next === null || items.length === 0) break
    after = next
  }
  return messages.slice(offset)
}

function messageOf(item: Row): Message {
  const { exchange, routing_key: routingKey, redelivered, properties, payload } = item
  return {
    content: Buffer.from(String(payload), 'base64'),
    fields: { exchange, routingKey, redelivered, deliveryTag: 0 },
    properties: publishOptions((properties ?? {}) as Row),
  } as unknown as Message
}
