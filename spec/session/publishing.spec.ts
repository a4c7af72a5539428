// What becomes of a publish (behaviour.md §8.1, §5.5): the checks word for word and in their order, extra routing keys,
// and that the remembered route is given up as soon as it is no longer true.

import { hashPassword } from '../../src/broker/access/passwords.ts'
import { type FieldTable, type FieldValue, table } from '../../src/protocol/field-table.ts'
import type { Properties } from '../../src/protocol/properties.ts'
import { channelClose, connectionClose } from '../support/closes.ts'
import { type Peer, type Publication, publishBytes } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World
let peer: Peer

beforeEach(async () => {
  world = await World.create({ limits: { maxMessageBytes: 100 } })
  peer = await world.open({}, 1)
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

async function declare(...queues: readonly string[]): Promise<void> {
  for (const queue of queues) await peer.ask(1, 'queue.declare', { queue })
}

/** Publishes and tells what came of it: what was answered, and which queues have a message more. */
async function publish(publication: Publication) {
  const before = new Map([...world.vhost.queues.keys()].map((name) => [name, ready(name)]))
  peer.publish(1, publication)
  const answers = await peer.heard()
  return { answers, queues: [...before].flatMap(([name, count]) => (ready(name) > count ? [name] : [])) }
}

function ready(queue: string): number {
  return (world.stats(queue) as { ready: number }).ready
}

const A = (...values: readonly (string | FieldValue)[]): FieldValue => ({
  tag: 'A',
  value: values.map((value) => (typeof value === 'string' ? { tag: 'S', value } : value)),
})
const S = (value: string): FieldValue => ({ tag: 'S', value })
const headers = (fields: { readonly [name: string]: FieldValue }): FieldTable => new Map(Object.entries(fields))

describe('a publish is refused', () => {
  it('with `immediate`, for the whole connection', async () => {
    expect((await publish({ immediate: true })).answers).toMatchObject([
      connectionClose(540, 'immediate=true', '60/40'),
    ])
  })

  it('when it is larger than the largest message; one of just that size is not', async () => {
    await declare('q')
    expect(await publish({ routingKey: 'q', body: 'x'.repeat(100) })).toEqual({ answers: [], queues: ['q'] })
    expect((await publish({ routingKey: 'q', body: 'x'.repeat(101) })).answers).toMatchObject([
      channelClose(1, 406, 'message size 101 is larger than configured max size 100', '60/40'),
    ])
  })

  it.each(['none', 'amq.default'])('to an exchange that does not exist: %s', async (exchange) => {
    expect((await publish({ exchange })).answers).toMatchObject([
      channelClose(1, 404, `no exchange '${exchange}' in vhost '/'`, '60/40'),
    ])
  })

  it('to an internal exchange', async () => {
    await peer.ask(1, 'exchange.declare', { exchange: 'x', type: 'fanout', internal: true })
    expect((await publish({ exchange: 'x' })).answers).toMatchObject([
      channelClose(1, 403, "cannot publish to internal exchange 'x' in vhost '/'", '60/40'),
    ])
  })

  it('with an expiration that is none', async () => {
    expect((await publish({ properties: { expiration: '1.5' } })).answers).toMatchObject([
      channelClose(1, 406, `invalid expiration '1.5': {leftover_string,".5"}`, '60/40'),
    ])
  })

  it.each(['CC', 'BCC'])('with a %s that is no array', async (name) => {
    expect((await publish({ properties: { headers: headers({ [name]: S('q') }) } })).answers).toMatchObject([
      channelClose(1, 406, `invalid message: {unacceptable_type_in_header,"${name}",longstr}`, '60/40'),
    ])
  })

  it.each(['somebody', ''])("in somebody else's name: %j", async (userId) => {
    expect((await publish({ properties: { userId } })).answers).toMatchObject([
      channelClose(1, 406, `user_id property set to '${userId}' but authenticated user was 'guest'`, '60/40'),
    ])
  })

  it('for the first of several reasons, in RabbitMQ’s order', async () => {
    const large = 'x'.repeat(101)
    const properties = { expiration: 'x', headers: headers({ CC: S('q') }), userId: 'y' }
    const reason = async (publication: Publication) => {
      const { answers } = await publish(publication)
      peer.send(1, 'channel.close-ok')
      peer.send(1, 'channel.open')
      await peer.heard()
      return answers.map((each) => ('replyText' in each ? each.replyText : each.name)).join()
    }
    expect(await reason({ body: large, exchange: 'none', properties })).toMatch('message size')
    expect(await reason({ exchange: 'none', properties })).toMatch('no exchange')
    expect(await reason({ properties })).toMatch('invalid expiration')
    expect(await reason({ properties: { ...properties, expiration: '1' } })).toMatch('unacceptable_type_in_header')
    expect(await reason({ properties: { userId: 'y' } })).toMatch('user_id')
    const { answers } = await publish({ immediate: true, body: large, exchange: 'none', properties })
    expect(answers).toMatchObject([{ name: 'connection.close', replyCode: 540 }])
  })

  /** A publish whose content header's payload ends in these octets in place of no properties. */
  const withProperties = (octets: string) => {
    const bytes = publishBytes(1, { routingKey: 'q' })
    const properties = Buffer.from(octets, 'hex')
    const headerAt = bytes.length - 22
    const header = Buffer.concat([bytes.subarray(headerAt, bytes.length - 3), properties, Buffer.of(0xce)])
    header.writeUInt32BE(12 + properties.length, 3)
    return Buffer.concat([bytes.subarray(0, headerAt), header])
  }

  it.each([
    ['cut short', '8000'],
    ['longer than the frame', '800005aa'],
    ['more than there are', '0000ff'],
    ['a flag that goes on', '0001'],
    ['a flag that is unused', '0002'],
    ['a table longer than the frame', '200000000009'],
    ['a header of an unknown type', '20000000000501615a0000'],
    ['a header longer than the table', '2000000000080161530000000978'],
  ])('as a fault of ours when its properties do not decode (§3): %s', async (_, octets) => {
    await declare('q')
    peer.write(withProperties(octets))
    expect(await peer.heard()).toMatchObject([connectionClose(541, '')])
    expect(world.stats('q')).toMatchObject({ ready: 0 })
  })

  it('as a fault of ours when a table in its headers does not decode (§3)', async () => {
    await declare('q')
    peer.write(withProperties('20000000000a0161460000000301625a'))
    expect(await peer.heard()).toMatchObject([connectionClose(541, '')])
    expect(world.stats('q')).toMatchObject({ ready: 0 })
  })
})

describe('a publish is accepted', () => {
  it('in one’s own name, and in any by an impersonator', async () => {
    await declare('q')
    expect(await publish({ routingKey: 'q', properties: { userId: 'guest' } })).toMatchObject({ queues: ['q'] })
    const passwordHash = hashPassword('p', Buffer.alloc(4))
    world.broker.users.put({ name: 'spy', passwordHash, hashing: 'sha256', tags: ['impersonator'] })
    world.broker.users.permit('spy', '/', { configure: '.*', write: '.*', read: '.*' })
    peer = await world.open({ user: 'spy', password: 'p' }, 1)
    expect(await publish({ routingKey: 'q', properties: { userId: 'guest' } })).toEqual({ answers: [], queues: ['q'] })
  })

  it('with any delivery mode, which is kept', async () => {
    await declare('q')
    for (const deliveryMode of [0, 1, 2, 3, 255]) {
      await publish({ routingKey: 'q', properties: { deliveryMode } })
      expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ properties: { deliveryMode } }])
    }
  })

  it('with all properties, which are delivered as they are', async () => {
    await declare('q')
    const properties: Properties = {
      contentType: 'a/b',
      contentEncoding: 'c',
      headers: table({ n: 1, s: 'ß', t: { x: true } }),
      deliveryMode: 2,
      priority: 200,
      correlationId: 'id',
      replyTo: 'r',
      expiration: '60000',
      messageId: 'm',
      timestamp: 1_700_000_000,
      type: 't',
      userId: 'guest',
      appId: 'app',
      clusterId: 'cluster',
    }
    await publish({ routingKey: 'q', properties, body: 'b' })
    expect(await peer.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ properties, body: 'b' }])
  })
})

