// The administrative commands, against our broker and against a live RabbitMQ: the same words, the same outcomes. What
// only one of the two can do is marked. RabbitMQ's part is skipped where it is not installed.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { startLeveret } from '../support/leveret.ts'
import { startProgram } from '../support/program.ts'
import { findRabbitmq, startRabbitmq } from '../support/rabbitmq.ts'
import { leveret, mainPath, type Step, walk } from './cli.ts'

jest.setTimeout(240_000)

type Peer = { readonly url: string; readonly amqpUrl: string; stop(): Promise<unknown> }

async function ours(): Promise<Peer> {
  const broker = await startLeveret({ ephemeral: true, args: ['--http-port', '0'] })
  const [, url = ''] = /"(http:\/\/[^"]+)"/.exec(broker.log()) ?? []
  return { url, amqpUrl: broker.url, stop: broker.stop }
}

async function theirs(): Promise<Peer> {
  const broker = await startRabbitmq({ statistics: true })
  if (broker === undefined) throw new Error('rabbitmq-server is not installed')
  return { url: broker.managementUrl, amqpUrl: broker.url, stop: broker.stop }
}

const queues: readonly Step[] = [
  [['queues', 'declare', 'orders', '--argument', 'x-max-length=1000'], { stderr: /queue "orders" is there/ }],
  [['queues', 'declare', 'orders'], { code: 65, stderr: /inequivalent arg 'x-max-length'/ }],
  [['queues', 'declare', 'a/b c', '--no-durable', '--auto-delete'], {}],
  [['queues', 'list', '-o', 'name', '--sort', 'name'], { stdout: /\na\/b c\norders\n$/ }],
  [
    ['queues', 'list', '--columns', 'name,arguments.x-max-length', '--filter', 'durable', '-s'],
    { stdout: /\norders\t1000\n$/ },
  ],
  [['queues', 'show', 'a/b c', '-o', 'json'], { stdout: /"auto_delete": true/ }],
  [['queues', 'show', 'oders'], { code: 65, stderr: /no queue "oders" in vhost "\/" \(did you mean "orders"\?\)/ }],
  [['queues', 'purge', 'orders', '--yes'], { stderr: /purged/ }],
  [['queues', 'delete', 'orders'], { code: 64, stderr: /needs --yes/ }],
  [
    ['queues', 'delete', '--pattern', '^(orders|a)', '--dry-run'],
    { stderr: /would DELETE \/api\/queues\/%2F\/orders/ },
  ],
  [['queues', 'delete', '--pattern', '^(orders|a)', '--yes'], { stderr: /2 queues deleted/ }],
  [['queues', 'list', '-s'], { stdout: /^[^\n]*\n$/ }],
]

const topology: readonly Step[] = [
  [['exchanges', 'declare', 'events', '--type', 'topic'], {}],
  [['queues', 'declare', 'orders'], {}],
  [['bindings', 'declare', 'events', 'orders', '--routing-key', 'order.*'], {}],
  [['bindings', 'declare', 'events', 'ordrs'], { code: 65, stderr: /did you mean "orders"/ }],
  [
    ['bindings', 'list', '--source', 'events', '--columns', 'destination,routing_key', '-s'],
    { stdout: /\norders\torder\.\*\n/ },
  ],
  [['route', 'events', 'order.created', '-o', 'name'], { stdout: /\norders\n/ }],
  [['route', 'events', 'nothing'], { code: 1 }],
  [['topology'], { stdout: /exchange events \(topic\)\n└─ \[order\.\*\] queue orders/ }],
  [
    ['bindings', 'delete', 'events', 'orders', '--routing-key', 'x'],
    { code: 65, stderr: /they are bound with "order\.\*"/ },
  ],
  [['bindings', 'delete', 'events', 'orders', '--routing-key', 'order.*'], {}],
  [['exchanges', 'show', 'events', '--columns', 'type', '-o', 'csv'], { stdout: /type,topic/ }],
  [
    ['exchanges', 'delete', 'events', 'nothing', '-y', '--detailed-exit-codes'],
    { code: 3, stderr: /no exchange "nothing"/ },
  ],
  [['queues', 'delete', 'orders', '-y'], {}],
]

