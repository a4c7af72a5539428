// What a plan says of exchanges, queues and bindings: what is new is checked as a declaration is, what is there stays.

import type { Definitions } from '../../../src/broker/adoption/definitions.ts'
import { Plan } from '../../../src/broker/adoption/plan.ts'
import { TopologyPlan } from '../../../src/broker/adoption/topology.ts'
import { NO_NODE_LIMITS, type NodeLimits } from '../../../src/broker/limits.ts'
import { type FieldTable, table } from '../../../src/protocol/field-table.ts'
import { definedBinding, definedExchange, definedQueue, NO_DEFINITIONS } from '../../support/definitions.ts'
import { NO_ARGUMENTS, Site } from '../../support/site.ts'

let site: Site

beforeEach(async () => {
  site = await Site.start()
})

afterEach(async () => {
  await site.broker.stop()
})

const queue = (name: string, args: FieldTable = NO_ARGUMENTS, durable = true) =>
  definedQueue(name, { arguments: args, durable })
const exchange = (name: string, type = 'direct', args: FieldTable = NO_ARGUMENTS) =>
  definedExchange(name, { type, arguments: args })
const binding = (source: string, destination: string, destinationType: 'queue' | 'exchange' = 'queue') =>
  definedBinding(source, destination, { destinationType })

function planned(definitions: Partial<Definitions>, limits: Partial<NodeLimits> = {}) {
  const plan = new Plan()
  let id = 0
  const topology = new TopologyPlan(plan, {
    vhosts: site.broker.vhosts,
    limits: { ...NO_NODE_LIMITS, ...limits },
    hasVhost: (_, name) => name !== 'gone',
    nextQueueId: (count) => {
      id += count
      return id - count + 1
    },
  })
  topology.add({ ...NO_DEFINITIONS, ...definitions })
  return { plan, expected: topology.expected }
}

const complaints = (definitions: Partial<Definitions>, limits = {}) =>
  planned(definitions, limits).plan.refusal?.message.split('\n') ?? []

it('queues are checked as declarations are', () => {
  const text = (name: string) => `for queue '${name}' in vhost '/'`
  const queues = [
    queue('a', table({ 'x-message-ttl': -1 })),
    queue('b', table({ 'x-queue-type': 'bogus' })),
    queue('c', table({ 'x-queue-type': 'quorum' }), false),
    queue('d', table({ 'x-dead-letter-exchange': 1 })),
    queue(''),
    queue('é'.repeat(128)),
    { ...queue('e'), vhost: 'gone' },
  ]
  expect(complaints({ queues })).toEqual([
    `queues[a].arguments.x-message-ttl: invalid arg 'x-message-ttl' ${text('a')}: {value_negative,-1}`,
    `queues[b].arguments.x-queue-type: invalid arg 'x-queue-type' ${text('b')}: "unsupported queue type 'bogus'"`,
    `queues[c]: invalid property 'non-durable' ${text('c')}`,
    expect.stringMatching(/^queues\[d\].arguments.x-dead-letter-exchange: invalid type/),
    'queues[].name: a name is missing',
    expect.stringMatching(/name: a name has 255 octets at most, not 256$/),
  ])
})

it('queues and exchanges are as many as limits allow, those that are planned included', () => {
  site.vhost.limits = { 'max-queues': 1 }
  expect(complaints({ queues: [queue('a'), queue('b')] })).toEqual([
    "queues[b]: cannot declare queue 'b': queue limit in vhost '/' (1) is reached",
  ])
  expect(complaints({ exchanges: [exchange('a'), exchange('b')] }, { clusterExchangeLimit: 8 })).toEqual([
    "exchanges[b]: cannot declare exchange 'b' in vhost '/': exchange limit of 8 is reached",
  ])
})

