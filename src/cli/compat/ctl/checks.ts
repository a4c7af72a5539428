// rabbitmq-diagnostics' health checks: what compose files, Kubernetes probes and monitoring run, each from a route of the
// HTTP API. Exit code 0 is well, 69 is not.

import { exitCode } from '../../exit-codes.ts'
import type { Row } from '../../http.ts'
import type { Broker } from './broker.ts'
import { arg, type CtlCommand, type CtlWorld, type Given, option } from './command.ts'
import { ArgumentError, CtlError } from './ctl-error.ts'

const group = 'Monitoring, observability and health checks'

/** The commands that check. */
export const checkCommands: readonly CtlCommand[] = [
  {
    name: 'ping',
    group,
    help: 'Checks that the broker answers',
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) =>
      `Will ping ${await broker.node()}. This only checks that the HTTP API answers. Timeout: 60000 ms.`,
    // Any answer will do: who asks may not be known there.
    run: async (_given, broker) => {
      const { status } = await broker.ask('GET', ['overview'])
      if (status >= 500) throw new CtlError(`the broker answered ${status}`)
      return { text: 'Ping succeeded' }
    },
  },
  ...['check_running', 'is_running'].map(
    (name): CtlCommand => ({
      name,
      group,
      help: 'Health check that exits with a non-zero code if the broker is not running',
      usage: '[--timeout <timeout>]',
      takes: [0, 0],
      banner: async (_given, broker) =>
        name === 'is_running'
          ? `Asking node ${await broker.node()} for its status ...`
          : `Checking if RabbitMQ is running on node ${await broker.node()} ...`,
      run: async (_given, broker) => {
        await broker.overview()
        return { text: `RabbitMQ on node ${await broker.node()} is fully booted and running` }
      },
    }),
  ),
  {
    name: 'is_booting',
    group,
    help: 'Checks if the broker is still booting',
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Asking node ${await broker.node()} for its boot status ...`,
    run: async (_given, broker) => ({
      text: `RabbitMQ on node ${await broker.node()} is fully booted (check with is_running), stopped or has not started booting yet`,
    }),
  },
  alarmCheck('check_alarms', 'any', true),
  alarmCheck('check_local_alarms', 'any local', true),
  alarmCheck('alarms', 'any known', false),
  {
    name: 'check_port_connectivity',
    group,
    help: "Basic TCP connectivity health check for each listener's port",
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) =>
      `Testing TCP connections to all active listeners on node ${await broker.node()} ...`,
    run: checkPorts,
  },
  {
    name: 'check_port_listener',
    group,
    help: 'Health check that exits with a non-zero code if there is no active listener for given port',
    usage: '<port> [--timeout <timeout>]',
    takes: [1, 1],
    banner: async (given, broker) =>
      `Asking node ${await broker.node()} if there's an active listener on port ${arg(given, 0)} ...`,
    run: checkPort,
  },
  {
    name: 'check_protocol_listener',
    group,
    help: 'Health check that exits with a non-zero code if there is no active listener for given protocol',
    usage: '<protocol> [--timeout <timeout>]',
    takes: [1, 1],
    banner: async (given, broker) =>
      `Asking node ${await broker.node()} if there's an active listener for protocol ${arg(given, 0)} ...`,
    run: checkProtocol,
  },
  {
    name: 'check_virtual_hosts',
    group,
    help: 'Health check that checks if all vhosts are running in the target node',
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Checking if all vhosts are running on node ${await broker.node()} ...`,
    run: async (_given, broker) => {
      await health(broker, ['virtual-hosts'])
      return { text: `Node ${await broker.node()} reported all vhosts as running` }
    },
  },
  {
    name: 'check_certificate_expiration',
    group,
    help: 'Checks the expiration date on the certificates for every listener configured to use TLS',
    usage: '[--within <period>] [--unit <unit>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Checking certificate expiration on node ${await broker.node()} ...`,
    run: checkCertificates,
  },
  ...['check_if_node_is_quorum_critical', 'check_if_node_is_mirror_sync_critical'].map(
    (name): CtlCommand => ({
      name,
      group,
      help: 'Always well: there is one node',
      usage: '[--timeout <timeout>]',
      takes: [0, 0],
      banner: async (_given, broker) =>
        `Checking if node ${await broker.node()} is critical for quorum of any quorum queues ...`,
      run: async (_given, broker) => ({
        text: `Node ${await broker.node()} seems to be the only one in a single node cluster, the check does not apply`,
      }),
    }),
  ),
  {
    name: 'node_health_check',
    group,
    help: 'DEPRECATED. Checks that the broker runs and has no alarms',
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) => `Checking health of node ${await broker.node()} ...`,
    run: async (_given, broker) => {
      await health(broker, ['alarms'])
      return { text: 'Health check passed' }
    },
  },
]

