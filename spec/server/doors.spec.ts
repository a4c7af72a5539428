// The doors: what is opened, what TLS asks of those who come, and who they are by their certificates.

import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, TLSSocket } from 'node:tls'
import { type DoorSettings, Doors } from '../../src/server/doors.ts'
import { Authority, type Issued } from '../support/certificates.ts'
import { connectionClose } from '../support/closes.ts'
import { SocketPeer } from '../support/socket-peer.ts'
import { createTemporaryDirectory, removeTemporaryDirectory } from '../support/temporary-directory.ts'
import { World } from '../support/world.ts'

let folder: string
let ours: Issued
let client: Issued
let stranger: Issued
let authority: Authority
let world: World
let doors: Doors | null
let logged: string[]

beforeAll(async () => {
  folder = await createTemporaryDirectory()
  authority = new Authority(folder)
  ours = authority.issue('server', { subject: '/CN=localhost', san: 'DNS:localhost,IP:127.0.0.1' })
  client = authority.issue('client', { subject: '/O=Leveret/CN=me' })
  stranger = new Authority(folder, 'elsewhere').issue('stranger', { subject: '/CN=me' })
})
afterAll(() => removeTemporaryDirectory(folder))

beforeEach(async () => {
  world = await World.create()
  world.clock.soon = (task) => void setImmediate(task)
  doors = null
  logged = []
})
afterEach(async () => {
  await doors?.close('shutdown')
  expect(world.log.defects).toEqual([])
  expect(world.clock.timers).toBe(0)
})

async function open(changed: Partial<DoorSettings> = {}): Promise<number> {
  doors = await Doors.open(world.context, {
    host: '127.0.0.1',
    port: 0,
    listen: [],
    tlsPort: 0,
    tlsListen: [],
    proxyProtocol: false,
    httpsPort: 'off',
    tlsCert: ours.cert,
    tlsKey: ours.key,
    tlsKeyPass: null,
    tlsCa: authority.cert,
    tlsVerify: 'none',
    tlsMinVersion: '1.2',
    tlsCiphers: null,
    certLoginFrom: 'common_name',
    certLoginSanType: 'dns',
    certLoginSanIndex: 0,
    ...changed,
  })
  logged = world.log.lines.map(({ message }) => message)
  return Number(new URL(doors.urls.at(-1) ?? 'amqp://nowhere').port)
}

/** What a client needs to trust us. */
const trusting = (): ConnectionOptions => ({ ca: authority.read() })
const showing = ({ cert, key }: Issued): ConnectionOptions => ({ ...trusting(), ...Authority.read({ cert, key }) })
const external = { mechanism: 'EXTERNAL', response: Buffer.alloc(0) }

/** The mechanisms that are offered. */
async function offered(peer: SocketPeer): Promise<string> {
  peer.socket.write('AMQP\0\0\x09\x01')
  const [start] = await peer.until('connection.start')
  return start?.name === 'connection.start' ? Buffer.from(start.mechanisms).toString() : ''
}

