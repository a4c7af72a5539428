// Class tx, as a peer sees it (behaviour.md §8.3).

import { createMemoryStore } from '../../../src/store/memory/memory-store.ts'
import { channelClose } from '../../support/closes.ts'
import { type FaultyStore, faultyStore } from '../../support/fault-store.ts'
import type { Peer } from '../../support/peer.ts'
import { World } from '../../support/world.ts'

let world: World
let store: FaultyStore
let peer: Peer

beforeEach(async () => {
  store = faultyStore(createMemoryStore())
  world = await World.create({ store })
  peer = await world.open({}, 1, 2)
  await peer.ask(2, 'queue.declare', { queue: 'q' })
  await peer.ask(2, 'queue.declare', { queue: 'd', durable: true })
})

async function fill(...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) peer.publish(2, { routingKey: 'q', body })
  await peer.heard()
}

describe('tx.select', () => {
  it('is answered, and may be repeated', async () => {
    for (let i = 0; i < 2; i++) expect(await peer.ask(1, 'tx.select')).toMatchObject([{ name: 'tx.select-ok' }])
  })

  it('is refused on a channel that confirms, and confirms on one with transactions (§8.2)', async () => {
    await peer.ask(1, 'confirm.select')
    expect(await peer.ask(1, 'tx.select')).toMatchObject([
      channelClose(1, 406, 'cannot switch from confirm to tx mode', '90/10'),
    ])
    await peer.ask(2, 'tx.select')
    expect(await peer.ask(2, 'confirm.select')).toMatchObject([
      channelClose(2, 406, 'cannot switch from tx to confirm mode', '85/10'),
    ])
  })
})

describe('without tx.select', () => {
  it.each([
    ['tx.commit', '90/20'],
    ['tx.rollback', '90/30'],
  ] as const)('%s is refused', async (name, ids) => {
    expect(await peer.ask(1, name)).toMatchObject([channelClose(1, 406, 'channel is not transactional', ids)])
  })
})

describe('publishes in a transaction', () => {
  beforeEach(() => peer.ask(1, 'tx.select'))

  it('are in no queue before the commit, and in order after it', async () => {
    for (const body of ['a', 'b']) peer.publish(1, { routingKey: 'q', body })
    await peer.heard()
    expect(world.stats('q')).toMatchObject({ ready: 0 })
    expect(await peer.ask(1, 'tx.commit')).toMatchObject([{ name: 'tx.commit-ok' }])
    for (const body of ['a', 'b']) expect(await peer.ask(2, 'basic.get', { queue: 'q' })).toMatchObject([{ body }])
  })

  it('are forgotten by a rollback', async () => {
    peer.publish(1, { routingKey: 'q', body: 'a' })
    expect(await peer.ask(1, 'tx.rollback')).toMatchObject([{ name: 'tx.rollback-ok' }])
    peer.publish(1, { routingKey: 'q', body: 'b' })
    await peer.ask(1, 'tx.commit')
    expect(world.stats('q')).toMatchObject({ ready: 1 })
    expect(await peer.ask(2, 'basic.get', { queue: 'q' })).toMatchObject([{ body: 'b' }])
  })

  it('are routed when they come: to a queue of that moment, refused at once where there is no exchange', async () => {
    peer.publish(1, { routingKey: 'late', body: 'a' })
    await peer.ask(2, 'queue.declare', { queue: 'late' })
    await peer.ask(1, 'tx.commit')
    expect(world.stats('late')).toMatchObject({ ready: 0 })
    peer.publish(1, { exchange: 'none' })
    expect(await peer.heard()).toMatchObject([channelClose(1, 404, "no exchange 'none' in vhost '/'", '60/40')])
  })

  it('come back at the commit, before commit-ok', async () => {
    peer.publish(1, { routingKey: 'nowhere', mandatory: true, body: 'a' })
    expect(await peer.heard()).toEqual([])
    expect(await peer.ask(1, 'tx.commit')).toMatchObject([
      { name: 'basic.return', body: 'a' },
      { name: 'tx.commit-ok' },
    ])
  })

  it('go nowhere when their queue is deleted before the commit', async () => {
    peer.publish(1, { routingKey: 'q', body: 'a' })
    await peer.ask(2, 'queue.delete', { queue: 'q' })
    expect(await peer.ask(1, 'tx.commit')).toMatchObject([{ name: 'tx.commit-ok' }])
  })

  it('go with their extra routing keys, without BCC', async () => {
    const key = (value: string) => ({ tag: 'A' as const, value: [{ tag: 'S' as const, value }] })
    const headers = new Map([
      ['CC', key('d')],
      ['BCC', key('d')],
    ])
    peer.publish(1, { routingKey: 'q', properties: { headers } })
    await peer.ask(1, 'tx.commit')
    expect(await peer.ask(2, 'basic.get', { queue: 'd' })).toMatchObject([
      { properties: { headers: new Map([['CC', key('d')]]) } },
    ])
  })
})

