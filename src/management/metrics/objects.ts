// What each queue, exchange, channel and connection is measured by, under RabbitMQ's names. As sums in /metrics, each for
// itself in /metrics/per-object and /metrics/detailed.

import type { ChannelPeer, ConnectionPeer } from '../../broker/peers.ts'
import { counter, gauge, type Labels, type Measured } from './family.ts'
import type { SeenExchange, SeenQueue } from './look.ts'

/** Messages of a queue: RabbitMQ's family queue_coarse_metrics. */
export const queueCoarse: readonly Measured<SeenQueue>[] = [
  gauge('queue_messages_ready', 'Messages ready to be delivered to consumers', ({ details }) => details.ready),
  gauge('queue_messages_unacked', 'Messages delivered to consumers but not yet acknowledged', (q) => q.details.unacked),
  gauge('queue_messages', 'Sum of ready and unacknowledged messages', (q) => q.details.ready + q.details.unacked),
]

/** queue_consumer_count. */
export const queueConsumers: readonly Measured<SeenQueue>[] = [
  gauge('queue_consumers', 'Consumers on a queue', ({ details }) => details.consumers),
]

/** queue_metrics. */
export const queueMetrics: readonly Measured<SeenQueue>[] = [
  ...queueConsumers,
  gauge('queue_consumer_capacity', 'Whether a consumer would take a message now', (q) => Number(q.details.attended)),
  gauge('queue_consumer_utilisation', 'Same as consumer capacity', ({ details }) => Number(details.attended)),
  gauge(
    'queue_process_memory_bytes',
    'Memory in bytes used by the messages of the queue',
    (q) => q.details.memoryBytes,
  ),
  gauge('queue_messages_ram', 'Ready and unacknowledged messages in memory', ({ details }) => details.resident),
  gauge('queue_messages_ram_bytes', 'Size of the bodies of those', ({ details }) => details.residentBytes),
  gauge('queue_messages_persistent', 'Messages that survive a restart', ({ details }) => details.persistent),
  gauge('queue_messages_persistent_bytes', 'Size of the bodies of those', ({ details }) => details.persistentBytes),
  gauge('queue_messages_bytes', 'Size of the bodies of all', (q) => q.details.readyBytes + q.details.unackedBytes),
  gauge('queue_messages_ready_bytes', 'Size of the bodies of ready messages', ({ details }) => details.readyBytes),
  gauge('queue_messages_unacked_bytes', 'Size of the bodies of unacked messages', (q) => q.details.unackedBytes),
  gauge('queue_messages_paged_out', 'Messages on disk only', ({ details }) =>
    Math.max(details.ready + details.unacked - details.resident, 0),
  ),
  gauge('queue_messages_paged_out_bytes', 'Size of the bodies of those', ({ details }) =>
    Math.max(details.readyBytes + details.unackedBytes - details.residentBytes, 0),
  ),
  gauge('queue_head_message_timestamp', 'Timestamp of the first message, as its publisher set it', ({ details }) =>
    details.headTimestamp === null ? Number.NaN : details.headTimestamp,
  ),
]

/** queue_delivery_metrics. */
export const queueDeliveries: readonly Measured<SeenQueue>[] = [
  counter('queue_messages_published_total', 'Messages that reached a queue', ({ queue }) => queue.counts.published),
  counter('queue_get_ack_total', 'Messages fetched with basic.get, to be acked', ({ queue }) => queue.counts.got),
  counter('queue_get_total', 'Messages fetched with basic.get, not to be acked', (q) => q.queue.counts.gotNoAck),
  counter('queue_messages_delivered_ack_total', 'Delivered, to be acked', ({ queue }) => queue.counts.delivered),
  counter('queue_messages_delivered_total', 'Delivered, not to be acked', (q) => q.queue.counts.deliveredNoAck),
  counter('queue_messages_redelivered_total', 'Delivered again', ({ queue }) => queue.counts.redelivered),
  counter('queue_messages_acked_total', 'Acknowledged', ({ queue }) => queue.counts.acked),
  counter('queue_get_empty_total', 'basic.get that found nothing', ({ queue }) => queue.counts.gotEmpty),
]

