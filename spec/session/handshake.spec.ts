// From connection.start to connection.open-ok, as a peer sees it (behaviour.md §2.2 to §2.6): who is let in, with what
// words the others are refused, and which of them hear nothing at all.

import { hashPassword } from '../../src/broker/access/passwords.ts'
import { encodeTable, type FieldTable, type FieldValue, table } from '../../src/protocol/field-table.ts'
import { PROTOCOL_HEADER } from '../../src/protocol/frame.ts'
import { connectionClose } from '../support/closes.ts'
import type { Peer, PeerOptions } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await World.create({ limits: { heartbeatSeconds: 60 } })
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

/** A peer that has said its protocol header; connection.start is taken away. */
async function greeted(options: PeerOptions = {}): Promise<Peer> {
  const peer = world.connect(options)
  peer.write(PROTOCOL_HEADER)
  await peer.heard()
  return peer
}

/** A peer that may say connection.tune-ok. */
async function known(options: PeerOptions = {}): Promise<Peer> {
  const peer = await greeted(options)
  peer.startOk()
  expect(await peer.heard()).toMatchObject([{ name: 'connection.tune' }])
  return peer
}

/** The peer hears nothing more, and TCP is closed after 3 s, no earlier. */
async function expectSilence(peer: Peer): Promise<void> {
  expect(await peer.heard()).toEqual([])
  await world.pass(2999)
  expect(peer.ended).toBeNull()
  await world.pass(1)
  expect([peer.ended, peer.take()]).toEqual(['destroyed', []])
  expect([world.connections.size, world.clock.timers]).toEqual([0, 0])
}

function plain(user: string, password: string): Buffer {
  return Buffer.from(`\0${user}\0${password}`)
}

/** A field table without its length, as AMQPLAIN has it. */
function amqplain(fields: { readonly [name: string]: FieldValue }): Buffer {
  return encodeTable(new Map(Object.entries(fields))).subarray(4)
}

const S = (value: string): FieldValue => ({ tag: 'S', value })
const failureClose = { capabilities: ['authentication_failure_close'] }
const refused = (mechanism: string) =>
  connectionClose(
    403,
    `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`,
  )

describe('connection.start (§2.2)', () => {
  it('tells versions, mechanisms, locales and what clients sniff at', async () => {
    const peer = world.connect()
    peer.write(PROTOCOL_HEADER)
    const [start] = await peer.heard()
    if (start?.name !== 'connection.start') throw new Error(`${start?.name} came`)
    expect([start.versionMajor, start.versionMinor, Buffer.from(start.locales).toString()]).toEqual([0, 9, 'en_US'])
    expect(Buffer.from(start.mechanisms).toString().split(' ').sort()).toEqual(['AMQPLAIN', 'PLAIN'])
    const properties: FieldTable = start.serverProperties
    const keys = ['capabilities', 'cluster_name', 'copyright', 'information', 'platform', 'product', 'version']
    expect([...properties.keys()]).toEqual(keys)
    expect(properties.get('product')).toEqual(S('RabbitMQ'))
    expect(properties.get('version')?.value).toMatch(/^4\.\d+\.\d+$/)
    expect(properties.get('capabilities')).toEqual({
      tag: 'F',
      value: table({
        publisher_confirms: true,
        exchange_exchange_bindings: true,
        'basic.nack': true,
        consumer_cancel_notify: true,
        'connection.blocked': true,
        consumer_priorities: true,
        authentication_failure_close: true,
        per_consumer_qos: true,
        direct_reply_to: true,
      }),
    })
  })
})

