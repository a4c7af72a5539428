/**
 * RabbitMQ's own tools and ours in their grammar, side by side against the same RabbitMQ node: the same standard output,
 * the same exit code. Lists have no order, so that their lines are compared as a set. Where ours differs on purpose, the
 * line says why. Then the same command lines against our broker, where only ours can go.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLeveret } from '../support/leveret.ts'
import { type Ending, runProgram } from '../support/program.ts'
import { findRabbitmq, type Rabbitmq, startRabbitmq } from '../support/rabbitmq.ts'

jest.setTimeout(600_000)

const mainPath = join(__dirname, '..', '..', 'dist', 'cli', 'main.js')

function ours(url: string, words: readonly string[]): Promise<Ending> {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', LEVERET_URL: url }
  return runProgram({ command: process.execPath, args: [mainPath, ...words], env })
}

function asSet(text: string): readonly string[] {
  return text.split('\n').sort()
}

/** Command lines whose standard output and exit code have to be RabbitMQ's. */
const same: readonly (readonly string[])[] = [
  ...[
    'rabbitmqctl add_user u1 pw',
    'rabbitmqctl add_user u1 pw',
    'rabbitmqctl set_user_tags u1 administrator monitoring',
    'rabbitmqctl change_password u1 new',
    'rabbitmqctl authenticate_user u1 new',
    'rabbitmqctl authenticate_user u1 wrong',
    'rabbitmqctl change_password nobody x',
    'rabbitmqctl delete_user nobody',
    'rabbitmqctl list_users',
    'rabbitmqctl -q list_users',
    'rabbitmqctl -s list_users',
    'rabbitmqctl list_users --formatter json_stream',
    'rabbitmqctl list_users --formatter csv',
    'rabbitmqctl list_users --formatter pretty_table',
    'rabbitmqctl add_vhost v1',
    'rabbitmqctl add_vhost v1',
    'rabbitmqctl list_vhosts',
    'rabbitmqctl list_vhosts name tracing',
    'rabbitmqctl set_permissions -p v1 u1 .* .* ^a',
    'rabbitmqctl set_permissions -p nosuch u1 .* .* ^a',
    'rabbitmqctl set_permissions -p v1 nobody .* .* ^a',
    'rabbitmqctl set_permissions u1',
    'rabbitmqctl list_permissions -p v1',
    'rabbitmqctl list_user_permissions u1',
    'rabbitmqctl set_topic_permissions -p v1 u1 amq.topic a b',
    'rabbitmqctl list_topic_permissions -p v1',
    'rabbitmqctl clear_topic_permissions -p v1 u1 amq.topic',
    'rabbitmqctl set_vhost_limits -p v1 {"max-queues":5}',
    'rabbitmqctl list_vhost_limits -p v1',
    'rabbitmqctl clear_vhost_limits -p v1',
    'rabbitmqctl set_user_limits u1 {"max-channels":5}',
    'rabbitmqctl list_user_limits --user u1',
    'rabbitmqctl clear_user_limits u1 max-channels',
    'rabbitmqctl set_policy p1 ^q {"max-length":10} --priority 1 --apply-to queues',
    'rabbitmqctl set_policy p2 ^q {"nosuch":10}',
    'rabbitmqctl set_policy p2 ^q {bad',
    'rabbitmqctl list_policies',
    'rabbitmqctl list_policies --formatter json',
    'rabbitmqctl clear_policy p1',
    'rabbitmqctl clear_policy p1',
    'rabbitmqctl list_policies',
    'rabbitmqctl set_operator_policy o1 ^q {"max-length":10}',
    'rabbitmqctl list_operator_policies',
    'rabbitmqctl clear_operator_policy o1',
    'rabbitmqctl set_global_parameter g {"a":1}',
    'rabbitmqctl list_global_parameters',
    'rabbitmqctl clear_global_parameter g',
    'rabbitmqctl list_parameters',
    'rabbitmqctl list_exchanges',
    'rabbitmqctl list_exchanges name type durable auto_delete internal arguments policy',
    'rabbitmqctl list_bindings',
    'rabbitmqctl list_bindings source_name routing_key',
    'rabbitmqctl list_queues',
    'rabbitmqctl list_queues name arguments durable auto_delete type policy',
    'rabbitmqctl list_queues name arguments --formatter csv',
    'rabbitmqctl list_queues name --formatter json_stream',
    'rabbitmqctl list_queues nosuch',
    'rabbitmqctl list_connections',
    'rabbitmqctl list_channels',
    'rabbitmqctl list_consumers',
    'rabbitmqctl purge_queue q1',
    'rabbitmqctl purge_queue nosuch',
    'rabbitmqctl delete_queue nosuch',
    'rabbitmqctl trace_on',
    'rabbitmqctl trace_off',
    'rabbitmqctl close_all_connections why',
    'rabbitmqctl enable_feature_flag all',
    'rabbitmqctl list_feature_flags',
    'rabbitmqctl await_startup',
    'rabbitmqctl import_definitions /nonexistent/definitions.json',
    'rabbitmqctl nosuch_command',
    'rabbitmqctl list_quues',
    'rabbitmqctl ping extra',
    'rabbitmqctl --badflag list_queues',
    'rabbitmqctl delete_vhost v1',
    'rabbitmqctl delete_vhost v1',
    'rabbitmqctl delete_user u1',
    'rabbitmq-diagnostics -q ping',
    'rabbitmq-diagnostics check_running',
    'rabbitmq-diagnostics is_running',
    'rabbitmq-diagnostics is_booting',
    'rabbitmq-diagnostics check_local_alarms',
    'rabbitmq-diagnostics check_alarms',
    'rabbitmq-diagnostics alarms',
    'rabbitmq-diagnostics check_port_connectivity',
    'rabbitmq-diagnostics check_port_listener 1',
    'rabbitmq-diagnostics check_protocol_listener amqp',
    'rabbitmq-diagnostics check_protocol_listener mqtt',
    'rabbitmq-diagnostics check_virtual_hosts',
    'rabbitmq-diagnostics check_certificate_expiration --within 1 --unit months',
    'rabbitmq-diagnostics check_if_node_is_quorum_critical',
    'rabbitmq-diagnostics listeners',
    'rabbitmq-diagnostics server_version',
  ].map((line) => line.split(' ')),
]

