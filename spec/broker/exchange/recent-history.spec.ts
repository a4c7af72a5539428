// The recent-history exchange: a fanout by the shared table, and what it remembers for whom.

import fc from 'fast-check'
import { checkHistoryLength } from '../../../src/broker/exchange/recent-history.ts'
import type { FieldValue } from '../../../src/protocol/field-table.ts'
import { table } from '../../../src/protocol/field-table.ts'
import { channelError } from '../../support/errors.ts'
import { drained, Site } from '../../support/site.ts'
import { agreesWithTheTable, forgetsWhatWasRemoved, tableOf } from './table.ts'

const TYPE = 'x-recent-history'

describe('the x-recent-history exchange', () => {
  agreesWithTheTable(TYPE)

  const key = fc.constantFrom('', 'a', 'b')
  forgetsWhatWasRemoved(
    TYPE,
    fc.record({ to: fc.nat(2), key, arguments: fc.constant(new Map()) }),
    fc.record({ key, headers: fc.constant(new Map()) }),
  )
})

describe('a history', () => {
  let site: Site

  beforeEach(async () => {
    site = await Site.start()
    await site.declareExchange('x', TYPE, { arguments: table({ 'x-recent-history-length': 3 }) })
    await site.declareQueue('q')
  })

  afterEach(() => site.broker.stop())

  it('goes to a queue that is bound, oldest message first, and to each binding once', async () => {
    for (const body of ['1', '2', '3', '4']) site.publish('x', `k${body}`, body)
    await site.bind('x', 'q')
    const queue = site.vhost.queues.get('q')!
    expect(await drained(queue)).toEqual(['2', '3', '4'])
    await site.bind('x', 'q')
    expect(await drained(queue)).toEqual([])
    site.publish('x', 'k5', '5')
    await site.bind('x', 'q', 'another')
    expect(await drained(queue)).toEqual(['5', '3', '4', '5'])
  })

  it('keeps exchange, key and properties of the message', async () => {
    site.publish('x', 'k', 'body', { deliveryMode: 2, headers: table({ h: 1 }) })
    await site.bind('x', 'q')
    const got = await site.vhost.queues.get('q')!.get()
    const { exchange, routingKey, persistent, headers } = got!.message
    expect([exchange, routingKey, persistent, headers]).toEqual(['x', 'k', true, table({ h: 1 })])
    expect(got!.redelivered).toBe(false)
  })

  it('goes to an exchange that is bound, and from there on', async () => {
    await site.declareExchange('behind', 'topic')
    await site.bind('behind', 'q', '*.a')
    for (const key of ['1.a', '2.b', '3.a']) site.publish('x', key, key)
    await site.bindExchange('x', 'behind')
    expect(await drained(site.vhost.queues.get('q')!)).toEqual(['1.a', '3.a'])
  })

  it('keeps what has come from another exchange, and what went nowhere', async () => {
    await site.declareExchange('before', 'fanout')
    await site.bindExchange('before', 'x')
    site.publish('before', 'k', 'one')
    await site.bind('x', 'q')
    expect(await drained(site.vhost.queues.get('q')!)).toEqual(['one'])
  })

  it('leaves out what is not to be stored', async () => {
    const noStore = (value: FieldValue) => ({ headers: new Map([['x-recent-history-no-store', value]]) })
    site.publish('x', 'k', 'true', noStore({ tag: 't', value: true }))
    site.publish('x', 'k', 'false', noStore({ tag: 't', value: false }))
    site.publish('x', 'k', 'text', noStore({ tag: 'S', value: 'true' }))
    await site.bind('x', 'q')
    expect(await drained(site.vhost.queues.get('q')!)).toEqual(['false', 'text'])
  })

  it('is of twenty messages where nothing is said', async () => {
    await site.declareExchange('y', TYPE)
    for (let i = 1; i <= 25; i += 1) site.publish('y', 'k', `${i}`)
    await site.bind('y', 'q')
    expect(await drained(site.vhost.queues.get('q')!)).toEqual(Array.from({ length: 20 }, (_, i) => `${i + 6}`))
  })
})

describe('the length of a history (§5.6)', () => {
  it.each([{}, { 'x-recent-history-length': 1 }, { 'x-recent-history-length': 2 ** 40 }])('may be as in %j', (args) => {
    expect(() => checkHistoryLength(tableOf(args))).not.toThrow()
  })

  // As RabbitMQ 3.10.8 says it.
  it.each<[FieldValue, string]>([
    [{ tag: 'I', value: 0 }, '0'],
    [{ tag: 'I', value: -1 }, '-1'],
    [{ tag: 'd', value: 1.5 }, '1.5'],
    [{ tag: 'S', value: '5' }, '<<"5">>'],
    [{ tag: 't', value: true }, 'true'],
    [{ tag: 'V', value: null }, 'undefined'],
  ])('may not be %j', (value, shown) => {
    const text = `Invalid argument ${shown}, 'x-recent-history-length' must be a positive integer`
    expect(() => checkHistoryLength(tableOf({ 'x-recent-history-length': value }))).toThrow(channelError(406, text))
  })
})