describe('an unroutable publish', () => {
  it('is dropped without a word', async () => {
    expect(await publish({ routingKey: 'nowhere', body: 'm' })).toEqual({ answers: [], queues: [] })
  })

  it('comes back when it is mandatory, with its properties and body, without BCC', async () => {
    const properties = { messageId: 'm', headers: headers({ CC: A('nor here'), BCC: A('nor there') }) }
    const { answers } = await publish({
      exchange: 'amq.direct',
      routingKey: 'k',
      mandatory: true,
      properties,
      body: 'b',
    })
    expect(answers).toEqual([
      {
        channel: 1,
        name: 'basic.return',
        replyCode: 312,
        replyText: 'NO_ROUTE',
        exchange: 'amq.direct',
        routingKey: 'k',
        properties: { messageId: 'm', headers: headers({ CC: A('nor here') }) },
        body: 'b',
        frames: [1],
      },
    ])
  })

  it('does not come back when one of its copies went somewhere', async () => {
    await declare('q')
    const properties = { headers: headers({ BCC: A('q') }) }
    expect(await publish({ routingKey: 'nowhere', mandatory: true, properties })).toEqual({
      answers: [],
      queues: ['q'],
    })
  })
})

describe('CC and BCC (§5.5)', () => {
  const got = (queue: string) => peer.ask(1, 'basic.get', { queue, noAck: true })

  it('add routing keys, and each queue gets one copy', async () => {
    await declare('a', 'b', 'c', 'd')
    const properties = { headers: headers({ CC: A('b', 'a', 'b', 'nowhere'), BCC: A('c', 'b') }) }
    expect(await publish({ routingKey: 'a', properties, body: 'm' })).toEqual({ answers: [], queues: ['a', 'b', 'c'] })
    for (const queue of ['a', 'b', 'c']) expect(world.stats(queue)).toMatchObject({ ready: 1 })
    expect(await got('c')).toMatchObject([{ routingKey: 'a' }])
  })

  it('CC stays and BCC goes, from an otherwise empty table too', async () => {
    await declare('a')
    await publish({ routingKey: 'a', properties: { headers: headers({ BCC: A('x') }) } })
    expect(await got('a')).toMatchObject([{ properties: { headers: new Map() } }])
    await publish({ routingKey: 'a', properties: { type: 't', headers: headers({ x: S('y'), BCC: A(), CC: A('z') }) } })
    expect(await got('a')).toMatchObject([{ properties: { type: 't', headers: headers({ x: S('y'), CC: A('z') }) } }])
  })

  it('are names in this case only, and skip what is no string', async () => {
    await declare('a', 'b')
    const odd = { tag: 'I', value: 1 } as const
    const properties = { headers: headers({ cc: A('b'), Bcc: A('b'), CC: A(odd, { tag: 'A', value: [S('b')] }) }) }
    expect(await publish({ routingKey: 'a', properties })).toEqual({ answers: [], queues: ['a'] })
  })

  it('do not stick to the route: the next publish of the key goes its own way', async () => {
    await declare('a', 'b')
    for (const queue of ['a', 'b', 'a']) {
      const properties = queue === 'b' ? { headers: headers({ CC: A('b') }) } : {}
      const { queues } = await publish({ routingKey: 'a', properties })
      expect(queues).toEqual(queue === 'b' ? ['a', 'b'] : ['a'])
    }
  })
})

