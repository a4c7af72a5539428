// AMQP over WebSocket: the same connection as over a socket, on another's port.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type ClientOptions, createWebSocketStream, WebSocket } from 'ws'
import { WebSocketDoor } from '../../src/server/websocket-door.ts'
import { connectionClose } from '../support/closes.ts'
import { SocketPeer } from '../support/socket-peer.ts'
import { turnsUntil } from '../support/turns.ts'
import { World } from '../support/world.ts'

let world: World
let door: WebSocketDoor
let server: Server
let url: string

beforeEach(async () => {
  world = await World.create()
  world.clock.soon = (task) => void setImmediate(task)
  const naming = { certLoginFrom: 'common_name', certLoginSanType: 'dns', certLoginSanIndex: 0 } as const
  door = new WebSocketDoor(world.context, naming)
  server = createServer()
  server.on('upgrade', (request, socket, head) => void door.upgrade(request, socket, head))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `ws://127.0.0.1:${(server.address() as { port: number }).port}`
})
afterEach(async () => {
  await door.close('shutdown')
  server.close()
  server.closeAllConnections()
  expect(world.log.defects).toEqual([])
  expect(world.clock.timers).toBe(0)
})

async function connect(path = '/ws', options: ClientOptions = {}, protocols: string[] = ['amqp']): Promise<WebSocket> {
  const socket = new WebSocket(`${url}${path}`, protocols, options)
  await once(socket, 'open')
  return socket
}

const peerOver = async (options?: ClientOptions) =>
  SocketPeer.over(createWebSocketStream(await connect('/ws', options)))

/** The status that a request to upgrade is refused with. */
async function refusal(path: string): Promise<number> {
  const socket = new WebSocket(`${url}${path}`)
  socket.on('error', () => {})
  const [, response] = await once(socket, 'unexpected-response')
  response.resume()
  return response.statusCode
}

describe('a WebSocket', () => {
  it('carries a connection, and messages of any size', async () => {
    const peer = await (await peerOver()).enter()
    peer.send(1, 'queue.declare', { queue: 'q' })
    peer.publish(1, { routingKey: 'q', body: Buffer.alloc(3_000_000, 'x') })
    peer.send(1, 'basic.get', { queue: 'q', noAck: true })
    expect((await peer.until('basic.get-ok')).at(-1)?.body?.length).toBe(3_000_000)
    peer.send(0, 'connection.close', { replyCode: 200 })
    await peer.until('connection.close-ok')
    peer.socket.end()
    await peer.closed
  })

  it.each(['/ws', '/ws/', '/ws/amqp', '/ws?x=1'])('is opened at %s', async (path) => {
    expect((await connect(path)).protocol).toBe('amqp')
  })

  it('needs no subprotocol, and is given none that is not spoken', async () => {
    expect((await connect('/ws', {}, [])).protocol).toBe('')
    const other = new WebSocket(`${url}/ws`, ['mqtt'])
    await expect(once(other, 'open')).rejects.toThrow('Server sent no subprotocol')
  })

  it('is not opened elsewhere, nor after the end', async () => {
    expect(await refusal('/api/ws')).toBe(404)
    await door.close('shutdown')
    expect(await refusal('/ws')).toBe(503)
  })

  it('is closed where it says text', async () => {
    const socket = await connect()
    socket.send('AMQP')
    expect(((await once(socket, 'close')) as [number])[0]).toBe(1003)
  })

  it('that is not let in yet may not have a long message kept for it', async () => {
    const socket = await connect()
    socket.on('error', () => {})
    socket.send(Buffer.alloc(8), { binary: true, fin: false })
    let pieces = 0
    const feed = (): void => {
      if (socket.readyState !== WebSocket.OPEN || pieces++ > 200) return
      socket.send(Buffer.alloc(8000), { binary: true, fin: false }, feed)
    }
    feed()
    const [code] = await once(socket, 'close')
    expect(code).toBe(1006)
    expect(world.log.lines).toContainEqual(expect.objectContaining({ message: 'WebSocket closed' }))
  })

  it('that dies leaves nothing behind', async () => {
    const peer = await (await peerOver()).enter()
    peer.send(1, 'queue.declare', { queue: 'mine', exclusive: true })
    await peer.until('queue.declare-ok')
    peer.socket.destroy()
    await turnsUntil(() => door.connections.size === 0 && world.vhost.queues.size === 0)
  })

  it('is told of the end', async () => {
    const peer = await (await peerOver()).enter()
    const closed = door.close('shutdown')
    expect((await peer.until('connection.close')).at(-1)).toMatchObject(connectionClose(320, 'shutdown'))
    await Promise.all([closed, peer.closed])
  })

  it.each([
    ['a page of this machine', 'http://localhost:3000', true],
    ['a page at an address of this machine', 'http://[::1]:3000', true],
    ['a page at an address of IPv4 as one of IPv6', 'http://[::ffff:127.0.0.1]', true],
    ['a page of others whose name looks like an address', 'http://127.evil.example', false],
    ['a page of others', 'https://elsewhere.example', false],
    ['a page of nobody', 'null', false],
  ])('of %s is from this machine or not: %s', async (_, origin, local) => {
    const peer = await peerOver({ origin })
    peer.socket.write('AMQP\0\0\x09\x01')
    const capabilities = new Map([['authentication_failure_close', { tag: 't' as const, value: true }]])
    peer.send(0, 'connection.start-ok', {
      mechanism: 'PLAIN',
      response: Buffer.from('\0guest\0guest'),
      clientProperties: new Map([['capabilities', { tag: 'F', value: capabilities }]]),
    })
    await peer.until(local ? 'connection.tune' : 'connection.close')
    peer.socket.destroy()
    await turnsUntil(() => door.connections.size === 0)
  })
})
