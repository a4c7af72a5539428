// The broker as a whole, under RabbitMQ's names: what its dashboards draw (Grafana 10991) and its alerts look at. Every series
// is there from the start, at 0, so that the first event is an increase.

import { deathReasons, deathStrategies, type MessageCounts } from '../../broker/counts.ts'
import { type Family, type Labels, type Sample, single } from './family.ts'
import type { Look } from './look.ts'

const protocol = { protocol: 'amqp091' }

/** Which metrics, of which node of which cluster: every query of RabbitMQ's dashboards joins on it. */
export function identity({ context }: Look, endpoint: string): readonly Family[] {
  const { broker, node } = context
  const [cluster, id] = ['cluster_name', 'internal_cluster_id'].map((name) => broker.globalParameters.get(name))
  const identified: Labels = {
    rabbitmq_node: node.name,
    rabbitmq_cluster: typeof cluster === 'string' ? cluster : 'leveret',
    rabbitmq_cluster_permanent_id: typeof id === 'string' ? id : '',
    rabbitmq_endpoint: endpoint,
  }
  const built: Labels = {
    rabbitmq_version: broker.dialect.version,
    prometheus_plugin_version: node.version,
    product_name: 'Leveret',
    product_version: node.version,
    erlang_version: '',
    node_version: process.version,
  }
  return [
    info('rabbitmq_build_info', 'RabbitMQ & Erlang/OTP version info', built),
    info('rabbitmq_identity_info', 'RabbitMQ node & cluster identity info', identified),
  ]
}

function info(name: string, help: string, labels: Labels): Family {
  return { name, help, type: 'gauge', samples: [{ labels, value: 1 }] }
}

/** The process and its machine, and the alarms. */
export function nodeFamilies({ context, facts, now }: Look): readonly Family[] {
  const { broker, node } = context
  const { alarms } = broker
  const uptime = (now - node.startedAt) / 1000
  return [
    single('erlang_uptime_seconds', 'Node uptime', 'gauge', uptime),
    single('rabbitmq_erlang_uptime_seconds', 'Node uptime', 'gauge', uptime),
    single('rabbitmq_process_resident_memory_bytes', 'Memory used in bytes', 'gauge', facts.memoryUsed),
    single('rabbitmq_resident_memory_limit_bytes', 'Memory high watermark in bytes', 'gauge', facts.memoryLimit),
    single('rabbitmq_disk_space_available_bytes', 'Disk space available in bytes', 'gauge', facts.diskFree),
    single('rabbitmq_disk_space_available_limit_bytes', 'Free disk space low watermark', 'gauge', facts.diskFreeLimit),
    single('rabbitmq_process_open_fds', 'Open file descriptors', 'gauge', facts.filesUsed),
    single('rabbitmq_process_max_fds', 'Open file descriptors limit', 'gauge', facts.filesTotal),
    single('rabbitmq_process_open_tcp_sockets', 'Open TCP sockets', 'gauge', broker.connections.size),
    single('rabbitmq_process_max_tcp_sockets', 'Open TCP sockets limit', 'gauge', facts.filesTotal),
    alarm('rabbitmq_alarms_memory_used_watermark', 'VM memory watermark alarm', alarms.has('memory')),
    alarm(
      'rabbitmq_alarms_free_disk_space_watermark',
      'Free disk space alarm',
      alarms.has('disk') || alarms.has('store'),
    ),
    alarm('rabbitmq_alarms_file_descriptor_limit', 'File descriptor limit alarm', false),
  ]
}

function alarm(name: string, help: string, on: boolean): Family {
  return single(name, `is 1 if ${help} is in effect`, 'gauge', Number(on))
}

/** What there is, and what comes and goes. */
export function churnFamilies({ context, queues }: Look): readonly Family[] {
  const { connections, census } = context.broker
  const { churn } = connections
  const consumers = queues.reduce((sum, { details }) => sum + details.consumers, 0)
  return [
    single('rabbitmq_connections', 'Connections currently open', 'gauge', churn.opened - churn.closed),
    single('rabbitmq_connections_opened_total', 'Connections opened', 'counter', churn.opened),
    single('rabbitmq_connections_closed_total', 'Connections closed', 'counter', churn.closed),
    single('rabbitmq_channels', 'Channels currently open', 'gauge', connections.channels),
    single('rabbitmq_channels_opened_total', 'Channels opened', 'counter', churn.channelsOpened),
    single('rabbitmq_channels_closed_total', 'Channels closed', 'counter', churn.channelsClosed),
    single('rabbitmq_queues', 'Queues available', 'gauge', queues.length),
    single('rabbitmq_queues_declared_total', 'Queues declared', 'counter', census.queuesDeclared),
    single('rabbitmq_queues_created_total', 'Queues created', 'counter', census.queuesCreated),
    single('rabbitmq_queues_deleted_total', 'Queues deleted', 'counter', census.queuesDeleted),
    single('rabbitmq_consumers', 'Consumers currently connected', 'gauge', consumers),
  ]
}

type Counted = readonly [name: string, help: string, value: (counts: MessageCounts) => number]

