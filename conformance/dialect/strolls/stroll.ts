// What two clients may do one after the other, from a seed: right and wrong, to a few queues and exchanges of their own.
// Names are `$words`, as in scenarios. Left out is what RabbitMQ 3.10, which we are compared with, does in its own way:
// quorum queues and streams, times that run out (among priorities above all), unknown exchange types.

import type { Table } from '../client/field-table.ts'
import type { Values } from '../client/frame.ts'
import type { Random } from '../client/random.ts'

/** What is done on one channel of one of two connections. */
export type Step = { readonly peer: number; readonly channel: number } & Deed

type Deed =
  | { readonly does: 'call'; readonly name: string; readonly values: Values }
  | { readonly does: 'publish'; readonly values: Values; readonly properties: Values; readonly copies: number }
  | Settlement

/** Settles the `which`-th of the deliveries that the channel holds. */
export type Settlement = {
  readonly does: 'settle'
  readonly how: 'ack' | 'nack' | 'reject'
  readonly which: number
  readonly multiple: boolean
  readonly requeue: boolean
}

/** The queues and exchanges that are talked of. */
const queues = ['$q0', '$q1', '$q2'] as const
const exchanges = ['$direct', '$fanout', '$topic', '$headers', '$x0', '$x1'] as const

const tags = ['a', 'b', 'c', 'd'] as const
const keys = ['k', 'a.b', '#', 'a.*', '', '*.b', 'a.#', 'a.b.c', ...queues] as const
const some = <T>(random: Random, percent: number, value: () => T, otherwise: T): T =>
  random.chance(percent) ? value() : otherwise

function queueArguments(random: Random): Table {
  if (random.chance(40)) return {}
  const overflows = ['drop-head', 'reject-publish', 'reject-publish-dlx']
  const table: Table = {
    ...some<Table>(random, 20, () => ({ 'x-max-length': random.below(4), 'x-overflow': random.pick(overflows) }), {}),
    ...some<Table>(random, 30, () => ({ 'x-dead-letter-exchange': random.pick(['', '$x0', ...exchanges]) }), {}),
    ...random.pick<Table>([
      {},
      {},
      { 'x-message-ttl': random.pick([0, 3_600_000]) },
      { 'x-max-priority': random.pick([1, 9]) },
    ]),
    ...some<Table>(random, 15, () => ({ 'x-single-active-consumer': true }), {}),
  }
  if (table['x-dead-letter-exchange'] === undefined) return table
  return some<Table>(random, 60, () => ({ ...table, 'x-dead-letter-routing-key': random.pick(queues) }), table)
}

const call = (name: string, values: Values = {}): Deed => ({ does: 'call', name, values })

function declareQueue(random: Random): Deed {
  const flags = {
    durable: true,
    autoDelete: random.chance(15),
    exclusive: random.chance(10),
    passive: random.chance(10),
  }
  const table = queueArguments(random)
  return call('queue.declare', { queue: random.pick(queues), ...flags, arguments: table })
}

function declareExchange(random: Random): Deed {
  const flags = { autoDelete: random.chance(20), internal: random.chance(10), passive: random.chance(10) }
  const alternate = some<Table>(random, 20, () => ({ 'alternate-exchange': random.pick(exchanges) }), {})
  const type = random.pick(['direct', 'fanout', 'topic', 'headers'])
  return call('exchange.declare', { exchange: random.pick(['$x0', '$x1']), type, ...flags, arguments: alternate })
}

function properties(random: Random): Values {
  return {
    ...some<Values>(random, 30, () => ({ headers: { h: random.pick(['1', '2']), g: 1 } }), {}),
    ...some<Values>(random, 10, () => ({ headers: { CC: ['A', [['S', random.pick(queues)]]] } }), {}),
    ...some<Values>(random, 50, () => ({ deliveryMode: random.pick([1, 2]) }), {}),
    ...some<Values>(random, 25, () => ({ priority: random.below(6) }), {}),
    ...some<Values>(random, 8, () => ({ expiration: random.pick(['3600000', 'x']) }), {}),
  }
}