describe('a login (§2.4)', () => {
  it.each([
    ['PLAIN', plain('guest', 'guest')],
    ['AMQPLAIN', amqplain({ LOGIN: S('guest'), PASSWORD: S('guest') })],
    ['AMQPLAIN', amqplain({ PASSWORD: S('guest'), EXTRA: { tag: 't', value: true }, LOGIN: S('guest') })],
  ])('with %s is answered with connection.tune, whatever the locale', async (mechanism, response) => {
    const peer = await greeted()
    peer.startOk({ mechanism, response, locale: 'xx_YY' })
    expect(await peer.heard()).toMatchObject([
      { channel: 0, name: 'connection.tune', channelMax: 2047, frameMax: 131_072, heartbeat: 60 },
    ])
  })

  const wrong: readonly (readonly [string, string, Buffer])[] = [
    ['a wrong password', 'PLAIN', plain('guest', 'wrong')],
    ['an unknown user', 'PLAIN', plain('nobody', 'guest')],
    ['an empty user', 'PLAIN', plain('', 'guest')],
    ['an empty password', 'PLAIN', plain('guest', '')],
    ['a wrong password', 'AMQPLAIN', amqplain({ LOGIN: S('guest'), PASSWORD: S('x') })],
  ]

  it.each(wrong)('with %s by %s is refused with 403 if the client wants to know', async (_, mechanism, response) => {
    const peer = await greeted(failureClose)
    peer.startOk({ mechanism, response })
    expect(await peer.heard()).toMatchObject([refused(mechanism)])
    await world.pass(2999)
    expect(peer.ended).toBeNull()
    await world.pass(1)
    expect(peer.ended).toBe('destroyed')
  })

  it('that is refused ends at once with close-ok', async () => {
    const peer = await greeted(failureClose)
    peer.startOk({ response: plain('guest', 'wrong') })
    await peer.heard()
    peer.send(0, 'connection.close-ok')
    await peer.heard()
    expect(peer.ended).toBe('ended')
  })

  it('that is refused cannot be tried again', async () => {
    const peer = await greeted(failureClose)
    peer.startOk({ response: plain('guest', 'wrong') })
    peer.startOk()
    peer.tuneOk()
    expect(await peer.ask(0, 'connection.open', { virtualHost: '/' })).toMatchObject([refused('PLAIN')])
  })

  it.each(wrong)('with %s by %s is refused without a word otherwise', async (_, mechanism, response) => {
    const peer = await greeted()
    peer.startOk({ mechanism, response })
    await expectSilence(peer)
  })

  it.each([
    ['an authorization identity', 'PLAIN', Buffer.from('guest\0guest\0guest')],
    ['one NUL too few', 'PLAIN', Buffer.from('\0guest')],
    ['one NUL too many', 'PLAIN', Buffer.from('\0guest\0guest\0')],
    ['nothing', 'PLAIN', Buffer.alloc(0)],
    ['no password', 'AMQPLAIN', amqplain({ LOGIN: S('guest') })],
    ['a password that is no text', 'AMQPLAIN', amqplain({ LOGIN: S('guest'), PASSWORD: { tag: 'I', value: 1 } })],
    ['no table', 'AMQPLAIN', Buffer.from('\xff\xff\xff', 'latin1')],
    ['its length before the table', 'AMQPLAIN', encodeTable(new Map([['LOGIN', S('guest')]]))],
    ['another case', 'plain', plain('guest', 'guest')],
    ['a mechanism that is not offered', 'EXTERNAL', Buffer.alloc(0)],
    ['a mechanism that nobody is offered unless it is said', 'ANONYMOUS', Buffer.alloc(0)],
    ['a mechanism of no name', '', plain('guest', 'guest')],
    ['a mechanism called like a property of every object', 'constructor', plain('guest', 'guest')],
  ])('that is malformed (%s by %s) is refused without a word', async (_, mechanism, response) => {
    const peer = await greeted(failureClose)
    peer.startOk({ mechanism, response })
    await expectSilence(peer)
  })

  it('of guest from another machine is refused like a wrong password', async () => {
    const asking = await greeted({ ...failureClose, loopback: false })
    asking.startOk()
    expect(await asking.heard()).toMatchObject([refused('PLAIN')])
    const silent = await greeted({ loopback: false })
    await asking.drop()
    silent.startOk()
    await expectSilence(silent)
  })

  it('without a name is one of the user that is meant for it, if there is one', async () => {
    for (const [anonymousLoginUser, answer] of [
      ['guest', { name: 'connection.tune' }],
      ['nobody', refused('ANONYMOUS')],
    ] as const) {
      world = await World.create({ limits: { anonymousLoginUser } })
      const peer = world.connect(failureClose)
      peer.write(PROTOCOL_HEADER)
      await peer.heard()
      peer.startOk({ ...failureClose, mechanism: 'ANONYMOUS', response: Buffer.from('whatever') })
      expect(await peer.heard()).toMatchObject([answer])
    }
  })

  it('of others from another machine is taken', async () => {
    const passwordHash = hashPassword('secret', Buffer.alloc(4))
    world.broker.users.put({ name: 'far', passwordHash, hashing: 'sha256', tags: [] })
    await known({ user: 'far', password: 'secret', loopback: false })
  })
})

