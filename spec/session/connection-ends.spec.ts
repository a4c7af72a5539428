// How a connection ends: asked for, cut, by the server, or for want of a heartbeat.

import { table } from '../../src/protocol/field-table.ts'
import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import type { Connection } from '../../src/session/connection.ts'
import { connectionClose } from '../support/closes.ts'
import { frameBytes } from '../support/frames.ts'
import { method, methodBytes, type Peer, publishBytes } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await World.create()
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

/** A frame of `type` on `channel`; `end` in place of the frame-end octet. */
const frame = (type: number, channel: number, payload: string | Buffer, end?: number) =>
  frameBytes({ type, channel, payload: Buffer.from(payload as string, 'latin1') }, end)

describe("the peer's close (§2.7)", () => {
  it('is answered, and TCP left to the peer, but no longer than 30 s', async () => {
    const peer = await world.open()
    expect(await peer.ask(0, 'connection.close', { replyCode: 200 })).toMatchObject([
      { channel: 0, name: 'connection.close-ok' },
    ])
    expect(peer.ended).toBeNull()
    expect(await world.endsAfter(peer)).toBe(30_000)
    world.expectNobody()
  })

  it('is waited for no longer than the heartbeat, and nothing but close-ok is said', async () => {
    const peer = await world.open({ heartbeat: 2 })
    expect(await peer.ask(0, 'connection.close', { replyCode: 200 })).toMatchObject([{ name: 'connection.close-ok' }])
    expect(await world.endsAfter(peer)).toBe(2000)
    expect(peer.take()).toEqual([])
  })

  it('comes after everything that was published before', async () => {
    const peer = await world.open({}, 1)
    peer.send(1, 'queue.declare', { queue: 'q' })
    for (const body of ['a', 'b', 'c']) peer.publish(1, { routingKey: 'q', body })
    expect(await peer.ask(0, 'connection.close', { replyCode: 200 })).toMatchObject([
      { name: 'queue.declare-ok' },
      { name: 'connection.close-ok' },
    ])
    expect(world.stats('q')).toMatchObject({ ready: 3 })
  })

  it('waits for every method that waits for the broker, one after the other', async () => {
    const peer = await world.open({}, 1, 2)
    for (const queue of ['a', 'b', 'c']) peer.send(1, 'queue.declare', { queue, durable: true })
    peer.publish(1, { routingKey: 'c', body: 'm' })
    peer.send(2, 'queue.declare', { queue: 'd', durable: true })
    const heard = await peer.ask(0, 'connection.close', { replyCode: 200 })
    expect(heard.map(({ name }) => name)).toEqual([...Array(4).fill('queue.declare-ok'), 'connection.close-ok'])
    expect(world.stats('c')).toMatchObject({ ready: 1 })
  })

  it('gives unacked messages back and deletes exclusive queues before the answer', async () => {
    const peer = await world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'mine', exclusive: true })
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    peer.publish(1, { routingKey: 'q', body: 'm' })
    await peer.ask(1, 'basic.consume', { queue: 'q' })
    expect(world.stats('q')).toEqual({ ready: 0, unacked: 1, consumers: 1 })
    await peer.ask(0, 'connection.close', { replyCode: 200 })
    expect([world.stats('mine'), world.stats('q')]).toEqual([null, { ready: 1, unacked: 0, consumers: 0 }])
  })

  it('is the last that is listened to', async () => {
    const peer = await world.open({}, 1)
    peer.send(0, 'connection.close', { replyCode: 200 })
    peer.send(1, 'queue.declare', { queue: 'late' })
    peer.write(frame(7, 1, ''))
    peer.write(frame(1, 1, 'abcd', 0))
    expect(await peer.heard()).toMatchObject([{ name: 'connection.close-ok' }])
    expect(world.stats('late')).toBeNull()
  })
})

