// What rabbitmqctl and rabbitmq-diagnostics tell at length: where memory goes, where the log goes, and everything at once for
// somebody who helps.

import type { Row } from '../../http.ts'
import { accessCommands } from './access.ts'
import type { Broker } from './broker.ts'
import type { CtlCommand, CtlWorld, Given } from './command.ts'
import { option } from './command.ts'
import { ArgumentError, CtlError } from './ctl-error.ts'
import { formatRows } from './formatters.ts'
import { listCommands } from './listings.ts'
import { policyCommands } from './policies.ts'
import { statusCommands } from './status.ts'
import { userCommands } from './users.ts'

const group = 'Monitoring, observability and health checks'

/** The commands that report. */
export const reportCommands: readonly CtlCommand[] = [
  {
    name: 'memory_breakdown',
    group,
    help: 'Displays a breakdown of node memory use by category',
    usage: '[--unit <unit>] [--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Reporting memory breakdown on node ${await broker.node()}...`,
    run: memoryBreakdown,
  },
  {
    name: 'log_location',
    group,
    help: 'Shows log file location(s) on target node',
    usage: '[--all|-a] [--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Log file location(s) on node ${await broker.node()}:`,
    run: async (_given, broker) => {
      const { log_files: files } = await broker.get(['nodes', await broker.node()])
      const all = Array.isArray(files) ? files.map(String) : []
      return { text: all.join('\n'), value: all }
    },
  },
  {
    name: 'report',
    group,
    help: 'Generate a server status report containing a concatenation of all server status information for support purposes',
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Reporting server status of node ${await broker.node()} ...\n`,
    run: report,
  },
]

const units: Readonly<Record<string, readonly [size: number, sign: string]>> = {
  bytes: [1, 'bytes'],
  mb: [1e6, 'mb'],
  megabytes: [1e6, 'mb'],
  gb: [1e9, 'gb'],
  gigabytes: [1e9, 'gb'],
}

async function memoryBreakdown(given: Given, broker: Broker) {
  const asked = option(given, 'unit') ?? 'gb'
  const unit = units[asked.toLowerCase()]
  if (!unit) throw new ArgumentError(`unit '${asked}' is not supported. Please use one of: bytes, mb, gb`)
  const { memory } = await broker.get(['nodes', await broker.node(), 'memory'])
  if (typeof memory !== 'object' || memory === null)
    throw new CtlError('the broker does not tell where its memory goes')
  const { total, strategy, ...parts } = memory as Row
  const whole = typeof total === 'number' ? total : Number((total as Row | undefined)?.[String(strategy)] ?? 0)
  const shares = Object.entries(parts)
    .map(([name, value]) => ({ name, bytes: Number(value), percentage: share(Number(value), whole) }))
    .toSorted((one, other) => other.bytes - one.bytes)
  const [size, sign] = unit
  const lines = shares.map(({ name, bytes, percentage }) => {
    const amount = size === 1 ? bytes : Math.round((bytes * 10_000) / size) / 10_000
    return `${name}: ${amount} ${sign} (${percentage}%)`
  })
  const value = Object.fromEntries(shares.map(({ name, bytes, percentage }) => [name, { bytes, percentage }]))
  return { text: lines.join('\n'), value }
}

function share(bytes: number, whole: number): number {
  return whole > 0 ? Math.round((bytes * 10_000) / whole) / 100 : 0
}

/** What a report has of the broker, and of each vhost. */
const ofBroker = ['status', 'cluster_status', 'list_connections', 'list_channels', 'list_users']
const ofVhost = [
  'list_queues',
  'list_exchanges',
  'list_bindings',
  'list_permissions',
  'list_policies',
  'list_parameters',
]

async function report(given: Given, broker: Broker, world: CtlWorld) {
  const chapters: string[] = []
  for (const name of ofBroker) chapters.push(await chapter(name, given, broker, world))
  for (const { name: vhost } of await broker.list(['vhosts'])) {
    for (const name of ofVhost) chapters.push(await chapter(name, { ...given, vhost: String(vhost) }, broker, world))
  }
  return { text: chapters.join('\n') }
}

/** What another command prints; what it cannot tell is no reason to tell nothing. */
async function chapter(name: string, given: Given, broker: Broker, world: CtlWorld): Promise<string> {
  const command = reported().find((each) => each.name === name)
  if (!command) throw new TypeError(`there is no command ${name} to report of`)
  const asked: Given = { ...given, args: [] }
  const banner = (await command.banner?.(asked, broker)) ?? name
  try {
    const answer = await command.run(asked, broker, world)
    const text = answer === undefined ? '' : 'rows' in answer ? formatRows('table', answer, true) : `${answer.text}\n`
    return `${banner}\n${text}`
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    return `${banner}\nError: ${error.message}\n`
  }
}

function reported(): readonly CtlCommand[] {
  return [...statusCommands, ...listCommands, ...policyCommands, ...accessCommands, ...userCommands]
}
