// rabbitmqctl's commands about the node and the cluster: waiting for it, what has nothing to do here and succeeds, and
// what cannot be done here and says so.

import { exitCode } from '../../exit-codes.ts'
import type { Broker } from './broker.ts'
import { ANY, arg, type CtlCommand, type CtlWorld, type Given, option } from './command.ts'
import { CtlError } from './ctl-error.ts'

/** How often a broker that is still starting is asked. */
const POLL_MS = 250

/** How long rabbitmqctl waits when it is not told. */
const WAIT_MS = 300_000

const group = 'Nodes'

const signal = 'end the process of `leveret serve` with SIGTERM, and start it again'
const oneNode = 'there is one node'
const noErlang = 'there is no Erlang machine here'
const configured = 'it is set where the broker is started (`leveret serve --help`)'

/** What RabbitMQ can and this cannot, under which heading, and why or what to do instead. */
const impossible: readonly (readonly [name: string, group: string, why: string])[] = [
  ['stop', group, signal],
  ['shutdown', group, signal],
  ['stop_app', group, signal],
  ['reset', group, 'end the broker and start it on an empty data folder'],
  ['force_reset', group, 'end the broker and start it on an empty data folder'],
  ['join_cluster', 'Cluster', oneNode],
  ['forget_cluster_node', 'Cluster', oneNode],
  ['change_cluster_node_type', 'Cluster', oneNode],
  ['rename_cluster_node', 'Cluster', oneNode],
  ['update_cluster_nodes', 'Cluster', oneNode],
  ['sync_queue', 'Replication', oneNode],
  ['cancel_sync_queue', 'Replication', oneNode],
  ['eval', 'Operations', noErlang],
  ['eval_file', 'Operations', noErlang],
  ['exec', 'Operations', noErlang],
  ['remote_shell', 'Operations', noErlang],
  ['observer', 'Operations', '`leveret top` shows what the broker does'],
  ['environment', 'Configuration and Environment', noErlang],
  ['set_vm_memory_high_watermark', 'Configuration and Environment', configured],
  ['set_disk_free_limit', 'Configuration and Environment', configured],
  ['set_log_level', 'Configuration and Environment', configured],
  ['suspend_listeners', 'Operations', 'listeners are open while the broker runs'],
  ['resume_listeners', 'Operations', 'listeners are open while the broker runs'],
]

/** The commands about the node. */
export const nodeCommands: readonly CtlCommand[] = [
  {
    name: 'await_startup',
    group,
    help: 'Waits for the broker to answer',
    usage: '[--timeout <timeout>]',
    takes: [0, 0],
    run: async (given, broker, world) => {
      await awaitBroker(given, broker, world)
      return undefined
    },
  },
  {
    name: 'await_online_nodes',
    group: 'Cluster',
    help: 'Waits for <count> nodes to join the cluster; there is one',
    usage: '<count> [--timeout <timeout>]',
    takes: [1, 1],
    run: async (given, broker, world) => {
      if (Number(arg(given, 0)) > 1) throw new CtlError('there is one node, and more cannot join', exitCode.data)
      await awaitBroker(given, broker, world)
      return undefined
    },
  },
  {
    name: 'wait',
    group,
    help: 'Waits for the broker to answer; the pid file has to be there by then',
    usage: '[<pidfile>] [--pid|-P <pid>] [--timeout <timeout>]',
    takes: [0, 1],
    run: waitForPid,
  },
  {
    name: 'set_cluster_name',
    group: 'Configuration and Environment',
    help: 'Sets the cluster name',
    usage: '<name>',
    takes: [1, 1],
    banner: (given) => `Setting cluster name to ${arg(given, 0)} ...`,
    run: async (given, broker) => void (await broker.request('PUT', ['cluster-name'], { name: arg(given, 0) })),
  },
  {
    name: 'enable_feature_flag',
    group: 'Feature flags',
    help: 'Succeeds: every feature is there',
    usage: '<all | feature_flag>',
    takes: [1, 1],
    banner: (given) =>
      arg(given, 0) === 'all' ? 'Enabling all feature flags ...' : `Enabling feature flag "${arg(given, 0)}" ...`,
    run: async (_given, broker) => void (await broker.overview()),
  },
  {
    name: 'start_app',
    group,
    help: 'Succeeds when the broker runs',
    usage: '',
    takes: [0, 0],
    banner: async (_given, broker) => `Starting node ${await broker.node()} ...`,
    run: async (_given, broker) => void (await broker.overview()),
  },
  idle('force_gc', 'Operations', 'Succeeds: Node collects its garbage by itself'),
  idle('rotate_logs', group, 'Does nothing: the log goes to standard output'),
  idle('force_boot', 'Cluster', 'Does nothing: there is no peer to wait for'),
  idle('rebalance', 'Cluster', 'Does nothing: every queue is on the one node'),
  ...impossible.map(([name, where, why]) => refusing(name, where, why)),
]

function idle(name: string, where: string, help: string): CtlCommand {
  return {
    name,
    group: where,
    help,
    usage: '[...]',
    takes: [0, ANY],
    run: async (_given, broker) => void (await broker.overview()),
  }
}

function refusing(name: string, where: string, why: string): CtlCommand {
  return {
    name,
    group: where,
    help: `Not possible: ${why}`,
    usage: '[...]',
    takes: [0, ANY],
    run: async () => {
      throw new CtlError(`${name} is not possible: ${why}`)
    },
  }
}

async function awaitBroker(given: Given, broker: Broker, world: CtlWorld): Promise<void> {
  const seconds = Number(option(given, 'timeout') ?? WAIT_MS / 1000)
  const until = world.now() + seconds * 1000
  for (;;) {
    const answered = await broker.ask('GET', ['overview']).then(
      ({ status }) => status < 500,
      () => false,
    )
    if (answered) return
    if (world.now() + POLL_MS > until) throw new CtlError('operation await_startup timed out', exitCode.temporary)
    await world.pause(POLL_MS)
  }
}

async function waitForPid(given: Given, broker: Broker, world: CtlWorld) {
  const [file] = given.args
  const pid = option(given, 'pid') ?? (file === undefined ? undefined : (await pidIn(file, given, world)).trim())
  if (pid === undefined || !/^\d+$/.test(pid)) {
    throw new CtlError(`got the pid "${pid ?? ''}", expected a pid file or --pid with a number`, exitCode.usage)
  }
  await awaitBroker(given, broker, world)
  const node = await broker.node()
  const waiting = `Waiting for applications 'rabbit_and_plugins' to start on node '${node}'`
  return { text: `${waiting}\nApplications 'rabbit_and_plugins' are running on node '${node}'` }
}

async function pidIn(file: string, given: Given, world: CtlWorld): Promise<string> {
  const until = world.now() + Number(option(given, 'timeout') ?? WAIT_MS / 1000) * 1000
  for (;;) {
    try {
      return (await world.readFile(file)).toString('utf8')
    } catch {
      if (world.now() + POLL_MS > until) throw new CtlError(`there is no pid file ${file}`, exitCode.temporary)
      await world.pause(POLL_MS)
    }
  }
}