describe('a connection that is cut (§2.7)', () => {
  it('leaves nothing behind', async () => {
    const peer = await world.open({ heartbeat: 10 }, 1, 2)
    await peer.ask(1, 'queue.declare', { queue: 'mine', exclusive: true })
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'confirm.select')
    for (const body of ['a', 'b']) peer.publish(1, { routingKey: 'q', body })
    await peer.ask(2, 'basic.consume', { queue: 'q' })
    peer.write(publishBytes(1, { routingKey: 'q', body: 'half' }).subarray(0, -3))
    await peer.drop()
    expect([world.stats('mine'), world.stats('q')]).toEqual([null, { ready: 2, unacked: 0, consumers: 0 }])
    world.expectNobody()
  })

  it.each(['unsent', 'half a header', 'half a handshake'])(
    'leaves nothing behind in the beginning: %s',
    async (said) => {
      const peer = world.connect()
      if (said !== 'unsent') peer.write(PROTOCOL_HEADER.subarray(0, said === 'half a header' ? 3 : 8))
      await peer.drop()
      world.expectNobody()
    },
  )

  it('gives nothing that one of its channels gives back to another, who would lose it', async () => {
    const peer = await world.open({}, 1, 2)
    await peer.ask(1, 'queue.declare', { queue: 'dead' })
    const dying = table({ 'x-max-length': 1, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' })
    await peer.ask(1, 'queue.declare', { queue: 'short', arguments: dying })
    peer.send(2, 'basic.consume', { queue: 'dead', noAck: true })
    await peer.ask(1, 'basic.consume', { queue: 'short' })
    for (const body of ['a', 'b']) peer.publish(1, { routingKey: 'short', body })
    await peer.heard()
    await peer.drop()
    expect([world.stats('short'), world.stats('dead')]).toMatchObject([{ ready: 1 }, { ready: 1 }])
  })

  it('is over: bytes and turns that come late do nothing', async () => {
    const peer = await world.open({}, 1)
    peer.send(1, 'queue.declare', { queue: 'q', durable: true })
    const [connection] = world.connections
    peer.transport.vanish()
    await world.settle()
    connection?.data(methodBytes(1, method('queue.declare', { queue: 'late' })))
    connection?.shut('late')
    await world.settle()
    expect(world.stats('late')).toBeNull()
    world.expectNobody()
  })
})

describe("the server's close (§2.8)", () => {
  const reason = `broker forced connection closure with reason 'shutdown'`
  const shut = () => {
    for (const connection of world.connections) connection.shut(reason)
  }

  it('says 320 and ends TCP, and does not wait for ever', async () => {
    const peer = await world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'mine', exclusive: true })
    shut()
    expect(await peer.heard()).toMatchObject([connectionClose(320, reason)])
    expect([peer.ended, world.stats('mine')]).toEqual(['ended', null])
    expect(await world.endsAfter(peer)).toBe(3000)
    world.expectNobody()
  })

  it('just drops a connection that is not open', async () => {
    const peer = world.connect()
    peer.write(PROTOCOL_HEADER)
    await peer.heard()
    shut()
    expect([await peer.heard(), peer.ended]).toEqual([[], 'destroyed'])
    world.expectNobody()
  })

  it('is the last word, whatever was still being done', async () => {
    const peer = await world.open({ heartbeat: 2 }, 1)
    peer.send(1, 'queue.declare', { queue: 'q', durable: true })
    shut()
    expect(await peer.heard()).toMatchObject([connectionClose(320, reason)])
    await world.pass(2900, 100)
    expect(peer.take()).toEqual([])
  })
})

