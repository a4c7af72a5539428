// Connections, channels and consumers as RabbitMQ's API shows them. Knows peers; not who may see them.

import type { Consumer } from '../../broker/consumer.ts'
import type { ChannelPeer, ConnectionPeer, TlsPeer } from '../../broker/peers.ts'
import type { ManagementContext } from '../context.ts'
import { jsonOfTable } from '../field-json.ts'
import { consumersBy, deliveryStats, publishStats } from '../statistics/flows.ts'
import { shownOfChannel, shownOfConnection } from '../statistics/shown.ts'
import { NO_WINDOWS, type Windows } from '../statistics/windows.ts'

/** What Erlang counts of its processes, and nobody else has. */
const NO_COLLECTIONS = { fullsweep_after: 0, max_heap_size: 0, min_bin_vheap_size: 0, min_heap_size: 0, minor_gcs: 0 }

/** A connection. */
export function connectionView(context: ManagementContext, peer: ConnectionPeer, windows = NO_WINDOWS): object {
  const { remote, local, clientProperties } = peer
  const properties = jsonOfTable(clientProperties)
  const given = properties['connection_name']
  return {
    name: peer.name,
    node: context.node.name,
    user: peer.user,
    user_who_performed_action: peer.user,
    vhost: peer.vhost,
    state: peer.state,
    type: 'network',
    protocol: 'AMQP 0-9-1',
    auth_mechanism: peer.mechanism,
    host: local.host,
    port: local.port,
    peer_host: remote.host,
    peer_port: remote.port,
    ...tlsView(peer.tls),
    channels: peer.channelCount,
    channel_max: peer.channelMax,
    frame_max: peer.frameMax,
    timeout: peer.timeoutSeconds,
    connected_at: peer.connectedAt,
    client_properties: properties,
    ...(typeof given === 'string' ? { user_provided_name: given } : {}),
    recv_cnt: peer.reads,
    send_cnt: peer.writes,
    send_pend: peer.pendingBytes,
    ...shownOfConnection(context, peer, windows),
    reductions: 0,
    reductions_details: { rate: 0 },
    garbage_collection: NO_COLLECTIONS,
  }
}

function tlsView(tls: TlsPeer | null): object {
  return {
    ssl: tls !== null,
    ssl_protocol: tls?.protocol ?? null,
    ssl_key_exchange: tls?.keyExchange ?? null,
    ssl_cipher: tls?.cipher ?? null,
    ssl_hash: tls?.hash ?? null,
    peer_cert_subject: tls?.certificate?.subject ?? null,
    peer_cert_issuer: tls?.certificate?.issuer ?? null,
    peer_cert_validity: tls?.certificate?.validity ?? null,
  }
}

/** What RabbitMQ calls a channel. */
export function channelName({ connection, number }: ChannelPeer): string {
  return `${connection.peer.name} (${number})`
}

/** A channel. */
export function channelView(context: ManagementContext, channel: ChannelPeer, windows: Windows = NO_WINDOWS): object {
  const { peer } = channel.connection
  return {
    name: channelName(channel),
    number: channel.number,
    node: context.node.name,
    user: peer.user,
    user_who_performed_action: peer.user,
    vhost: peer.vhost,
    state: peer.state === 'flow' ? 'flow' : 'running',
    confirm: channel.confirming,
    transactional: channel.transactional,
    prefetch_count: channel.prefetch,
    global_prefetch_count: channel.sharedPrefetch,
    consumer_count: channel.consumerCount,
    messages_unacknowledged: channel.unackedCount,
    messages_unconfirmed: channel.unconfirmedCount,
    messages_uncommitted: channel.uncommittedPublishes,
    acks_uncommitted: channel.uncommittedAcks,
    pending_raft_commands: 0,
    connection_details: { name: peer.name, peer_host: peer.remote.host, peer_port: peer.remote.port },
    ...shownOfChannel(context, channel, windows),
    reductions: 0,
    reductions_details: { rate: 0 },
    garbage_collection: NO_COLLECTIONS,
  }
}

/** A channel with its consumers. */
export function fullChannelView(context: ManagementContext, channel: ChannelPeer, windows = NO_WINDOWS): object {
  const consumers = [...channel.consumerList]
  return {
    ...channelView(context, channel, windows),
    consumer_details: consumers.map((consumer) => consumerView(context, consumer, channel)),
    deliveries: deliveriesOf(context, consumers),
    publishes: [...channel.publishes].flatMap((count) => {
      const stats = publishStats(context, count)
      return stats === null
        ? []
        : [{ exchange: { name: count.exchange.name, vhost: channel.connection.peer.vhost }, stats }]
    }),
  }
}

/** What a channel's consumers were given, queue by queue. */
function deliveriesOf(context: ManagementContext, consumers: readonly Consumer[]): readonly object[] {
  return [...consumersBy(consumers, ({ queue }) => queue)].flatMap(([queue, its]) => {
    const stats = deliveryStats(context, its)
    return stats === null ? [] : [{ queue: { name: queue.name, vhost: queue.vhost }, stats }]
  })
}

/** What a consumer has to say for itself, of RabbitMQ's fields. */
export function consumerView(context: ManagementContext, consumer: Consumer, channel: ChannelPeer): object {
  const { queue } = consumer
  const active = activeOf(consumer)
  return {
    arguments: jsonOfTable(consumer.arguments),
    ack_required: !consumer.noAck,
    active: active ?? true,
    activity_status: status(active),
    channel_details: channelDetails(context, channel),
    consumer_tag: consumer.tag,
    exclusive: consumer.exclusive,
    prefetch_count: consumer.prefetch,
    queue: { name: queue.name, vhost: queue.vhost },
    consumer_timeout: 'undefined',
    unacked: consumer.unacked,
    delivered: consumer.delivered,
    acked: consumer.acked,
  }
}

/** Where a channel is. */
export function channelDetails({ node }: ManagementContext, channel: ChannelPeer): object {
  const { peer } = channel.connection
  return {
    connection_name: peer.name,
    name: channelName(channel),
    node: node.name,
    number: channel.number,
    peer_host: peer.remote.host,
    peer_port: peer.remote.port,
    user: peer.user,
  }
}

/** Whether a consumer is the one that is given messages; null where all are. */
function activeOf(consumer: Consumer): boolean | null {
  if (!consumer.queue.settings.singleActiveConsumer) return null
  const details = consumer.queue.details()
  return details instanceof Promise ? null : details.activeConsumer === consumer
}

function status(active: boolean | null): string {
  if (active === null) return 'up'
  return active ? 'single_active' : 'waiting'
}
