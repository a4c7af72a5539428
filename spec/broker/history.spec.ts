// What a durable exchange of recent history remembers over a restart, over both stores (behaviour.md §5.6, §15).

import type { Queue } from '../../src/broker/queue/queue.ts'
import { table } from '../../src/protocol/field-table.ts'
import { KeptStore, storeKinds } from '../support/kept-store.ts'
import { drained, Site } from '../support/site.ts'

describe.each(storeKinds)('a durable history on a store of the kind %s', (kind) => {
  let kept: KeptStore
  let site: Site

  beforeEach(async () => {
    kept = await KeptStore.create(kind)
    site = await Site.start(kept.store)
    await site.declareExchange('x', 'x-recent-history', { arguments: table({ 'x-recent-history-length': 3 }) })
  })

  afterEach(async () => {
    await site.broker.stop()
    await kept.remove()
  })

  const stop = async () => {
    site = await site.restarted()
  }
  const crash = async () => {
    site = await site.afterCrash()
  }
  /** What a queue gets that is bound now. */
  const history = async (): Promise<Queue> => {
    const queue = await site.declareQueue('q')
    await site.bind('x', 'q')
    return queue
  }

  it.each([
    ['an orderly stop', stop],
    ['a crash', crash],
  ])('is there after %s, as long as it may be', async (_, restart) => {
    for (const body of ['1', '2', '3', '4']) site.publish('x', 'k', body)
    await restart()
    site.publish('x', 'k', '5')
    await restart()
    expect(await drained(await history())).toEqual(['3', '4', '5'])
    expect(site.log.lines).toEqual([])
  })

  it('has messages as they were published', async () => {
    site.publish('x', 'k', 'b'.repeat(10_000), { deliveryMode: 1, headers: table({ h: 1 }) })
    await crash()
    const got = await (await history()).get()
    const { routingKey, persistent, headers, bodyBytes } = got!.message
    expect([routingKey, persistent, headers, bodyBytes]).toEqual(['k', false, table({ h: 1 }), 10_000])
    expect(got!.redelivered).toBe(false)
  })

  it('goes with its exchange', async () => {
    site.publish('x', 'k', '1')
    await site.clock.pass()
    expect(await kept.store.messages.queueIds()).toHaveLength(1)
    await site.topology.deleteExchange('x', false)
    await stop()
    expect(await kept.store.messages.queueIds()).toEqual([])
  })

  it('is not of an exchange that is gone with the broker', async () => {
    await site.declareExchange('y', 'x-recent-history', { durable: false })
    site.publish('y', 'k', '1')
    await site.clock.pass()
    expect(await kept.store.messages.queueIds()).toEqual([])
  })

  it('goes without what is damaged, and says so', async () => {
    site.publish('x', 'k', '1')
    await site.clock.pass()
    const read = jest.spyOn(kept.store.messages, 'read').mockResolvedValue(null)
    await crash()
    read.mockRestore()
    expect(await drained(await history())).toEqual([])
    expect(site.log.lines).toHaveLength(1)
  })
})