describe('doors', () => {
  it('are one for AMQP, and one for TLS where there is a certificate', async () => {
    await open()
    expect(doors?.urls).toEqual([
      expect.stringMatching(/^amqp:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^amqps:\/\/127\.0\.0\.1:\d+$/),
    ])
    expect(logged).toEqual([
      expect.stringMatching(/^started TCP listener on 127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^started TLS \(SSL\) listener on 127\.0\.0\.1:\d+$/),
    ])
  })

  it.each([[{ tlsCert: null, tlsKey: null }], [{ tlsPort: 'off' as const }]])(
    'are one alone with %j',
    async (changed) => {
      await open(changed)
      expect(doors?.urls).toEqual([expect.stringMatching(/^amqp:/)])
    },
  )

  it('are as many as are asked for, each where it is asked for', async () => {
    await open({ listen: ['127.0.0.2:0', '127.0.0.3:0'], tlsListen: ['127.0.0.2:0'] })
    const places = doors?.urls.map((url) => url.replace(/:\d+$/, ''))
    expect(places).toEqual([
      ...['amqp://127.0.0.1', 'amqp://127.0.0.2', 'amqp://127.0.0.3'],
      ...['amqps://127.0.0.1', 'amqps://127.0.0.2'],
    ])
    const port = (at: number) => Number(new URL(doors?.urls[at] ?? '').port)
    const peers = [await SocketPeer.connect(port(1), '127.0.0.2'), await SocketPeer.connect(port(2), '127.0.0.3')]
    for (const peer of peers) await peer.enter()
    await doors?.refuse(true)
    await expect(SocketPeer.connect(port(1), '127.0.0.2')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await doors?.refuse(false)
    await doors?.close('shutdown')
    doors = null
    await Promise.all(peers.map(({ closed }) => closed))
  })

  it('may be those for TLS alone, or none', async () => {
    await open({ port: 'off' })
    expect(doors?.urls).toEqual([expect.stringMatching(/^amqps:/)])
    await doors?.close('')
    await open({ port: 'off', tlsPort: 'off' })
    expect(doors?.urls).toEqual([])
    expect(logged.at(-1)).toBe('no port is open for AMQP: the settings ask for none')
  })

  it('are none where one of many cannot be opened', async () => {
    await expect(open({ listen: ['127.0.0.1:0', '192.0.2.1:0'] })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  })

  it('are not opened with half a certificate', async () => {
    await expect(open({ tlsKey: null })).rejects.toThrow('--tls-cert needs the key of the certificate: --tls-key')
    await expect(open({ tlsCert: null })).rejects.toThrow('--tls-key needs the certificate of the key: --tls-cert')
    await expect(open({ tlsCert: null, tlsKey: null, httpsPort: 0 })).rejects.toThrow(
      '--https-port needs a certificate: --tls-cert and --tls-key',
    )
  })

  it('are none where one cannot be opened', async () => {
    const taken: Server = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    await expect(open({ tlsPort: port })).rejects.toMatchObject({ code: 'EADDRINUSE', port })
    taken.close()
  })
})

describe('doors behind a proxy', () => {
  const header = (from: string) => `PROXY TCP4 ${from} 192.0.2.9 50000 5672\r\n`
  const peers = () => [...world.broker.connections.peers()].map(({ name }) => name)

  it.each(['tcp', 'TLS'])('know who comes to the proxy, over %s', async (kind) => {
    await open({ proxyProtocol: true })
    const port = Number(new URL(doors?.urls[kind === 'TLS' ? 1 : 0] ?? '').port)
    const socket = connect({ host: '127.0.0.1', port })
    await once(socket, 'connect')
    socket.write(header('127.0.0.8'))
    const peer = kind === 'TLS' ? await SocketPeer.connectTls(port, { ...trusting(), socket }) : SocketPeer.over(socket)
    await peer.enter()
    expect(peers()).toEqual(['127.0.0.8:50000 -> 192.0.2.9:5672'])
    peer.send(1, 'queue.declare', { queue: 'q' })
    peer.publish(1, { routingKey: 'q', body: Buffer.alloc(300_000, 'x') })
    peer.send(1, 'basic.get', { queue: 'q', noAck: true })
    expect((await peer.until('basic.get-ok')).at(-1)?.body?.length).toBe(300_000)
    peer.socket.destroy()
    await peer.closed
  })

  it('tell two apart that the proxy opens from one port to two addresses', async () => {
    await open({ proxyProtocol: true, host: '0.0.0.0' })
    const port = Number(new URL(doors?.urls[1] ?? '').port)
    const from = async (host: string, localPort: number, who: string) => {
      const socket = connect({ host, port, localAddress: '127.0.0.1', localPort })
      await once(socket, 'connect')
      socket.write(header(who))
      return socket
    }
    const first = await from('127.0.0.1', 0, '127.0.0.11')
    const other = await from('127.0.0.2', first.localPort ?? 0, '127.0.0.12')
    const entered = []
    for (const socket of [other, first]) {
      const peer = await SocketPeer.connectTls(port, { ...trusting(), socket })
      await peer.enter()
      entered.push(peer)
    }
    expect(peers().map((name) => name.split(':')[0])).toEqual(['127.0.0.12', '127.0.0.11'])
    for (const { socket } of entered) socket.destroy()
    await Promise.all(entered.map(({ closed }) => closed))
  })

  it('hold users to where they come from, and take all of it in one piece', async () => {
    const peer = await SocketPeer.connect(await open({ proxyProtocol: true, tlsPort: 'off' }))
    peer.socket.write(`${header('203.0.113.7')}AMQP\0\0\x09\x01`)
    await peer.until('connection.start')
    const capabilities = new Map([['authentication_failure_close', { tag: 't' as const, value: true }]])
    peer.send(0, 'connection.start-ok', {
      mechanism: 'PLAIN',
      response: Buffer.from('\0guest\0guest'),
      clientProperties: new Map([['capabilities', { tag: 'F', value: capabilities }]]),
    })
    expect((await peer.until('connection.close')).at(-1)).toMatchObject({ replyCode: 403 })
    peer.socket.destroy()
    await peer.closed
  })

  it('let the proxy itself in', async () => {
    const peer = await SocketPeer.connect(await open({ proxyProtocol: true, tlsPort: 'off' }))
    peer.socket.write('PROXY UNKNOWN\r\n')
    await peer.enter()
    expect(peers()).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+$/)])
    peer.socket.destroy()
    await peer.closed
  })

  const refused = (why: string) => ({
    level: 'warn',
    message: 'a connection without a PROXY header was closed',
    fields: { peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/), why },
  })

  it('close whoever does not say', async () => {
    const port = await open({ proxyProtocol: true, tlsPort: 'off' })
    const peer = await SocketPeer.connect(port)
    peer.socket.write('AMQP\0\0\x09\x01')
    await peer.closed
    expect(world.log.lines).toContainEqual(refused('the first octets are 414d515000000901, not a PROXY header'))
    const leaving = await SocketPeer.connect(port)
    leaving.socket.end('PROXY')
    await leaving.closed
    expect(world.log.lines).toContainEqual(refused('it has ended before'))
  })

  it('do not wait for ever', async () => {
    const port = await open({ proxyProtocol: true, tlsCert: null, tlsKey: null })
    const [peer, other] = await Promise.all([SocketPeer.connect(port), SocketPeer.connect(port)])
    for (let turns = 0; world.clock.timers < 2 && turns < 200_000; turns++)
      await new Promise((resolve) => setImmediate(resolve))
    world.clock.advance(10_000)
    await Promise.all([peer.closed, other.closed])
    expect(world.log.lines).toContainEqual(refused('none has come in time'))
  })

  it('close with those who have not said it yet', async () => {
    const peer = await SocketPeer.connect(await open({ proxyProtocol: true, tlsCert: null, tlsKey: null }))
    for (let turns = 0; world.clock.timers < 1 && turns < 200_000; turns++)
      await new Promise((resolve) => setImmediate(resolve))
    await doors?.close('shutdown')
    doors = null
    await peer.closed
  })
})

