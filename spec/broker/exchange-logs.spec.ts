// Which exchanges have a log in the store.

import { hasLog } from '../../src/broker/exchange-logs.ts'
import { table } from '../../src/protocol/field-table.ts'
import { Site } from '../support/site.ts'

describe('a log of an exchange', () => {
  it('is there where messages wait, and where durable ones are remembered', () => {
    expect(hasLog({ type: 'x-delayed-message', durable: true })).toBe(true)
    expect(hasLog({ type: 'x-delayed-message', durable: false })).toBe(true)
    expect(hasLog({ type: 'x-recent-history', durable: true })).toBe(true)
    expect(hasLog({ type: 'x-recent-history', durable: false })).toBe(false)
    expect(hasLog({ type: 'fanout', durable: true })).toBe(false)
  })

  it('has a number of its own, as queues have', async () => {
    const site = await Site.start()
    await site.declareExchange('d', 'x-delayed-message', { arguments: table({ 'x-delayed-type': 'fanout' }) })
    await site.declareExchange('h', 'x-recent-history')
    await site.declareExchange('f', 'fanout')
    const { id } = await site.declareQueue('q')
    const logs = ['d', 'h', 'f'].map((name) => site.vhost.exchange(name).log?.queueId)
    expect(logs).toEqual([id - 2, id - 1, undefined])
    expect([site.vhost.exchange('d').delay === null, site.vhost.exchange('h').delay]).toEqual([false, null])
    await site.broker.stop()
  })
})
