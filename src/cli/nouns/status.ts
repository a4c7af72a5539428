// `leveret status` and `leveret overview`: how the broker is. `status` says it in a few lines, `overview` prints what the
// API has. Knows the API's paths for the broker and its node.

import type { Verb } from '../command.ts'
import { path } from '../http.ts'
import { type Row, textOf, valueAt } from '../output/paths.ts'
import { duration, short } from '../progress.ts'
import type { Task } from '../task.ts'
import { octets, rate } from './support.ts'

/** How the broker is, for people. */
export const status: Verb = {
  name: 'status',
  summary: 'Show how the broker is: version, uptime, memory, disk, alarms, listeners, totals, rates.',
  reach: 'any broker',
  looks: true,
  run: async (task) => {
    const summary = await summaryOf(task)
    if (task.format !== 'table' && task.format !== 'wide') return task.show(summary)
    task.print(screen(summary, task))
  },
}

/** What the API says of the broker. */
export const overview: Verb = {
  name: 'overview',
  summary: 'Show what the API says of the broker as a whole.',
  reach: 'any broker',
  looks: true,
  run: async (task) =>
    task.show((await (await task.api()).get(path('overview'))) as Row, { columns: [], name: 'node' }),
}

/** What status knows, for programs. */
export async function summaryOf(task: Task): Promise<Row> {
  const api = await task.api()
  const [overview, nodes] = await Promise.all([
    api.get(path('overview')) as Promise<Row>,
    // Only users with the tag monitoring may see nodes.
    api.list(path('nodes')).catch(() => [] as readonly Row[]),
  ])
  const node = nodes.find((each) => each['name'] === overview['node']) ?? nodes[0] ?? {}
  const alarms = [
    ...(node['mem_alarm'] === true ? ['memory'] : []),
    ...(node['disk_free_alarm'] === true ? ['disk'] : []),
  ]
  return {
    url: api.target.url,
    product: overview['product_name'] ?? 'RabbitMQ',
    version: overview['product_version'] ?? overview['rabbitmq_version'],
    rabbitmq_version: overview['rabbitmq_version'],
    node: overview['node'],
    cluster: overview['cluster_name'],
    uptime_ms: node['uptime'],
    alarms,
    memory: { used: node['mem_used'], limit: node['mem_limit'] },
    disk: { free: node['disk_free'], limit: node['disk_free_limit'] },
    descriptors: { used: node['fd_used'], total: node['fd_total'] },
    listeners: listenersOf(overview),
    totals: overview['object_totals'] ?? {},
    messages: overview['queue_totals'] ?? {},
    rates: ratesOf(overview),
  }
}

function listenersOf(overview: Row): readonly string[] {
  const listeners = Array.isArray(overview['listeners']) ? (overview['listeners'] as readonly Row[]) : []
  const each = listeners.map(({ protocol, ip_address, port }) => `${protocol} ${ip_address}:${port}`)
  return [...new Set(each)]
}

const shownRates = ['publish', 'confirm', 'deliver_get', 'ack', 'redeliver', 'return_unroutable'] as const

function ratesOf(overview: Row): Row {
  return Object.fromEntries(
    shownRates.map((name) => [name, valueAt(overview, `message_stats.${name}_details.rate`) ?? 0]),
  )
}

function screen(summary: Row, task: Task): string {
  const { bold, red, green } = task.colours
  const at = (path: string) => valueAt(summary, path)
  const alarms = summary['alarms'] as readonly string[]
  const ofLimit = (used: string, limit: string) => `${octets(at(used))} of ${octets(at(limit))}`
  const uptime = typeof summary['uptime_ms'] === 'number' ? duration(summary['uptime_ms'] / 1000) : undefined
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['broker', `${textOf(summary['product'])} ${textOf(summary['version'])} at ${textOf(summary['url'])}`],
    ['node', textOf(summary['node'])],
    ['uptime', uptime],
    ['alarms', alarms.length === 0 ? green('none') : red(alarms.join(', '))],
    ['memory', at('memory.used') === undefined ? undefined : ofLimit('memory.used', 'memory.limit')],
    [
      'disk free',
      at('disk.free') === undefined
        ? undefined
        : `${octets(at('disk.free'))} (alarm below ${octets(at('disk.limit'))})`,
    ],
    ['listeners', (summary['listeners'] as readonly string[]).join(', ')],
    ['objects', pairs(summary['totals'], (value) => textOf(value))],
    [
      'messages',
      ['messages', 'messages_ready', 'messages_unacknowledged']
        .map(
          (key) =>
            `${short(Number(at(`messages.${key}`) ?? 0))} ${key.replace('messages_', '').replace('messages', 'in all')}`,
        )
        .join(', '),
    ],
    ['per second', pairs(summary['rates'], rate)],
  ]
  const width = Math.max(...lines.map(([label]) => label.length))
  return lines
    .filter(([, text]) => text !== undefined && text !== '')
    .map(([label, text]) => `${bold(label.padEnd(width))}  ${text}\n`)
    .join('')
}

function pairs(object: unknown, show: (value: unknown) => string): string {
  return Object.entries((object ?? {}) as object)
    .map(([key, value]) => `${show(value)} ${key}`)
    .join(', ')
}