describe('a commit', () => {
  const persistent = { routingKey: 'd', properties: { deliveryMode: 2 } }

  beforeEach(() => peer.ask(1, 'tx.select'))

  it('waits for the disk, and keeps later methods waiting', async () => {
    const hold = store.messages.holdNextCommit()
    peer.publish(1, { ...persistent, body: 'a' })
    peer.send(1, 'tx.commit')
    peer.send(1, 'channel.flow', { active: true })
    expect(await peer.heard()).toEqual([])
    hold.release()
    expect((await peer.heard()).map(({ name }) => name)).toEqual(['tx.commit-ok', 'channel.flow-ok'])
  })

  it.each(['failed', 'unknown'] as const)('that the disk did not take (%s) closes the channel', async (kind) => {
    store.messages.failNextCommit(kind, { applied: false })
    peer.publish(1, { ...persistent, body: 'a' })
    peer.publish(1, { routingKey: 'q', body: 'b' })
    expect(await peer.ask(1, 'tx.commit')).toMatchObject([channelClose(1, 406, 'partial tx completion', '90/20')])
  })

  it('of nothing is answered, and the transaction goes on', async () => {
    expect(await peer.ask(1, 'tx.commit')).toMatchObject([{ name: 'tx.commit-ok' }])
    peer.publish(1, { routingKey: 'q', body: 'a' })
    await peer.heard()
    expect(world.stats('q')).toMatchObject({ ready: 0 })
  })

  it('that nobody waits for any more is carried out all the same', async () => {
    const hold = store.messages.holdNextCommit()
    peer.publish(1, { ...persistent, body: 'a' })
    peer.send(1, 'tx.commit')
    await peer.heard()
    await peer.drop()
    hold.release()
    await world.settle()
    expect(world.stats('d')).toMatchObject({ ready: 1 })
    expect([world.connections.size, world.slabs.lent.size]).toEqual([0, 0])
  })
})

describe('settlements in a transaction', () => {
  beforeEach(async () => {
    await fill('a', 'b', 'c')
    await peer.ask(1, 'tx.select')
    for (let i = 0; i < 3; i++) await peer.ask(1, 'basic.get', { queue: 'q' })
  })

  it('take effect at the commit', async () => {
    peer.send(1, 'basic.ack', { deliveryTag: 1 })
    peer.send(1, 'basic.reject', { deliveryTag: 2 })
    peer.send(1, 'basic.nack', { deliveryTag: 3, requeue: true })
    await peer.heard()
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 3 })
    await peer.ask(1, 'tx.commit')
    expect(world.stats('q')).toMatchObject({ ready: 1, unacked: 0 })
    expect(await peer.ask(2, 'basic.get', { queue: 'q' })).toMatchObject([{ body: 'c', redelivered: true }])
  })

  it('use up their tags at once', async () => {
    await peer.ask(1, 'basic.ack', { deliveryTag: 1 })
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 1 })).toMatchObject([
      channelClose(1, 406, 'unknown delivery tag 1', '60/80'),
    ])
  })

  it('are undone by a rollback: the tags are outstanding again, nothing is redelivered', async () => {
    await peer.ask(1, 'basic.ack', { deliveryTag: 2, multiple: true })
    expect(await peer.ask(1, 'tx.rollback')).toMatchObject([{ name: 'tx.rollback-ok' }])
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 3 })
    expect(await peer.ask(1, 'basic.ack', { deliveryTag: 3, multiple: true })).toEqual([])
    await peer.ask(1, 'tx.commit')
    expect(world.stats('q')).toMatchObject({ ready: 0, unacked: 0 })
  })

  it.each(['channel.close', 'the connection'] as const)('are undone at the end: %s', async (end) => {
    await peer.ask(1, 'basic.ack', { deliveryTag: 0, multiple: true })
    peer.publish(1, { routingKey: 'q', body: 'd' })
    if (end === 'channel.close') await peer.ask(1, end)
    else await peer.drop()
    expect(world.stats('q')).toMatchObject({ ready: 3, unacked: 0 })
  })

  it('make room for the next delivery at the commit only', async () => {
    await fill('d', 'e')
    peer.send(2, 'tx.select')
    peer.send(2, 'basic.qos', { prefetchCount: 1 })
    await peer.ask(2, 'basic.consume', { queue: 'q' })
    expect(await peer.ask(2, 'basic.ack', { deliveryTag: 1 })).toEqual([])
    expect((await peer.ask(2, 'tx.commit')).map(({ name }) => name).sort()).toEqual(['basic.deliver', 'tx.commit-ok'])
  })
})
