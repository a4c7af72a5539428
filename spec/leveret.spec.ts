// The whole broker in one process: it starts from settings, serves over TCP, stops in order and finds everything again.

import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Config, configWith } from '../src/config/config.ts'
import { AdministrationError } from '../src/index.ts'
import { type Leveret, startLeveret } from '../src/leveret.ts'
import { PROTOCOL_HEADER } from '../src/protocol/frame.ts'
import { channelClose, connectionClose } from './support/closes.ts'
import { SocketPeer } from './support/socket-peer.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from './support/temporary-directory.ts'

let directory: string
let lines: { readonly level: number; readonly msg: string }[]
let running: Leveret[]

beforeEach(async () => {
  directory = await createTemporaryDirectory()
  lines = []
  running = []
})

afterEach(async () => {
  await Promise.all(running.map((leveret) => leveret.stop()))
  await removeTemporaryDirectory(directory)
  expect(lines.filter(({ level }) => level >= 50)).toEqual([])
})

/** What the machine has left of memory and disk must not decide what a spec sees. */
const quiet = {
  host: '127.0.0.1',
  port: 0,
  httpPort: 'off' as const,
  metricsPort: 'off' as const,
  memoryLimit: 2 ** 50,
  diskFreeLimit: 0,
}

async function start(settings: Partial<Config>): Promise<Leveret> {
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const given = { ...quiet, ...settings }
  const leveret = await startLeveret(configWith(given, {}), log)
  running.push(leveret)
  return leveret
}

async function stop(leveret: Leveret): Promise<void> {
  running = running.filter((each) => each !== leveret)
  await leveret.stop()
}

const portOf = ({ urls: [url] }: Leveret) => Number(new URL(url as string).port)

