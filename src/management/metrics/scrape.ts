// The pages of the metrics port: which families each shows, and their text, which the client library writes. Knows families;
// not sockets.

import { collectDefaultMetrics, type Metric, Registry } from 'prom-client'
import { boundedPattern } from '../bounded-pattern.ts'
import { aggregated, each, type Family, labelled, single, Table } from './family.ts'
import { pieces } from './long.ts'
import { type Look, look, type MetricsContext, turn } from './look.ts'
import {
  churnFamilies,
  deadLetterFamilies,
  globalFamilies,
  identity,
  loginFamilies,
  nodeFamilies,
  sizeFamily,
} from './node.ts'
import {
  channelLabels,
  channelMetrics,
  connectionLabels,
  connectionMetrics,
  exchangeLabels,
  exchangeMetrics,
  queueCoarse,
  queueConsumers,
  queueDeliveries,
  queueLabels,
  queueMetrics,
} from './objects.ts'
import { ownFamilies } from './own.ts'

const PREFIX = 'rabbitmq_'
const DETAILED = 'rabbitmq_detailed_'
/** Event loop, heap and garbage collection of this process; made with the first scrape, because it costs to measure. */
let ofProcess: Registry | null = null

/** The content type of all pages. */
export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/** The page /metrics: sums over all objects, and Leveret's own family. */
export async function metricsPage(context: MetricsContext): Promise<string> {
  const seen = await look(context)
  const families = [
    ...whole(seen, 'aggregated'),
    ...aggregated(PREFIX, [...queueCoarse, ...queueMetrics, ...queueDeliveries], seen.queues),
    ...aggregated(PREFIX, channelMetrics, seen.channels),
    ...aggregated(PREFIX, connectionMetrics, seen.connections),
    ...ownFamilies(seen, labelled(seen.queues, queueLabels), false),
  ]
  return (await text(context, families)) + (await processMetrics())
}

/** The page /metrics/per-object: each queue, channel and connection for itself. */
export async function perObjectPage(context: MetricsContext): Promise<string> {
  const seen = await look(context)
  const queues = labelled(seen.queues, queueLabels)
  const families = [
    ...whole(seen, 'per-object'),
    ...each(PREFIX, [...queueCoarse, ...queueMetrics, ...queueDeliveries], queues),
    ...each(PREFIX, channelMetrics, labelled(seen.channels, channelLabels)),
    ...each(PREFIX, connectionMetrics, labelled(seen.connections, connectionLabels)),
    ...ownFamilies(seen, queues, true),
  ]
  return (await text(context, families)) + (await processMetrics())
}

/** The families of /metrics/detailed, by RabbitMQ's names of groups. */
const groups: Readonly<Record<string, (seen: Look) => readonly Family[]>> = {
  queue_coarse_metrics: (seen) => each(DETAILED, queueCoarse, labelled(seen.queues, queueLabels)),
  queue_consumer_count: (seen) => each(DETAILED, queueConsumers, labelled(seen.queues, queueLabels)),
  queue_metrics: (seen) => each(DETAILED, queueMetrics, labelled(seen.queues, queueLabels)),
  queue_delivery_metrics: (seen) => each(DETAILED, queueDeliveries, labelled(seen.queues, queueLabels)),
  exchange_metrics: (seen) => each(DETAILED, exchangeMetrics, labelled(seen.exchanges, exchangeLabels)),
  connection_coarse_metrics: (seen) => each(DETAILED, connectionMetrics, labelled(seen.connections, connectionLabels)),
  connection_metrics: (seen) => each(DETAILED, connectionMetrics, labelled(seen.connections, connectionLabels)),
  channel_metrics: (seen) => each(DETAILED, channelMetrics, labelled(seen.channels, channelLabels)),
  connection_churn_metrics: (seen) => renamed(churnFamilies(seen)),
  auth_attempt_metrics: (seen) => renamed(loginFamilies(seen)),
  node_coarse_metrics: (seen) => renamed(nodeFamilies(seen)),
  node_metrics: (seen) => renamed(nodeFamilies(seen)),
  vhost_status: vhostStatus,
  exchange_names: (seen) => [exchangeNames(seen)],
}

