// Channels by number (behaviour.md §4): opening, what may come on a number that is not open, how many there may be, and
// that a number is free as soon as its channel has gone.

import { connectionClose } from '../support/closes.ts'
import { frameBytes } from '../support/frames.ts'
import { method, methodBytes } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await World.create()
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

describe('channel.open', () => {
  it.each([1, 2, 2047, 2048, 65_535])('opens any number: %i', async (channel) => {
    const peer = await world.open()
    expect(await peer.ask(channel, 'channel.open')).toMatchObject([{ channel, name: 'channel.open-ok' }])
  })

  it('of a channel that is open ends the connection', async () => {
    const peer = await world.open({}, 1)
    expect(await peer.ask(1, 'channel.open')).toMatchObject([
      connectionClose(504, "second 'channel.open' seen", '20/10'),
    ])
  })

  it('that does not decode ends the connection', async () => {
    const peer = await world.open()
    peer.write(frameBytes({ type: 1, channel: 1, payload: Buffer.from('\0\x14\0\x0a\0extra', 'latin1') }))
    expect(await peer.heard()).toMatchObject([connectionClose(501, 'cannot decode <<0,101,120,116,114,97>>', '20/10')])
  })

  it('beyond the negotiated number of channels ends the connection', async () => {
    const peer = await world.open({ channelMax: 3 }, 10, 20, 30)
    expect(await peer.ask(40, 'channel.open')).toMatchObject([
      connectionClose(530, 'number of channels opened (3) has reached the negotiated channel_max (3)'),
    ])
  })

  it('counts only channels that are open', async () => {
    const peer = await world.open({ channelMax: 2 }, 1, 2)
    await peer.ask(1, 'channel.close')
    expect(await peer.ask(3, 'channel.open')).toMatchObject([{ name: 'channel.open-ok' }])
  })
})

describe('a channel that is not open', () => {
  it.each([
    ['channel.close', '20/40'],
    ['channel.close-ok', '20/41'],
    ['queue.declare', '50/10'],
    ['basic.publish', '60/40'],
    ['basic.ack', '60/80'],
    ['connection.close', '10/50'],
  ] as const)('takes no %s', async (name, ids) => {
    const peer = await world.open({}, 1)
    expect(await peer.ask(2, name)).toMatchObject([connectionClose(504, "expected 'channel.open'", ids)])
  })

  it('is told first what does not decode', async () => {
    const peer = await world.open({}, 1)
    peer.write(frameBytes({ type: 1, channel: 2, payload: Buffer.from('0032000a00', 'hex') }))
    expect(await peer.heard()).toMatchObject([connectionClose(501, 'cannot decode <<0>>', '50/10')])
  })

  it.each([2, 3])('takes no content: a frame of type %i', async (type) => {
    const peer = await world.open({}, 1)
    peer.write(frameBytes({ type, channel: 2, payload: Buffer.alloc(20) }))
    expect(await peer.heard()).toMatchObject([
      connectionClose(505, 'expected method frame, got non method frame instead'),
    ])
  })
})

describe('a channel number', () => {
  it('is free at once when the client has closed its channel', async () => {
    const peer = await world.open({}, 1)
    for (let i = 0; i < 3; i++) {
      peer.send(1, 'channel.close')
      expect(await peer.ask(1, 'channel.open')).toMatchObject([
        { channel: 1, name: 'channel.close-ok' },
        { channel: 1, name: 'channel.open-ok' },
      ])
    }
  })

  it('is free at once also where close and open wait behind a method that is not done', async () => {
    const peer = await world.open({}, 1)
    peer.send(1, 'queue.declare', { queue: 'one', durable: true })
    peer.send(1, 'channel.close')
    peer.send(1, 'channel.open')
    peer.send(1, 'queue.declare', { queue: 'two', durable: true })
    peer.send(1, 'channel.flow', { active: true })
    expect((await peer.heard()).map(({ name }) => name)).toEqual([
      'queue.declare-ok',
      'channel.close-ok',
      'channel.open-ok',
      'queue.declare-ok',
      'channel.flow-ok',
    ])
  })

  it('is free after an error once the client has answered', async () => {
    const peer = await world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'none', passive: true })
    peer.send(1, 'channel.close-ok')
    expect(await peer.ask(1, 'channel.open')).toMatchObject([{ channel: 1, name: 'channel.open-ok' }])
  })

  it('begins anew: nothing of the former channel is known', async () => {
    const peer = await world.open({}, 1)
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'confirm.select')
    peer.publish(1, { routingKey: 'q', body: 'm' })
    await peer.ask(1, 'channel.close')
    await peer.ask(1, 'channel.open')
    expect(await peer.ask(1, 'tx.select')).toMatchObject([{ name: 'tx.select-ok' }])
    expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ deliveryTag: 1, redelivered: false }])
    expect(await peer.ask(1, 'basic.get')).toMatchObject([{ name: 'channel.close', replyCode: 404 }])
  })
})

describe('several channels', () => {
  it('keep their conversations apart, whatever comes in between', async () => {
    const peer = await world.open({}, 1, 2, 3)
    const content = (channel: number, body: string) => [
      methodBytes(channel, method('basic.publish', { routingKey: `q${channel}` })),
      frameBytes({ type: 2, channel, payload: Buffer.from(`003c0000${'00'.repeat(7)}020000`, 'hex') }),
      frameBytes({ type: 3, channel, payload: Buffer.from(body) }),
    ]
    for (const channel of [1, 2, 3]) await peer.ask(channel, 'queue.declare', { queue: `q${channel}` })
    const [one, two, three] = [content(1, 'aa'), content(2, 'bb'), content(3, 'cc')]
    for (let part = 0; part < 3; part++) for (const each of [one, two, three]) peer.write(each[part] as Buffer)
    for (const [channel, body] of ['aa', 'bb', 'cc'].entries()) {
      expect(await peer.ask(channel + 1, 'basic.get', { queue: '' })).toMatchObject([{ channel: channel + 1, body }])
    }
  })

  it('are given messages in turn when the peer reads again, from each queue', async () => {
    const [peer, publisher] = [await world.open({}, 1, 2, 3), await world.open({}, 1)]
    for (const queue of ['q', 'r']) await publisher.ask(1, 'queue.declare', { queue })
    for (const channel of [1, 2]) await peer.ask(channel, 'basic.consume', { queue: 'q', noAck: true })
    await peer.ask(3, 'basic.consume', { queue: 'r', noAck: true })
    peer.transport.stall(true)
    const body = 'x'.repeat(5000)
    for (let i = 0; i < 800; i++) publisher.publish(1, { routingKey: i % 4 === 0 ? 'r' : 'q', body })
    await publisher.heard()
    peer.transport.stall(false)
    const counts = [0, 0, 0, 0]
    const halfway: number[] = []
    for (const { name, channel } of await peer.heard()) {
      if (name !== 'basic.deliver') continue
      counts[channel] = (counts[channel] ?? 0) + 1
      if (counts[1] === 200) halfway.push(counts[3] ?? 0)
    }
    expect(counts).toEqual([0, 300, 300, 200])
    expect(halfway[0]).toBeGreaterThan(50)
  })

  it('go on when one of them ends with an error', async () => {
    const peer = await world.open({}, 1, 2)
    peer.send(1, 'queue.declare', { queue: 'none', passive: true })
    expect(await peer.ask(2, 'queue.declare', { queue: 'q' })).toMatchObject([
      { channel: 1, name: 'channel.close' },
      { channel: 2, name: 'queue.declare-ok' },
    ])
  })
})
