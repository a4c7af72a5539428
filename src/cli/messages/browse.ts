// Looking at messages over Leveret's own API, which leaves them untouched. Other brokers have nothing like it, which shows
// in a 404 that is not about the queue.

import type { Message } from '../amqp.ts'
import { path, type Row } from '../http.ts'
import type { Task } from '../task.ts'
import { publishOptions } from './properties.ts'

/** As many as one answer may hold. */
const PAGE = 1000

/** Which messages to look at. */
export interface Look {
  /** How many to pass over. */
  readonly offset?: number
  readonly count: number
  /** Counts and shows only these. */
  readonly wanted?: ((message: Message) => boolean) | undefined
}

/** Messages of a queue; undefined where the broker cannot show them so, or says nothing. */
export async function browsed(
  task: Task,
  queue: string,
  { offset = 0, count, wanted }: Look,
): Promise<readonly Message[] | undefined> {
  if (!(await isSameBroker(task))) return undefined
  const api = await task.api()
  const from = `${path('leveret', 'queues', await task.vhost(), queue)}/messages`
  const messages: Message[] = []
  let after: unknown
  let seen = 0
  while (messages.length < count) {
    const query = { count: wanted ? PAGE : Math.min(PAGE, offset + count - seen), encoding: 'base64' }
    const answer = await api
      .ask('GET', from, { query: typeof after === 'number' ? { ...query, after } : query })
      .catch(() => undefined)
    if (answer?.status !== 200) return undefined
    const { items = [], next = null } = answer.body as { readonly items?: readonly Row[]; readonly next?: unknown }
    for (const item of items) {
      if (++seen <= offset) continue
      const message = messageOf(item)
      if (wanted?.(message) !== false) messages.push(message)
    }
    if (next === null || items.length === 0) break
    after = next
  }
  return messages.slice(0, count)
}

/** Whether the HTTP API is the one of the broker that AMQP goes to: not where only the latter was named. */
export async function isSameBroker(task: Pick<Task, 'target'>): Promise<boolean> {
  const { amqpUrl, source } = await task.target()
  return amqpUrl === undefined || source !== 'the default'
}

function messageOf(item: Row): Message {
  const { exchange, routing_key: routingKey, redelivered, properties, payload } = item
  return {
    content: Buffer.from(String(payload), 'base64'),
    fields: { exchange, routingKey, redelivered, deliveryTag: 0 },
    properties: publishOptions((properties ?? {}) as Row),
  } as unknown as Message
}