describe('the door for TLS', () => {
  it('carries messages of any size', async () => {
    const peer = await (await SocketPeer.connectTls(await open(), trusting())).enter()
    peer.send(1, 'queue.declare', { queue: 'q' })
    peer.publish(1, { routingKey: 'q', body: Buffer.alloc(3_000_000, 'x') })
    peer.send(1, 'basic.get', { queue: 'q', noAck: true })
    const [got] = (await peer.until('basic.get-ok')).slice(-1)
    expect(got?.body?.length).toBe(3_000_000)
    peer.socket.destroy()
    await peer.closed
  })

  it('speaks no version older than it may', async () => {
    const port = await open({ tlsMinVersion: '1.3' })
    const old = SocketPeer.connectTls(port, { ...trusting(), maxVersion: 'TLSv1.2' })
    await expect(old).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
    const { socket } = await SocketPeer.connectTls(port, trusting())
    expect(socket instanceof TLSSocket && socket.getProtocol()).toBe('TLSv1.3')
  })

  it('closes also while somebody is at the handshake', async () => {
    const early = await SocketPeer.connect(await open())
    const peer = await SocketPeer.connectTls(Number(new URL(doors?.urls[1] ?? '').port), trusting())
    await Promise.all([doors?.close('shutdown'), early.closed, peer.closed])
  })

  it('shows a new certificate to those who come later', async () => {
    const [cert, key] = [join(folder, 'current.pem'), join(folder, 'current.key')]
    const place = (issued: Issued): void => {
      copyFileSync(issued.cert, cert)
      copyFileSync(issued.key, key)
    }
    place(ours)
    const port = await open({ tlsCert: cert, tlsKey: key })
    const shown = async (): Promise<unknown> => {
      const { socket } = await SocketPeer.connectTls(port, { ...trusting(), checkServerIdentity: () => undefined })
      return socket instanceof TLSSocket && socket.getPeerCertificate().subject.CN
    }
    const before = await (await SocketPeer.connectTls(port, trusting())).enter()
    place(authority.issue('renewed', { subject: '/CN=renewed' }))
    expect(await shown()).toBe('localhost')
    doors?.certificates?.look()
    expect(await shown()).toBe('renewed')
    before.send(1, 'queue.declare', { queue: 'still there' })
    await before.until('queue.declare-ok')
  })
})