function alarmCheck(name: string, which: string, fails: boolean): CtlCommand {
  const local = name === 'check_local_alarms'
  return {
    name,
    group,
    help: fails
      ? 'Health check that exits with a non-zero code if the broker reports any alarms'
      : 'Lists resource alarms (local or cluster-wide) in effect',
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    banner: async (_given, broker) =>
      `Asking node ${await broker.node()} to report any ${fails ? 'local' : which.slice(4)} resource alarms ...`,
    run: async (_given, broker) => {
      const { status, body } = await broker.ask('GET', ['health', 'checks', local ? 'local-alarms' : 'alarms'])
      const node = await broker.node()
      if (status === 200) {
        return { text: `Node ${node} reported no ${local ? 'local alarms' : 'alarms, local or clusterwide'}` }
      }
      const { reason, alarms } = (body ?? {}) as Row
      const text = `${reason ?? `the HTTP API answered ${status}`}${alarms === undefined ? '' : `: ${JSON.stringify(alarms)}`}`
      if (fails || status !== 503) throw new CtlError(`Node ${node}: ${text}`)
      return { text, value: { result: 'ok', alarms } }
    },
  }
}

async function health(broker: Broker, check: readonly string[]): Promise<void> {
  const { status, body } = await broker.ask('GET', ['health', 'checks', ...check])
  if (status === 200) return
  const { reason } = (body ?? {}) as Row
  throw new CtlError(String(reason ?? `the health check ${check.join('/')} answered ${status}`))
}

/** The listeners that the API tells of. */
export async function listenersOf(broker: Broker): Promise<readonly Row[]> {
  const { listeners } = await broker.overview()
  const all = Array.isArray(listeners) ? (listeners as readonly Row[]) : []
  return all.toSorted((one, other) => Number(one['port']) - Number(other['port']))
}

async function portsOf(broker: Broker): Promise<readonly number[]> {
  return (await listenersOf(broker)).map(({ port }) => Number(port))
}

async function checkPorts(_given: Given, broker: Broker, world: CtlWorld) {
  const listeners = await listenersOf(broker)
  const closed: number[] = []
  for (const { port, ip_address: address } of listeners) {
    const host = address === '::' || address === '0.0.0.0' ? 'localhost' : String(address)
    // Another machine's wildcard or loopback is not ours to dial: its API has answered, and that is what can be known.
    await world.dial(host, Number(port)).catch(() => closed.push(Number(port)))
  }
  const node = await broker.node()
  if (closed.length > 0) {
    throw new CtlError(`Connection to ports of the following listeners on node ${node} failed: ${closed.join(', ')}`)
  }
  return { text: `Successfully connected to ports ${(await portsOf(broker)).join(', ')} on node ${node}.` }
}

async function checkPort(given: Given, broker: Broker) {
  const port = Number(arg(given, 0))
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ArgumentError(`Port is out of range: got "${arg(given, 0)}", expected a number from 1 to 65535`)
  }
  const ports = await portsOf(broker)
  const node = await broker.node()
  if (ports.includes(port)) return { text: `A listener for port ${port} is running on node ${node}.` }
  throw new CtlError(
    `No listener for port ${port} is active on node ${node}. Found listeners that use the following ports: ${ports.join(', ')}`,
  )
}

/** Names that people use, and the protocol that is meant. */
const protocols: Readonly<Record<string, string>> = {
  amqp091: 'amqp',
  amqp10: 'amqp',
  amqp: 'amqp',
  amqps: 'amqp/ssl',
  'amqp/ssl': 'amqp/ssl',
  http: 'http',
  https: 'https',
}

async function checkProtocol(given: Given, broker: Broker) {
  const wanted = protocols[arg(given, 0).toLowerCase()] ?? arg(given, 0).toLowerCase()
  const found = [...new Set((await listenersOf(broker)).map(({ protocol }) => String(protocol)))].sort()
  const node = await broker.node()
  if (found.includes(wanted)) return { text: `A listener for protocol ${arg(given, 0)} is running on node ${node}.` }
  throw new CtlError(
    `No listener for protocol ${arg(given, 0)} is active on node ${node}. Found listeners for the following protocols: ${found.join(', ')}`,
  )
}

async function checkCertificates(given: Given, broker: Broker) {
  const within = option(given, 'within') ?? '4'
  const unit = (option(given, 'unit') ?? 'weeks').toLowerCase()
  if (!/^[1-9]\d*$/.test(within)) throw new ArgumentError(`--within: got "${within}", expected a whole number above 0`)
  if (!['days', 'weeks', 'months', 'years'].includes(unit)) {
    throw new ArgumentError(
      `unit "${unit}" is not supported, expected one of days, weeks, months, years`,
      exitCode.data,
    )
  }
  await health(broker, ['certificate-expiration', within, unit])
  return { text: `No certificates are expiring within ${within} ${within === '1' ? unit.replace(/s$/, '') : unit}.` }
}
