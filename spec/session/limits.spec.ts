// Limits, and what is deleted under somebody's feet, as peers meet them (behaviour.md §2.6, §2.8, §4, §6.1).

import { FULL_PERMISSION } from '../../src/broker/access/users.ts'
import { channelClose, connectionClose } from '../support/closes.ts'
import type { Peer, PeerOptions } from '../support/peer.ts'
import { World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await World.create()
  await admin().putUser('u', { password: 'u' })
  await admin().setPermission('u', '/', FULL_PERMISSION)
})

afterEach(() => {
  expect(world.log.defects).toEqual([])
})

const admin = () => world.broker.administration
const u = { user: 'u', password: 'u' }

/** What a peer hears that asks to be let in. */
async function refused(options: PeerOptions = {}) {
  const peer = world.connect(options)
  peer.write(Buffer.from('AMQP\0\0\x09\x01', 'latin1'))
  peer.startOk()
  peer.tuneOk()
  await peer.heard()
  return peer.ask(0, 'connection.open', { virtualHost: options.vhost ?? '/' })
}

describe('connection.open', () => {
  it('is refused where the vhost is full, until a connection ends', async () => {
    await admin().setVhostLimits('/', { 'max-connections': 1 })
    const first = await world.open()
    const text = "access to vhost '/' refused for user 'u': connection limit (1) is reached"
    expect(await refused(u)).toMatchObject([connectionClose(530, text, '10/40')])
    await first.ask(0, 'connection.close')
    const second = await world.open(u)
    await second.drop()
    const third = await world.open(u)
    expect(await third.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ replyCode: 504 }])
    await world.open()
  })

  it('is refused where the user has as many as it may', async () => {
    await admin().setUserLimits('u', { 'max-connections': 0 })
    const text = "connection refused for user 'u': user connection limit (0) is reached"
    expect(await refused(u)).toMatchObject([connectionClose(530, text, '10/40')])
    await world.open()
    await admin().setUserLimits('u', {})
    await world.open(u)
  })

  it('is refused for the first of several reasons, in RabbitMQ’s order', async () => {
    const reason = async (options: PeerOptions) =>
      (await refused(options)).map((each) => ('replyText' in each ? each.replyText : each.name)).join()
    await admin().putVhost('v')
    await admin().setVhostLimits('v', { 'max-connections': 0 })
    await admin().setUserLimits('u', { 'max-connections': 0 })
    expect(await reason({ ...u, vhost: 'none' })).toMatch('vhost none not found')
    expect(await reason({ ...u, vhost: 'v' })).toMatch("access to vhost 'v' refused for user 'u': connection limit (0)")
    await admin().setVhostLimits('v', {})
    expect(await reason({ ...u, vhost: 'v' })).toMatch('user connection limit (0)')
    await admin().setUserLimits('u', {})
    expect(await reason({ ...u, vhost: 'v' })).toMatch(/access to vhost 'v' refused for user 'u'$/)
  })
})

describe('channel.open', () => {
  it('is refused where the user has as many as it may; one that is closed makes room', async () => {
    await admin().setUserLimits('u', { 'max-channels': 2 })
    const one = await world.open(u, 1)
    const two = await world.open(u, 1)
    const text = "number of channels opened for user 'u' has reached the maximum allowed user limit of 2"
    expect(await two.ask(2, 'channel.open')).toMatchObject([connectionClose(530, text)])
    const three = await world.open(u, 1)
    await one.ask(1, 'channel.close')
    await one.ask(1, 'channel.open')
    await one.ask(1, 'queue.declare', { queue: 'none', passive: true })
    await one.ask(1, 'channel.close-ok')
    expect(await three.ask(2, 'channel.open')).toMatchObject([{ name: 'channel.open-ok' }])
    expect(await (await world.open()).ask(1, 'channel.open')).toMatchObject([{ name: 'channel.open-ok' }])
  })
})

describe('queue.declare', () => {
  it('is refused where the vhost has as many queues as it may; what is there can be declared again', async () => {
    const peer = await world.open({}, 1, 2)
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await admin().setVhostLimits('/', { 'max-queues': 1 })
    expect(await peer.ask(1, 'queue.declare', { queue: 'q' })).toMatchObject([{ name: 'queue.declare-ok' }])
    const text = "cannot declare queue 'p': queue limit in vhost '/' (1) is reached"
    expect(await peer.ask(1, 'queue.declare', { queue: 'p' })).toMatchObject([channelClose(1, 406, text, '50/10')])
    await peer.ask(2, 'queue.delete', { queue: 'q' })
    expect(await peer.ask(2, 'queue.declare', { queue: 'p' })).toMatchObject([{ name: 'queue.declare-ok' }])
  })
})

describe('connections end', () => {
  const notify = { capabilities: ['consumer_cancel_notify'] }

  /** A peer with a consumer, an exclusive queue and a delivery that it holds. */
  async function busy(options: PeerOptions): Promise<Peer> {
    const peer = await world.open(options, 1)
    await peer.ask(1, 'queue.declare', { queue: 'q' })
    await peer.ask(1, 'queue.declare', { queue: `of ${options.user}`, exclusive: true })
    peer.publish(1, { routingKey: 'q', body: 'm' })
    await peer.ask(1, 'basic.consume', { queue: 'q' })
    return peer
  }

  it('when their user is deleted, and give back what they held', async () => {
    const peer = await busy({ ...u, ...notify })
    const guest = await world.open({}, 1)
    await admin().deleteUser('u')
    expect(await peer.heard()).toMatchObject([connectionClose(320, "user 'u' is deleted")])
    expect(world.stats('q')).toMatchObject({ ready: 1, unacked: 0, consumers: 0 })
    expect(world.stats('of u')).toBeNull()
    await peer.ask(0, 'connection.close-ok')
    expect(peer.ended).toBe('ended')
    expect(await guest.ask(1, 'basic.get', { queue: 'q' })).toMatchObject([{ name: 'basic.get-ok' }])
  })

  it('when their vhost is deleted; consumers are not cancelled before (§7.4)', async () => {
    await admin().putVhost('v')
    await admin().setPermission('u', 'v', FULL_PERMISSION)
    const peer = await busy({ ...u, ...notify, vhost: 'v' })
    const idle = await world.open({ ...u, vhost: 'v' })
    const elsewhere = await world.open(u, 1)
    await admin().deleteVhost('v')
    for (const each of [peer, idle]) {
      expect(await each.heard()).toMatchObject([connectionClose(320, "vhost 'v' is deleted")])
      await each.ask(0, 'connection.close-ok')
    }
    expect(world.broker.vhost('v')).toBeUndefined()
    expect(await elsewhere.ask(1, 'queue.declare', { queue: 'q' })).toMatchObject([{ name: 'queue.declare-ok' }])
    await admin().putVhost('v')
    expect(await refused({ ...u, vhost: 'v' })).toMatchObject([{ replyCode: 530 }])
  })

  it('also where a method of theirs waits for the vhost that is deleted', async () => {
    await admin().putVhost('v')
    await admin().setPermission('u', 'v', FULL_PERMISSION)
    const peer = await world.open({ ...u, vhost: 'v' }, 1)
    const deleted = admin().deleteVhost('v')
    peer.send(1, 'queue.declare', { queue: 'q', durable: true })
    await deleted
    const heard = await peer.heard()
    expect(heard.at(-1)).toMatchObject(connectionClose(320, "vhost 'v' is deleted"))
    await admin().putVhost('v')
    expect(world.broker.vhost('v')?.queues.size).toBe(0)
  })
})
