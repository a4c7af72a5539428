/**
 * The commands about messages, against our broker and against a live RabbitMQ: the same words, the same outcomes. Where ours
 * does the work itself, as a job, nobody should see more of it than that messages which stay are untouched.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConfirmChannel, connect } from 'amqplib'
import { startLeveret } from '../support/leveret.ts'
import { type Ending, type Program, runProgram, startProgram } from '../support/program.ts'
import { findRabbitmq, startRabbitmq } from '../support/rabbitmq.ts'

jest.setTimeout(120_000)

const mainPath = join(__dirname, '..', '..', 'dist', 'cli', 'main.js')

type Peer = { readonly httpUrl: string; readonly url: string; stop(): Promise<unknown> }

async function ours(): Promise<Peer> {
  const broker = await startLeveret({ ephemeral: true, args: ['--http-port', '0'] })
  const [, httpUrl = ''] = /"(http:\/\/[^"]+)"/.exec(broker.log()) ?? []
  return { httpUrl, url: broker.url, stop: broker.stop }
}

async function theirs(): Promise<Peer> {
  const broker = await startRabbitmq()
  if (!broker) throw new Error('rabbitmq-server is not installed')
  return { httpUrl: broker.managementUrl, url: broker.url, stop: broker.stop }
}

const peers: readonly (readonly [string, () => Promise<Peer>])[] = [
  ['Leveret', ours],
  ...(findRabbitmq() === undefined ? [] : [['RabbitMQ', theirs] as const]),
]

describe.each(peers)('messages of %s', (_, start) => {
  let peer: Peer
  let channel: ConfirmChannel
  let close: () => Promise<void>
  let folder: string

  beforeAll(async () => {
    peer = await start()
    folder = await mkdtemp(join(tmpdir(), 'leveret-messages-'))
  })
  beforeEach(async () => {
    const connection = await connect(peer.url)
    channel = await connection.createConfirmChannel()
    close = () => connection.close()
    for (const queue of ['orders', 'copies', 'dead']) await channel.assertQueue(queue)
    for (const queue of ['orders', 'copies', 'dead']) await channel.purgeQueue(queue)
  })
  afterEach(() => close())
  afterAll(async () => {
    await peer?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  const options = (words: readonly string[]) => ({
    command: process.execPath,
    args: [mainPath, ...words],
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      LEVERET_URL: peer.httpUrl,
      LEVERET_AMQP_URL: peer.url,
    },
  })
  const leveret = (line: string): Promise<Ending> => runProgram(options(line.split(' ')))
  const begun = (line: string): Program => startProgram(options(line.split(' ')))
  const count = async (queue: string) => (await channel.checkQueue(queue)).messageCount
  async function fill(queue: string, ...texts: readonly string[]): Promise<void> {
    for (const text of texts) channel.sendToQueue(queue, Buffer.from(text))
    await channel.waitForConfirms()
  }
  /** Waits for a line on standard error: what is followed is bound by then. */
  async function ready(program: Program, text: string): Promise<void> {
    while (!program.output().includes(text)) await new Promise((resolve) => setImmediate(resolve))
  }

  it('are published with headers and properties, and got', async () => {
    const words = 'publish orders {"id":1} --header n=1 --header s=x --property message_id=m1 --persistent'
    expect(await leveret(words)).toMatchObject({ code: 0, stderr: '1 published to queue "orders"\n' })
    const { code, stdout } = await leveret('get orders -o json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([
      {
        exchange: '',
        routing_key: 'orders',
        redelivered: false,
        payload: '{"id":1}',
        properties: { delivery_mode: 2, message_id: 'm1', headers: { n: 1, s: 'x' } },
      },
    ])
    expect(await leveret('get orders')).toMatchObject({ code: 1, stderr: 'queue "orders" is empty\n' })
  })

  it('that no queue wants have an exit code', async () => {
    expect(await leveret('publish nosuch hi')).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/there is no queue "nosuch"/),
    })
    expect(await leveret('publish amq.topic:none hi')).toMatchObject({ code: 0 })
    expect(await leveret('publish amq.topic:none hi --mandatory')).toMatchObject({ code: 65 })
    expect(await leveret('publish nosuch:k hi')).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/no exchange 'nosuch'/),
    })
  })

  it('stay when they are looked at', async () => {
    await fill('orders', 'a', 'b', 'c')
    expect(await leveret('peek orders --body')).toMatchObject({ code: 0, stdout: 'a\nb\nc\n' })
    expect(await leveret('get orders --count 2 --ack requeue --body')).toMatchObject({ stdout: 'a\nb\n' })
    expect(await leveret('consume orders --drain --body')).toMatchObject({ code: 0, stdout: 'a\nb\nc\n' })
    expect(await count('orders')).toBe(0)
  })

  it('move and are copied, all or some, and none is lost', async () => {
    await fill('orders', 'a', 'b', 'c')
    expect(await leveret('copy orders copies')).toMatchObject({ code: 0 })
    expect([await count('orders'), await count('copies')]).toEqual([3, 3])
    expect(await leveret('move orders nosuch')).toMatchObject({ code: 65 })
    expect(await leveret('move orders copies --dry-run')).toMatchObject({
      code: 0,
      stderr: 'would move 3 of queue "orders" to queue "copies"\n',
    })
    expect(await leveret('move orders copies --filter payload=b')).toMatchObject({
      code: 0,
      stderr: '1 moved from queue "orders" to queue "copies", 2 left where they were\n',
    })
    expect(await leveret('move orders copies --max 1')).toMatchObject({ code: 0 })
    expect(await leveret('consume copies --drain --body')).toMatchObject({ stdout: 'a\nb\nc\nb\na\n' })
    expect(await leveret('consume orders --drain --body')).toMatchObject({ stdout: 'c\n' })
  })

  it('are picked by what the broker can ask too, moved to an exchange, and dropped', async () => {
    await channel.bindQueue('copies', 'amq.topic', 'again.#')
    for (const kind of ['x', 'y', 'x']) channel.sendToQueue('orders', Buffer.from(kind), { headers: { kind } })
    await channel.waitForConfirms()
    const filter = '--filter properties.headers.kind=x'
    expect(await leveret(`move orders amq.topic:again.z --max 1 ${filter}`)).toMatchObject({ code: 0 })
    expect(await leveret('get copies -o json')).toMatchObject({ stdout: expect.stringMatching(/"again\.z"/) })
    expect(await leveret(`drop orders --yes ${filter}`)).toMatchObject({
      code: 0,
      stderr: '1 dropped from queue "orders", 1 left where they were\n',
    })
    expect(await leveret('move orders amq.topic:nowhere')).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/^leveret: 1 stay: no queue is there for them$/m),
    })
    expect(await leveret('consume orders --drain --body')).toMatchObject({ stdout: 'y\n' })
  })

  it('stop moving with Ctrl-C, and none is lost', async () => {
    await fill('orders', ...Array.from({ length: 300 }, (_, index) => String(index)))
    const moving = begun('move orders copies --rate 50')
    while ((await count('copies')) < 5) await new Promise((resolve) => setImmediate(resolve))
    moving.signal('SIGINT')
    expect(await moving.ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^\d+ moved from queue "orders" to queue "copies"/),
    })
    const [left, moved] = [await count('orders'), await count('copies')]
    expect(left + moved).toBe(300)
    expect(left).toBeGreaterThan(0)
    expect(await count('orders')).toBe(left)
  })

  it('that have died are found, told apart, and go back', async () => {
    await channel.assertExchange('dlx', 'fanout')
    await channel.bindQueue('dead', 'dlx', '')
    for (const name of ['left', 'right']) {
      await channel.assertQueue(name, { deadLetterExchange: 'dlx' })
      await fill(name, `${name}-1`)
      expect(await leveret(`get ${name} --ack reject`)).toMatchObject({ code: 0 })
    }
    const listed = await leveret('dlq list -s --columns name,sources')
    expect(listed.stdout).toBe('dead\t["left","right"]\n')
    const { stdout } = await leveret('dlq inspect dead -s --columns reason,queue,messages --sort queue')
    expect(stdout).toBe('rejected\tleft\t1\nrejected\tright\t1\n')
    expect(await leveret('redrive dead --dry-run')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/queue "left"\t1/),
    })
    expect(await leveret('redrive dead')).toMatchObject({ code: 0 })
    expect([await count('dead'), await count('left'), await count('right')]).toEqual([0, 1, 1])
    for (const name of ['left', 'right']) await channel.deleteQueue(name)
  })

  it('are tapped and tailed without being taken', async () => {
    await channel.bindQueue('orders', 'amq.topic', 'order.#')
    const tap = begun('tap amq.topic:order.* --count 1 --body')
    const tail = begun('tail orders --count 1 --body')
    await ready(tap, 'tapping')
    await ready(tail, 'following')
    channel.publish('amq.topic', 'order.created', Buffer.from('new'))
    expect(await tap.ended).toMatchObject({ code: 0, stdout: 'new\n' })
    expect(await tail.ended).toMatchObject({ code: 0, stdout: 'new\n' })
    expect(await count('orders')).toBe(1)
    await channel.unbindQueue('orders', 'amq.topic', 'order.#')
  })

  it('are tailed where they come through the default exchange, if the vhost is traced', async () => {
    expect(await leveret('rabbitmqctl trace_on')).toMatchObject({ code: 0 })
    const tail = begun('tail orders --count 1 --columns exchange,routing_key,payload -o tsv')
    await ready(tail, 'following')
    await fill('copies', 'elsewhere')
    await fill('orders', 'new')
    expect(await tail.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('\torders\tnew\n') })
    expect(await count('orders')).toBe(1)
    expect(await leveret('rabbitmqctl trace_off')).toMatchObject({ code: 0 })
    expect(await leveret('tail orders')).toMatchObject({ code: 69, stderr: expect.stringContaining('trace_on -p /') })
  })

  it('are recorded and replayed, exported and imported', async () => {
    const record = begun('record amq.topic:x -f r.ndjson --count 2')
    await ready(record, 'recording')
    channel.publish('amq.topic', 'x', Buffer.from([0, 255]), { messageId: 'm', headers: { a: 1 } })
    channel.publish('amq.topic', 'x', Buffer.from('two'))
    expect(await record.ended).toMatchObject({ code: 0 })
    expect(await leveret('replay r.ndjson --speed max --to orders')).toMatchObject({ code: 0 })
    expect(await leveret('export-messages orders -f e.ndjson --remove')).toMatchObject({ code: 0 })
    expect(await count('orders')).toBe(0)
    expect(await leveret('import-messages e.ndjson')).toMatchObject({ code: 0 })
    const message = await channel.get('orders', { noAck: true })
    expect(message).toMatchObject({ properties: { messageId: 'm', headers: { a: 1 } } })
    expect(message && [...message.content]).toEqual([0, 255])
    expect((await readFile(join(folder, 'e.ndjson'), 'utf8')).split('\n')).toHaveLength(3)
  })

  it('are counted in a measurement', async () => {
    const { code, stdout } = await leveret('perf --count 2000 --producers 2 --consumers 2 -o json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ published: 2000, confirmed: 2000, consumed: 2000, refused: 0 })
  })

  it('go nowhere with a wrong password, vhost or address, and say so', async () => {
    const wrong = peer.url.replace(/\/\/([^@]*@)?/, '//guest:wrong@')
    expect(await leveret(`get orders --amqp-url ${wrong} --user guest --password wrong`)).toMatchObject({
      code: 77,
      stderr: 'leveret: the broker does not let this user in: wrong name or password\n',
    })
    expect(await leveret('get orders -p nosuch')).toMatchObject({ code: 65, stderr: expect.stringMatching(/vhost/) })
    expect(await leveret('get orders --amqp-url amqp://127.0.0.1:1')).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/nothing listens for AMQP at 127\.0\.0\.1:1/),
    })
  })
})
