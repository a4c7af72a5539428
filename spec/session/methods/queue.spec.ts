// Class queue, as a peer sees it (behaviour.md §6): what a channel adds to what the broker does: answers, no-wait, and the
// queue that an empty name stands for (§6.2).

import { channelClose } from '../../support/closes.ts'
import type { Peer } from '../../support/peer.ts'
import { World } from '../../support/world.ts'

let world: World
let peer: Peer

beforeEach(async () => {
  world = await World.create()
  peer = await world.open({}, 1, 2)
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

describe('queue.declare', () => {
  it('is answered with name, ready messages and consumers (§6.1)', async () => {
    expect(await peer.ask(1, 'queue.declare', { queue: 'q' })).toMatchObject([
      { channel: 1, name: 'queue.declare-ok', queue: 'q', messageCount: 0, consumerCount: 0 },
    ])
    for (let i = 0; i < 3; i++) peer.publish(1, { routingKey: 'q' })
    await peer.ask(1, 'basic.qos', { prefetchCount: 1 })
    await peer.ask(1, 'basic.consume', { queue: 'q' })
    for (const passive of [false, true]) {
      expect(await peer.ask(2, 'queue.declare', { queue: 'q', passive })).toMatchObject([
        { queue: 'q', messageCount: 2, consumerCount: 1 },
      ])
    }
  })

  it('makes up a name, and strips line breaks from one that is given', async () => {
    const [answer] = await peer.ask(1, 'queue.declare')
    expect(answer).toMatchObject({ queue: expect.stringMatching(/^amq\.gen-[\w-]{22}$/) })
    expect(await peer.ask(1, 'queue.declare', { queue: 'a\r\nb' })).toMatchObject([{ queue: 'ab' }])
  })

  it('is not answered with no-wait, but errors are', async () => {
    expect(await peer.ask(1, 'queue.declare', { queue: 'q', noWait: true })).toEqual([])
    expect(world.stats('q')).not.toBeNull()
    expect(await peer.ask(1, 'queue.declare', { queue: 'none', passive: true, noWait: true })).toMatchObject([
      channelClose(1, 404, "no queue 'none' in vhost '/'", '50/10'),
    ])
  })

  it('passive does not expand the empty name', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    expect(await peer.ask(1, 'queue.declare', { passive: true })).toMatchObject([
      channelClose(1, 404, "no queue '' in vhost '/'", '50/10'),
    ])
  })

  it('passive minds no other field', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    const fields = { queue: 'q', passive: true, durable: true, exclusive: true, autoDelete: true }
    expect(await peer.ask(1, 'queue.declare', fields)).toMatchObject([{ name: 'queue.declare-ok' }])
  })
})

describe('the queue declared last (§6.2)', () => {
  const uses = [
    ['queue.bind', { exchange: 'amq.direct', routingKey: 'k' }, 'queue.bind-ok', '50/20'],
    ['queue.unbind', { exchange: 'amq.direct', routingKey: 'k' }, 'queue.unbind-ok', '50/50'],
    ['basic.consume', {}, 'basic.consume-ok', '60/20'],
    ['basic.get', {}, 'basic.get-empty', '60/70'],
    ['queue.purge', {}, 'queue.purge-ok', '50/30'],
    ['queue.delete', {}, 'queue.delete-ok', '50/40'],
  ] as const

  it.each(uses)('is meant by an empty name: %s', async (name, fields, answer) => {
    await peer.ask(1, 'queue.declare', { queue: 'first' })
    await peer.ask(1, 'queue.declare', { queue: 'last' })
    await peer.ask(2, 'queue.declare', { queue: 'other' })
    expect((await peer.ask(1, name, fields))[0]).toMatchObject({ name: answer })
    if (name === 'queue.delete') expect([...world.vhost.queues.keys()]).toEqual(['first', 'other'])
  })

  it.each(uses)('has to be there: %s', async (name, fields, _answer, ids) => {
    await peer.ask(2, 'queue.declare', { queue: 'other' })
    expect(await peer.ask(1, name, fields)).toMatchObject([channelClose(1, 404, 'no previously declared queue', ids)])
  })

  it('is set by every declare, also passive, server-named and no-wait', async () => {
    for (const queue of ['a', 'b']) await peer.ask(2, 'queue.declare', { queue })
    await peer.ask(1, 'queue.declare', { queue: 'a', passive: true })
    expect(await peer.ask(1, 'queue.delete')).toMatchObject([{ name: 'queue.delete-ok' }])
    expect([...world.vhost.queues.keys()]).toEqual(['b'])
    await peer.ask(1, 'queue.declare', { queue: 'b', noWait: true })
    await peer.ask(1, 'queue.delete')
    await peer.ask(1, 'queue.declare')
    await peer.ask(1, 'queue.delete')
    expect([...world.vhost.queues.keys()]).toEqual([])
  })

  it('is still meant when it was deleted', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'queue.delete')
    expect(await peer.ask(1, 'queue.purge')).toMatchObject([channelClose(1, 404, "no queue 'q' in vhost '/'", '50/30')])
  })

  it('gives its name to a binding without a key, not to one that names a queue (§5.4)', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'queue.bind', { exchange: 'amq.direct' })
    await peer.ask(1, 'queue.bind', { exchange: 'amq.topic', queue: 'q' })
    for (const [exchange, routingKey] of [
      ['amq.direct', 'q'],
      ['amq.topic', ''],
    ]) {
      peer.publish(1, { exchange, routingKey, mandatory: true } as never)
      expect(await peer.heard()).toEqual([])
    }
    expect(world.stats('q')).toMatchObject({ ready: 2 })
    await peer.ask(1, 'queue.unbind', { exchange: 'amq.direct' })
    peer.publish(1, { exchange: 'amq.direct', routingKey: 'q', mandatory: true })
    expect(await peer.heard()).toMatchObject([{ name: 'basic.return' }])
  })
})