const access: readonly Step[] = [
  [['vhosts', 'add', 'shop', '--description', 'a shop'], {}],
  [['vhosts', 'list', '-s', '--columns', 'name,description', '--filter', 'name=shop'], { stdout: /\nshop\ta shop\n/ }],
  [['users', 'add', 'web', '--new-password', 'secret', '--tags', 'management'], {}],
  [['users', 'whoami', '--user', 'web', '--password', 'secret', '-o', 'name'], { stdout: /\nweb\n/ }],
  [['users', 'whoami', '--user', 'web', '--password', 'wrong'], { code: 77, stderr: /user "web" is not let in/ }],
  [['users', 'list', '--user', 'web', '--password', 'secret'], { code: 77, stderr: /user "web" may not do this/ }],
  [['users', 'tags', 'web', 'policymaker'], {}],
  [['users', 'list', '-s', '--filter', 'name=web', '--columns', 'name,tags'], { stdout: /\nweb\tpolicymaker\n/ }],
  [['users', 'whoami', '--user', 'web', '--password', 'secret', '-o', 'name'], { stdout: /\nweb\n/ }],
  [['permissions', 'set', 'web', '', '^a', '^b', '-p', 'shop'], {}],
  [['permissions', 'list', '-s', '-p', 'shop', '--of-user', 'web'], { stdout: /\nshop\tweb\t\t\^a\t\^b\n/ }],
  [['permissions', 'set', 'nobody'], { code: 67, stderr: /no user "nobody"/ }],
  [['topic-permissions', 'set', 'web', 'amq.topic', '^a', '^b', '-p', 'shop'], {}],
  [['topic-permissions', 'list', '-s', '-p', 'shop'], { stdout: /\nshop\tweb\tamq\.topic\t\^a\t\^b\n/ }],
  [['topic-permissions', 'clear', 'web', '-p', 'shop'], {}],
  [['permissions', 'clear', 'web', '-p', 'shop'], {}],
  [['limits', 'set', 'max-queues', '5', '-p', 'shop'], {}],
  [['limits', 'set', 'max-connections', '6', '--of-user', 'web'], {}],
  [['limits', 'list', '-s'], { stdout: /vhost\tshop\tmax-queues\t5\nuser\tweb\tmax-connections\t6\n/ }],
  [['limits', 'clear', 'max-queues', '-p', 'shop'], {}],
  [['policies', 'set', 'short', '^a', '--define', 'max-length=5', '--apply-to', 'queues'], {}],
  [['policies', 'list', '-s'], { stdout: /\n\/\tshort\t\^a\tqueues\t0\t\{"max-length":5\}\n/ }],
  [['policies', 'set', 'short', '^a', '--define', 'max-lenth=5'], { code: 65 }],
  [['policies', 'delete', 'short'], {}],
  [['operator-policies', 'set', 'cap', '^a', '--define', 'max-length=5'], {}],
  [['operator-policies', 'delete', 'cap'], {}],
  [['parameters', 'set-global', 'note', '{"a":1}'], {}],
  [['parameters', 'list', '--global', '-s', '--filter', 'name=note'], { stdout: /\nnote\t\{"a":1\}\n/ }],
  [['parameters', 'delete-global', 'note'], {}],
  [['users', 'delete', 'web', '-y'], {}],
  [['vhosts', 'delete', 'shop', '-y'], {}],
]

