// A connection over bytes in memory, with made-up time: protocol header, frames nobody may send, hard errors, the ways it
// ends (behaviour.md §1.3, §2.1, §2.7 to §2.9, §3, §18.3). What happens on a channel is in channel.spec.ts.

import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
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

describe('the protocol header (§2.1)', () => {
  it.each([
    ['AMQP 0 0 9 1', '\x00\x00\x09\x01'],
    ['AMQP 1 1 0 9 (0-9)', '\x01\x01\x00\x09'],
  ])('%s is answered with connection.start', async (_, version) => {
    const peer = world.connect()
    peer.write(Buffer.from(`AMQP${version}`, 'latin1'))
    expect(await peer.heard()).toMatchObject([
      { channel: 0, name: 'connection.start', versionMajor: 0, versionMinor: 9 },
    ])
  })

  it('may come octet by octet', async () => {
    const peer = world.connect()
    for (const octet of PROTOCOL_HEADER) peer.write(Buffer.of(octet))
    expect(await peer.heard()).toMatchObject([{ name: 'connection.start' }])
  })

  it('may come in one chunk with what follows', async () => {
    const peer = world.connect()
    const startOk = methodBytes(
      0,
      method('connection.start-ok', { mechanism: 'PLAIN', response: Buffer.from('\0guest\0guest') }),
    )
    peer.write(Buffer.concat([PROTOCOL_HEADER, startOk]))
    expect(await peer.heard()).toMatchObject([{ name: 'connection.start' }, { name: 'connection.tune' }])
  })

  it.each([
    ['another revision', 'AMQP\x00\x00\x09\x00'],
    ['0-8', 'AMQP\x01\x01\x08\x00'],
    ['1.0', 'AMQP\x00\x01\x00\x00'],
    ['1.0 with SASL', 'AMQP\x03\x01\x00\x00'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc'],
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n'],
  ])('of another protocol (%s) is answered with ours, and TCP is closed', async (_, bytes) => {
    const peer = world.connect()
    peer.write(Buffer.from(bytes, 'latin1'))
    expect(await peer.heard()).toEqual([])
    expect(peer.reader.header).toEqual(PROTOCOL_HEADER)
    expect(peer.ended).toBe('ended')
    await peer.drop()
    world.expectNobody()
  })

  it('that is incomplete is waited for until the handshake has taken 10 s', async () => {
    const peer = world.connect()
    peer.write(PROTOCOL_HEADER.subarray(0, 7))
    expect(await world.endsAfter(peer)).toBe(10_000)
    expect(peer.take()).toEqual([])
    world.expectNobody()
  })
})

describe('the handshake timeout (§2.4)', () => {
  it.each([
    ['connection.start-ok', (_peer: Peer) => {}],
    ['connection.tune-ok', (peer: Peer) => peer.startOk()],
    [
      'connection.open',
      (peer: Peer) => {
        peer.startOk()
        peer.tuneOk()
      },
    ],
  ])('closes TCP silently 10 s after accept when %s does not come', async (_, until) => {
    const peer = world.connect()
    await world.pass(4000)
    peer.write(PROTOCOL_HEADER)
    until(peer)
    await peer.heard()
    expect(await world.endsAfter(peer)).toBe(6000)
    expect(peer.take()).toEqual([])
    world.expectNobody()
  })

  it('is not held against a peer when it was the broker that stood still', async () => {
    const peer = world.connect()
    peer.write(PROTOCOL_HEADER)
    world.clock.standStill(60_000)
    peer.startOk()
    peer.tuneOk()
    await peer.heard()
    expect(peer.ended).toBeNull()
    expect(await world.endsAfter(peer)).toBe(10_000)
  })

  it('is over with connection.open', async () => {
    const peer = await world.open()
    await world.pass(3_600_000)
    expect([peer.ended, world.clock.timers]).toEqual([null, 0])
  })
})

/** A frame of `type` on `channel`; `end` in place of the frame-end octet. */
const frame = (type: number, channel: number, payload: string | Buffer, end?: number) =>
  frameBytes({ type, channel, payload: Buffer.from(payload as string, 'latin1') }, end)

describe('a frame that cannot be (§3)', () => {
  it.each([
    ['unknown type', frame(7, 1, 'abc'), 501, 'type 7, all octets = <<"abc">>: unknown_frame'],
    ['unknown type on channel 0', frame(0, 0, ''), 501, 'type 0, all octets = <<>>: unknown_frame'],
    ['method too short', frame(1, 1, '\x00\x14\x00'), 501, 'type 1, all octets = <<0,20,0>>: unknown_frame'],
    ['method too short on channel 0', frame(1, 0, ''), 501, 'type 1, all octets = <<>>: unknown_frame'],
    ['long', frame(9, 1, 'a'.repeat(17)), 501, `type 9, first 16 octets = <<"${'a'.repeat(16)}">>: unknown_frame`],
    ['header on channel 0', frame(2, 0, 'hh'), 505, 'type 2, all octets = <<"hh">>'],
    ['body on channel 0', frame(3, 0, 'bb'), 505, 'type 3, all octets = <<"bb">>'],
    ['empty body on channel 0', frame(3, 0, ''), 505, 'type 3, all octets = <<>>'],
    ['heartbeat with a payload', frame(8, 0, 'zz'), 501, 'type 8, all octets = <<"zz">>: unknown_frame'],
    ['heartbeat on an open channel', frame(8, 1, ''), 505, 'type 8, all octets = <<>>'],
    ['heartbeat on another channel', frame(8, 9, ''), 505, 'type 8, all octets = <<>>'],
  ] as const)('ends the connection: %s', async (_, bytes, code, text) => {
    const peer = await world.open({}, 1)
    peer.write(bytes)
    expect(await peer.heard()).toMatchObject([connectionClose(code, text)])
    expect(await world.endsAfter(peer)).toBe(30_000)
  })

  it.each([0, 3])(
    'ends the connection also cut in two: an empty body frame on channel 0, after octet %i',
    async (cut) => {
      const peer = await world.open({}, 1)
      const bytes = frame(3, 0, '')
      peer.write(bytes.subarray(0, 7 - cut))
      peer.write(bytes.subarray(7 - cut))
      expect(await peer.heard()).toMatchObject([connectionClose(505, 'type 3, all octets = <<>>')])
    },
  )

  it('loses sync with a wrong frame-end: nothing more is read, TCP is closed 3 s later', async () => {
    const peer = await world.open({}, 1)
    peer.write(frame(1, 1, 'abcd', 0x0a))
    peer.send(0, 'connection.close-ok')
    expect(await peer.heard()).toMatchObject([
      connectionClose(501, 'type 1, all octets = <<"abcd">>: {invalid_frame_end_marker,10}'),
    ])
    expect(peer.ended).toBeNull()
    expect(await world.endsAfter(peer)).toBe(3000)
    world.expectNobody()
  })

  it.each([1, 2, 3])('loses sync when it is larger than frame-max: type %i', async (type) => {
    const peer = await world.open({ frameMax: 4096 }, 1)
    peer.write(frame(type, 1, Buffer.alloc(4097)))
    expect(await peer.heard()).toMatchObject([
      connectionClose(501, `type ${type}, all octets = <<>>: {frame_too_large,4097,4088}`),
    ])
    expect(await world.endsAfter(peer)).toBe(3000)
  })

  it('may be as large as frame-max', async () => {
    const peer = await world.open({ frameMax: 4096 }, 1)
    const [publish, header] = [publishBytes(1, { body: 'x' }).subarray(0, -9), frame(3, 1, Buffer.alloc(4096))]
    publish.writeBigUInt64BE(4096n, publish.length - 11)
    peer.write(Buffer.concat([publish, header]))
    expect(await peer.ask(1, 'channel.flow', { active: true })).toMatchObject([{ name: 'channel.flow-ok' }])
  })

  it('before tuning may have 8192 octets, and one more ends TCP silently after 3 s (§2.3)', async () => {
    for (const [bytes, ended] of [
      [8192, null],
      [8193, 'destroyed'],
    ] as const) {
      const peer = world.connect()
      peer.write(PROTOCOL_HEADER)
      await peer.heard()
      const startOk = method('connection.start-ok', { mechanism: 'PLAIN', response: Buffer.from('\0guest\0guest') })
      const locale = 'x'.repeat(200)
      const padding = bytes - methodBytes(0, { ...startOk, locale } as never).length + 8
      const filled = new Map([['x', { tag: 'x' as const, value: Buffer.alloc(padding - 7) }]])
      peer.write(methodBytes(0, { ...startOk, locale, clientProperties: filled } as never))
      expect(await peer.heard()).toMatchObject(ended === null ? [{ name: 'connection.tune' }] : [])
      await world.pass(3000)
      expect(peer.ended).toBe(ended)
    }
  })
})

describe('a hard error (§1.3)', () => {
  const broken = frame(7, 1, '')

  it('silences the connection: everything but its end is ignored', async () => {
    const peer = await world.open({}, 1)
    peer.write(broken)
    peer.write(Buffer.concat([broken, frame(8, 1, ''), frame(2, 0, 'x'), frame(3, 1, 'x'), frame(1, 0, 'abcd')]))
    peer.send(1, 'queue.declare', { queue: 'late' })
    peer.publish(1, { routingKey: 'late' })
    expect(await peer.heard()).toMatchObject([{ name: 'connection.close' }])
    expect(world.stats('late')).toBeNull()
  })

  it('ends TCP at once with close-ok', async () => {
    const peer = await world.open({}, 1)
    peer.write(broken)
    await peer.heard()
    expect(peer.ended).toBeNull()
    peer.send(0, 'connection.close-ok')
    await peer.heard()
    expect(peer.ended).toBe('ended')
    await peer.drop()
    world.expectNobody()
  })

  it('answers a close that crosses it', async () => {
    const peer = await world.open({}, 1)
    peer.write(broken)
    peer.send(0, 'connection.close', { replyCode: 200 })
    expect(await peer.heard()).toMatchObject([
      { name: 'connection.close' },
      { channel: 0, name: 'connection.close-ok' },
    ])
  })

  it('is over with close-ok: nothing that follows it is read', async () => {
    const peer = await world.open({}, 1)
    const close = methodBytes(0, method('connection.close', { replyCode: 200 }))
    peer.write(Buffer.concat([broken, methodBytes(0, method('connection.close-ok')), close]))
    expect(await peer.heard()).toMatchObject([{ name: 'connection.close' }])
    peer.write(close)
    expect([await peer.heard(), peer.ended]).toEqual([[], 'ended'])
  })

  it.each([
    [0, 30_000],
    [5, 5000],
    [60, 30_000],
  ])('waits for the answer, with a heartbeat of %i s no longer than %i ms', async (heartbeat, ms) => {
    const peer = await world.open({ heartbeat }, 1)
    peer.write(broken)
    await peer.heard()
    expect(await world.endsAfter(peer)).toBe(ms)
    world.expectNobody()
  })

  it('deletes exclusive queues before it is answered, and gives unacked messages back', async () => {
    const other = await world.open({}, 1)
    await other.ask(1, 'queue.declare', { queue: 'shared' })
    other.publish(1, { routingKey: 'shared', body: 'm' })
    const peer = await world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'mine', exclusive: true })
    await peer.ask(1, 'basic.get', { queue: 'shared' })
    expect(world.stats('shared')).toMatchObject({ ready: 0, unacked: 1 })
    peer.write(broken)
    await peer.heard()
    expect([world.stats('mine'), world.stats('shared')]).toMatchObject([null, { ready: 1, unacked: 0 }])
  })
})

describe('channel 0 while the connection runs (§2.7)', () => {
  it.each([
    ['connection.open', '10/40'],
    ['connection.start-ok', '10/11'],
    ['connection.tune-ok', '10/31'],
    ['connection.secure-ok', '10/21'],
    ['channel.open', '20/10'],
    ['queue.declare', '50/10'],
    ['basic.ack', '60/80'],
  ] as const)('may not bring %s', async (name, ids) => {
    const peer = await world.open()
    expect(await peer.ask(0, name)).toMatchObject([
      connectionClose(504, 'unexpected method in connection state running', ids),
    ])
  })

  it('may bring a new secret, which is not checked', async () => {
    const peer = await world.open()
    expect(await peer.ask(0, 'connection.update-secret')).toMatchObject([{ name: 'connection.update-secret-ok' }])
  })
})