describe('certificates of clients', () => {
  it('are not asked for with verify none', async () => {
    const peer = await SocketPeer.connectTls(await open(), showing(client))
    expect(await offered(peer)).toBe('PLAIN AMQPLAIN')
  })

  it.each(['peer', 'require'] as const)(
    'are not believed with verify %s where nobody says whose',
    async (tlsVerify) => {
      const why = `--tls-verify ${tlsVerify} needs the authorities of clients: --tls-ca`
      await expect(open({ tlsVerify, tlsCa: null })).rejects.toThrow(why)
    },
  )

  it('need not be shown with verify peer, and let in without a password where they are', async () => {
    const port = await open({ tlsVerify: 'peer' })
    expect(await offered(await SocketPeer.connectTls(port, trusting()))).toBe('PLAIN AMQPLAIN')
    const peer = await SocketPeer.connectTls(port, showing(client))
    expect(await offered(peer)).toBe('PLAIN AMQPLAIN EXTERNAL')
    await world.broker.administration.putUser('me', {})
    await world.broker.administration.setPermission('me', '/', { configure: '.*', write: '.*', read: '.*' })
    await (await SocketPeer.connectTls(port, showing(client))).enter(external)
    await (await SocketPeer.connectTls(port, showing(client))).enter()
  })

  it('have to hold where they are shown', async () => {
    const port = await open({ tlsVerify: 'peer' })
    const peer = await SocketPeer.connectTls(port, showing(stranger))
    await peer.closed
    expect(world.log.lines.at(-1)).toMatchObject({ level: 'warn', message: 'a TLS handshake failed' })
  })

  it('that nobody waits for any more are not told of with an address', async () => {
    const peer = await SocketPeer.connect(await open({ port: 'off' }))
    peer.socket.resetAndDestroy()
    const told = () => world.log.lines.find(({ message }) => message === 'a TLS handshake failed')
    for (let turns = 0; told() === undefined && turns < 200_000; turns++)
      await new Promise((resolve) => setImmediate(resolve))
    expect(told()).toMatchObject({ level: 'warn', fields: { peer: 'somebody who has gone' } })
  })

  it('have to be shown with verify require', async () => {
    const port = await open({ tlsVerify: 'require' })
    for (const options of [trusting(), showing(stranger)]) {
      // With TLS 1.3 a client hears of it only after its own side of the handshake.
      const peer = await SocketPeer.connectTls(port, options).catch(() => null)
      await peer?.closed
    }
    expect(await offered(await SocketPeer.connectTls(port, showing(client)))).toBe('PLAIN AMQPLAIN EXTERNAL')
  })

  it.each([
    ['name nobody who is known', () => showing(client)],
    ['are not shown at all', () => trusting()],
  ])('are refused in the words for any login where they %s', async (_, options) => {
    const port = await open({ tlsVerify: 'peer' })
    const peer = await SocketPeer.connectTls(port, options())
    peer.socket.write('AMQP\0\0\x09\x01')
    const capabilities = new Map([['authentication_failure_close', { tag: 't' as const, value: true }]])
    peer.send(0, 'connection.start-ok', {
      ...external,
      clientProperties: new Map([['capabilities', { tag: 'F', value: capabilities }]]),
    })
    const text = 'Login was refused using authentication mechanism EXTERNAL. For details see the broker logfile.'
    expect((await peer.until('connection.close')).at(-1)).toMatchObject(connectionClose(403, text))
    peer.send(0, 'connection.close-ok')
    await peer.closed
  })
})
