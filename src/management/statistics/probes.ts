// Which numbers of which objects have a past, and in which order their values stand: the one place that sampling and
// answering have in common.

import type { Broker } from '../../broker/broker.ts'
import type { Consumer } from '../../broker/consumer.ts'
import { MessageCounts, type PublishCount } from '../../broker/counts.ts'
import type { Exchange } from '../../broker/exchange/exchange.ts'
import type { ChannelPeer, ConnectionPeer } from '../../broker/peers.ts'
import type { Queue, QueueStats } from '../../broker/queue/queue.ts'
import type { Vhost } from '../../broker/vhost.ts'

/** The values of one object at this moment. */
export interface Probe {
  /** What the history is kept by. */
  readonly subject: object
  readonly values: readonly number[]
}

/** Counts of messages by RabbitMQ's names, in the order of their values. */
export const messageNames = [
  'ack',
  'confirm',
  'deliver',
  'deliver_get',
  'deliver_no_ack',
  'drop_unroutable',
  'get',
  'get_empty',
  'get_no_ack',
  'publish',
  'redeliver',
  'return_unroutable',
] as const

/** The values of `messageNames`. */
export function messageValues(counts: MessageCounts): readonly number[] {
  return [
    counts.acked,
    counts.confirmed,
    counts.delivered,
    counts.taken,
    counts.deliveredNoAck,
    counts.dropped,
    counts.got,
    counts.gotEmpty,
    counts.gotNoAck,
    counts.published,
    counts.redelivered,
    counts.returned,
  ]
}

/** Lengths of queues, in the order of their values: they follow those of the messages. */
export const lengthNames = ['messages', 'messages_ready', 'messages_unacknowledged'] as const

/** The values of `lengthNames`. */
export function lengthValues({ ready, unacked }: Pick<QueueStats, 'ready' | 'unacked'>): readonly number[] {
  return [ready + unacked, ready, unacked]
}

/** Counts of an exchange's messages. */
export const exchangeNames = ['publish_in', 'publish_out'] as const

/** The values of `exchangeNames`. */
export function exchangeValues({ counts }: Exchange): readonly number[] {
  return [counts.published, counts.routed]
}

/** Counts of a consumer. */
export const deliveryNames = ['ack', 'deliver', 'deliver_get', 'deliver_no_ack'] as const

/** The values of `deliveryNames`. */
export function deliveryValues({ acked, delivered, noAck }: Consumer): readonly number[] {
  return [acked, noAck ? 0 : delivered, delivered, noAck ? delivered : 0]
}

/** What a channel counts of an exchange. */
export const publishNames = ['publish'] as const

/** The values of `publishNames`. */
export function publishValues({ published }: PublishCount): readonly number[] {
  return [published]
}

/** Octets of a connection. */
export const dataNames = ['recv_oct', 'send_oct'] as const

/** The values of `dataNames`. */
export function dataValues({ bytesIn, bytesOut }: Pick<ConnectionPeer, 'bytesIn' | 'bytesOut'>): readonly number[] {
  return [bytesIn, bytesOut]
}

/** What comes and goes in a node. */
export const churnNames = [
  'channel_closed',
  'channel_created',
  'connection_closed',
  'connection_created',
  'queue_created',
  'queue_declared',
  'queue_deleted',
] as const

/** The values of `churnNames`. */
export function churnValues({ connections, census }: Broker): readonly number[] {
  const { churn } = connections
  return [
    churn.channelsClosed,
    churn.channelsOpened,
    churn.closed,
    churn.opened,
    census.queuesCreated,
    census.queuesDeclared,
    census.queuesDeleted,
  ]
}

/** What a queue counts that may be elsewhere one day: only what is at hand has a past. */
function statsOf(queue: Queue): Pick<QueueStats, 'ready' | 'unacked'> {
  const stats = queue.stats()
  return stats instanceof Promise ? { ready: 0, unacked: 0 } : stats
}

/** Everything that has a past. */
export function* probes(broker: Broker, counts: ReadonlyMap<string, MessageCounts>): Generator<Probe> {
  yield { subject: broker.census, values: churnValues(broker) }
  for (const peer of broker.connections.peers()) {
    yield { subject: peer, values: dataValues(peer) }
    for (const channel of peer.channels) yield* probesOf(channel)
  }
  const total = { ready: 0, unacked: 0 }
  for (const vhost of broker.vhosts.values()) {
    const inVhost = { ready: 0, unacked: 0 }
    for (const queue of vhost.queues.values()) {
      const stats = statsOf(queue)
      inVhost.ready += stats.ready
      inVhost.unacked += stats.unacked
      yield { subject: queue, values: [...messageValues(queue.counts), ...lengthValues(stats)] }
    }
    for (const exchange of vhost.exchanges.values()) yield { subject: exchange, values: exchangeValues(exchange) }
    total.ready += inVhost.ready
    total.unacked += inVhost.unacked
    yield { subject: vhost, values: [...messageValues(countsOf(vhost, counts)), ...lengthValues(inVhost)] }
  }
  yield { subject: broker, values: [...messageValues(sumOf(broker, counts)), ...lengthValues(total)] }
}

function* probesOf({ counts, consumerList, publishes }: ChannelPeer): Generator<Probe> {
  yield { subject: counts, values: messageValues(counts) }
  for (const consumer of consumerList) yield { subject: consumer, values: deliveryValues(consumer) }
  for (const count of publishes) yield { subject: count, values: publishValues(count) }
}

function countsOf(vhost: Vhost, counts: ReadonlyMap<string, MessageCounts>): MessageCounts {
  return counts.get(vhost.name) ?? vhost.counts
}

/** What clients have done with messages in all vhosts, those that are gone included. */
export function sumOf({ census }: Broker, counts: ReadonlyMap<string, MessageCounts>): MessageCounts {
  const sum = new MessageCounts().add(census.counts)
  for (const each of counts.values()) sum.add(each)
  return sum
}