describe('the remembered route', () => {
  const routed = async (exchange: string, routingKey: string, fields: FieldTable = new Map()) =>
    (await publish({ exchange, routingKey, properties: fields.size > 0 ? { headers: fields } : {} })).queues

  it('is found again by the octets of exchange and key, not by their sum', async () => {
    await declare('ab', 'b')
    await peer.ask(1, 'exchange.declare', { exchange: 'a', type: 'direct' })
    await peer.ask(1, 'queue.bind', { exchange: 'a', queue: 'b', routingKey: 'b' })
    for (let i = 0; i < 2; i++) {
      expect(await routed('', 'ab')).toEqual(['ab'])
      expect(await routed('a', 'b')).toEqual(['b'])
    }
  })

  it('ends with a new binding, a binding that goes, and a queue that goes', async () => {
    await declare('a', 'b')
    await peer.ask(1, 'queue.bind', { exchange: 'amq.direct', queue: 'a', routingKey: 'k' })
    expect(await routed('amq.direct', 'k')).toEqual(['a'])
    await peer.ask(1, 'queue.bind', { exchange: 'amq.direct', queue: 'b', routingKey: 'k' })
    expect(await routed('amq.direct', 'k')).toEqual(['a', 'b'])
    await peer.ask(1, 'queue.unbind', { exchange: 'amq.direct', queue: 'a', routingKey: 'k' })
    expect(await routed('amq.direct', 'k')).toEqual(['b'])
    await peer.ask(1, 'queue.delete', { queue: 'b' })
    expect(await routed('amq.direct', 'k')).toEqual([])
  })

  it('leads to the new queue where one was deleted and declared again', async () => {
    await declare('q')
    expect(await routed('', 'q')).toEqual(['q'])
    await peer.ask(1, 'queue.delete', { queue: 'q' })
    expect(await routed('', 'q')).toEqual([])
    await declare('q')
    expect(await routed('', 'q')).toEqual(['q'])
  })

  it('ends with its exchange', async () => {
    await declare('q')
    await peer.ask(1, 'exchange.declare', { exchange: 'x', type: 'fanout' })
    await peer.ask(1, 'queue.bind', { exchange: 'x', queue: 'q' })
    expect(await routed('x', '')).toEqual(['q'])
    await peer.ask(1, 'exchange.delete', { exchange: 'x' })
    peer.publish(1, { exchange: 'x' })
    expect(await peer.heard()).toMatchObject([{ name: 'channel.close', replyCode: 404 }])
  })

  it('is none where headers decide, also behind another exchange', async () => {
    await declare('one', 'two')
    await peer.ask(1, 'exchange.declare', { exchange: 'x', type: 'fanout' })
    await peer.ask(1, 'exchange.bind', { source: 'x', destination: 'amq.headers' })
    for (const n of ['one', 'two']) {
      await peer.ask(1, 'queue.bind', { exchange: 'amq.headers', queue: n, arguments: headers({ n: S(n) }) })
    }
    for (const exchange of ['x', 'amq.headers']) {
      for (const n of ['one', 'two', 'one']) expect(await routed(exchange, '', headers({ n: S(n) }))).toEqual([n])
      expect(await routed(exchange, '')).toEqual([])
    }
  })
})
