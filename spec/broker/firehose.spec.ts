// The firehose: what a copy says, who gets it, and that nothing of it comes in the way of what it tells of.

import { Firehose, type TracedPeer } from '../../src/broker/firehose.ts'
import { type FieldTable, type FieldValue, table } from '../../src/protocol/field-table.ts'
import { decodeProperties, type Properties } from '../../src/protocol/properties.ts'
import { bindingSpec, published, Site } from '../support/site.ts'

const peer: TracedPeer = { connection: 'a -> b', channel: 7, user: 'me' }

let site: Site
let firehose: Firehose

beforeEach(async () => {
  site = await Site.start()
  await site.declareQueue('copies')
  await site.bind('amq.rabbitmq.trace', 'copies', '#')
  firehose = new Firehose(site.vhost, { clock: site.clock, logger: site.log, node: 'n@here' })
})

afterEach(() => site.broker.stop())

/** What the copies say that have come to a queue, which is empty then. */
async function copies(queue = 'copies') {
  await site.clock.settle()
  while (site.clock.tasks > 0) await site.clock.pass()
  const taken: { key: string; body: string; headers: FieldTable; others: object }[] = []
  for (;;) {
    const got = await site.vhost.queues.get(queue)?.get(true)
    if (!got) return taken
    const { message } = got
    const { headers, ...others } = decodeProperties(message.header, message.headerStart, message.headerEnd)
    taken.push({ key: message.routingKey, body: message.copyBody().toString(), headers: headers ?? new Map(), others })
    site.vhost.queues.get(queue)?.ack(got.seq, true)
  }
}

const S = (value: string): FieldValue => ({ tag: 'S', value })
const A = (...values: readonly string[]): FieldValue => ({ tag: 'A', value: values.map(S) })

describe('a copy', () => {
  it('of a publish says all of it, and has its body and nothing else of it', async () => {
    const properties: Properties = { headers: table({ a: 1 }), deliveryMode: 2, expiration: '5', timestamp: 2 ** 33 }
    const message = published('x', 'k', 'body', properties)
    firehose.published(message, [...site.vhost.queues.values()], peer)
    const [copy, ...more] = await copies()
    expect(more).toEqual([])
    expect(copy).toMatchObject({ key: 'publish.x', body: 'body', others: {} })
    expect([...(copy?.headers ?? [])]).toEqual([
      ['exchange_name', S('x')],
      ['routing_keys', A('k')],
      [
        'properties',
        {
          tag: 'F',
          value: new Map<string, FieldValue>([
            ['timestamp', { tag: 'l', value: 2 ** 33 }],
            ['expiration', S('5')],
            ['delivery_mode', { tag: 'I', value: 2 }],
            ['headers', { tag: 'F', value: table({ a: 1 }) }],
          ]),
        },
      ],
      ['node', S('n@here')],
      ['vhost', S('/')],
      ['connection', S('a -> b')],
      ['channel', { tag: 'I', value: 7 }],
      ['user', S('me')],
      ['routed_queues', A('copies')],
    ])
  })

  it.each([
    [false, 0],
    [true, 1],
  ])('of a delivery says where it came from, and whether again: %s', async (redelivered, value) => {
    firehose.delivered(published('x', 'k', 'body'), 'q', redelivered, peer)
    const [copy] = await copies()
    expect(copy).toMatchObject({ key: 'deliver.q', body: 'body', others: {} })
    expect([...(copy?.headers.keys() ?? [])]).toEqual(
      ['exchange_name', 'routing_keys', 'properties', 'node'].concat([
        'redelivered',
        'vhost',
        'connection',
        'channel',
        'user',
      ]),
    )
    expect(copy?.headers.get('redelivered')).toEqual({ tag: 'I', value })
  })

  it('names all keys that a message goes by, and shows no BCC', async () => {
    const headers: FieldTable = new Map([
      ['CC', A('c')],
      ['BCC', A('b')],
    ])
    const message = published('x', 'k', '', { headers })
    message.copies = true
    firehose.published(message, [], peer)
    const said = (await copies())[0]?.headers
    expect(said?.get('routing_keys')).toEqual(A('k', 'c', 'b'))
    const properties = said?.get('properties')?.value as FieldTable
    expect(properties.get('headers')).toEqual({ tag: 'F', value: new Map([['CC', A('c')]]) })
  })

  it('has a routing key even where the name leaves no room for one', async () => {
    firehose.delivered(published('', 'k'), `${'q'.repeat(246)}éé`, false, peer)
    const [copy] = await copies()
    expect(copy?.key).toBe(`deliver.${'q'.repeat(246)}`)
  })

  it('keeps the octets of a name that is no text', async () => {
    firehose.delivered(published('', 'k'), 'q\udc80', false, peer)
    expect((await copies())[0]?.key).toBe('deliver.q\udc80')
  })
})

it('copies no copies', async () => {
  firehose.published(published('amq.rabbitmq.trace', 'publish.x'), [], peer)
  firehose.delivered(published('amq.rabbitmq.trace', 'publish.x'), 'copies', false, peer)
  expect(await copies()).toEqual([])
})

it('gives copies to those who want them, by their keys, in the order of what happened', async () => {
  await site.declareQueue('some')
  await site.bind('amq.rabbitmq.trace', 'some', 'deliver.q.#')
  firehose.published(published('x', '', '1'), [], peer)
  firehose.delivered(published('x', '', '2'), 'q.a', false, peer)
  firehose.delivered(published('x', '', '3'), 'r', false, peer)
  firehose.published(published('', '', '4'), [], peer)
  expect((await copies()).map(({ body }) => body)).toEqual(['1', '2', '3', '4'])
  expect((await copies('some')).map(({ body }) => body)).toEqual(['2'])
})

it('gives copies to exchanges that go by headers', async () => {
  await site.declareExchange('h', 'headers')
  await site.declareQueue('mine')
  await site.topology.bind(bindingSpec('amq.rabbitmq.trace', 'h', '#', undefined, 'exchange'), site.owner)
  await site.bind('h', 'mine', '', table({ user: 'me' }))
  firehose.published(published('x', '', 'seen'), [], peer)
  firehose.published(published('x', '', 'unseen'), [], { ...peer, user: 'you' })
  expect((await copies('mine')).map(({ body }) => body)).toEqual(['seen'])
})

it('makes no copy that nobody gets', async () => {
  await site.topology.unbind(bindingSpec('amq.rabbitmq.trace', 'copies', '#'), site.owner)
  const message = published('x', '', 'body')
  const copied = jest.spyOn(message, 'copyBody')
  firehose.published(message, [], peer)
  expect(copied).not.toHaveBeenCalled()
})

it('comes after what it tells of, even into the queue that it tells of', async () => {
  firehose.delivered(published('x', '', 'body'), 'copies', false, peer)
  expect(site.vhost.queues.get('copies')?.stats()).toMatchObject({ ready: 0 })
  expect(await copies()).toHaveLength(1)
})

it('logs what goes wrong, and lets nobody feel it', () => {
  const broken = published('x', '', 'body')
  broken.setHeader(Buffer.alloc(3), 0, 3)
  firehose.published(broken, [], peer)
  expect(site.log.defects).toMatchObject([{ message: 'a message could not be traced', fields: { vhost: '/' } }])
})

it('has nothing to say in a vhost that is gone', async () => {
  firehose.published(published('x', '', 'body'), [], peer)
  const { vhost } = site
  vhost.retire()
  await site.clock.settle()
  while (site.clock.tasks > 0) await site.clock.pass()
  firehose.published(published('x', '', 'body'), [], peer)
  expect(site.log.defects).toEqual([])
})
