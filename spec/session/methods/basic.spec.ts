// Class basic, as a peer sees it: limits, consuming, getting, recovering (behaviour.md §7.1 to §7.6). Settling is in
// ../settling.spec.ts, publishing in ../publishing.spec.ts.

import type { Queue } from '../../../src/broker/queue/queue.ts'
import type { FieldValue } from '../../../src/protocol/field-table.ts'
import { channelClose, connectionClose } from '../../support/closes.ts'
import type { Arrival, Peer } from '../../support/peer.ts'
import { World } from '../../support/world.ts'

let world: World
let peer: Peer

beforeEach(async () => {
  world = await World.create()
  peer = await world.open({ capabilities: ['consumer_cancel_notify'] }, 1, 2)
  await peer.ask(2, 'queue.declare', { queue: 'q' })
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

async function fill(...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) peer.publish(2, { routingKey: 'q', body })
  await peer.heard()
}

const bodies = (arrivals: readonly Arrival[]) => arrivals.flatMap(({ body }) => (body === undefined ? [] : [body]))
const withArgument = (name: string, value: FieldValue) => ({ queue: 'q', arguments: new Map([[name, value]]) })

describe('basic.qos (§7.3)', () => {
  it('with a prefetch size ends the connection', async () => {
    expect(await peer.ask(1, 'basic.qos', { prefetchSize: 7 })).toMatchObject([
      connectionClose(540, 'prefetch_size!=0 (7)', '60/10'),
    ])
  })

  it('limits each consumer made after it, and none made before', async () => {
    await fill(...'abcdefgh')
    expect(bodies(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toHaveLength(8)
    await peer.ask(1, 'basic.recover', { requeue: true })
    await peer.ask(1, 'channel.close')
    await peer.ask(1, 'channel.open')
    await peer.ask(1, 'basic.qos', { prefetchCount: 3 })
    expect(bodies(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toHaveLength(3)
    await peer.ask(1, 'basic.qos', { prefetchCount: 2 })
    expect(bodies(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toHaveLength(2)
    await peer.ask(1, 'basic.qos', { prefetchCount: 0 })
    expect(bodies(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toHaveLength(3)
  })

  it('limits neither consumers without acks nor gets', async () => {
    await fill(...'abcd')
    await peer.ask(1, 'basic.qos', { prefetchCount: 1 })
    for (const body of 'ab') expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ body }])
    expect(bodies(await peer.ask(1, 'basic.consume', { queue: 'q', noAck: true }))).toEqual(['c', 'd'])
  })

  it('limits the whole channel when it is global, at once, and more or none at once as well', async () => {
    await fill(...'abcdefgh')
    await peer.ask(1, 'basic.qos', { prefetchCount: 3, global: true })
    peer.send(1, 'basic.consume', { queue: 'q' })
    expect(bodies(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toHaveLength(3)
    expect(bodies(await peer.ask(1, 'basic.qos', { prefetchCount: 5, global: true }))).toHaveLength(2)
    expect(bodies(await peer.ask(1, 'basic.qos', { prefetchCount: 0, global: true }))).toHaveLength(3)
  })

  it('global goes together with a limit for each consumer', async () => {
    await fill(...'abcdefgh')
    await peer.ask(1, 'basic.qos', { prefetchCount: 2 })
    await peer.ask(1, 'basic.qos', { prefetchCount: 3, global: true })
    expect(bodies(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toHaveLength(2)
    expect(bodies(await peer.ask(1, 'basic.consume', { queue: 'q' }))).toHaveLength(1)
  })

  it('global limits no other channel', async () => {
    await fill(...'abcd')
    await peer.ask(1, 'basic.qos', { prefetchCount: 1, global: true })
    expect(bodies(await peer.ask(2, 'basic.consume', { queue: 'q' }))).toHaveLength(4)
  })
})

describe('basic.consume (§7.1)', () => {
  it('is answered with its tag, or one made up', async () => {
    expect(await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'mine' })).toMatchObject([
      { name: 'basic.consume-ok', consumerTag: 'mine' },
    ])
    const [answer] = await peer.ask(1, 'basic.consume', { queue: 'q' })
    expect(answer).toMatchObject({ consumerTag: expect.stringMatching(/^amq\.ctag-[\w-]{22}$/) })
  })

  it('is not answered with no-wait', async () => {
    await fill('a')
    expect(await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 't', noWait: true })).toMatchObject([
      { name: 'basic.deliver', consumerTag: 't', body: 'a' },
    ])
  })

  it('uses a tag once per channel', async () => {
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 't' })
    expect(await peer.ask(2, 'basic.consume', { queue: 'q', consumerTag: 't' })).toMatchObject([
      { channel: 2, name: 'basic.consume-ok' },
    ])
    expect(await peer.ask(1, 'basic.consume', { queue: 'none', consumerTag: 't' })).toMatchObject([
      connectionClose(530, "attempt to reuse consumer tag 't'", '60/20'),
    ])
  })

  it('finds no place on a channel that has as many consumers as it may have (§4)', async () => {
    const narrow = await World.create({ limits: { consumerMaxPerChannel: 2 } })
    const other = await narrow.open({}, 1, 2)
    await other.ask(1, 'queue.declare', { queue: 'q' })
    for (const channel of [1, 2, 2]) await other.ask(channel, 'basic.consume', { queue: 'q', consumerTag: '' })
    expect(await other.ask(1, 'basic.consume', { queue: 'q' })).toMatchObject([{ name: 'basic.consume-ok' }])
    // Before the queue is looked for (§7.1).
    expect(await other.ask(1, 'basic.consume', { queue: 'none' })).toMatchObject([
      connectionClose(530, 'reached maximum (2) of consumers per channel', '60/20'),
    ])
  })

  it('may use the tag of a cancelled consumer again', async () => {
    for (let i = 0; i < 2; i++) {
      await peer.ask(1, 'basic.cancel', { consumerTag: 't' })
      expect(await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 't' })).toMatchObject([
        { name: 'basic.consume-ok' },
      ])
    }
    expect(world.stats('q')).toMatchObject({ consumers: 1 })
  })

  it.each([
    ['a queue that is missing', { queue: 'none' }, 404, "no queue 'none' in vhost '/'"],
    ['no queue, and none declared', { queue: '' }, 404, 'no previously declared queue'],
    [
      'a priority that is no integer',
      withArgument('x-priority', { tag: 'S', value: '1' }),
      406,
      `invalid arg 'x-priority' for queue 'q' in vhost '/': "expected integer, got longstr"`,
    ],
  ] as const)('is refused: %s', async (_, fields, code, text) => {
    expect(await peer.ask(1, 'basic.consume', fields)).toMatchObject([channelClose(1, code, text, '60/20')])
  })

  it.each([
    ['x-priority', { tag: 'I', value: -5 }],
    ['x-priority', { tag: 'l', value: 2 ** 40 }],
    ['x-cancel-on-ha-failover', { tag: 't', value: true }],
    ['x-anything', { tag: 'A', value: [] }],
  ] as const)('takes the argument %s %j', async (name, value) => {
    expect(await peer.ask(1, 'basic.consume', withArgument(name, value))).toMatchObject([{ name: 'basic.consume-ok' }])
  })

  const inUse = channelClose(1, 403, "queue 'q' in vhost '/' in exclusive use", '60/20')

  it('is exclusive alone: refused while others consume', async () => {
    await peer.ask(2, 'basic.consume', { queue: 'q' })
    expect(await peer.ask(1, 'basic.consume', { queue: 'q', exclusive: true })).toMatchObject([inUse])
  })

  it('is refused while an exclusive consumer is there; a get is not', async () => {
    await peer.ask(2, 'basic.consume', { queue: 'q', exclusive: true, consumerTag: 't' })
    expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ name: 'basic.get-empty' }])
    expect(await peer.ask(1, 'basic.consume', { queue: 'q' })).toMatchObject([inUse])
    await peer.ask(1, 'channel.close-ok')
    await peer.ask(1, 'channel.open')
    await peer.ask(2, 'basic.cancel', { consumerTag: 't' })
    expect(await peer.ask(1, 'basic.consume', { queue: 'q', exclusive: true })).toMatchObject([
      { name: 'basic.consume-ok' },
    ])
  })

  it('that is refused leaves its tag free and no consumer behind', async () => {
    await peer.ask(2, 'basic.consume', { queue: 'q', exclusive: true })
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 't' })
    expect(world.stats('q')).toMatchObject({ consumers: 1 })
  })

  it('of another connection’s exclusive queue is refused', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'mine', exclusive: true })
    const other = await world.open({}, 1)
    const locked =
      "cannot obtain exclusive access to locked queue 'mine' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration."
    expect(await other.ask(1, 'basic.consume', { queue: 'mine' })).toMatchObject([
      channelClose(1, 405, locked, '60/20'),
    ])
    expect(await peer.ask(2, 'basic.consume', { queue: 'mine' })).toMatchObject([{ name: 'basic.consume-ok' }])
  })
})