/** Where ours differs, and why. */
const different: readonly (readonly [line: string, why: string])[] = [
  ['rabbitmqctl list_queues name arguments --formatter json', 'arguments are objects, not Erlang triples'],
  ['rabbitmqctl list_queues -p nosuch', 'a vhost that is not there is an error, not an empty list'],
  ['rabbitmqctl list_user_permissions nobody', 'a user that is not there is 67, as with every other command'],
  ['rabbitmq-diagnostics ping', 'it asks the HTTP API, and says so'],
  ['rabbitmqctl eval 1', 'there is no Erlang machine'],
]

/** Some of what is compared changes what the next one prints: what the original did is undone before ours does it. */
const undo: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ['rabbitmqctl add_user u1 pw', [['delete_user', 'u1']]],
  ['rabbitmqctl clear_policy p1', [['set_policy', 'p1', '^q', '{"max-length":10}', '--apply-to', 'queues']]],
  ['rabbitmqctl clear_operator_policy o1', [['set_operator_policy', 'o1', '^q', '{"max-length":10}']]],
  ['rabbitmqctl clear_global_parameter g', [['set_global_parameter', 'g', '{"a":1}']]],
  ['rabbitmqctl delete_vhost v1', [['add_vhost', 'v1']]],
  ['rabbitmqctl delete_user u1', [['add_user', 'u1', 'pw']]],
])