function publish(random: Random): Deed {
  const values = {
    exchange: random.chance(60) ? '' : random.pick(exchanges),
    routingKey: random.chance(70) ? random.pick(queues) : random.pick(keys),
    mandatory: random.chance(20),
  }
  return { does: 'publish', values, properties: properties(random), copies: random.pick([1, 1, 1, 3]) }
}

function consume(random: Random): Deed {
  const flags = { noAck: random.chance(25), exclusive: random.chance(8) }
  const priority = some<Table>(random, 20, () => ({ 'x-priority': random.below(4) - 1 }), {})
  const [queue, consumerTag] = [random.pick(queues), random.pick(tags)]
  return call('basic.consume', { queue, consumerTag, ...flags, arguments: priority })
}

function settle(random: Random): Deed {
  const how = random.pick(['ack', 'ack', 'nack', 'nack', 'reject'] as const)
  const multiple = how !== 'reject' && random.chance(30)
  return { does: 'settle', how, which: random.below(6), multiple, requeue: random.chance(60) }
}

function binding(random: Random, name: string): Deed {
  const match = { 'x-match': random.pick(['all', 'any', 'what?']), h: random.pick(['1', '2']) }
  const table = random.chance(15) ? match : {}
  const [queue, exchange, routingKey] = [random.pick(queues), random.pick(exchanges), random.pick(keys)]
  return call(name, { queue, exchange, routingKey, arguments: table })
}

function exchangeBinding(random: Random, name: string): Deed {
  const [source, destination] = [random.pick(exchanges), random.pick(exchanges)]
  return call(name, { source, destination, routingKey: random.pick(keys) })
}

/** Deeds, and how often each is done among a hundred or so. */
const deeds: readonly (readonly [number, (random: Random) => Deed])[] = [
  [18, publish],
  [12, settle],
  [9, consume],
  [5, declareQueue],
  [4, (random) => binding(random, 'queue.bind')],
  [1, (random) => binding(random, 'queue.unbind')],
  [3, declareExchange],
  [2, (random) => exchangeBinding(random, 'exchange.bind')],
  [1, (random) => exchangeBinding(random, 'exchange.unbind')],
  [2, (random) => call('exchange.delete', { exchange: random.pick(['$x0', '$x1']), ifUnused: random.chance(40) })],
  [4, (random) => call('basic.qos', { prefetchCount: random.below(4), global: random.chance(40) })],
  [4, (random) => call('basic.get', { queue: random.pick(queues), noAck: random.chance(40) })],
  [3, (random) => call('basic.cancel', { consumerTag: random.pick(tags) })],
  [2, (random) => call('queue.purge', { queue: random.pick(queues) })],
  [2, (random) => deleteQueue(random)],
  [2, () => call('basic.recover', { requeue: true })],
  [1, () => call('confirm.select')],
  [1, () => call('tx.select')],
  [2, () => call('tx.commit')],
  [1, () => call('tx.rollback')],
  [1, () => call('channel.close')],
]

function deleteQueue(random: Random): Deed {
  return call('queue.delete', {
    queue: random.pick(queues),
    ifUnused: random.chance(40),
    ifEmpty: random.chance(40),
  })
}

const hat = deeds.flatMap(([weight, deed]) => Array.from({ length: weight }, () => deed))

/** The same steps for the same seed: some queues and exchanges, then `length` steps of any kind. */
export function stroll(random: Random, length: number): readonly Step[] {
  const first: readonly Deed[] = [
    ...['direct', 'fanout', 'topic', 'headers'].map((type) => call('exchange.declare', { exchange: `$${type}`, type })),
    ...['$q0', '$q1'].map((queue) =>
      call('queue.declare', { queue, durable: true, arguments: queueArguments(random) }),
    ),
  ]
  return [
    ...first.map((deed) => ({ peer: 0, channel: 1, ...deed })),
    ...Array.from({ length }, () => ({
      peer: random.chance(75) ? 0 : 1,
      channel: random.pick([1, 1, 2]),
      ...random.pick(hat)(random),
    })),
  ]
}