describe('queue.bind and unbind (§5.4)', () => {
  it('are answered, again and for what is not there; bind not with no-wait', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    const binding = { queue: 'q', exchange: 'amq.fanout' }
    for (let i = 0; i < 2; i++)
      expect(await peer.ask(1, 'queue.bind', binding)).toMatchObject([{ name: 'queue.bind-ok' }])
    expect(await peer.ask(1, 'queue.bind', { ...binding, noWait: true })).toEqual([])
    peer.publish(1, { exchange: 'amq.fanout' })
    await peer.heard()
    expect(world.stats('q')).toMatchObject({ ready: 1 })
    for (const queue of ['q', 'q', 'none']) {
      expect(await peer.ask(1, 'queue.unbind', { ...binding, queue })).toMatchObject([{ name: 'queue.unbind-ok' }])
    }
  })

  it.each([
    ['queue.bind', { queue: 'none', exchange: 'amq.direct' }, 404, "no queue 'none' in vhost '/'"],
    ['queue.bind', { queue: 'none', exchange: 'nope' }, 404, "no exchange 'nope' in vhost '/'"],
    ['queue.bind', { queue: 'q', exchange: '' }, 403, 'operation not permitted on the default exchange'],
  ] as const)('are refused: %s %j', async (name, fields, code, text) => {
    await peer.ask(2, 'queue.declare', { queue: 'q' })
    expect(await peer.ask(1, name, fields)).toMatchObject([channelClose(1, code, text, '50/20')])
  })
})

describe('queue.delete and purge (§6.4)', () => {
  beforeEach(async () => {
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    for (let i = 0; i < 3; i++) peer.publish(1, { routingKey: 'q' })
    await peer.ask(1, 'basic.get', { queue: 'q' })
  })

  it('tell how many messages were ready', async () => {
    expect(await peer.ask(1, 'queue.purge', { queue: 'q' })).toMatchObject([
      { name: 'queue.purge-ok', messageCount: 2 },
    ])
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 1 })
    peer.publish(1, { routingKey: 'q' })
    expect(await peer.ask(1, 'queue.delete', { queue: 'q' })).toMatchObject([
      { name: 'queue.delete-ok', messageCount: 1 },
    ])
    expect(world.stats('q')).toBeNull()
  })

  it('are not answered with no-wait', async () => {
    expect(await peer.ask(1, 'queue.purge', { queue: 'q', noWait: true })).toEqual([])
    expect(world.stats('q')).toMatchObject({ ready: 0 })
    expect(await peer.ask(1, 'queue.delete', { queue: 'q', noWait: true })).toEqual([])
    expect(world.stats('q')).toBeNull()
  })

  it('delete succeeds for a queue that is missing, purge does not', async () => {
    expect(await peer.ask(1, 'queue.delete', { queue: 'none' })).toMatchObject([{ messageCount: 0 }])
    expect(await peer.ask(1, 'queue.purge', { queue: 'none' })).toMatchObject([
      channelClose(1, 404, "no queue 'none' in vhost '/'", '50/30'),
    ])
  })

  it.each([
    [{ ifUnused: true, ifEmpty: true }, "queue 'q' in vhost '/' in use"],
    [{ ifEmpty: true }, "queue 'q' in vhost '/' not empty"],
  ])('delete minds its conditions: %j', async (conditions, text) => {
    await peer.ask(2, 'basic.qos', { prefetchCount: 1 })
    await peer.ask(2, 'basic.consume', { queue: 'q' })
    expect(await peer.ask(1, 'queue.delete', { queue: 'q', ...conditions })).toMatchObject([
      channelClose(1, 406, text, '50/40'),
    ])
    expect(world.stats('q')).not.toBeNull()
  })
})