describe('a broker', () => {
  it('serves at the address that it names', async () => {
    const leveret = await start({ ephemeral: true })
    expect(leveret.urls).toEqual([expect.stringMatching(/^amqp:\/\/127\.0\.0\.1:\d+$/)])
    const peer = await SocketPeer.open(portOf(leveret))
    peer.send(1, 'queue.declare', { queue: 'q', durable: true })
    peer.send(1, 'confirm.select')
    peer.publish(1, { routingKey: 'q', body: 'hello', properties: { deliveryMode: 2 } })
    await peer.until('basic.ack')
    peer.send(1, 'basic.get', { queue: 'q' })
    expect(await peer.until('basic.get-ok')).toMatchObject([{ body: 'hello' }])
    peer.socket.destroy()
    await peer.closed
  })

  it('is what definitions say before anybody comes in', async () => {
    const path = join(directory, 'definitions.json')
    const all = { configure: '.*', write: '.*', read: '.*' }
    const definitions = {
      vhosts: [{ name: '/' }],
      users: [{ name: 'me', password: 'mine', tags: ['administrator'] }],
      permissions: [{ user: 'me', vhost: '/', ...all }],
      queues: [{ name: 'q', vhost: '/' }],
    }
    await writeFile(path, JSON.stringify(definitions))
    const leveret = await start({ ephemeral: true, loadDefinitions: path })
    await expect(leveret.administration.setUserTags('guest', [])).rejects.toThrow("user 'guest' does not exist")
    await leveret.administration.setPermission('me', '/', all)
    await writeFile(path, '{"queues":[{}]}')
    await expect(start({ ephemeral: true, loadDefinitions: path })).rejects.toThrow(/queues\[0\].vhost: is missing/)
  })

  it('answers over HTTP at the address that it names, until it stops', async () => {
    const leveret = await start({ ephemeral: true, httpPort: 0, httpHost: '127.0.0.1' })
    expect(leveret.urls).toHaveLength(2)
    const url = `${leveret.urls[1]}/api/whoami`
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api/)
    expect((await fetch(url)).status).toBe(401)
    const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` }
    expect(await (await fetch(url, { headers })).json()).toEqual({ name: 'guest', tags: ['administrator'] })
    await stop(leveret)
    await expect(fetch(url)).rejects.toThrow()
  })

  it('opens no door where the port for HTTP is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { readonly port: number }
    const refused = start({ ephemeral: true, httpPort: port, httpHost: '127.0.0.1' })
    await expect(refused).rejects.toMatchObject({ code: 'EADDRINUSE', port })
    taken.close()
  })

  it('can be administered while it runs, by the program that started it', async () => {
    const leveret = await start({ ephemeral: true })
    await leveret.administration.putUser('me', { password: 'mine' })
    await leveret.administration.putVhost('mine')
    await leveret.administration.setPermission('me', 'mine', { configure: '.*', write: '.*', read: '.*' })
    const refusal = leveret.administration.putPolicy('mine', 'p', { pattern: '', definition: { 'max-length': -1 } })
    await expect(refusal).rejects.toEqual(new AdministrationError('invalid', '-1 is not a valid maximum length'))
    const peer = await SocketPeer.open(portOf(leveret))
    await leveret.administration.deleteUser('guest')
    expect(await peer.until('connection.close')).toMatchObject([connectionClose(320, "user 'guest' is deleted")])
    peer.send(0, 'connection.close-ok')
    await peer.closed
  })

  it('takes other settings while it runs, and names those that it cannot take', async () => {
    const leveret = await start({ ephemeral: true })
    const next = configWith({ ...quiet, ephemeral: true, host: '::1', connectionMax: 1, maxMessageBytes: 10 }, {})
    const { now, later } = leveret.reload(next)
    expect([now.includes('connectionMax'), now.includes('maxMessageBytes'), later]).toEqual([true, true, ['host']])
    const peer = await SocketPeer.open(portOf(leveret))
    peer.publish(1, { routingKey: 'q', body: Buffer.alloc(11) })
    expect((await peer.until('channel.close')).at(-1)).toMatchObject({ replyCode: 406 })
    const other = await SocketPeer.connect(portOf(leveret))
    other.socket.write(PROTOCOL_HEADER)
    other.send(0, 'connection.start-ok', { mechanism: 'PLAIN', response: Buffer.from('\0guest\0guest') })
    other.send(0, 'connection.tune-ok', { channelMax: 10, frameMax: 131_072 })
    other.send(0, 'connection.open', { virtualHost: '/' })
    expect((await other.until('connection.close')).at(-1)).toMatchObject({ replyCode: 530 })
    other.send(0, 'connection.close-ok')
    await other.closed
  })

  it('keeps a record of who changed what over HTTP, and of who was not let in', async () => {
    const auditFile = join(directory, 'audit.log')
    const leveret = await start({ ephemeral: true, httpPort: 0, httpHost: '127.0.0.1', auditFile })
    const url = leveret.urls.find((each) => each.startsWith('http:'))
    const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` }
    const put = (body: object) => ({ method: 'PUT', headers, body: JSON.stringify(body) })
    await fetch(`${url}/api/users/me`, put({ password: 's3cret', tags: '' }))
    await fetch(`${url}/api/queues/%2F/q`, put({ durable: true }))
    await fetch(`${url}/api/whoami`, { headers: { authorization: `Basic ${Buffer.from('me:no').toString('base64')}` } })
    await stop(leveret)
    const text = await readFile(auditFile, 'utf8')
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const guest = { user: 'guest', address: '127.0.0.1' }
    expect(lines.slice(-3)).toMatchObject([
      { event: 'user created', ...guest, names: ['me'], before: null },
      { event: 'queue created', ...guest, names: ['/', 'q'] },
      { event: 'login refused', user: 'me', address: '127.0.0.1' },
    ])
    expect(text).not.toContain('s3cret')
  })

  it('is held to the limits that are set for all of it', async () => {
    const leveret = await start({ ephemeral: true, connectionMax: 1, channelMaxPerNode: 2, clusterQueueLimit: 1 })
    const peer = await SocketPeer.open(portOf(leveret))
    const other = await SocketPeer.connect(portOf(leveret))
    other.socket.write(PROTOCOL_HEADER)
    other.send(0, 'connection.start-ok', { mechanism: 'PLAIN', response: Buffer.from('\0guest\0guest') })
    other.send(0, 'connection.tune-ok', { channelMax: 10, frameMax: 131_072 })
    other.send(0, 'connection.open', { virtualHost: '/' })
    const refused = (await other.until('connection.close')).at(-1)
    const text = 'connection refused: node connection limit (1) is reached'
    expect(refused).toMatchObject(connectionClose(530, text, '10/40'))
    for (const queue of ['q', 'p']) peer.send(1, 'queue.declare', { queue })
    const full = (await peer.until('channel.close')).at(-1)
    const words = "cannot declare queue 'p': queue limit in cluster (1) is reached"
    expect(full).toMatchObject(channelClose(1, 406, words, '50/10'))
    for (const channel of [2, 3]) peer.send(channel, 'channel.open')
    const many = (await peer.until('connection.close')).at(-1)
    const most = "number of channels opened on node 'leveret' has reached the maximum allowed limit of 2"
    expect(many).toMatchObject(connectionClose(530, most))
    for (const each of [peer, other]) each.socket.destroy()
    await Promise.all([peer.closed, other.closed])
  })

  it.each(['0.0.0.0', '::'])('that listens everywhere (%s) names an address that can be reached', async (host) => {
    const leveret = await start({ ephemeral: true, host })
    expect(leveret.urls).toEqual([expect.stringMatching(/^amqp:\/\/localhost:\d+$/)])
    const peer = await SocketPeer.open(portOf(leveret))
    peer.socket.destroy()
  })

  it('ends its connections with 320 when it stops, and is gone then', async () => {
    const leveret = await start({ ephemeral: true })
    const peer = await SocketPeer.open(portOf(leveret))
    const stopped = stop(leveret)
    expect(await peer.until('connection.close')).toMatchObject([
      connectionClose(320, "broker forced connection closure with reason 'shutdown'"),
    ])
    await stopped
    await expect(SocketPeer.connect(portOf(leveret))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('finds after a stop what was durable, as if nothing had been delivered that was not (§15)', async () => {
    const settings = { dataDir: directory, sync: false }
    const first = await start(settings)
    const peer = await SocketPeer.open(portOf(first))
    peer.send(1, 'queue.declare', { queue: 'd', durable: true })
    peer.send(1, 'queue.declare', { queue: 't' })
    peer.send(1, 'queue.bind', { queue: 'd', exchange: 'amq.fanout' })
    peer.send(1, 'confirm.select')
    for (const [body, deliveryMode] of [
      ['a', 2],
      ['lost', 1],
      ['b', 2],
    ] as const) {
      peer.publish(1, { exchange: 'amq.fanout', body, properties: { deliveryMode } })
    }
    peer.send(1, 'basic.get', { queue: 'd' })
    await peer.until('basic.get-ok')
    await stop(first)
    const again = await SocketPeer.open(portOf(await start(settings)))
    for (const queue of ['d', 'd', 'd']) again.send(1, 'basic.get', { queue })
    const heard = await again.until('basic.get-empty')
    expect(heard).toMatchObject([
      { body: 'a', redelivered: true },
      { body: 'b', redelivered: false },
      { name: 'basic.get-empty' },
    ])
    again.send(1, 'queue.declare', { queue: 't', passive: true })
    expect(await again.until('channel.close')).toMatchObject([{ replyCode: 404 }])
    again.socket.destroy()
  })
})

describe('a broker that cannot start', () => {
  it('says that its address is taken, and lets go of its data', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    await expect(start({ dataDir: directory, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    taken.close()
    await expect(start({ dataDir: directory })).resolves.toBeDefined()
  })

  it('says that somebody else holds its data, whom that does not disturb', async () => {
    const first = await start({ dataDir: directory })
    await expect(start({ dataDir: directory })).rejects.toMatchObject({ name: 'StoreError', kind: 'locked' })
    const peer = await SocketPeer.open(portOf(first))
    peer.socket.destroy()
  })
})

describe('a broker without sync', () => {
  const warnings = () => lines.filter(({ level, msg }) => level === 40 && msg.startsWith('sync is off'))

  it('warns, where there is a disk at all', async () => {
    await start({ ephemeral: true, sync: false })
    expect(warnings()).toEqual([])
    await start({ dataDir: directory, sync: false })
    expect(warnings()).toHaveLength(1)
  })
})
