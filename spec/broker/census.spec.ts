// The census: sums over what is there and what is gone.

import { countsByVhost } from '../../src/broker/census.ts'
import { Site } from '../support/site.ts'
import { World } from '../support/world.ts'

describe('the census of queues', () => {
  let site: Site

  beforeEach(async () => {
    site = await Site.start()
  })

  const totals = () => site.broker.census.queues(site.broker.vhosts.values())

  it('counts declarations, and queues that are made and deleted', async () => {
    await site.declareQueue('a')
    await site.declareQueue('a')
    await site.declareQueue('b')
    await site.topology.deleteQueue('a', site.owner, false, false)
    expect(site.broker.census).toMatchObject({ queuesDeclared: 3, queuesCreated: 2, queuesDeleted: 1 })
  })

  it('does not count what it finds when it starts', async () => {
    await site.declareQueue('a')
    const { store } = site
    await site.broker.stop()
    const { census, vhosts } = (await Site.start(store)).broker
    expect([vhosts.get('/')?.queues.size, census.queuesCreated]).toEqual([1, 0])
  })

  it('adds what queues count by type, also when they, or their vhost, are gone', async () => {
    const quorum = new Map([['x-queue-type', { tag: 'S' as const, value: 'quorum' }]])
    await site.declareQueue('a')
    await site.declareQueue('b', { arguments: quorum })
    for (const queue of ['a', 'a', 'b']) site.publish('', queue, 'body')
    const counted = () => [...totals()].map(([type, { counts }]) => [type, counts.published, counts.publishedBytes])
    const expected = [
      ['classic', 2, 8],
      ['quorum', 1, 4],
      ['stream', 0, 0],
    ]
    expect(counted()).toEqual(expected)
    await site.topology.deleteQueue('a', site.owner, false, false)
    expect(counted()).toEqual(expected)
    await site.broker.administration.deleteVhost('/')
    expect(counted()).toEqual(expected)
    expect(site.broker.census.queuesDeleted).toBe(2)
  })

  it('adds the dead', async () => {
    await site.declareQueue('a', { arguments: new Map([['x-max-length', { tag: 'l', value: 1 }]]) })
    for (const body of ['1', '2', '3']) site.publish('', 'a', body)
    expect(totals().get('classic')?.deaths.disabled.maxlen).toBe(2)
    await site.topology.deleteQueue('a', site.owner, false, false)
    expect(totals().get('classic')?.deaths.disabled.maxlen).toBe(2)
  })
})

describe('the counts of a vhost', () => {
  it('are those of its channels, there or gone', async () => {
    const world = await World.create()
    const peer = await world.open({}, 1, 2)
    const published = () => countsByVhost(world.broker.vhosts.values(), world.broker.connections).get('/')?.published
    for (const channel of [1, 2, 2]) peer.publish(channel, { routingKey: 'nowhere' })
    await peer.heard()
    expect(published()).toBe(3)
    await peer.ask(2, 'channel.close')
    expect(published()).toBe(3)
    await peer.drop()
    expect(published()).toBe(3)
    expect(world.vhost.counts.dropped).toBe(3)
    await world.broker.administration.deleteVhost('/')
    expect([published(), world.broker.census.counts.published]).toEqual([undefined, 3])
  })
})
