// Following what goes through exchanges and queues without taking it from anybody: an exclusive queue of our own, bound
// as is wanted, short, and gone with the connection. Knows no command.

import type { Amqp, Channel } from '../amqp.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { path } from '../http.ts'
import type { Row } from '../output/print.ts'
import type { Task } from '../task.ts'
import { Deliveries } from './deliveries.ts'
import { placeOf } from './session.ts'

/** A binding of the queue that follows. */
export interface Followed {
  readonly exchange: string
  readonly key: string
  readonly arguments?: Readonly<Record<string, unknown>>
}

/** What is followed holds no more than this, so that a terminal that is slow costs the broker little. */
const MOST_HELD = 10_000

/** Begins to follow. */
export async function follow(amqp: Amqp, bindings: readonly Followed[], signal: AbortSignal): Promise<Deliveries> {
  const channel = await amqp.channel()
  const { queue } = await amqp.while(
    channel.assertQueue('', { exclusive: true, autoDelete: true, arguments: { 'x-max-length': MOST_HELD } }),
  )
  for (const binding of bindings) await bind(amqp, channel, queue, binding)
  return Deliveries.open(amqp, channel, { queue, prefetch: 0, noAck: true, signal })
}

async function bind(
  amqp: Amqp,
  channel: Channel,
  queue: string,
  { exchange, key, arguments: table }: Followed,
): Promise<void> {
  await amqp.while(channel.bindQueue(queue, exchange, key, table))
}

/**
 * What is typed to follow an exchange: `events:order.*`, `events` for all keys of a topic, `logs:` for a fanout.
 * @throws CommandError for the default exchange, to which nothing can be bound
 */
export function followedPlace(text: string, table: Readonly<Record<string, unknown>>): Followed {
  const { exchange, key } = text.includes(':') ? placeOf(text) : { exchange: text, key: '#' }
  if (exchange === '' || exchange === 'amq.default') {
    throw new CommandError('the default exchange takes no bindings: name another, or tail a queue', exitCode.usage)
  }
  return { exchange, key, ...(Object.keys(table).length > 0 ? { arguments: table } : {}) }
}

/** The bindings of a queue, for a copy of it. Throws `CommandError` when there is no such queue. */
export async function bindingsOf(task: Task, queue: string): Promise<readonly Followed[]> {
  const api = await task.api()
  const rows = await api.list(path('queues', await task.vhost(), queue, 'bindings'))
  return rows.filter(({ source }) => source !== '').map(followedRow)
}

function followedRow({ source, routing_key: key, arguments: table }: Row): Followed {
  return { exchange: String(source), key: String(key), arguments: (table ?? {}) as Row }
}

/** Where in a stream to begin: `first`, `last`, `next`, an offset, an age such as `1h`, or a time. */
export function streamOffset(text: string): unknown {
  if (/^(first|last|next)$/.test(text) || /^\d+[YMDhms]$/.test(text)) return text
  if (/^\d+$/.test(text)) return Number(text)
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return { '!': 'timestamp', value: Math.floor(time / 1000) }
  throw new CommandError(
    `--from: got "${text}", expected first, last, next, an offset such as 1000, an age such as 1h, or a time such as 2026-01-31T12:00Z`,
  )
}