/** The lines of rabbitmqadmin; each runs against a state that the lines before have left, once by each program. */
const admin: readonly (readonly string[])[] = [
  ['declare', 'queue', 'name=a1'],
  ['declare', 'queue', 'name=a2', 'queue_type=quorum', 'arguments={"x-max-length":5}'],
  ['declare', 'queue', 'name=a1', 'durable=false'],
  ['declare', 'queue', 'bad'],
  ['declare', 'nosuch', 'name=1'],
  ['declare', 'exchange', 'name=ax', 'type=fanout'],
  ['declare', 'exchange', 'name=ax'],
  ['declare', 'binding', 'source=ax', 'destination=a1'],
  ['declare', 'user', 'name=ua', 'password=p', 'tags=monitoring'],
  ['declare', 'user', 'name=ua', 'tags=monitoring'],
  ['declare', 'vhost', 'name=va'],
  ['declare', 'permission', 'vhost=va', 'user=ua', 'configure=.*', 'write=.*', 'read=.*'],
  ['declare', 'policy', 'name=pa', 'pattern=^b', 'definition={"max-length":7}', 'apply-to=queues', 'priority=3'],
  ['declare', 'operator_policy', 'name=oa', 'pattern=^b', 'definition={"max-length":9}', 'apply-to=queues'],
  ['declare', 'vhost_limit', 'vhost=va', 'name=max-queues', 'value=4'],
  ['publish', 'routing_key=nowhere', 'payload=hello'],
  ['publish', 'exchange=nosuch', 'routing_key=k', 'payload=hi'],
  ['get', 'queue=a1'],
  ['get', 'queue=nosuch'],
  ['list', 'queues', 'name', 'durable', 'arguments.x-max-length'],
  ['-f', 'tsv', 'list', 'queues', 'name', 'vhost'],
  ['-q', '-f', 'tsv', 'list', 'queues', 'name', 'vhost'],
  ['-f', 'kvp', 'list', 'queues', 'name', 'vhost'],
  ['-f', 'long', 'list', 'queues', 'name', 'vhost'],
  ['-f', 'bash', 'list', 'queues'],
  ['-V', '/', 'list', 'queues', 'name'],
  ['-S', 'name', '-R', 'list', 'queues', 'name'],
  ['list', 'exchanges'],
  ['list', 'bindings'],
  ['list', 'users'],
  ['list', 'permissions'],
  ['list', 'policies'],
  ['list', 'operator_policies'],
  ['list', 'vhost_limits'],
  ['list', 'nodes', 'name'],
  ['-f', 'pretty_json', 'list', 'policies'],
  ['-f', 'raw_json', 'list', 'bindings', 'source', 'destination'],
  ['list', 'connections'],
  ['show', 'overview', 'node', 'rabbitmq_version'],
  ['list', 'nosuch'],
  ['purge', 'queue', 'name=a1'],
  ['close', 'connection', 'name=nosuch'],
  ['delete', 'queue', 'name=nosuch'],
  ['nosuch'],
  ['-u', 'guest', '-p', 'wrong', 'list', 'queues'],
  ['--vho', '/', 'list', 'queues', 'name'],
]

// Without an installed RabbitMQ there is nothing to compare with.
const describeRabbitmq = findRabbitmq() === undefined ? describe.skip : describe

