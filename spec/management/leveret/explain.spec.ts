// Why a message goes where it goes.

import { explain } from '../../../src/management/leveret/explain.ts'
import { table } from '../../../src/protocol/field-table.ts'
import { published, Site } from '../../support/site.ts'

let site: Site

beforeEach(async () => {
  site = await Site.start()
  for (const queue of ['q', 'r']) await site.declareQueue(queue)
})

afterEach(async () => {
  await site.broker.stop()
})

const explained = (exchange: string, key: string, headers = {}) =>
  explain(site.vhost, site.vhost.exchange(exchange), published(exchange, key, '', { headers: table(headers) }))

it('bindings are told apart, also those to the same queue', async () => {
  await site.bind('amq.topic', 'q', 'a.*')
  await site.bind('amq.topic', 'q', 'b.*')
  await site.bind('amq.topic', 'r', '#')
  const { queues, routed, steps } = explained('amq.topic', 'a.b')
  expect([queues, routed]).toEqual([['q', 'r'], true])
  expect(steps).toEqual([
    {
      exchange: 'amq.topic',
      type: 'topic',
      via: 'publish',
      matched: [
        { destination: 'q', destination_type: 'queue', routing_key: 'a.*', arguments: {} },
        { destination: 'r', destination_type: 'queue', routing_key: '#', arguments: {} },
      ],
      unmatched: [{ destination: 'q', destination_type: 'queue', routing_key: 'b.*', arguments: {} }],
      unmatched_count: 1,
      alternate: null,
      note: null,
    },
  ])
})

it('exchanges are followed, each once, and alternate ones too', async () => {
  await site.declareExchange('x', 'direct', { arguments: table({ 'alternate-exchange': 'amq.fanout' }) })
  await site.bindExchange('amq.topic', 'x', '#')
  await site.bindExchange('x', 'amq.topic', 'never')
  await site.bind('amq.fanout', 'q')
  const { queues, steps } = explained('amq.topic', 'k')
  expect(queues).toEqual(['q'])
  expect(steps.map(({ exchange, via, note }) => [exchange, via, note])).toEqual([
    ['amq.topic', 'publish', null],
    ['x', 'binding', "nothing matches: it goes on to the alternate exchange 'amq.fanout'"],
    ['amq.fanout', 'alternate', null],
  ])
})

it('headers count, and what leads nowhere says why', async () => {
  await site.bind('amq.headers', 'q', '', table({ a: 1, 'x-match': 'all' }))
  expect(explained('amq.headers', '', { a: 1 }).queues).toEqual(['q'])
  const nowhere = explained('amq.headers', '', { a: 2 })
  expect([nowhere.routed, nowhere.steps[0]?.note]).toEqual([
    false,
    'no binding matches, and there is no alternate exchange',
  ])
  expect(explained('amq.direct', 'k').steps[0]?.note).toBe('nothing is bound here')
  expect(explained('', 'q')).toMatchObject({
    queues: ['q'],
    steps: [{ note: 'a queue has the routing key as its name' }],
  })
  expect(explained('', 'x').steps[0]?.note).toBe('no queue has the routing key as its name')
})

it('a message that has to wait is said to', async () => {
  await site.declareExchange('d', 'x-delayed-message', { arguments: table({ 'x-delayed-type': 'fanout' }) })
  await site.bind('d', 'q')
  expect(explained('d', '', { 'x-delay': 1000 })).toMatchObject({
    queues: [],
    steps: [{ matched: [], note: 'the message waits here for its time, and is routed then' }],
  })
  expect(explained('d', '').queues).toEqual(['q'])
})