describe('heartbeats (§2.9)', () => {
  it('leave every half interval, beginning with the first', async () => {
    const peer = await world.open({ heartbeat: 10 })
    for (let half = 1; half <= 3; half++) {
      await world.pass(5000)
      peer.write(frame(8, 0, ''))
      expect([half, await peer.heard()]).toEqual([half, [{ channel: 0, name: 'heartbeat' }]])
    }
  })

  it('that stay away end TCP without a word, after two to three intervals', async () => {
    const peer = await world.open({ heartbeat: 1 }, 1)
    peer.take()
    const ms = await world.endsAfter(peer)
    expect(ms).toBeGreaterThanOrEqual(2000)
    expect(ms).toBeLessThanOrEqual(3000)
    expect(peer.take().filter(({ name }) => name !== 'heartbeat')).toEqual([])
    world.expectNobody()
  })

  it('are any octets: one is enough', async () => {
    const peer = await world.open({ heartbeat: 1 }, 1)
    for (const octet of methodBytes(1, method('channel.flow', { active: true }))) {
      await world.pass(1500)
      peer.write(Buffer.of(octet))
    }
    expect((await peer.heard()).at(-1)).toMatchObject({ name: 'channel.flow-ok' })
  })

  it('are not in the way of a close: it is waited for, and no word follows it', async () => {
    const peer = await world.open({ heartbeat: 60 })
    peer.send(0, 'connection.close', { replyCode: 200 })
    await peer.heard()
    await world.pass(29_000, 1000)
    expect([peer.take(), peer.ended]).toEqual([[], null])
  })
})

describe('a silent close (§2.4, §18.3)', () => {
  it('stays silent for its 3 s', async () => {
    const peer = world.connect()
    peer.write(PROTOCOL_HEADER)
    peer.startOk({ mechanism: 'NONE' })
    peer.take()
    peer.startOk()
    expect(await world.endsAfter(peer)).toBe(3000)
    expect(peer.take().map(({ name }) => name)).toEqual(['connection.start'])
    world.expectNobody()
  })
})

describe('a fault of our own (§1.1)', () => {
  /** A peer whose connection fails at the next call of this. */
  async function sabotaged(what: 'write' | 'method' | 'confirm') {
    const before = new Set(world.connections)
    const peer = await world.open({}, 1)
    await peer.ask(1, 'confirm.select')
    const { flow, outbox } = [...world.connections].find((each) => !before.has(each)) as Connection
    if (what === 'write') jest.spyOn(peer.transport, 'write').mockImplementationOnce(fail)
    else if (what === 'method') jest.spyOn(outbox, 'method').mockImplementationOnce(fail)
    else jest.spyOn(flow, 'confirmsWait').mockImplementationOnce((channel) => failAtConfirm(flow, channel))
    return peer
  }

  function failAtConfirm(flow: Connection['flow'], channel: Parameters<typeof flow.confirmsWait>[0]): void {
    jest.spyOn(channel, 'send').mockImplementationOnce(fail)
    flow.confirmsWait(channel)
  }

  function fail(): never {
    throw new Error('sabotage')
  }

  it.each([
    ['of a method', 'method', (peer: Peer) => peer.send(1, 'channel.flow', { active: true })],
    ['of confirms', 'confirm', (peer: Peer) => peer.publish(1, { routingKey: 'nowhere' })],
    ['of writing', 'write', (peer: Peer) => peer.send(1, 'channel.flow', { active: true })],
  ] as const)('ends that connection with 541 and no other: %s', async (_, what, provoke) => {
    const first = await world.open({}, 1)
    const peer = await sabotaged(what)
    const last = await world.open({}, 1)
    for (const each of [first, last]) each.send(1, 'channel.flow', { active: true })
    provoke(peer)
    const heard = await peer.heard()
    expect(heard.at(-1)).toMatchObject(connectionClose(541, ''))
    for (const each of [first, last]) expect(await each.heard()).toMatchObject([{ name: 'channel.flow-ok' }])
    expect(world.log.defects).toMatchObject([{ level: 'error', fields: { err: new Error('sabotage') } }])
    world.log.lines.length = 0
  })

  it('at the end of a connection leaves nothing of it behind', async () => {
    const peer = await world.open({}, 1)
    jest.spyOn(world.broker, 'releaseOwner').mockImplementationOnce(fail)
    await peer.ask(1, 'queue.declare', { queue: 'mine', exclusive: true })
    await peer.drop()
    world.expectNobody()
    expect(world.log.defects).toHaveLength(1)
    world.log.lines.length = 0
  })
})