describeRabbitmq('beside the originals', () => {
  let rabbitmq: Rabbitmq
  let folder: string

  beforeAll(async () => {
    const started = await startRabbitmq({ statistics: true })
    if (!started) throw new Error('rabbitmq-server is not installed')
    rabbitmq = started
    folder = await mkdtemp(join(tmpdir(), 'leveret-compat-'))
    const script = await fetch(`${rabbitmq.managementUrl}/cli/rabbitmqadmin`)
    await writeFile(join(folder, 'rabbitmqadmin'), await script.text())
    for (const words of [
      ['declare', 'queue', 'name=q1', 'arguments={"x-message-ttl":60000,"x-dead-letter-exchange":"dlx"}'],
      ['declare', 'exchange', 'name=e1', 'type=topic'],
      ['declare', 'binding', 'source=e1', 'destination=q1', 'routing_key=a.b', 'arguments={"k":1}'],
    ]) {
      expect((await original(words)).code).toBe(0)
    }
  })
  afterAll(async () => {
    await rabbitmq?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  function original(words: readonly string[]): Promise<Ending> {
    const { port } = new URL(rabbitmq.managementUrl)
    const args = [join(folder, 'rabbitmqadmin'), '-H', '127.0.0.1', '-P', port, ...words]
    return runProgram({ command: 'python3', args, env: { PATH: process.env['PATH'], HOME: folder } })
  }

  it('print and end as rabbitmqctl and rabbitmq-diagnostics do', async () => {
    const found: string[] = []
    for (const [tool = '', ...args] of same) {
      const theirs = await rabbitmq.tool(tool, args)
      const line = `${tool} ${args.join(' ')}`
      if (theirs.code === 0) for (const back of undo.get(line) ?? []) await rabbitmq.tool('rabbitmqctl', back)
      const mine = await ours(rabbitmq.managementUrl, [tool, ...args])
      const equal = mine.code === theirs.code && `${asSet(mine.stdout)}` === `${asSet(theirs.stdout)}`
      if (!equal)
        found.push(`${line}\n--- ${theirs.code}\n${theirs.stdout}+++ ${mine.code}\n${mine.stdout}${mine.stderr}`)
    }
    expect(found.join('\n')).toBe('')
  })

  it('differ only where it says why', async () => {
    for (const [line] of different) {
      const [tool = '', ...args] = line.split(' ')
      const theirs = await rabbitmq.tool(tool, args)
      const mine = await ours(rabbitmq.managementUrl, [tool, ...args])
      expect({ line, ...mine }).not.toMatchObject({ stdout: theirs.stdout, code: theirs.code })
    }
  })

  it('print and end as rabbitmqadmin does', async () => {
    const { port } = new URL(rabbitmq.managementUrl)
    const found: string[] = []
    for (const words of admin) {
      const theirs = await original(words)
      const args = ['rabbitmqadmin', '-H', '127.0.0.1', '-P', port, ...words]
      const mine = await ours(rabbitmq.managementUrl, args)
      const equal = mine.code === theirs.code && mine.stdout === theirs.stdout
      const line = words.join(' ')
      if (!equal)
        found.push(`${line}\n--- ${theirs.code}\n${theirs.stdout}+++ ${mine.code}\n${mine.stdout}${mine.stderr}`)
    }
    expect(found.join('\n')).toBe('')
  })
})

describe('against our broker', () => {
  it('seed it as a compose file or a test container would', async () => {
    const broker = await startLeveret({ ephemeral: true, args: ['--http-port', '0'] })
    const [, url = ''] = /"(http:\/\/[^"]+)"/.exec(broker.log()) ?? []
    const steps: readonly (readonly [line: string, code: number, stdout: RegExp])[] = [
      ['rabbitmq-diagnostics -q ping', 0, /^Ping succeeded\n$/],
      ['rabbitmqctl await_startup', 0, /^$/],
      ['rabbitmq-plugins enable rabbitmq_management', 0, /built in/],
      ['rabbitmqctl add_user app secret', 0, /Done/],
      ['rabbitmqctl add_vhost shop', 0, /Adding vhost "shop"/],
      ['rabbitmqctl set_permissions -p shop app .* .* .*', 0, /Setting permissions/],
      ['rabbitmqctl set_user_tags app administrator', 0, /\[administrator\]/],
      ['rabbitmqctl -s list_users', 0, /^app\t\[administrator\]\nguest\t\[administrator\]\n$/],
      ['rabbitmqctl set_policy -p shop ttl .* {"message-ttl":60000} --apply-to queues', 0, /Setting policy/],
      ['rabbitmqadmin -V shop -u app -p secret declare queue name=orders durable=true', 0, /^queue declared\n$/],
      ['rabbitmqadmin -V shop -u app -p secret declare exchange name=events type=topic', 0, /^exchange declared\n$/],
      [
        'rabbitmqadmin -V shop -u app -p secret declare binding source=events destination=orders routing_key=#',
        0,
        /^binding declared\n$/,
      ],
      ['rabbitmqctl -s -p shop list_queues name policy', 0, /^orders\tttl\n$/],
      ['rabbitmqctl -s -p shop list_bindings source_name destination_name routing_key', 0, /events\torders\t#\n/],
      ['rabbitmqctl -p shop delete_queue orders', 0, /successfully deleted with 0 ready messages/],
      ['rabbitmqctl -p shop purge_queue orders', 69, /Purging/],
      ['rabbitmqctl delete_vhost shop', 0, /Deleting/],
    ]
    try {
      for (const [line, code, stdout] of steps) {
        const words = line.split(' ')
        const { port } = new URL(url)
        const isAdmin = words[0] === 'rabbitmqadmin'
        const args = isAdmin ? ['rabbitmqadmin', '-H', '127.0.0.1', '-P', port, ...words.slice(1)] : words
        const ending = await ours(url, args)
        expect({ line, code: ending.code, stderr: ending.stderr }).toEqual({ line, code, stderr: ending.stderr })
        expect(ending.stdout).toMatch(stdout)
      }
    } finally {
      await broker.stop()
    }
  })
})