/** The names that `family` may be asked for by. */
export const groupNames: readonly string[] = Object.keys(groups)

/** The page /metrics/detailed: the groups that are asked for, of the vhosts that are, of the queues whose names match. */
export async function detailedPage(context: MetricsContext, query: URLSearchParams): Promise<string> {
  const vhosts = query.getAll('vhost')
  const all = await look(context, vhosts.length === 0 ? null : new Set(vhosts))
  const pattern = query.get('queue')
  const wanted = pattern === null ? null : boundedPattern(pattern)
  const seen = wanted === null ? all : { ...all, queues: all.queues.filter(({ queue }) => wanted.matches(queue.name)) }
  const families = new Map<string, Family>()
  for (const group of query.getAll('family')) {
    for (const family of groups[group]?.(seen) ?? []) families.set(family.name, family)
  }
  return text(context, [...identity(seen, 'detailed'), ...families.values()])
}

/** The page /metrics/memory-breakdown: what the memory of the process goes to. */
export async function memoryPage(context: MetricsContext): Promise<string> {
  const seen = await look(context, new Set())
  const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage()
  const parts = { heap_used: heapUsed, heap_total: heapTotal, external, array_buffers: arrayBuffers }
  const families = Object.entries({ ...parts, messages: context.broker.memory.used }).map(([name, bytes]) =>
    single(`rabbitmq_memory_${name}_bytes`, `Memory: ${name}`, 'gauge', bytes),
  )
  return text(context, [...identity(seen, 'memory-breakdown'), ...families])
}

/** What belongs to no single object. */
function whole(seen: Look, endpoint: string): readonly Family[] {
  return [
    ...identity(seen, endpoint),
    ...nodeFamilies(seen),
    ...churnFamilies(seen),
    ...globalFamilies(seen),
    ...deadLetterFamilies(seen),
    sizeFamily(seen),
    ...loginFamilies(seen),
  ]
}

function renamed(families: readonly Family[]): readonly Family[] {
  return families.map((family) => ({ ...family, name: family.name.replace(/^(rabbitmq_)?/, DETAILED) }))
}

function vhostStatus({ context }: Look): readonly Family[] {
  const samples = [...context.broker.vhosts.keys()].map((vhost) => ({ labels: { vhost }, value: 1 }))
  return [{ name: 'rabbitmq_cluster_vhost_status', help: 'Whether a vhost runs', type: 'gauge', samples }]
}

function exchangeNames({ exchanges }: Look): Family {
  const samples = exchanges.map(({ exchange, vhost }) => {
    return { labels: { vhost, exchange: exchange.name, type: exchange.type }, value: 1 }
  })
  return { name: 'rabbitmq_cluster_exchange_name', help: 'Enumerates exchanges', type: 'gauge', samples }
}

/** Samples from which on a family is written in pieces, between which others have their turn. */
const LONG = 100

/** The text of families. */
async function text(context: MetricsContext, families: readonly Family[]): Promise<string> {
  const registry = new Registry()
  for (const family of families) if (sizeOf(family) < LONG) registry.registerMetric(live(family))
  let all = await registry.metrics()
  for (const family of families) {
    if (sizeOf(family) < LONG) continue
    for (const piece of pieces(family)) {
      all += piece
      await turn(context)
    }
  }
  return all
}

function sizeOf(family: Family): number {
  return family instanceof Table ? family.size : family.samples.length
}

/** A family as the library's registry reads its own metrics. */
function live({ name, help, type, samples }: Family): Metric {
  return { name, get: async () => ({ name, help, type, values: samples, aggregator: 'sum' }) } as unknown as Metric
}

async function processMetrics(): Promise<string> {
  if (!ofProcess) {
    ofProcess = new Registry()
    collectDefaultMetrics({ register: ofProcess })
  }
  return ofProcess.metrics()
}
