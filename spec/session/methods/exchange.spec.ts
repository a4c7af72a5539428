// Class exchange, as a peer sees it (behaviour.md §5.2 to §5.4): answers, no-wait, and the refusals with their ids. What
// the broker does is specified there.

import { channelClose } from '../../support/closes.ts'
import type { Peer } from '../../support/peer.ts'
import { World } from '../../support/world.ts'

let world: World
let peer: Peer

beforeEach(async () => {
  world = await World.create()
  peer = await world.open({}, 1)
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

const x = { exchange: 'x', type: 'direct' }

describe('exchange.declare', () => {
  it('is answered, again too, and not with no-wait', async () => {
    for (let i = 0; i < 2; i++) {
      expect(await peer.ask(1, 'exchange.declare', x)).toMatchObject([{ channel: 1, name: 'exchange.declare-ok' }])
    }
    expect(await peer.ask(1, 'exchange.declare', { ...x, exchange: 'y', noWait: true })).toEqual([])
    expect(world.vhost.exchanges.has('y')).toBe(true)
  })

  it('passive asks whether it is there, and minds nothing else', async () => {
    await peer.ask(1, 'exchange.declare', x)
    const fields = { ...x, passive: true, type: 'of no type', durable: true, internal: true }
    expect(await peer.ask(1, 'exchange.declare', fields)).toMatchObject([{ name: 'exchange.declare-ok' }])
    expect(await peer.ask(1, 'exchange.declare', { exchange: 'none', passive: true })).toMatchObject([
      channelClose(1, 404, "no exchange 'none' in vhost '/'", '40/10'),
    ])
  })

  it.each([
    [{ exchange: 'x', type: 'nope' }, 406, "unknown exchange type 'nope'"],
    [{ exchange: '', type: 'direct' }, 403, 'operation not permitted on the default exchange'],
    [{ exchange: '', type: 'direct', passive: true }, 403, 'operation not permitted on the default exchange'],
    [{ exchange: '\n', type: '', passive: true }, 403, 'operation not permitted on the default exchange'],
    [
      { exchange: 'amq.direct', type: 'fanout' },
      406,
      "inequivalent arg 'type' for exchange 'amq.direct' in vhost '/': received 'fanout' but current is 'direct'",
    ],
    [{ exchange: 'amq.new', type: 'fanout' }, 403, "exchange name 'amq.new' contains reserved prefix 'amq.*'"],
  ] as const)('is refused: %j', async (fields, code, text) => {
    expect(await peer.ask(1, 'exchange.declare', fields)).toMatchObject([channelClose(1, code, text, '40/10')])
  })

  it('is refused with no-wait all the same', async () => {
    expect(await peer.ask(1, 'exchange.declare', { ...x, type: 'nope', noWait: true })).toMatchObject([
      { name: 'channel.close' },
    ])
  })
})

describe('exchange.delete', () => {
  it('is answered, for one that is missing too, and not with no-wait', async () => {
    for (let i = 0; i < 2; i++) {
      expect(await peer.ask(1, 'exchange.delete', x)).toMatchObject([{ name: 'exchange.delete-ok' }])
      if (i === 0) await peer.ask(1, 'exchange.declare', x)
    }
    await peer.ask(1, 'exchange.declare', x)
    expect(await peer.ask(1, 'exchange.delete', { ...x, noWait: true })).toEqual([])
    expect(world.vhost.exchanges.has('x')).toBe(false)
  })

  it('minds bindings from it with if-unused, not those to it', async () => {
    await peer.ask(1, 'exchange.declare', x)
    await peer.ask(1, 'exchange.bind', { source: 'amq.fanout', destination: 'x' })
    await peer.ask(1, 'exchange.bind', { source: 'x', destination: 'amq.topic' })
    expect(await peer.ask(1, 'exchange.delete', { exchange: 'x', ifUnused: true })).toMatchObject([
      channelClose(1, 406, "exchange 'x' in vhost '/' in use", '40/20'),
    ])
    await peer.ask(1, 'channel.close-ok')
    await peer.ask(1, 'channel.open')
    await peer.ask(1, 'exchange.unbind', { source: 'x', destination: 'amq.topic' })
    expect(await peer.ask(1, 'exchange.delete', { exchange: 'x', ifUnused: true })).toMatchObject([
      { name: 'exchange.delete-ok' },
    ])
  })
})

describe('exchange.bind and unbind', () => {
  const binding = { source: 'amq.direct', destination: 'amq.fanout', routingKey: 'k' }

  it('are answered with ids of their own, unbind-ok with 40/51', async () => {
    expect(await peer.ask(1, 'exchange.bind', binding)).toMatchObject([{ name: 'exchange.bind-ok' }])
    for (let i = 0; i < 2; i++) {
      expect(await peer.ask(1, 'exchange.unbind', binding)).toMatchObject([{ name: 'exchange.unbind-ok' }])
    }
    expect(await peer.ask(1, 'exchange.bind', { ...binding, noWait: true })).toEqual([])
    expect(await peer.ask(1, 'exchange.unbind', { ...binding, noWait: true })).toEqual([])
  })

  it('lead messages on, and no longer', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'queue.bind', { exchange: 'amq.fanout', queue: 'q' })
    for (const [name, ready] of [
      ['exchange.bind', 1],
      ['exchange.unbind', 1],
    ] as const) {
      await peer.ask(1, name, binding)
      peer.publish(1, { exchange: 'amq.direct', routingKey: 'k' })
      await peer.heard()
      expect(world.stats('q')).toMatchObject({ ready })
    }
  })

  it.each([
    ['exchange.bind', { ...binding, source: 'none' }, 404, "no exchange 'none' in vhost '/'", '40/30'],
    ['exchange.bind', { ...binding, destination: 'none' }, 404, "no exchange 'none' in vhost '/'", '40/30'],
    ['exchange.bind', { ...binding, source: '' }, 403, 'operation not permitted on the default exchange', '40/30'],
    [
      'exchange.unbind',
      { ...binding, destination: '' },
      403,
      'operation not permitted on the default exchange',
      '40/40',
    ],
  ] as const)('are refused: %s %j', async (name, fields, code, text, ids) => {
    expect(await peer.ask(1, name, fields)).toMatchObject([channelClose(1, code, text, ids)])
  })
})