it('exchanges are checked as declarations are', () => {
  const exchanges = [
    exchange('a', 'bogus'),
    exchange('amq.new'),
    exchange('d', 'x-delayed-message'),
    exchange('e', 'x-delayed-message', table({ 'x-delayed-type': 'direct' })),
    exchange('f'),
  ]
  expect(complaints({ exchanges })).toEqual([
    "exchanges[a].type: unknown exchange type 'bogus'",
    "exchanges[amq.new].name: exchange name 'amq.new' contains reserved prefix 'amq.*'",
    expect.stringMatching(/^exchanges\[d\]/),
  ])
  const { changes } = planned({ exchanges: exchanges.slice(3) }).plan
  expect(changes.map(({ value }) => 'logId' in JSON.parse(value))).toEqual([true, false])
})

it('what is there stays as it is, and is noted where it differs', async () => {
  await site.declareQueue('q', { arguments: table({ 'x-max-length': 5 }) })
  await site.declareQueue('plain')
  await site.declareExchange('x', 'topic')
  await site.declareQueue('mine', { exclusive: true, durable: false })
  const { plan, expected } = planned({
    exchanges: [exchange('x', 'fanout'), exchange('amq.direct'), exchange('y')],
    queues: [queue('q'), queue('plain'), queue('mine'), queue('new'), queue('new', NO_ARGUMENTS, false)],
  })
  expect(plan.changes.map(({ names }) => names[1])).toEqual(['y', 'new'])
  expect(plan.unchanged).toBe(2)
  expect(plan.ignored.map(({ place, why }) => [place, why])).toEqual([
    ['exchanges[x]', "inequivalent arg 'type' for exchange 'x' in vhost '/': received 'fanout' but current is 'topic'"],
    ['queues[q]', expect.stringContaining("inequivalent arg 'x-max-length'")],
    ['queues[mine]', 'it is exclusive to a connection'],
    ['queues[new]', expect.stringContaining("inequivalent arg 'durable'")],
  ])
  expect([...expected]).toEqual([['vhost/%2F', site.vhost.rev]])
})

it('bindings need both ends, and expect those that are there to stay', async () => {
  const q = await site.declareQueue('q')
  await site.declareQueue('mine', { exclusive: true, durable: false })
  await site.declareExchange('x', 'topic')
  const { plan, expected } = planned({
    exchanges: [exchange('y')],
    queues: [queue('short', NO_ARGUMENTS, false)],
    bindings: [binding('x', 'q'), binding('y', 'x', 'exchange'), binding('amq.fanout', 'short')],
  })
  expect(plan.refusal).toBeNull()
  expect(plan.changes.slice(2).map(({ ephemeral }) => ephemeral)).toEqual([false, false, true])
  expect(Object.fromEntries(expected)).toEqual({
    'vhost/%2F': site.vhost.rev,
    'queue/%2F/q': site.vhost.queueRev(q),
    'exchange/%2F/x': site.vhost.exchange('x').rev,
  })
  const wrong = [binding('x', 'none'), binding('none', 'q'), binding('x', 'none', 'exchange'), binding('x', 'mine')]
  expect(complaints({ bindings: wrong })).toEqual([
    "bindings[x].destination: queue 'none' in vhost '/' is neither here nor in the definitions",
    "bindings[none].source: there is no exchange 'none' in vhost '/', neither here nor in the definitions",
    "bindings[x].destination: there is no exchange 'none' in vhost '/', neither here nor in the definitions",
    "bindings[x].destination: queue 'mine' in vhost '/' is exclusive to a connection",
  ])
})

it('bindings that are there, or go without saying, are no change', async () => {
  await site.declareQueue('q')
  await site.bind('amq.topic', 'q', '')
  const { plan } = planned({ bindings: [binding('amq.topic', 'q'), { ...binding('', 'q'), routingKey: 'q' }] })
  expect([plan.changes, plan.refusal, plan.unchanged]).toEqual([[], null, 1])
  expect(
    complaints({
      bindings: [binding('', 'q'), { ...binding('amq.headers', 'q'), arguments: table({ 'x-match': 'bogus' }) }],
    }),
  ).toEqual([
    'bindings[].source: nothing can be bound to the default exchange',
    expect.stringMatching(/^bindings\[amq.headers\]: /),
  ])
})