const health: readonly Step[] = [
  [['health'], { stderr: /ready: ok/ }],
  [['health', 'alarms'], {}],
  [['health', 'vhosts'], {}],
  [['health', 'port', '1'], { code: 1 }],
  [['status', '-o', 'table'], { stdout: /\nbroker +\w+ [\d.]+ at http.*\n(.*\n)*messages / }],
  [['overview', '--columns', 'node', '-o', 'json'], { stdout: /"node": "/ }],
  [['doctor', '--skip', 'exchange-without-bindings'], { stderr: /0 errors/ }],
  [['top', '-s'], {}],
  [['channels'], {}],
  [['consumers'], {}],
]

/** An amqplib client that is there until it is closed. */
async function client(amqpUrl: string, name: string) {
  const connection = await connect(amqpUrl, { clientProperties: { connection_name: name } })
  // What an operator has ended is no error to amqplib, but it tells the reason with the close.
  const closed = new Promise<string>((resolve) =>
    connection.once('close', (error?: Error) => resolve(error?.message ?? '')),
  )
  return { closed }
}

/** @param hasNumbers whether the broker's API shows connections, health and totals */
function commandsOf(start: () => Promise<Peer>, hasNumbers: boolean): void {
  let peer: Peer
  let folder: string
  beforeAll(async () => {
    peer = await start()
    folder = await mkdtemp(join(tmpdir(), 'leveret-cli-'))
  })
  afterAll(async () => {
    await peer?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const chapters: readonly (readonly [title: string, steps: readonly Step[]])[] = [
    ['queues', queues],
    ['exchanges, bindings and routes', topology],
    ['vhosts, users, permissions, limits, policies and parameters', access],
    ...(hasNumbers ? [['health, status and what is live', health] as const] : []),
  ]

  it.each(chapters)('administers %s', (_, steps) => walk(peer.url, steps))

  it('exports, compares, imports and prunes definitions', async () => {
    const file = join(folder, 'definitions.json')
    await walk(peer.url, [
      [['queues', 'declare', 'kept'], {}],
      [['definitions', 'export', file], { stderr: /definitions written/ }],
      [['definitions', 'validate', file], { stderr: /0 problems/ }],
      [['definitions', 'diff', file, '-s'], {}],
      [['queues', 'declare', 'extra'], {}],
      [['queues', 'delete', 'kept', '-y'], {}],
      [
        ['definitions', 'diff', file, '-s', '--columns', 'change,section,name'],
        { code: 1, stdout: /added\tqueues\tkept\nremoved\tqueues\textra\n/ },
      ],
      [['definitions', 'import', file, '--prune', '--dry-run', '-q'], { stdout: /added\tqueues\t\/\tkept/ }],
      [['definitions', 'import', file, '--prune', '--yes'], { stderr: /1 definition deleted/ }],
      [['definitions', 'import', file, '--skip-if-unchanged'], { stderr: /nothing to import/ }],
      [['queues', 'list', '-o', 'name'], { stdout: /\nkept\n$/ }],
    ])
  })

  const looking = hasNumbers ? it : it.skip
  looking('closes connections with a reason', async () => {
    const { closed } = await client(peer.amqpUrl, 'to-be-closed')
    const filter = 'client_properties.connection_name=to-be-closed'
    let ending = await leveret(peer.url, ['connections', 'list', '-o', 'ndjson', '--filter', filter])
    // RabbitMQ shows a connection only once its statistics have been collected.
    for (let tries = 0; ending.stdout === '' && tries < 40; tries++) {
      ending = await leveret(peer.url, ['connections', 'list', '-o', 'ndjson', '--filter', filter])
    }
    expect(JSON.parse(ending.stdout)).toMatchObject({ user: 'guest', vhost: '/' })
    await walk(peer.url, [
      [['connections', 'close', '--filter', filter, '--yes', '--reason', 'maintenance'], { stderr: /closed/ }],
    ])
    expect(await closed).toMatch(/maintenance/)
  })
}

describe('leveret administers Leveret', () => commandsOf(ours, true))

const comparing = findRabbitmq() === undefined ? describe.skip : describe
comparing('leveret administers RabbitMQ', () => commandsOf(theirs, true))

describe('leveret, when things are not as they should be', () => {
  it('says that nothing listens, and exits with 69', async () => {
    const { code, stderr } = await leveret('http://127.0.0.1:1', ['queues', 'list'])
    expect({ code, stderr }).toEqual({
      code: 69,
      stderr:
        'leveret: nothing listens at http://127.0.0.1:1: is the broker running? (the URL comes from LEVERET_URL)\n',
    })
  })

  it.each([
    [['queues', 'lst'], /unknown command "lst" \(did you mean list\?\)/],
    [['queus', 'list'], /unknown command 'queus' \(did you mean one of queue, queues\?\)/],
    [['queues', 'list', '--filtr', 'x'], /unknown option '--filtr' \(did you mean --filter\?\)/],
    [['queues', 'list', '-o', 'xml'], /--output: got "xml", expected one of table/],
  ])('names what was meant by %j, and exits with 64', async (words, line) => {
    const { code, stderr } = await leveret('http://127.0.0.1:1', words)
    expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringMatching(line) })
  })

  it.each([
    ['> /dev/full', 74, /^leveret: standard output cannot be written: ENOSPC/],
    ['| true', 0, /^$/],
  ])('ends in order when standard output is %s', async (redirection, code, line) => {
    const shell = `"${process.execPath}" "${mainPath}" completion fish ${redirection}`
    const ending = await startProgram({ command: 'sh', args: ['-c', shell] }).ended
    expect({ code: ending.code, stderr: ending.stderr }).toEqual({ code, stderr: expect.stringMatching(line) })
  })
})
