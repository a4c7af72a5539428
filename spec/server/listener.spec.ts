// The TCP door: a connection for each socket, all of them ended when it closes, and nothing left of those that died.

import net from 'node:net'
import { Listener } from '../../src/server/listener.ts'
import { connectionClose } from '../support/closes.ts'
import { SocketPeer } from '../support/socket-peer.ts'
import { turnsUntil } from '../support/turns.ts'
import { World } from '../support/world.ts'

const SHUTDOWN = `broker forced connection closure with reason 'shutdown'`

let world: World
let listener: Listener
let port: number

/** The world's clock stands still; only its turns go on, with the loop's own. */
beforeEach(async () => {
  world = await World.create()
  world.clock.soon = (task) => void setImmediate(task)
  listener = await Listener.open(world.context, { host: '127.0.0.1', port: 0 })
  port = listener.address.port
})

afterEach(async () => {
  await listener.close(SHUTDOWN)
  expect(world.log.defects).toEqual([])
})

describe('a listener', () => {
  it('takes any free port, and says which', () => {
    expect(listener.address).toMatchObject({ address: '127.0.0.1', family: 'IPv4', port: expect.any(Number) })
    expect(port).toBeGreaterThan(0)
  })

  it('does not open where somebody else listens', async () => {
    await expect(Listener.open(world.context, { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })

  it('gives each socket a connection, and forgets it with the socket', async () => {
    const peers = await Promise.all([SocketPeer.open(port), SocketPeer.open(port)])
    expect(listener.connections.size).toBe(2)
    peers[0].socket.destroy()
    await turnsUntil(() => listener.connections.size === 1)
    peers[1].send(0, 'connection.close', { replyCode: 200 })
    await peers[1].until('connection.close-ok')
    peers[1].socket.end()
    await turnsUntil(() => listener.connections.size === 0)
  })

  it('refuses who comes while it is suspended, and is there again when it has resumed', async () => {
    const there = await SocketPeer.open(port)
    listener.suspend()
    await expect(SocketPeer.open(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(listener.address.port).toBe(port)
    await listener.resume()
    await listener.resume()
    const back = await SocketPeer.open(port)
    for (const peer of [there, back]) peer.socket.destroy()
  })

  it('stays suspended where it is so again while it resumes', async () => {
    listener.suspend()
    const resumed = listener.resume()
    listener.suspend()
    await resumed
    await expect(SocketPeer.open(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('lives on when it cannot accept', async () => {
    const created = jest.spyOn(net, 'createServer')
    const another = await Listener.open(world.context, { host: '127.0.0.1', port: 0 })
    const server: net.Server = created.mock.results[0]?.value
    created.mockRestore()
    for (let i = 0; i < 2; i++) server.emit('error', new Error('accept EMFILE'))
    const peer = await SocketPeer.open(another.address.port)
    await another.close(SHUTDOWN)
    await peer.until('connection.close')
    expect(world.log.lines.filter(({ message }) => message.includes('not accepted'))).toHaveLength(2)
    world.log.lines.length = 0
  })
})

describe('closing a listener', () => {
  it('resolves at once where nobody is connected', async () => {
    await listener.close(SHUTDOWN)
    await expect(SocketPeer.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('tells who is there, drops who is not there yet, and resolves when all have gone', async () => {
    const open = await SocketPeer.open(port)
    const early = await SocketPeer.connect(port)
    await turnsUntil(() => listener.connections.size === 2)
    const closed = listener.close(SHUTDOWN)
    expect(await open.until('connection.close')).toMatchObject([connectionClose(320, SHUTDOWN)])
    await Promise.all([closed, open.closed, early.closed])
    expect(listener.connections.size).toBe(0)
  })

  it('sends what was on its way before the last word', async () => {
    const peer = await SocketPeer.open(port)
    peer.send(1, 'queue.declare', { queue: 'q' })
    peer.publish(1, { routingKey: 'q', body: Buffer.alloc(3_000_000, 'x') })
    peer.send(1, 'basic.consume', { queue: 'q' })
    await turnsUntil(() => (world.stats('q') as { unacked: number } | null)?.unacked === 1)
    const closed = listener.close(SHUTDOWN)
    const delivered = (await peer.until('connection.close')).at(-2)
    expect([delivered?.name, delivered?.body?.length]).toEqual(['basic.deliver', 3_000_000])
    await closed
  })
})

describe('a hundred connections that die without a close', () => {
  it('leave no queue, no consumer, no message unacked, no slab and no timer behind', async () => {
    await SocketPeer.open(port).then(async (peer) => {
      peer.send(1, 'queue.declare', { queue: 'shared' })
      await peer.until('queue.declare-ok')
      peer.socket.destroy()
    })
    const peers = await Promise.all(Array.from({ length: 100 }, () => SocketPeer.open(port)))
    await Promise.all(
      peers.map(async (peer, i) => {
        peer.send(1, 'queue.declare', { queue: `mine ${i}`, exclusive: true })
        peer.send(1, 'queue.declare', { queue: `auto ${i}`, autoDelete: true })
        peer.send(1, 'basic.consume', { queue: `auto ${i}` })
        peer.send(1, 'confirm.select')
        for (const routingKey of [`mine ${i}`, `auto ${i}`, 'shared']) peer.publish(1, { routingKey, body: `${i}` })
        peer.send(1, 'basic.get', { queue: 'shared' })
        await peer.until('basic.get-ok')
        if (i % 3 === 0) peer.publish(1, { routingKey: 'shared', body: Buffer.alloc(200_000) })
        if (i % 2 === 0) peer.socket.destroy()
        else peer.socket.resetAndDestroy()
      }),
    )
    await turnsUntil(() => listener.connections.size === 0 && world.slabs.lent.size === 0)
    expect([...world.vhost.queues.keys()]).toEqual(['shared'])
    expect(world.stats('shared')).toMatchObject({ unacked: 0, consumers: 0 })
    expect((world.stats('shared') as { ready: number }).ready).toBeGreaterThanOrEqual(100)
    expect(world.clock.timers).toBe(0)
  })
})
