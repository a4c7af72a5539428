// What rabbitmqctl and rabbitmq-diagnostics tell of the broker as a whole: status, cluster_status, listeners, versions.
// Sections are RabbitMQ's; what only an Erlang machine has is left out.

import type { Row } from '../../http.ts'
import type { Broker } from './broker.ts'
import { listenersOf } from './checks.ts'
import type { CtlCommand } from './command.ts'

const group = 'Monitoring, observability and health checks'

/** The commands that describe the broker. */
export const statusCommands: readonly CtlCommand[] = [
  {
    name: 'status',
    group,
    help: 'Displays status of a node',
    usage: '[--unit <unit>] [--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Status of node ${await broker.node()} ...`,
    run: async (_given, broker) => status(broker),
  },
  {
    name: 'cluster_status',
    group: 'Cluster',
    help: 'Displays all the nodes in the cluster; there is one',
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Cluster status of node ${await broker.node()} ...`,
    run: async (_given, broker) => clusterStatus(broker),
  },
  {
    name: 'listeners',
    group,
    help: 'Lists active connection listeners on the target node',
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Asking node ${await broker.node()} to report its protocol listeners ...`,
    run: async (_given, broker) => {
      const listeners = (await listenersOf(broker)).map(describedFor(await broker.overview()))
      const text = listeners.map(listenerLine).join('\n')
      return { text, value: { listeners, node: await broker.node(), result: 'ok' } }
    },
  },
  {
    name: 'server_version',
    group,
    help: 'Displays server version on the target node',
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Asking node ${await broker.node()} for its RabbitMQ version...`,
    run: async (_given, broker) => {
      const version = String((await broker.overview())['rabbitmq_version'])
      return { text: version, value: { result: 'ok', value: version } }
    },
  },
  {
    name: 'list_node_auth_attempt_stats',
    group,
    help: 'Lists authentication attempts on the target node',
    usage: '[--by-source]',
    takes: [0, 0],
    banner: async (_given, broker) => `Listing authentication\n attempts for node "${await broker.node()}" ...`,
    run: async ({ options }, broker) => {
      const counts = ['protocol', 'auth_attempts', 'auth_attempts_failed', 'auth_attempts_succeeded']
      const names = ['auth', 'attempts', await broker.node()]
      return options['by-source'] === true
        ? { columns: ['remote_address', 'username', ...counts], rows: await broker.list([...names, 'source']) }
        : { columns: counts, rows: await broker.list(names) }
    },
  },
]

async function status(broker: Broker) {
  const overview = await broker.overview()
  const node = (await broker.find(['nodes', String(overview['node'])])) ?? {}
  const listeners = (await listenersOf(broker)).map(describedFor(await broker.overview()))
  const totals = (overview['object_totals'] ?? {}) as Row
  const vhosts = (await broker.list(['vhosts'])).length
  const alarms = alarmsOf(node)
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Runtime', runtimeLines(overview, node)],
    ['Data directory', [`Node data directory: ${node['db_dir'] || '(none)'}`]],
    ['Config files', bulleted(node['config_files'])],
    ['Log file(s)', bulleted(node['log_files'])],
    ['Alarms', alarms.length > 0 ? alarms : ['(none)']],
    [
      'Memory',
      [`Total memory used: ${gigabytes(node['mem_used'])}`, `Memory high watermark: ${gigabytes(node['mem_limit'])}`],
    ],
    ['File Descriptors', [`Total: ${node['fd_used'] ?? 0}, limit: ${node['fd_total'] ?? 0}`]],
    [
      'Free Disk Space',
      [
        `Low free disk space watermark: ${gigabytes(node['disk_free_limit'])}`,
        `Free disk space: ${gigabytes(node['disk_free'])}`,
      ],
    ],
    [
      'Totals',
      [
        `Connection count: ${totals['connections'] ?? 0}`,
        `Queue count: ${totals['queues'] ?? 0}`,
        `Virtual host count: ${vhosts}`,
      ],
    ],
    ['Listeners', listeners.map(listenerLine)],
  ]
  return { text: sectioned(sections), value: statusValue(overview, node, listeners, vhosts, alarms) }
}

function runtimeLines(overview: Row, node: Row): readonly string[] {
  return [
    `OS PID: ${node['os_pid'] ?? '(unknown)'}`,
    `Uptime (seconds): ${Math.floor(Number(node['uptime'] ?? 0) / 1000)}`,
    'Is under maintenance?: false',
    `RabbitMQ version: ${overview['rabbitmq_version']}`,
    ...(overview['product_name'] === undefined
      ? []
      : [`Product: ${overview['product_name']} ${overview['product_version'] ?? ''}`.trim()]),
    `Node name: ${overview['node']}`,
  ]
}

function statusValue(overview: Row, node: Row, listeners: readonly Row[], vhosts: number, alarms: readonly string[]) {
  const totals = (overview['object_totals'] ?? {}) as Row
  return {
    alarms,
    config_files: node['config_files'] ?? [],
    data_directory: node['db_dir'],
    disk_free: node['disk_free'],
    disk_free_limit: node['disk_free_limit'],
    file_descriptors: {
      sockets_limit: node['sockets_total'],
      sockets_used: node['sockets_used'],
      total_limit: node['fd_total'],
      total_used: node['fd_used'],
    },
    is_under_maintenance: false,
    listeners,
    log_files: node['log_files'] ?? [],
    memory: { total: { rss: node['mem_used'] } },
    pid: Number(node['os_pid']),
    product_name: overview['product_name'] ?? '',
    product_version: overview['product_version'] ?? '',
    rabbitmq_version: overview['rabbitmq_version'],
    totals: {
      virtual_host_count: vhosts,
      connection_count: totals['connections'] ?? 0,
      queue_count: totals['queues'] ?? 0,
    },
    uptime: Math.floor(Number(node['uptime'] ?? 0) / 1000),
    vm_memory_high_watermark_limit: node['mem_limit'],
  }
}

async function clusterStatus(broker: Broker) {
  const overview = await broker.overview()
  const name = String(overview['node'])
  const node = (await broker.find(['nodes', name])) ?? {}
  const listeners = (await listenersOf(broker)).map(describedFor(await broker.overview()))
  const alarms = alarmsOf(node)
  const text = sectioned([
    ['Basics', [`Cluster name: ${overview['cluster_name']}`]],
    ['Disk Nodes', [name]],
    ['Running Nodes', [name]],
    ['Versions', [`${name}: RabbitMQ ${overview['rabbitmq_version']}`]],
    ['Maintenance status', [`Node: ${name}, status: not under maintenance`]],
    ['Alarms', alarms.length > 0 ? alarms : ['(none)']],
    ['Network Partitions', ['(none)']],
    ['Listeners', listeners.map((each) => `Node: ${name}, ${listenerLine(each).replace('Interface', 'interface')}`)],
  ])
  const value = {
    alarms,
    cluster_name: overview['cluster_name'],
    disk_nodes: [name],
    listeners: { [name]: listeners },
    maintenance_status: { [name]: 'not under maintenance' },
    partitions: {},
    ram_nodes: [],
    running_nodes: [name],
    versions: { [name]: { rabbitmq_version: overview['rabbitmq_version'] } },
  }
  return { text, value }
}

function sectioned(sections: readonly (readonly [string, readonly string[]])[]): string {
  return sections.map(([title, lines]) => `\u001b[1m${title}\u001b[0m\n\n${lines.join('\n')}\n`).join('\n')
}

function bulleted(value: unknown): readonly string[] {
  const lines = Array.isArray(value) ? value.map((each) => ` * ${each}`) : []
  return lines.length > 0 ? lines : ['(none)']
}

function alarmsOf(node: Row): readonly string[] {
  return [
    ...(node['mem_alarm'] === true ? [`Memory alarm on node ${node['name']}`] : []),
    ...(node['disk_free_alarm'] === true ? [`Free disk space alarm on node ${node['name']}`] : []),
  ]
}

function gigabytes(value: unknown): string {
  return typeof value === 'number' ? `${Math.round(value / 100_000) / 10_000} gb` : '(unknown)'
}

/** What each protocol is for, in RabbitMQ's words. */
const purposes: Readonly<Record<string, string>> = {
  amqp: 'AMQP 0-9-1 and AMQP 1.0',
  'amqp/ssl': 'AMQP 0-9-1 and AMQP 1.0 over TLS',
  clustering: 'inter-node and CLI tool communication',
  http: 'HTTP API',
  https: 'HTTP API over TLS (HTTPS)',
  'http/prometheus': 'Prometheus exporter API over HTTP',
  'http/web-amqp': 'AMQP over WebSockets',
}

/** Listeners with their purposes. RabbitMQ takes AMQP 1.0 at the same port; nobody else is said to. */
function describedFor({ product_name: product = 'RabbitMQ' }: Row): (listener: Row) => Row {
  return ({ ip_address: address, node, port, protocol }) => {
    const purpose = String(purposes[String(protocol)] ?? protocol)
    return {
      interface: String(address).includes(':') ? `[${address}]` : address,
      node,
      port,
      protocol,
      purpose: product === 'RabbitMQ' ? purpose : purpose.replace(' and AMQP 1.0', ''),
    }
  }
}

function listenerLine({ interface: at, port, protocol, purpose }: Row): string {
  return `Interface: ${at}, port: ${port}, protocol: ${protocol}, purpose: ${purpose}`
}
