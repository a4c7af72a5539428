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
import { type Details, Statistics } from './statistics.ts'
import { NO_WINDOWS, type Window, type Windows } from './windows.ts'

/** Fields of an answer. */
export type Shown = Readonly<Record<string, unknown>>
type Lengths = Pick<QueueStats, 'ready' | 'unacked'>
type Name = (typeof messageNames)[number]

/** Where a value stands among those of its subject, and the names that it and its change have in answers. */
interface Field {
  readonly place: number
  readonly name: string
  readonly details: string
}

const fieldsOf = (names: readonly string[], from = 0, left: readonly string[] = []): readonly Field[] =>
  names
    .map((name, index) => ({ place: from + index, name, details: `${name}_details` }))
    .filter(({ name }) => !left.includes(name))

/** What a queue has no counts of. */
const notOfQueues: readonly Name[] = ['confirm', 'drop_unroutable', 'return_unroutable']
const namesOfMessages = fieldsOf(messageNames)
const namesOfQueues = fieldsOf(messageNames, 0, notOfQueues)
const namesOfLengths = fieldsOf(lengthNames, messageNames.length)
const namesOfExchanges = fieldsOf(exchangeNames)
const namesOfData = fieldsOf(dataNames)
const namesOfChurn = fieldsOf(churnNames)
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

/** What `shownOfQueue` knows: `message_stats`, where anything was counted, how the lengths change, since when they do not. */
export interface ShownQueue {
  readonly message_stats: Shown | undefined
  readonly lengths: Readonly<Record<'messages' | 'ready' | 'unacked', Details>>
  readonly idle_since: string | undefined
}

/** Counts of a queue, and how its lengths change. */
export function shownOfQueue(
  context: ManagementContext,
  queue: Queue,
  { ready, unacked }: Lengths,
  windows: Windows = NO_WINDOWS,
): ShownQueue {
  const statistics = statisticsOf(context)
  const changed = (place: number, now: number): Details =>
    statistics.details(queue, messageNames.length + place, now, windows.lengths)
  return {
    message_stats: countsOf(statistics, queue, queue.counts, windows.rates, namesOfQueues),
    lengths: { messages: changed(0, ready + unacked), ready: changed(1, ready), unacked: changed(2, unacked) },
    idle_since: idleSince(statistics, queue, [...messageValues(queue.counts), ...lengthValues({ ready, unacked })]),
  }
}

/** In RabbitMQ's form; undefined while it is in use. */
function idleSince(statistics: Statistics, subject: object, values: readonly number[]): string | undefined {
  const since = statistics.idleSince(subject, values)
  return since === null ? undefined : new Date(since).toISOString().replace('Z', '+00:00')
}

/** `message_stats` of an exchange, where anything was published to it. */
export function shownOfExchange(context: ManagementContext, exchange: Exchange, windows: Windows = NO_WINDOWS): Shown {
  const values = exchangeValues(exchange)
  if (values.every((value) => value === 0)) return {}
  return { message_stats: fields(statisticsOf(context), exchange, namesOfExchanges, values, windows.rates) }
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

/** `message_stats` of a channel, where its client has done anything, and since when it has done nothing more. */
export function shownOfChannel(
  context: ManagementContext,
  { counts }: ChannelPeer,
  windows: Windows = NO_WINDOWS,
): Shown {
  const statistics = statisticsOf(context)
  return {
    ...messageStats(statistics, counts, counts, windows.rates),
    idle_since: idleSince(statistics, counts, messageValues(counts)),
  }
}

/** Octets of a connection, and how fast they flow. */
export function shownOfConnection(
  context: ManagementContext,
  peer: ConnectionPeer,
  windows: Windows = NO_WINDOWS,
): Shown {
  return fields(statisticsOf(context), peer, namesOfData, dataValues(peer), windows.data)
}

/** `churn_rates`: how many connections, channels and queues come and go. */
export function shownChurn(context: ManagementContext, windows: Windows = NO_WINDOWS): Shown {
  const { broker } = context
  return fields(statisticsOf(context), broker.census, namesOfChurn, churnValues(broker), windows.node)
}

function messageStats(statistics: Statistics, subject: object, counts: MessageCounts, window: Window | null): Shown {
  const stats = countsOf(statistics, subject, counts, window, namesOfMessages)
  return stats === undefined ? {} : { message_stats: stats }
}

function countsOf(
  statistics: Statistics,
  subject: object,
  counts: MessageCounts,
  window: Window | null,
  names: readonly Field[],
): Shown | undefined {
  const values = messageValues(counts)
  return values.every((value) => value === 0) ? undefined : fields(statistics, subject, names, values, window)
}

function lengths(statistics: Statistics, subject: object, stats: Lengths, window: Window | null): Shown {
  const values = [...messageNames.map(() => 0), ...lengthValues(stats)]
  return fields(statistics, subject, namesOfLengths, values, window)
}

/** Each value under its name, and how it changes. */
function fields(
  statistics: Statistics,
  subject: object,
  names: readonly Field[],
  values: readonly number[],
  window: Window | null,
): Shown {
  const shown: Record<string, unknown> = {}
  for (const { place, name, details } of names) {
    const value = values[place] as number
    shown[name] = value
    shown[details] = statistics.details(subject, place, value, window)
  }
  return shown
}