describe('deliveries (§7.2)', () => {
  it('go round strictly, over consumers of all channels and connections', async () => {
    const other = await world.open({}, 1)
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'a' })
    await peer.ask(2, 'basic.consume', { queue: 'q', consumerTag: 'b' })
    await other.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'c', noAck: true })
    for (const body of '012345678') peer.publish(2, { routingKey: 'q', body })
    const all = [...(await peer.heard()), ...(await other.heard())]
    const of = (tag: string) => bodies(all.filter((each) => 'consumerTag' in each && each.consumerTag === tag))
    expect(['a', 'b', 'c'].map(of)).toEqual([
      ['0', '3', '6'],
      ['1', '4', '7'],
      ['2', '5', '8'],
    ])
  })

  it('pass by a consumer that has no room', async () => {
    await peer.ask(1, 'basic.qos', { prefetchCount: 1 })
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'slow' })
    await peer.ask(2, 'basic.consume', { queue: 'q', consumerTag: 'fast', noAck: true })
    for (const body of '01234') peer.publish(2, { routingKey: 'q', body })
    const heard = await peer.heard()
    const slow = heard.filter((each) => 'consumerTag' in each && each.consumerTag === 'slow')
    expect([slow.length, heard.length]).toEqual([1, 5])
  })

  it('without acks are gone when the connection is', async () => {
    await fill('a', 'b')
    await peer.ask(1, 'basic.consume', { queue: 'q', noAck: true })
    await peer.drop()
    expect(world.stats('q')).toEqual({ ready: 0, unacked: 0, consumers: 0 })
  })
})

