// The one node there is, and the overview of it, as RabbitMQ's API shows them. What only an Erlang machine has is 0 or empty
// (docs/http-api.md). Knows numbers; not who may see them.

import { countsByVhost } from '../../broker/census.ts'
import { exchangeTypes } from '../../broker/exchange/types.ts'
import type { ManagementContext } from '../context.ts'
import type { NodeFacts } from '../node-facts.ts'
import { sumOf } from '../statistics/probes.ts'
import { shownChurn, shownOfVhost } from '../statistics/shown.ts'
import { NO_WINDOWS, type Windows } from '../statistics/windows.ts'

/** What a broker answers with that could not measure anything. */
export const NO_FACTS: NodeFacts = {
  memoryUsed: 0,
  memoryLimit: 0,
  diskFree: 0,
  diskFreeLimit: 0,
  filesUsed: 0,
  filesTotal: 0,
  processors: 1,
  folder: null,
}

/** Numbers that RabbitMQ's node has and this one does not, each with its rate. */
const nothings = [
  ...['gc_num', 'gc_bytes_reclaimed', 'context_switches', 'io_read_count', 'io_read_bytes'],
  ...['io_read_avg_time', 'io_write_count', 'io_write_bytes', 'io_write_avg_time', 'io_sync_count', 'io_sync_avg_time'],
  ...['io_seek_count', 'io_seek_avg_time', 'io_reopen_count', 'mnesia_ram_tx_count', 'mnesia_disk_tx_count'],
  ...['msg_store_read_count', 'msg_store_write_count', 'queue_index_write_count', 'queue_index_read_count'],
] as const

const NO_RATE = { rate: 0 }

/** The types of exchanges, with a sentence on each. */
export function exchangeTypesView(): readonly object[] {
  return exchangeTypes.map((name) => ({ name, description: `Exchange of type ${name}`, enabled: true }))
}

/** The node. */
export function nodeView(context: ManagementContext, facts: NodeFacts, windows: Windows = NO_WINDOWS): object {
  const { broker, node, clock } = context
  const numbers = { mem_used: facts.memoryUsed, fd_used: facts.filesUsed, disk_free: facts.diskFree }
  // One process, of as many as RabbitMQ says: there are checks that take 0 for no answer.
  const counted = { ...numbers, sockets_used: broker.connections.size, proc_used: 1 }
  const rates = Object.keys(counted).map((name) => [`${name}_details`, NO_RATE])
  return {
    ...{ partitions: [], os_pid: `${process.pid}`, fd_total: facts.filesTotal, sockets_total: facts.filesTotal },
    ...{ mem_limit: facts.memoryLimit, mem_alarm: broker.alarms.has('memory') },
    ...{
      disk_free_limit: facts.diskFreeLimit,
      disk_free_alarm: broker.alarms.has('disk') || broker.alarms.has('store'),
    },
    ...{ proc_total: 1_048_576, rates_mode: 'basic', uptime: clock.now() - node.startedAt, run_queue: 0 },
    ...{ processors: facts.processors, exchange_types: exchangeTypesView() },
    auth_mechanisms: ['PLAIN', 'AMQPLAIN'].map((name) => ({ name, description: `SASL ${name}`, enabled: true })),
    applications: [{ name: 'leveret', description: 'Leveret', version: node.version }],
    ...{ contexts: [], log_files: ['<stdout>'], db_dir: facts.folder ?? '', config_files: [], net_ticktime: 0 },
    // Tools look for these names before they ask for what the plug-ins serve.
    enabled_plugins: ['rabbitmq_management', 'rabbitmq_prometheus'],
    ...{ mem_calculation_strategy: 'rss', ra_open_file_metrics: {}, name: node.name, type: 'disc', running: true },
    ...{ being_drained: false, ...counted, ...Object.fromEntries(rates) },
    ...Object.fromEntries(nothings.flatMap((name) => [[name, 0] as const, [`${name}_details`, NO_RATE] as const])),
    ...shownChurn(context, windows),
    ...{ cluster_links: [], metrics_gc_queue_length: {} },
  }
}

/** What the memory of the process goes to, as far as Node.js tells. */
export function memoryView({ broker }: ManagementContext): object {
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage()
  return {
    strategy: 'rss',
    total: { rss, allocated: heapTotal + external, erlang: 0 },
    queue_procs: broker.memory.used,
    heap_used: heapUsed,
    heap_total: heapTotal,
    external,
    binary: arrayBuffers,
  }
}

/** How many messages all queues hold. */
export async function queueTotals({ broker }: ManagementContext): Promise<{ ready: number; unacked: number }> {
  const total = { ready: 0, unacked: 0 }
  for (const vhost of broker.vhosts.values()) {
    for (const queue of vhost.queues.values()) {
      const stats = await queue.stats()
      total.ready += stats.ready
      total.unacked += stats.unacked
    }
  }
  return total
}

/** How many things of each kind there are. */
function objectTotals({ broker }: ManagementContext): Readonly<Record<string, number>> {
  let [consumers, exchanges, queues] = [0, 0, 0]
  for (const { channels } of broker.connections.peers()) {
    for (const { consumerCount } of channels) consumers += consumerCount
  }
  for (const vhost of broker.vhosts.values()) {
    exchanges += vhost.exchanges.size
    queues += vhost.queues.size
  }
  const { channels, size } = broker.connections
  return { channels, connections: size, consumers, exchanges, queues }
}

/** The overview of all. */
export async function overviewView(context: ManagementContext, windows: Windows = NO_WINDOWS): Promise<object> {
  const { broker, node } = context
  const counts = sumOf(broker, countsByVhost(broker.vhosts.values(), broker.connections))
  const { message_stats: stats, ...totals } = shownOfVhost(context, broker, counts, await queueTotals(context), windows)
  const { name: clusterName } = { name: broker.globalParameters.get('cluster_name') ?? 'leveret' }
  return {
    ...{ management_version: broker.dialect.version, rates_mode: 'basic' },
    sample_retention_policies: { global: [600], basic: [600], detailed: [600] },
    exchange_types: exchangeTypesView(),
    ...{
      product_version: node.version,
      product_name: 'Leveret',
      rabbitmq_version: broker.dialect.version,
      cluster_name: clusterName,
    },
    ...{ erlang_version: '', erlang_full_version: `Node.js ${process.version}`, node_version: process.version },
    ...{ release_series_support_status: 'supported', disable_stats: false, enable_queue_totals: false },
    is_op_policy_updating_enabled: true,
    message_stats: stats ?? {},
    churn_rates: shownChurn(context, windows),
    queue_totals: totals,
    object_totals: objectTotals(context),
    ...{ statistics_db_event_queue: 0, node: node.name },
    listeners: context.listeners().map(({ protocol, address, port }) => {
      return { node: node.name, protocol, ip_address: address, port, socket_opts: {} }
    }),
    contexts: [],
  }
}