const received: readonly Counted[] = [
  ['messages_received_total', 'Messages received from publishers', ({ published }) => published],
  ['messages_received_confirm_total', 'Those of them that are to be confirmed', (counts) => counts.publishedToConfirm],
  ['messages_confirmed_total', 'Messages confirmed to publishers', ({ confirmed }) => confirmed],
  ['messages_routed_total', 'Queues that messages were routed to', ({ routed }) => routed],
  ['messages_unroutable_dropped_total', 'Unroutable messages dropped', ({ dropped }) => dropped],
  ['messages_unroutable_returned_total', 'Unroutable messages returned', ({ returned }) => returned],
]

const handedOut: readonly Counted[] = [
  ['messages_delivered_total', 'Messages delivered to consumers', (counts) => counts.taken],
  ['messages_delivered_consume_auto_ack_total', 'Delivered, not to be acked', (counts) => counts.deliveredNoAck],
  ['messages_delivered_consume_manual_ack_total', 'Delivered, to be acked', ({ delivered }) => delivered],
  ['messages_delivered_get_auto_ack_total', 'Fetched with basic.get, not to be acked', ({ gotNoAck }) => gotNoAck],
  ['messages_delivered_get_manual_ack_total', 'Fetched with basic.get, to be acked', ({ got }) => got],
  ['messages_redelivered_total', 'Messages delivered again', ({ redelivered }) => redelivered],
  ['messages_acknowledged_total', 'Messages acknowledged by consumers', ({ acked }) => acked],
  ['messages_get_empty_total', 'basic.get that found nothing', ({ gotEmpty }) => gotEmpty],
]

/** Messages since the broker started: what was received, and what was handed out by type of queue. */
export function globalFamilies({ counts, totals, channels, queues }: Look): readonly Family[] {
  const publishers = channels.filter((channel) => channel.counts.published > 0).length
  const consumers = queues.reduce((sum, { details }) => sum + details.consumers, 0)
  const of = (name: string, help: string, type: 'gauge' | 'counter', samples: readonly Sample[]): Family => {
    return { name: `rabbitmq_global_${name}`, help, type, samples }
  }
  return [
    of('publishers', 'Channels that have published', 'gauge', [{ labels: protocol, value: publishers }]),
    of('consumers', 'Consumers', 'gauge', [{ labels: protocol, value: consumers }]),
    ...received.map(([name, help, value]) => of(name, help, 'counter', [{ labels: protocol, value: value(counts) }])),
    ...handedOut.map(([name, help, value]) => {
      const samples = [...totals].map(([type, total]) => {
        return { labels: { ...protocol, queue_type: `rabbit_${type}_queue` }, value: value(total.counts) }
      })
      return of(name, help, 'counter', samples)
    }),
  ]
}

/** The dead, by why they died, where, and what became of them; `disabled`: they were dropped. */
export function deadLetterFamilies({ totals }: Look): readonly Family[] {
  const types = (['classic', 'quorum'] as const).filter((type) => totals.has(type))
  const named = (name: string): string => `rabbitmq_global_messages_dead_lettered_${name}_total`
  const families = deathReasons.map((reason): Family => {
    const samples = types.flatMap((type) =>
      deathStrategies.map((strategy) => ({
        labels: { queue_type: `rabbit_${type}_queue`, dead_letter_strategy: strategy },
        value: totals.get(type)?.deaths[strategy][reason] ?? 0,
      })),
    )
    return { name: named(reason), help: `Messages dead-lettered: ${reason}`, type: 'counter', samples }
  })
  const labels = { queue_type: 'rabbit_quorum_queue', dead_letter_strategy: 'at_least_once' }
  const value = totals.get('quorum')?.deaths.confirmed ?? 0
  const help = 'Dead letters that other queues have stored'
  return [...families, { name: named('confirmed'), help, type: 'counter', samples: [{ labels, value }] }]
}

/** How large messages are that come in. */
export function sizeFamily({ context, counts }: Look): Family {
  const name = 'rabbitmq_message_size_bytes'
  const { bounds, buckets } = context.broker.census.sizes
  let sum = 0
  const samples: Sample[] = [...buckets].map((count, index) => {
    sum += count
    const le = index < bounds.length ? `${bounds[index]}` : '+Inf'
    return { labels: { ...protocol, le }, value: sum, metricName: `${name}_bucket` }
  })
  samples.push({ labels: protocol, value: counts.publishedBytes, metricName: `${name}_sum` })
  samples.push({ labels: protocol, value: sum, metricName: `${name}_count` })
  return { name, help: 'Size of messages received from publishers', type: 'histogram', samples }
}

/** Logins. */
export function loginFamilies({ context }: Look): readonly Family[] {
  const { loginsAccepted, loginsRefused } = context.broker.census
  const of = (name: string, help: string, value: number): Family => {
    return {
      name: `rabbitmq_auth_attempts${name}_total`,
      help,
      type: 'counter',
      samples: [{ labels: protocol, value }],
    }
  }
  return [
    of('', 'Authentication attempts', loginsAccepted + loginsRefused),
    of('_succeeded', 'Successful authentication attempts', loginsAccepted),
    of('_failed', 'Failed authentication attempts', loginsRefused),
  ]
}
