// Where messages go that are moved or sent back.

import { type Access, ANYTHING } from '../../../src/broker/access/access.ts'
import { type Destination, lastDeath, Way } from '../../../src/management/leveret/destination.ts'
import { table } from '../../../src/protocol/field-table.ts'
import { ChannelError } from '../../../src/protocol/reply.ts'
import { drained, published, Site } from '../../support/site.ts'

let site: Site

beforeEach(async () => {
  site = await Site.start()
  await site.declareQueue('q')
  await site.declareExchange('x', 'topic')
})

afterEach(async () => {
  await site.broker.stop()
})

const way = (destination: Destination, access: Access = ANYTHING) => new Way(site.vhost, access, destination)
const dead = (entry: object) =>
  published('', 'dlq', 'body', {
    headers: new Map([['x-death', { tag: 'A', value: [{ tag: 'F', value: table(entry as never) }] }]]),
  })

it('a queue gets a message as it is', async () => {
  const message = published('x', 'k', 'a', { deliveryMode: 2 })
  expect(way({ queue: 'q' }).fate(message)).toEqual({ to: ['q'] })
  expect(way({ queue: 'q' }).send(message)).toEqual({ to: ['q'] })
  const got = await site.vhost.queues.get('q')?.get()
  expect([got?.message.exchange, got?.message.routingKey, got?.message.persistent]).toEqual(['x', 'k', true])
  expect(way({ queue: 'none' }).send(message)).toEqual({ stays: 'no queue for it' })
})

it('an exchange routes it, by its own key or another', async () => {
  await site.bind('x', 'q', 'a.*')
  const to = (routingKey: string | null) => way({ exchange: 'x', routingKey })
  expect(to(null).fate(published('', 'a.b', ''))).toEqual({ to: ['q'] })
  expect(to('b').fate(published('', 'a.b', ''))).toEqual({ stays: 'no queue for it' })
  expect(to('a.c').send(published('', 'z', 'moved'))).toEqual({ to: ['q'] })
  const got = await site.vhost.queues.get('q')?.get()
  expect([got?.message.exchange, got?.message.routingKey]).toEqual(['x', 'a.c'])
})

it('a dead letter goes back to the queue, or the exchange, that it came from', async () => {
  const message = dead({ queue: 'q', exchange: 'x', reason: 'rejected', 'routing-keys': ['was.this'] })
  expect(lastDeath(message)).toEqual({ queue: 'q', exchange: 'x', routingKey: 'was.this' })
  expect(way({ source: 'queue' }).send(message)).toEqual({ to: ['q'] })
  expect(way({ source: 'exchange' }).send(message)).toEqual({ stays: 'no queue for it' })
  const queue = site.vhost.queues.get('q')
  const got = await queue?.get()
  expect([got?.message.exchange, got?.message.routingKey]).toEqual(['x', 'was.this'])
  const gone = dead({ queue: 'gone', exchange: 'x', 'routing-keys': [] })
  expect(way({ source: 'queue' }).send(gone)).toEqual({ stays: 'no queue for it' })
  expect(way({ source: 'queue' }).send(published('', 'q', 'never died'))).toEqual({ stays: 'no queue for it' })
})

it('an internal exchange takes nothing from outside', async () => {
  await site.topology.declareExchange(
    { name: 'inside', type: 'fanout', durable: true, autoDelete: false, internal: true, arguments: new Map() },
    ANYTHING,
  )
  await site.bind('inside', 'q', '')
  const { stays } = way({ exchange: 'inside', routingKey: null }).send(published('', 'q', '')) as { stays: string }
  expect(stays).toMatch("cannot publish to internal exchange 'inside' in vhost '/'")
})

it('what is refused, or not allowed, stays', async () => {
  const full = await site.declareQueue('full', {
    arguments: table({ 'x-max-length': 0, 'x-overflow': 'reject-publish' }),
  })
  expect(way({ queue: 'full' }).send(published('', 'a', ''))).toEqual({ stays: 'refused by a full queue' })
  expect(await drained(full)).toEqual([])
  const nobody: Access = {
    ...ANYTHING,
    exchange: () => {
      throw new ChannelError(403, 'write access refused')
    },
  }
  expect(way({ queue: 'q' }, nobody).send(published('', 'a', ''))).toEqual({
    stays: expect.stringContaining('write access refused'),
  })
})
