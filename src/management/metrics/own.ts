// Leveret's own family: what one wants to know of a broker and RabbitMQ does not say in one place. How far behind consumers
// are, in messages and in seconds; how fast they are; what queues take of the disk; and what was dropped, and why.

import type { Consumer } from '../../broker/consumer.ts'
import { deathReasons } from '../../broker/counts.ts'
import type { Family, Labels, Sample } from './family.ts'
import type { Look, SeenQueue } from './look.ts'
import { queueLabels } from './objects.ts'

const of = (name: string, help: string, type: 'gauge' | 'counter', samples: readonly Sample[]): Family => {
  return { name: `leveret_${name}`, help, type, samples }
}

/** The whole family. */
export function ownFamilies(look: Look): readonly Family[] {
  const { queues, now } = look
  const perQueue = (value: (seen: SeenQueue) => number): readonly Sample[] =>
    queues.map((seen) => ({ labels: queueLabels(seen), value: value(seen) }))
  return [
    of('queue_lag_messages', 'Ready messages that nobody has been given', 'gauge', perQueue(lag)),
    of(
      'queue_lag_seconds',
      'Age of the oldest ready message, or a little more (a segment is as old as its first message)',
      'gauge',
      perQueue(({ details: { readySince } }) => (readySince === null ? 0 : Math.max(now - readySince, 0) / 1000)),
    ),
    of('disk_bytes', 'Bytes of the store that messages of a queue occupy', 'gauge', diskSamples(queues)),
    of('messages_dropped_total', 'Messages that ended without being consumed, by reason', 'counter', dropped(look)),
    ...consumerFamilies(look),
  ]
}

/** What streams keep is not lag: that is each consumer's own. */
function lag({ queue, details }: SeenQueue): number {
  return queue.settings.type === 'stream' ? 0 : details.ready
}

function diskSamples(queues: readonly SeenQueue[]): readonly Sample[] {
  return queues.map((seen) => ({
    labels: { ...queueLabels(seen), kind: 'messages' },
    value: seen.details.storedBytes,
  }))
}

/** Only what was dropped: dead letters that went on are not. Unroutable messages belong to no queue. */
function dropped({ queues, counts }: Look): readonly Sample[] {
  const ofQueues = queues.flatMap((seen) => {
    const labels = queueLabels(seen)
    const { deaths, counts: done } = seen.queue
    return [
      ...deathReasons.map((reason) => ({ labels: { ...labels, reason }, value: deaths?.disabled[reason] ?? 0 })),
      { labels: { ...labels, reason: 'rejected_publish' }, value: done.refused },
    ]
  })
  const unroutable = { labels: { vhost: '', queue: '', reason: 'unroutable' }, value: counts.dropped }
  return [unroutable, ...ofQueues]
}

function consumerFamilies({ queues }: Look): readonly Family[] {
  const all = queues.flatMap(({ queue, details: { consumerList, lags } }) =>
    consumerList.map((consumer, index) => ({ consumer, queue, lag: lags[index], labels: labelsOf(consumer) })),
  )
  const each = (value: (consumer: Consumer) => number): readonly Sample[] =>
    all.map(({ consumer, labels }) => ({ labels, value: value(consumer) }))
  const streams = all.flatMap(({ queue, lag, labels }) =>
    lag !== undefined && queue.settings.type === 'stream' ? [{ labels, value: lag.messages }] : [],
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
    of('stream_consumer_lag_messages', 'Messages of a stream that a consumer was not given', 'gauge', streams),
  ]
}

function labelsOf({ queue, tag, sink }: Consumer): Labels {
  const { channel } = sink
  const at = channel ? `${channel.connection.peer.name} (${channel.number})` : ''
  return { vhost: queue.vhost, queue: queue.name, consumer_tag: tag, channel: at }
}