/** channel_exchange_metrics, of exchanges. */
export const exchangeMetrics: readonly Measured<SeenExchange>[] = [
  counter(
    'exchange_messages_published_in_total',
    'Messages published to an exchange',
    (x) => x.exchange.counts.published,
  ),
  counter('exchange_messages_published_out_total', 'Queues they were routed to', (x) => x.exchange.counts.routed),
]

/** connection_coarse_metrics and connection_metrics. */
export const connectionMetrics: readonly Measured<ConnectionPeer>[] = [
  counter('connection_incoming_bytes_total', 'Bytes received on a connection', ({ bytesIn }) => bytesIn),
  counter('connection_outgoing_bytes_total', 'Bytes sent on a connection', ({ bytesOut }) => bytesOut),
  counter('connection_incoming_packets_total', 'Reads of a connection', ({ reads }) => reads),
  counter('connection_outgoing_packets_total', 'Writes of a connection', ({ writes }) => writes),
  gauge('connection_pending_packets', 'Bytes that the peer has not taken', ({ pendingBytes }) => pendingBytes),
  gauge('connection_channels', 'Channels on a connection', ({ channelCount }) => channelCount),
]

/** channel_metrics and their kin. */
export const channelMetrics: readonly Measured<ChannelPeer>[] = [
  gauge('channel_consumers', 'Consumers on a channel', ({ consumerCount }) => consumerCount),
  gauge('channel_messages_unacked', 'Delivered but not yet acknowledged messages', ({ unackedCount }) => unackedCount),
  gauge('channel_messages_unconfirmed', 'Published but not yet confirmed', ({ unconfirmedCount }) => unconfirmedCount),
  gauge('channel_messages_uncommitted', 'Held by a transaction', ({ uncommittedPublishes }) => uncommittedPublishes),
  gauge('channel_acks_uncommitted', 'Acks held by a transaction', ({ uncommittedAcks }) => uncommittedAcks),
  gauge('consumer_prefetch', 'Limit of unacknowledged messages for each consumer', ({ prefetch }) => prefetch),
  gauge('channel_prefetch', 'Limit for all consumers on a channel together', ({ sharedPrefetch }) => sharedPrefetch),
  counter('channel_messages_published_total', 'Messages published', ({ counts }) => counts.published),
  counter('channel_messages_confirmed_total', 'Messages confirmed', ({ counts }) => counts.confirmed),
  counter('channel_messages_unroutable_returned_total', 'Unroutable and returned', ({ counts }) => counts.returned),
  counter('channel_messages_unroutable_dropped_total', 'Unroutable and dropped', ({ counts }) => counts.dropped),
  counter('channel_get_ack_total', 'Fetched with basic.get, to be acked', ({ counts }) => counts.got),
  counter('channel_get_total', 'Fetched with basic.get, not to be acked', ({ counts }) => counts.gotNoAck),
  counter('channel_get_empty_total', 'basic.get that found nothing', ({ counts }) => counts.gotEmpty),
  counter('channel_messages_delivered_ack_total', 'Delivered, to be acked', ({ counts }) => counts.delivered),
  counter('channel_messages_delivered_total', 'Delivered, not to be acked', ({ counts }) => counts.deliveredNoAck),
  counter('channel_messages_redelivered_total', 'Delivered again', ({ counts }) => counts.redelivered),
  counter('channel_messages_acked_total', 'Acknowledged', ({ counts }) => counts.acked),
]

/** How a queue is told from others. */
export function queueLabels({ queue }: SeenQueue): Labels {
  return { vhost: queue.vhost, queue: queue.name }
}

/** How an exchange is. */
export function exchangeLabels({ exchange, vhost }: SeenExchange): Labels {
  return { vhost, exchange: exchange.name }
}

/** How a connection is. */
export function connectionLabels({ name }: ConnectionPeer): Labels {
  return { connection: name }
}

/** How a channel is. */
export function channelLabels({ connection, number }: ChannelPeer): Labels {
  return { channel: `${connection.peer.name} (${number})`, connection: connection.peer.name }
}