describe('basic.cancel (§7.4)', () => {
  it('is answered, for a tag that nobody has too, and not with no-wait', async () => {
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 't' })
    expect(await peer.ask(1, 'basic.cancel', { consumerTag: 't' })).toMatchObject([
      { name: 'basic.cancel-ok', consumerTag: 't' },
    ])
    expect(await peer.ask(1, 'basic.cancel', { consumerTag: 'nobody' })).toMatchObject([{ consumerTag: 'nobody' }])
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 't' })
    expect(await peer.ask(1, 'basic.cancel', { consumerTag: 't', noWait: true })).toEqual([])
    expect(world.stats('q')).toMatchObject({ consumers: 0 })
  })

  it('leaves deliveries outstanding, to be acked later', async () => {
    await fill('a', 'b')
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 't' })
    await peer.ask(1, 'basic.cancel', { consumerTag: 't' })
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 2 })
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 2, multiple: true })).toEqual([])
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 0 })
  })

  it('of the last consumer deletes an auto-delete queue, also with unacked messages (§6.3)', async () => {
    await peer.ask(1, 'queue.declare', { queue: 'auto', autoDelete: true })
    peer.publish(1, { routingKey: 'auto', body: 'm' })
    await peer.ask(1, 'basic.get', { queue: 'auto' })
    for (const consumerTag of ['s', 't']) await peer.ask(1, 'basic.consume', { queue: 'auto', consumerTag })
    await peer.ask(1, 'basic.cancel', { consumerTag: 's' })
    expect(world.stats('auto')).not.toBeNull()
    await peer.ask(1, 'basic.cancel', { consumerTag: 't' })
    expect(world.stats('auto')).toBeNull()
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 1 })).toEqual([])
  })

  it('comes from the server when the queue is deleted, to consumers of clients that can hear it', async () => {
    const deaf = await world.open({}, 1)
    await deaf.ask(1, 'basic.consume', { queue: 'q' })
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 't' })
    await peer.ask(2, 'queue.delete', { queue: 'q' })
    await peer.ask(2, 'queue.declare', { queue: 'q' })
    expect(await deaf.heard()).toEqual([])
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 't' })
    expect(await peer.ask(2, 'queue.delete', { queue: 'q' })).toMatchObject([
      { channel: 2, name: 'queue.delete-ok' },
      { channel: 1, name: 'basic.cancel', consumerTag: 't', noWait: true },
    ])
    expect(await peer.ask(1, 'basic.cancel', { consumerTag: 't' })).toMatchObject([{ name: 'basic.cancel-ok' }])
  })
})

