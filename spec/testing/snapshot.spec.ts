// A vhost kept aside and put back.

import { TestSite } from '../support/test-site.ts'

let site: TestSite

beforeEach(async () => {
  site = await TestSite.open()
})

afterEach(() => site.close())

describe('a snapshot', () => {
  it('brings back what was declared, and the messages in their order', async () => {
    const { vhost, broker } = site.broker
    const channel = await site.channel()
    await channel.assertExchange('e', 'topic', { durable: false })
    await channel.assertQueue('q', { maxPriority: 3 })
    await channel.assertQueue('transient', { durable: false })
    await channel.assertQueue('mine', { exclusive: true })
    await channel.bindQueue('q', 'e', 'k.#')
    await channel.bindQueue('mine', 'e', 'k.#')
    await broker.administration.putPolicy('/', 'p', { pattern: '^transient', definition: { 'max-length': 5 } })
    for (const priority of [0, 2, 1]) await vhost.publish('e', 'k.x', { priority }, { priority })
    await vhost.publish('', 'transient', 'x', { headers: { a: 1 } })
    const held = await channel.get('q')
    const snapshot = await vhost.snapshot()

    if (held) channel.ack(held)
    await channel.purgeQueue('transient')
    await channel.deleteExchange('e')
    await channel.assertQueue('later')
    for (let round = 0; round < 2; round++) {
      await vhost.restore(snapshot)
      expect([...vhost.queues()].sort()).toEqual(['q', 'transient'])
      const bodies = (await vhost.queue('q').messages()).map(({ body }) => body)
      expect(bodies).toEqual([{ priority: 2 }, { priority: 1 }, { priority: 0 }])
      expect(await vhost.queue('transient').messages()).toMatchObject([{ body: 'x', headers: { a: 1 } }])
      expect([...(broker.vhost('/')?.policies ?? [])]).toMatchObject([{ name: 'p', pattern: '^transient' }])
      await expect(vhost.publish('e', 'k.y', 'new')).resolves.toMatchObject({ routed: ['q'] })
    }
  })

  it('brings back streams, and what a delayed exchange holds back', async () => {
    const { vhost } = site.broker
    const channel = await site.channel()
    await channel.assertQueue('log', { arguments: { 'x-queue-type': 'stream' } })
    await channel.assertQueue('q')
    const later = { arguments: { 'x-delayed-type': 'fanout' } }
    await channel.assertExchange('later', 'x-delayed-message', later)
    await channel.bindQueue('q', 'later', '')
    for (const body of ['a', 'b']) await vhost.publish('', 'log', body)
    await vhost.publish('later', '', 'tomorrow', { headers: { 'x-delay': 86_400_000 } })
    const snapshot = await vhost.snapshot()
    await vhost.reset()
    await vhost.restore(snapshot)
    expect(vhost.queue('log').depth()).toBe(2)
    expect((await vhost.queue('log').messages()).map(({ body }) => body)).toEqual(['a', 'b'])
    await expect(vhost.waitForIdle({ timeout: 1 })).rejects.toThrow("exchange 'later' holds 1 messages back")
  })

  it('is what snapshot() has made', async () => {
    await expect(site.broker.vhost.restore({} as never)).rejects.toThrow('restore is for what snapshot() has resolved')
  })
})
