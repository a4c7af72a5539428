// RabbitMQ's own rabbitmqadmin, as Debian has it in the management plug-in of rabbitmq-server, against our HTTP API: its
// whole set of commands, with what it prints.

import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { globSync } from '../support/glob.ts'
import { type Leveret, startLeveret } from '../support/leveret.ts'

jest.setTimeout(120_000)

const folders = '/usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins/rabbitmq_management-*'
const program = globSync(folders)
  .map((folder) => join(folder, 'priv/www/cli/rabbitmqadmin'))
  .find(existsSync)
const describeIt = program ? describe : describe.skip

interface Outcome {
  readonly code: number
  readonly output: string
}

describeIt('rabbitmqadmin', () => {
  let leveret: Leveret
  let folder: string

  beforeAll(async () => {
    leveret = await startLeveret({ ephemeral: true, http: true })
    folder = mkdtempSync(join(tmpdir(), 'leveret-rabbitmqadmin-'))
  })
  afterAll(async () => {
    await leveret?.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  function run(...args: readonly string[]): Promise<Outcome> {
    const { hostname, port } = new URL(leveret.httpUrl)
    const whole = [program as string, '-H', hostname, '-P', port, ...args]
    return new Promise((resolve) => {
      const child = execFile('python3', whole, { timeout: 30_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}`.trim() })
      })
      child.stdin?.end()
    })
  }

  /** Columns, tabs between them: what a command lists, a line each, without the names of the columns. */
  async function list(...args: readonly string[]): Promise<readonly string[]> {
    const { code, output } = await run('-f', 'tsv', ...args)
    expect([args, code]).toEqual([args, 0])
    return output
      .split('\n')
      .slice(1)
      .map((line) => line.trimEnd())
  }

  const says = async (expected: string, ...args: readonly string[]) =>
    expect([args, await run(...args)]).toEqual([args, { code: 0, output: expected }])

  it('declares one of everything', async () => {
    await says('vhost declared', 'declare', 'vhost', 'name=va')
    await says('user declared', 'declare', 'user', 'name=ua', 'password=pw', 'tags=administrator')
    await says('user declared', 'declare', 'user', 'name=ub', 'password_hash=', 'tags=')
    const grants = ['configure=.*', 'write=.*', 'read=.*']
    await says('permission declared', 'declare', 'permission', 'vhost=va', 'user=ua', ...grants)
    const exchange = ['-V', 'va', 'declare', 'exchange']
    await says('exchange declared', ...exchange, 'name=xa', 'type=topic')
    const more = ['durable=false', 'auto_delete=true', 'internal=true', 'arguments={"alternate-exchange":"xa"}']
    await says('exchange declared', ...exchange, 'name=xb', 'type=fanout', ...more)
    const queue = ['-V', 'va', 'declare', 'queue']
    await says('queue declared', ...queue, 'name=qa', 'durable=true', 'arguments={"x-message-ttl":60000}')
    await says('queue declared', ...queue, 'name=qb', 'durable=false', 'auto_delete=true')
    await says('queue declared', ...queue, 'name=qq', 'queue_type=quorum')
    const binding = ['-V', 'va', 'declare', 'binding', 'source=xa']
    await says('binding declared', ...binding, 'destination=qa', 'routing_key=a.#')
    const toExchange = ['destination=xb', 'destination_type=exchange', 'routing_key=b', 'arguments={"x":1}']
    await says('binding declared', ...binding, ...toExchange)
    const policy = ['name=pa', 'pattern=^q', 'priority=2', 'apply-to=queues']
    await says('policy declared', '-V', 'va', 'declare', 'policy', ...policy, 'definition={"max-length":100}')
    const operators = ['-V', 'va', 'declare', 'operator_policy']
    await says('operator_policy declared', ...operators, ...policy, 'definition={"max-length":50}')
    const limit = ['declare', 'vhost_limit', 'vhost=va', 'name=max-connections', 'value=50']
    await says('vhost_limit declared', ...limit)
  })

  it('lists what there is, in columns that are asked for', async () => {
    expect(await list('list', 'vhosts', 'name')).toEqual(['/', 'va'])
    expect(await list('list', 'users', 'name', 'tags')).toEqual(['guest\tadministrator', 'ua\tadministrator', 'ub'])
    const permissions = await list('list', 'permissions', 'user', 'vhost', 'configure')
    expect(permissions).toEqual(['guest\t/\t.*', 'guest\tva\t.*', 'ua\tva\t.*'])
    const columns = ['name', 'durable', 'policy', 'arguments.x-message-ttl']
    expect(await list('-V', 'va', 'list', 'queues', ...columns)).toEqual([
      'qa\tTrue\tpa\t60000',
      'qb\tFalse\tpa',
      'qq\tTrue\tpa',
    ])
    expect(await list('-V', 'va', 'list', 'exchanges', 'name', 'type')).toEqual(
      expect.arrayContaining(['xa\ttopic', 'xb\tfanout']),
    )
    const bindings = ['-V', 'va', 'list', 'bindings', 'source', 'destination', 'properties_key']
    expect(await list(...bindings)).toEqual(expect.arrayContaining(['xa\tqa\ta.%23', 'xa\txb\tb~9nmLZQ']))
    expect(await list('-V', 'va', 'list', 'policies', 'name', 'pattern')).toEqual(['pa\t^q'])
    expect(await list('-V', 'va', 'list', 'operator_policies', 'name', 'apply-to')).toEqual(['pa\tqueues'])
    expect(await list('list', 'vhost_limits', 'vhost')).toEqual(['va'])
    expect((await run('-f', 'bash', 'list', 'vhosts', 'name')).output).toBe('/ va')
    expect((await run('-f', 'kvp', '-V', 'va', 'list', 'queues', 'name')).output).toBe(
      'name="qa"\nname="qb"\nname="qq"',
    )
    expect(JSON.parse((await run('-f', 'raw_json', '-V', 'va', 'list', 'queues', 'name')).output)).toHaveLength(3)
    expect((await run('list', 'parameters')).code).toBe(0)
  })

  it('publishes and gets', async () => {
    const publish = ['-V', 'va', 'publish']
    const properties = 'properties={"delivery_mode":2,"headers":{"h":1}}'
    await says('Message published', ...publish, 'exchange=xa', 'routing_key=a.b', 'payload=hello', properties)
    await says('Message published', ...publish, 'exchange=amq.default', 'routing_key=qa', 'payload=second')
    await says('Message published but NOT routed', ...publish, 'exchange=xa', 'routing_key=none', 'payload=x')
    const get = ['-V', 'va', 'get', 'queue=qa']
    const all = JSON.parse((await run('-f', 'raw_json', ...get, 'count=5')).output)
    expect(all.map((message: Record<string, unknown>) => message['payload'])).toEqual(['hello', 'second'])
    expect(await list('-S', 'messages', '-R', '-V', 'va', 'list', 'queues', 'name', 'messages')).toContain('qa\t2')
    const file = join(folder, 'payload')
    expect((await run(...get, 'ackmode=ack_requeue_false', `payload_file=${file}`)).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toBe('hello')
    expect((await run('-V', 'va', 'get', 'queue=none')).output).toContain('*** Not found: /api/queues/va/none/get')
    await says('queue purged', '-V', 'va', 'purge', 'queue', 'name=qa')
    expect(await list('-V', 'va', 'list', 'queues', 'name', 'messages')).toContain('qa\t0')
  })

  it('exports and imports', async () => {
    const [whole, part] = [join(folder, 'all.json'), join(folder, 'va.json')]
    expect((await run('-q', 'export', whole)).code).toBe(0)
    expect((await run('-q', '-V', 'va', 'export', part)).code).toBe(0)
    expect(JSON.parse(readFileSync(whole, 'utf8')).queues).toHaveLength(3)
    await says('vhost deleted', 'delete', 'vhost', 'name=va')
    expect((await run('-q', 'import', whole)).code).toBe(0)
    expect(await list('-V', 'va', 'list', 'queues', 'name')).toEqual(['qa', 'qb', 'qq'])
    expect((await run('-q', '-V', 'va', 'import', part)).code).toBe(0)
    writeFileSync(whole, '{"queues":[{"name":5}]}')
    expect((await run('-q', 'import', whole)).code).not.toBe(0)
  })

  it('deletes it all again', async () => {
    const inVhost = ['-V', 'va', 'delete']
    const binding = [...inVhost, 'binding', 'source=xa']
    await says('binding deleted', ...binding, 'destination=qa', 'destination_type=queue', 'properties_key=a.%23')
    const toExchange = ['destination=xb', 'destination_type=exchange', 'properties_key=b~9nmLZQ']
    await says('binding deleted', ...binding, ...toExchange)
    for (const [kind, name] of [
      ['queue', 'qa'],
      ['exchange', 'xa'],
      ['policy', 'pa'],
      ['operator_policy', 'pa'],
    ]) {
      await says(`${kind} deleted`, ...inVhost, kind as string, `name=${name}`)
    }
    await says('vhost_limit deleted', 'delete', 'vhost_limit', 'vhost=va', 'name=max-connections')
    await says('permission deleted', 'delete', 'permission', 'vhost=va', 'user=ua')
    await says('user deleted', 'delete', 'user', 'name=ua')
    await says('vhost deleted', 'delete', 'vhost', 'name=va')
  })

  it('is told what is wrong', async () => {
    expect((await run('-u', 'nobody', '-p', 'x', 'list', 'queues')).output).toContain('*** Access refused')
    expect((await run('-V', 'none', 'list', 'queues')).output).toContain('*** Not found')
    expect((await run('delete', 'queue', 'name=none')).output).toContain('*** Not found')
    const wrong = await run('declare', 'queue', 'name=q', 'arguments={"x-message-ttl":-1}')
    expect(wrong.output).toContain("*** invalid arg 'x-message-ttl' for queue 'q' in vhost '/': {value_negative,-1}")
    expect(wrong.code).not.toBe(0)
  })
})