describe('basic.get (§7.5)', () => {
  it('gives one message and tells how many are left', async () => {
    await fill('a', 'b', 'c')
    expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([
      {
        name: 'basic.get-ok',
        deliveryTag: 1,
        redelivered: false,
        exchange: '',
        routingKey: 'q',
        messageCount: 2,
        body: 'a',
      },
    ])
    expect(world.stats('q')).toMatchObject({ ready: 2, unacked: 1 })
  })

  it('settles at once without acks', async () => {
    await fill('a')
    expect(await peer.ask(1, 'basic.get', { queue: 'q', noAck: true })).toMatchObject([{ body: 'a' }])
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 0 })
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 1 })).toMatchObject([{ name: 'channel.close' }])
  })

  it('says so when there is none, and uses no delivery tag', async () => {
    expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ name: 'basic.get-empty', reserved1: '' }])
    await fill('a')
    expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ deliveryTag: 1 }])
  })

  describe('that waits for the disk', () => {
    let read: () => void

    beforeEach(async () => {
      const queue = world.vhost.queues.get('q') as Queue
      const get = queue.get.bind(queue)
      const reading = new Promise<void>((resolve) => {
        read = resolve
      })
      jest.spyOn(queue, 'get').mockImplementationOnce(() => reading.then(() => get()))
      await fill('a', 'b')
    })

    it('holds back what comes after it on its channel, and only there', async () => {
      expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toEqual([])
      expect(await peer.ask(1, 'basic.qos', { prefetchCount: 1 })).toEqual([])
      expect(await peer.ask(2, 'basic.qos', { prefetchCount: 1 })).toMatchObject([{ name: 'basic.qos-ok' }])
      read()
      expect(await peer.heard()).toMatchObject([{ body: 'a', messageCount: 1 }, { name: 'basic.qos-ok' }])
    })

    it.each([true, false])('leaves the message in the queue when the connection is lost, noAck=%s', async (noAck) => {
      expect(await peer.ask(1, 'basic.get', { queue: 'q', noAck })).toEqual([])
      await peer.drop()
      read()
      await world.settle()
      expect(world.stats('q')).toMatchObject({ ready: 2, unacked: 0 })
      const other = await world.open({}, 1)
      expect(await other.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ body: 'a' }])
    })
  })

  it('is refused for a queue that is missing', async () => {
    expect(await peer.ask(1, 'basic.get', { queue: 'none' })).toMatchObject([
      channelClose(1, 404, "no queue 'none' in vhost '/'", '60/70'),
    ])
  })
})

describe('basic.recover (§7.6)', () => {
  it('requeues all that is outstanding on the channel, and only there', async () => {
    await fill('a', 'b', 'c')
    await peer.ask(2, 'basic.get', { queue: 'q' })
    for (let i = 0; i < 2; i++) await peer.ask(1, 'basic.get', { queue: 'q' })
    expect(await peer.ask(1, 'basic.recover', { requeue: true })).toMatchObject([{ name: 'basic.recover-ok' }])
    expect(world.stats('q')).toMatchObject({ ready: 2, unacked: 1 })
    expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([
      { body: 'b', redelivered: true, deliveryTag: 3 },
    ])
  })

  it('may lead to the same consumer again, with new tags', async () => {
    await fill('a', 'b')
    await peer.ask(1, 'basic.consume', { queue: 'q' })
    expect(await peer.ask(1, 'basic.recover', { requeue: true })).toMatchObject([
      { name: 'basic.recover-ok' },
      { name: 'basic.deliver', deliveryTag: 3, redelivered: true, body: 'a' },
      { name: 'basic.deliver', deliveryTag: 4, redelivered: true, body: 'b' },
    ])
  })

  it('is not answered when it is recover-async', async () => {
    await fill('a')
    await peer.ask(1, 'basic.get', { queue: 'q' })
    expect(await peer.ask(1, 'basic.recover-async', { requeue: true })).toEqual([])
    expect(world.stats('q')).toMatchObject({ ready: 1, unacked: 0 })
  })

  it.each([
    ['basic.recover', '60/110'],
    ['basic.recover-async', '60/100'],
  ] as const)('without requeue ends the connection: %s', async (name, ids) => {
    expect(await peer.ask(1, name, { requeue: false })).toMatchObject([connectionClose(540, 'requeue=false', ids)])
  })
})
