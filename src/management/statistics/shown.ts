// Counts and rates as RabbitMQ's answers have them: `message_stats` and the fields ending in `_details` of queues, exchanges,
// channels, connections, vhosts and of all together. Other views add these to what they show.

import type { MessageCounts } from '../../broker/counts.ts'
import type { Exchange } from '../../broker/exchange/exchange.ts'
import type { ChannelPeer, ConnectionPeer } from '../../broker/peers.ts'
import type { Queue, QueueStats } from '../../broker/queue/queue.ts'
import type { ManagementContext } from '../context.ts'
import {
  churnNames,
  churnValues,
  dataNames,
  dataValues,
  exchangeNames,
  exchangeValues,
  lengthNames,
  lengthValues,
  messageNames,
  messageValues,
} from './probes.ts'
import { Statistics } from './statistics.ts'
import { NO_WINDOWS, type Window, type Windows } from './windows.ts'

/** Fields of an answer. */
export type Shown = Readonly<Record<string, unknown>>
type Lengths = Pick<QueueStats, 'ready' | 'unacked'>
type Name = (typeof messageNames)[number]

/** What a queue has no counts of. */
const notOfQueues: readonly Name[] = ['confirm', 'drop_unroutable', 'return_unroutable']
const started = new WeakMap<object, Statistics>()

/** The statistics of a broker, which begin when they are asked for first. */
export function statisticsOf({ broker, clock }: Pick<ManagementContext, 'broker' | 'clock'>): Statistics {
  let statistics = started.get(broker)
  if (!statistics) {
    statistics = new Statistics(broker, clock)
    started.set(broker, statistics)
    statistics.start()
  }
  return statistics
}

/** Nobody asks any more. */
export function endStatistics({ broker }: Pick<ManagementContext, 'broker'>): void {
  started.get(broker)?.stop()
  started.delete(broker)
}

/** `message_stats`, where anything was counted, and how the lengths of a queue change. */
export function shownOfQueue(
  context: ManagementContext,
  queue: Queue,
  stats: Lengths,
  windows: Windows = NO_WINDOWS,
): Shown {
  const statistics = statisticsOf(context)
  return {
    ...messageStats(statistics, queue, queue.counts, windows.rates, notOfQueues),
    ...lengths(statistics, queue, stats, windows.lengths),
  }
}

/** `message_stats` of an exchange, where anything was published to it. */
export function shownOfExchange(context: ManagementContext, exchange: Exchange, windows: Windows = NO_WINDOWS): Shown {
  const values = exchangeValues(exchange)
  if (values.every((value) => value === 0)) return {}
  return { message_stats: fields(statisticsOf(context), exchange, exchangeNames, values, 0, windows.rates) }
}

/** `message_stats` of a vhost, and how the lengths of its queues change; `counts` are from `countsByVhost`. */
export function shownOfVhost(
  context: ManagementContext,
  subject: object,
  counts: MessageCounts,
  total: Lengths,
  windows: Windows = NO_WINDOWS,
): Shown {
  const statistics = statisticsOf(context)
  return {
    ...messageStats(statistics, subject, counts, windows.rates),
    ...lengths(statistics, subject, total, windows.lengths),
  }
}

/** `message_stats` of a channel, where its client has done anything. */
export function shownOfChannel(
  context: ManagementContext,
  { counts }: ChannelPeer,
  windows: Windows = NO_WINDOWS,
): Shown {
  return messageStats(statisticsOf(context), counts, counts, windows.rates)
}

/** Octets of a connection, and how fast they flow. */
export function shownOfConnection(
  context: ManagementContext,
  peer: ConnectionPeer,
  windows: Windows = NO_WINDOWS,
): Shown {
  return fields(statisticsOf(context), peer, dataNames, dataValues(peer), 0, windows.data)
}

/** `churn_rates`: how many connections, channels and queues come and go. */
export function shownChurn(context: ManagementContext, windows: Windows = NO_WINDOWS): Shown {
  const { broker } = context
  return fields(statisticsOf(context), broker.census, churnNames, churnValues(broker), 0, windows.node)
}

function messageStats(
  statistics: Statistics,
  subject: object,
  counts: MessageCounts,
  window: Window | null,
  left: readonly string[] = [],
): Shown {
  const values = messageValues(counts)
  if (values.every((value) => value === 0)) return {}
  return { message_stats: fields(statistics, subject, messageNames, values, 0, window, left) }
}

function lengths(statistics: Statistics, subject: object, stats: Lengths, window: Window | null): Shown {
  return fields(statistics, subject, lengthNames, lengthValues(stats), messageNames.length, window)
}

/** Each value under its name, and how it changes; `from` is the place of the first among the subject's values. */
function fields(
  statistics: Statistics,
  subject: object,
  names: readonly string[],
  values: readonly number[],
  from: number,
  window: Window | null,
  left: readonly string[] = [],
): Shown {
  const shown: Record<string, unknown> = {}
  for (const [index, name] of names.entries()) {
    if (left.includes(name)) continue
    const value = values[index] as number
    shown[name] = value
    shown[`${name}_details`] = statistics.details(subject, from + index, value, window)
  }
  return shown
}