describe('connection.tune-ok (§2.5)', () => {
  it.each([
    { channelMax: 1 },
    { channelMax: 2047 },
    { frameMax: 4096 },
    { frameMax: 131_072 },
    { heartbeat: 0 },
    { heartbeat: 65_535 },
  ])('may ask for %j', async (values) => {
    const peer = await known()
    peer.tuneOk(values)
    expect(await peer.ask(0, 'connection.open', { virtualHost: '/' })).toMatchObject([
      { channel: 0, name: 'connection.open-ok' },
    ])
  })

  it.each([
    { channelMax: 0 },
    { channelMax: 2048 },
    { channelMax: 65_535 },
    { frameMax: 0 },
    { frameMax: 4095 },
    { frameMax: 131_073 },
    { frameMax: 4_294_967_295 },
  ])('may not ask for %j: TCP is closed silently', async (values) => {
    const peer = await known(failureClose)
    peer.tuneOk(values)
    peer.send(0, 'connection.open', { virtualHost: '/' })
    await expectSilence(peer)
  })

  it('is held to the limits that are set', async () => {
    world = await World.create({ limits: { channelMax: 5, frameMax: 8192 } })
    const peer = await greeted()
    peer.startOk()
    expect(await peer.heard()).toMatchObject([{ channelMax: 5, frameMax: 8192, heartbeat: 0 }])
    peer.tuneOk({ channelMax: 6, frameMax: 8192 })
    await expectSilence(peer)
  })
})

describe('a method out of order (§2.4)', () => {
  it.each([
    ['connection.open', 0],
    ['connection.tune-ok', 0],
    ['connection.close', 0],
    ['connection.secure-ok', 0],
    ['queue.declare', 0],
    ['channel.open', 1],
  ] as const)('before the login ends TCP silently: %s on channel %i', async (name, channel) => {
    const peer = await greeted(failureClose)
    peer.send(channel, name)
    await expectSilence(peer)
  })

  it.each([
    ['connection.open', 0],
    ['connection.start-ok', 0],
    ['channel.open', 1],
  ] as const)('before tuning ends TCP silently: %s on channel %i', async (name, channel) => {
    const peer = await known(failureClose)
    peer.send(channel, name)
    await expectSilence(peer)
  })
})

describe('connection.open (§2.6)', () => {
  /** A peer of a user with no permission at all, that may say connection.open. */
  async function opening(vhost: string): Promise<readonly object[]> {
    const peer = await known()
    peer.tuneOk()
    return peer.ask(0, 'connection.open', { virtualHost: vhost })
  }

  it('is answered with open-ok', async () => {
    expect(await opening('/')).toMatchObject([{ channel: 0, name: 'connection.open-ok', reserved1: '' }])
  })

  it.each(['nowhere', '', '//'])('of the unknown vhost %j is refused with 530', async (vhost) => {
    expect(await opening(vhost)).toMatchObject([connectionClose(530, `vhost ${vhost} not found`, '10/40')])
  })

  it('without a permission on the vhost is refused with 530', async () => {
    world.broker.users.forbid('guest', '/')
    expect(await opening('/')).toMatchObject([
      connectionClose(530, "access to vhost '/' refused for user 'guest'", '10/40'),
    ])
  })
})

describe('client capabilities (§2.3)', () => {
  /** Whether a consumer that loses its queue is told so. */
  async function isTold(capabilities: FieldValue): Promise<boolean> {
    const peer = await greeted()
    peer.startOk({ clientProperties: new Map([['capabilities', capabilities]]) })
    peer.tuneOk()
    peer.send(0, 'connection.open', { virtualHost: '/' })
    peer.send(1, 'channel.open')
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'c' })
    const heard = await peer.ask(1, 'queue.delete', { queue: 'q' })
    return heard.some(({ name }) => name === 'basic.cancel')
  }
  const capable = (value: FieldValue): FieldValue => ({ tag: 'F', value: new Map([['consumer_cancel_notify', value]]) })

  it('count when they are true, in a table', async () => {
    expect(await isTold(capable({ tag: 't', value: true }))).toBe(true)
    expect(await isTold(capable({ tag: 't', value: false }))).toBe(false)
    expect(await isTold(capable(S('true')))).toBe(false)
    expect(await isTold({ tag: 'F', value: new Map() })).toBe(false)
    expect(await isTold(S('consumer_cancel_notify'))).toBe(false)
  })
})
