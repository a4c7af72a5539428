// What is told of consumers: when they come, and when they go, whoever ends them.

import type { BrokerEvent } from '../../src/broker/events.ts'
import type { FieldValue } from '../../src/protocol/field-table.ts'
import { World } from '../support/world.ts'

let world: World
let told: BrokerEvent[]

beforeEach(async () => {
  world = await World.create()
  told = []
})

const listen = () =>
  world.broker.events.listen((event) => {
    if (event.name.startsWith('consumer.')) told.push(event)
  })

const stream = new Map([['x-queue-type', { tag: 'S' as const, value: 'stream' }]])

it.each([
  ['a queue', {}],
  ['a stream', { durable: true, arguments: stream }],
])('one of %s is told of when it comes, and when it goes', async (_, declaration) => {
  listen()
  const peer = await world.open({}, 1)
  const args = new Map<string, FieldValue>([
    ['x-own', { tag: 'I', value: 5 }],
    ['x-far', { tag: 'l', value: 2n ** 60n }],
  ])
  await peer.ask(1, 'queue.declare', { queue: 'q', ...declaration })
  await peer.ask(1, 'basic.qos', { prefetchCount: 7 })
  await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'c', arguments: args })
  const place = { vhost: '/', queue: 'q', consumer_tag: 'c', channel: 1, user: 'guest' }
  const made = {
    ack_required: true,
    exclusive: false,
    prefetch_count: 7,
    arguments: { 'x-own': 5, 'x-far': `${2n ** 60n}` },
  }
  expect(told).toEqual([
    {
      name: 'consumer.created',
      atMs: world.clock.now(),
      fields: {
        ...place,
        ...made,
        connection: expect.stringMatching(/->/),
        user_who_performed_action: 'guest',
      },
    },
  ])
  await peer.ask(1, 'basic.cancel', { consumerTag: 'c' })
  expect(told.slice(1)).toMatchObject([{ name: 'consumer.deleted', fields: place }])
  expect(told[1]?.fields).not.toHaveProperty('ack_required')
})

it('those of a connection that dies are told of, each once', async () => {
  const peer = await world.open({}, 1)
  await peer.ask(1, 'queue.declare', { queue: 'q' })
  for (const consumerTag of ['a', 'b']) await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag })
  listen()
  await peer.drop()
  await world.settle()
  expect(told.map(({ name, fields }) => [name, fields['consumer_tag']])).toEqual([
    ['consumer.deleted', 'a'],
    ['consumer.deleted', 'b'],
  ])
})

it('those of a queue that is deleted are told of', async () => {
  const peer = await world.open({}, 1)
  await peer.ask(1, 'queue.declare', { queue: 'q' })
  await peer.ask(1, 'basic.consume', { queue: 'q', consumerTag: 'a' })
  listen()
  await peer.ask(1, 'queue.delete', { queue: 'q' })
  expect(told.map(({ name }) => name)).toEqual(['consumer.deleted'])
})
