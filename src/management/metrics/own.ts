// Leveret's own family: what one wants to know of a broker and RabbitMQ does not say in one place. How far behind consumers
// are, in messages and in seconds; how fast they are; what queues take of the disk; and what was dropped, and why.

import type { QueueTotals } from '../../broker/census.ts'
import type { Consumer } from '../../broker/consumer.ts'
import { type DeathCounts, deathReasons } from '../../broker/counts.ts'
import { type Column, type Family, gauge, type Labelled, type Labels, type Sample, Table } from './family.ts'
import type { Look, SeenQueue } from './look.ts'

const of = (name: string, help: string, type: 'gauge' | 'counter', samples: readonly Sample[]): Family => {
  return { name: `leveret_${name}`, help, type, samples }
}

const lags = gauge<SeenQueue>('leveret_queue_lag_messages', 'Ready messages that nobody has been given', lag)
const disk = gauge<SeenQueue>(
  'leveret_disk_bytes',
  'Bytes of the store that messages of a queue occupy',
  ({ details }) => details.storedBytes,
)

/** What ended in a queue, or in all queues of a type, those that are gone too. */
type Ended = Pick<QueueTotals, 'counts'> & { readonly deaths: DeathCounts | null }

/** Only what was dropped: dead letters that went on are not. */
const drops: readonly { readonly reason: string; count(ended: Ended): number }[] = [
  ...deathReasons.map((reason) => ({ reason, count: ({ deaths }: Ended) => deaths?.disabled[reason] ?? 0 })),
  { reason: 'rejected_publish', count: ({ counts }) => counts.refused },
]

const dropColumns: readonly Column<SeenQueue>[] = drops.map(({ reason, count }) => ({
  labels: { reason },
  value: ({ queue }) => count(queue),
}))

const dropped = {
  name: 'leveret_messages_dropped_total',
  help: 'Messages that ended without being consumed, by reason',
  type: 'counter',
} as const

/**
 * The whole family; `queues` are those of the look, with their labels. What was dropped is a sum over all queues unless
 * `each` asks for theirs: six series for each queue are most of a page, which is scraped often.
 */
export function ownFamilies(look: Look, queues: Labelled<SeenQueue>, each: boolean): readonly Family[] {
  const { now } = look
  const ages = gauge<SeenQueue>(
    'leveret_queue_lag_seconds',
    'Age of the oldest ready message, or a little more (a segment is as old as its first message)',
    ({ details }) => secondsSince(details.readySince, now),
  )
  return [
    ...[lags, ages].map((row) => new Table(row, queues, [{ labels: {}, value: row.value }])),
    new Table(disk, queues, [{ labels: { kind: 'messages' }, value: disk.value }]),
    each ? new Table(dropped, queues, dropColumns, [unroutable(look)]) : { ...dropped, samples: allDropped(look) },
    ...consumerFamilies(look),
  ]
}

/** Unroutable messages belong to no queue. */
function unroutable({ counts }: Look): Sample {
  return { labels: { vhost: '', queue: '', reason: 'unroutable' }, value: counts.dropped }
}

function allDropped(look: Look): readonly Sample[] {
  const totals = [...look.totals.values()]
  const sums = drops.map(({ reason, count }) => ({
    labels: { vhost: '', queue: '', reason },
    value: totals.reduce((sum, total) => sum + count(total), 0),
  }))
  return [...sums, unroutable(look)]
}

/** What streams keep is not lag: that is each consumer's own. */
function lag({ queue, details }: SeenQueue): number {
  return queue.settings.type === 'stream' ? 0 : details.ready
}

function secondsSince(time: number | null, now: number): number {
  return time === null ? 0 : Math.max(now - time, 0) / 1000
}

function consumerFamilies({ queues, now }: Look): readonly Family[] {
  const all = queues.flatMap(({ details }) =>
    details.consumerList.map((consumer) => ({ consumer, labels: labelsOf(consumer) })),
  )
  const each = (value: (consumer: Consumer) => number): readonly Sample[] =>
    all.map(({ consumer, labels }) => ({ labels, value: value(consumer) }))
  const streams = queues.flatMap(({ queue, details }) =>
    queue.settings.type !== 'stream'
      ? []
      : details.lags.map((behind, index) => ({ labels: labelsOf(details.consumerList[index] as Consumer), behind })),
  )
  return [
    of(
      'consumer_delivered_total',
      'Messages that a consumer was given',
      'counter',
      each(({ delivered }) => delivered),
    ),
    of(
      'consumer_acked_total',
      'Messages that a consumer has acknowledged',
      'counter',
      each(({ acked }) => acked),
    ),
    of(
      'consumer_unacked',
      'Messages that a consumer holds',
      'gauge',
      each(({ unacked }) => unacked),
    ),
    of(
      'stream_consumer_lag_messages',
      'Messages of a stream that a consumer was not given',
      'gauge',
      streams.map(({ labels, behind }) => ({ labels, value: behind.messages })),
    ),
    of(
      'stream_consumer_lag_seconds',
      'Age of the oldest message of a stream that a consumer was not given',
      'gauge',
      streams.map(({ labels, behind }) => ({ labels, value: secondsSince(behind.since, now) })),
    ),
  ]
}

function labelsOf({ queue, tag, sink }: Consumer): Labels {
  const { channel } = sink
  const at = channel ? `${channel.connection.peer.name} (${channel.number})` : ''
  return { vhost: queue.vhost, queue: queue.name, consumer_tag: tag, channel: at }
}
