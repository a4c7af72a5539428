// §5.6 and 5.9 of the behaviour reference: the exchange types that RabbitMQ has as plugins, and those that 3.10 lacks.

import type { Field, Table } from '../client/field-table.ts'
import { a } from '../peers.ts'
import { differ, lacking310, type Scenario, type Steps, scenario } from '../scenario.ts'

const declareIds = '40/10'
const bindIds = '50/20'
const hash = 'x-consistent-hash'
const delayed = 'x-delayed-message'
const delaying = (type = 'direct'): Table => ({ arguments: { 'x-delayed-type': type } })
const numbers = Array.from({ length: 40 }, (_, at) => String(at))

/** These queues hold so many messages together, however they are spread. */
function holdTogether(queues: readonly string[], total: number): Steps {
  return { do: 'total', peer: 'a', channel: 1, queues, messages: total }
}

function bindRefused(row: string, type: string, key: string, explanation: string, more: Table = {}): Scenario {
  return scenario('5.6', row, `refuses a binding: ${row}`, [
    a.ready(),
    a.exchange(1, '$x', type, more),
    a.declares(1, '$q'),
    a.send(1, 'queue.bind', { queue: '$q', exchange: '$x', routingKey: key }),
    a.closesChannel(1, 406, explanation, bindIds),
  ])
}

function declareRefused(row: string, type: string, queueArguments: Table, explanation: string): Scenario {
  return scenario('5.6', row, `refuses an exchange: ${row}`, [
    a.ready(),
    a.send(1, 'exchange.declare', { exchange: '$x', type, arguments: queueArguments }),
    a.closesChannel(1, 406, explanation, declareIds),
  ])
}

const hashing: readonly Scenario[] = [
  scenario('5.6', `${hash}: one queue each`, 'routes each message to one queue', [
    a.ready(),
    a.exchange(1, '$x', hash),
    ['$q', '$r'].map((queue) => [a.declares(1, queue), a.binds(1, queue, '$x', '10')]),
    numbers.map((key) => a.publishes(1, '$x', key, key)),
    holdTogether(['$q', '$r'], numbers.length),
  ]),
  scenario('5.6', `${hash}: same key, same queue`, 'routes the same key to the same queue', [
    a.ready(),
    a.exchange(1, '$x', hash),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x', '1'),
    numbers.slice(0, 5).map(() => a.publishes(1, '$x', 'key', 'm')),
    a.drains(1, '$q', ['m', 'm', 'm', 'm', 'm']),
  ]),
  scenario('5.6', `${hash}: hash-header`, 'routes by a header, and also without it', [
    a.ready(),
    a.exchange(1, '$x', hash, { arguments: { 'hash-header': 'h' } }),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x', '1'),
    a.publishes(1, '$x', 'k', 'with', { properties: { headers: { h: 'v' } } }),
    a.publishes(1, '$x', 'k', 'number', { properties: { headers: { h: 5 } } }),
    a.publishes(1, '$x', 'k', 'without', { properties: { headers: {} } }),
    a.publishes(1, '$x', 'k', 'none'),
    a.drains(1, '$q', ['with', 'number', 'without', 'none']),
  ]),
  ...['message_id', 'correlation_id', 'timestamp'].map((property) =>
    scenario('5.6', `${hash}: hash-property ${property}`, `routes by ${property}, and also without it`, [
      a.ready(),
      a.exchange(1, '$x', hash, { arguments: { 'hash-property': property } }),
      a.declares(1, '$q'),
      a.binds(1, '$q', '$x', '1'),
      a.publishes(1, '$x', 'k', 'with', {
        properties: { correlationId: 'c', messageId: 'm', timestamp: 1_700_000_000 },
      }),
      a.publishes(1, '$x', 'k', 'without'),
      a.drains(1, '$q', ['with', 'without']),
    ]),
  ),
  scenario('5.6', `${hash}: no binding`, 'routes nowhere without a binding, and again not after the last is gone', [
    a.ready(),
    a.exchange(1, '$x', hash),
    a.publishes(1, '$x', 'k', 'one', { mandatory: true }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '$x', 'k') {} 'one'"),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x', '3'),
    a.publishes(1, '$x', 'k', 'two', { mandatory: true }),
    a.unbinds(1, '$q', '$x', '3'),
    a.publishes(1, '$x', 'k', 'three', { mandatory: true }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '$x', 'k') {} 'three'"),
    a.drains(1, '$q', ['two']),
  ]),
  bindRefused(`${hash} binding key not an integer`, hash, 'ten', 'The binding key must be an integer: <<"ten">>'),
  bindRefused(`${hash} binding key <1`, hash, '0', 'The binding key must be greater than 0'),
  scenario('5.6', `${hash} binding key >10000`, 'refuses weights above 10000', [
    a.ready(),
    a.exchange(1, '$x', hash),
    a.declares(1, '$q'),
    a.send(1, 'queue.bind', { queue: '$q', exchange: '$x', routingKey: '10001' }),
    differ(
      '§19 consistent-hash weight limit: 10000 as 4.3',
      a.closesChannel(1, 406, 'The binding key must not exceed 10000', bindIds),
      a.sees('1 queue.bind-ok()'),
    ),
  ]),
  declareRefused(
    `${hash} both hash arguments`,
    hash,
    { 'hash-header': 'h', 'hash-property': 'message_id' },
    'hash-header and hash-property are mutually exclusive',
  ),
  declareRefused(`${hash} bad property`, hash, { 'hash-property': 'app_id' }, 'Unsupported property: app_id'),
]

const others: readonly Scenario[] = [
  scenario('5.6', 'x-modulus-hash', 'routes each message to one binding, whatever its key', [
    a.ready(),
    a.exchange(1, '$x', 'x-modulus-hash'),
    ['$q', '$r'].map((queue) => [a.declares(1, queue), a.binds(1, queue, '$x', 'anything')]),
    numbers.map((key) => a.publishes(1, '$x', key, key)),
    holdTogether(['$q', '$r'], numbers.length),
  ]),
  scenario('5.6', 'x-random', 'routes each message to one random binding', [
    a.ready(),
    a.exchange(1, '$x', 'x-random'),
    ['$q', '$r'].map((queue) => [a.declares(1, queue), a.binds(1, queue, '$x', 'ignored')]),
    numbers.map((key) => a.publishes(1, '$x', key, key)),
    holdTogether(['$q', '$r'], numbers.length),
  ]),
  scenario('5.6', 'x-random: one binding', 'routes by x-random whatever the keys say', [
    a.ready(),
    a.exchange(1, '$x', 'x-random'),
    a.publishes(1, '$x', 'k', 'none', { mandatory: true }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '$x', 'k') {} 'none'"),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x', 'one'),
    a.publishes(1, '$x', 'other', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('5.6', 'x-recent-history', 'gives a newly bound queue what was published before, oldest first', [
    a.ready(),
    a.exchange(1, '$x', 'x-recent-history', { arguments: { 'x-recent-history-length': 2 } }),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x'),
    ['one', 'two', 'three'].map((body) => a.publishes(1, '$x', 'k', body)),
    a.publishes(1, '$x', 'k', 'unkept', { properties: { headers: { 'x-recent-history-no-store': true } } }),
    a.declares(1, '$r'),
    a.binds(1, '$r', '$x'),
    a.publishes(1, '$x', 'k', 'four'),
    a.drains(1, '$q', ['one', 'two', 'three', 'unkept', 'four']),
    a.drains(1, '$r', ['two', 'three', 'four']),
  ]),
  scenario('5.6', 'x-recent-history: 20 by default', 'keeps 20 messages by default', [
    a.ready(),
    a.exchange(1, '$x', 'x-recent-history'),
    numbers.slice(0, 25).map((body) => a.publishes(1, '$x', '', body)),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x'),
    a.drains(1, '$q', numbers.slice(5, 25)),
  ]),
  ...([0, -1, 'ten'] as const).map((length) =>
    declareRefused(
      `x-recent-history-length = ${length}`,
      'x-recent-history',
      { 'x-recent-history-length': length },
      `Invalid argument ${typeof length === 'string' ? `<<"${length}">>` : length}, 'x-recent-history-length' must be a positive integer`,
    ),
  ),
  ...lacking310('x-local-random', [
    scenario('5.6', 'x-local-random', 'routes to one of its queues', [
      a.ready(),
      a.exchange(1, '$x', 'x-local-random'),
      ['$q', '$r'].map((queue) => [a.declares(1, queue), a.binds(1, queue, '$x', '')]),
      numbers.map((key) => a.publishes(1, '$x', key, key)),
      holdTogether(['$q', '$r'], numbers.length),
    ]),
    bindRefused(
      'x-local-random non-empty binding key',
      'x-local-random',
      'key',
      "Non empty binding 'key' key not permitted",
    ),
    scenario('5.6', 'x-local-random, non-classic queue', 'refuses a quorum queue behind x-local-random', [
      a.ready(),
      a.exchange(1, '$x', 'x-local-random'),
      a.declares(1, '$q', { durable: true, arguments: { 'x-queue-type': 'quorum' } }),
      a.send(1, 'queue.bind', { queue: '$q', exchange: '$x', routingKey: '' }),
      a.closesChannel(1, 406, 'Queue type rabbit_quorum_queue not valid for this exchange type', bindIds),
    ]),
  ]),
]

/** A delayed exchange over `type` to which `$q` is bound with the key `k`; a consumer is waiting. */
const withDelayed: Steps = [
  a.ready(),
  a.exchange(1, '$x', delayed, delaying()),
  a.declares(1, '$q'),
  a.binds(1, '$q', '$x', 'k'),
  a.consumes(1, '$q', 'ct', { noAck: true }),
]

function delays(body: string, delay: Field): Steps {
  return a.publishes(1, '$x', 'k', body, { properties: { headers: { 'x-delay': delay } } })
}

const delayedRows: readonly Scenario[] = [
  declareRefused(
    'x-delayed-type missing',
    delayed,
    {},
    "Invalid argument, 'x-delayed-type' must be an existing exchange type",
  ),
  declareRefused(
    'x-delayed-type not a string',
    delayed,
    { 'x-delayed-type': 5 },
    "Invalid argument, 'x-delayed-type' must be an existing exchange type",
  ),
  declareRefused(
    'x-delayed-type x-delayed-message',
    delayed,
    { 'x-delayed-type': delayed },
    "Invalid argument, 'x-delayed-message' can't be used for 'x-delayed-type'",
  ),
  declareRefused('x-delayed-type unknown', delayed, { 'x-delayed-type': 'bogus' }, "unknown exchange type 'bogus'"),
  scenario('5.9', 'publish', 'delivers a message when its delay is over, with the delay negated', [
    withDelayed,
    delays('m', 150),
    a.seesAfter("1 basic.deliver('ct', 1, false, '$x', 'k') {headers:{x-delay:I-150}} 'm'", 0.13, 5),
  ]),
  scenario('5.9', 'order by due time', 'delivers by due time, not by time of publishing', [
    withDelayed,
    delays('late', 250),
    delays('early', 60),
    a.sees("1 basic.deliver('ct', 1, false, '$x', 'k') {headers:{x-delay:I-60}} 'early'"),
    a.sees("1 basic.deliver('ct', 2, false, '$x', 'k') {headers:{x-delay:I-250}} 'late'"),
  ]),
  scenario('5.9', 'x-delay of other types', 'takes delays as longs, doubles and numeric strings', [
    withDelayed,
    delays('long', ['l', 60]),
    a.seesAfter("1 basic.deliver('ct', 1, false, '$x', 'k') {headers:{x-delay:l-60}} 'long'", 0.05, 5),
    delays('double', ['d', 60.5]),
    a.skips('basic.deliver'),
    delays('text', '60'),
    a.skips('basic.deliver'),
  ]),
  scenario('5.9', 'no delay', 'routes at once without a delay, with 0, with less and with text', [
    withDelayed,
    a.publishes(1, '$x', 'k', 'none'),
    a.sees("1 basic.deliver('ct', 1, false, '$x', 'k') {} 'none'"),
    delays('zero', 0),
    a.sees("1 basic.deliver('ct', 2, false, '$x', 'k') {headers:{x-delay:I0}} 'zero'"),
    delays('negative', -5),
    a.sees("1 basic.deliver('ct', 3, false, '$x', 'k') {headers:{x-delay:I-5}} 'negative'"),
    delays('text', 'soon'),
    a.sees("1 basic.deliver('ct', 4, false, '$x', 'k') {headers:{x-delay:S'soon'}} 'text'"),
  ]),
  // The plugin routes what has more than 32 bits at once; we take the delay that was asked for.
  scenario('5.9', 'delay of 64 bits', 'delays by more than 32 bits count', [
    withDelayed,
    delays('long', ['l', 4294967296]),
    a.silence(100),
  ]),
  scenario('5.9', 'bindings of that moment', 'routes with the bindings of the moment when the delay ends', [
    a.ready(),
    a.exchange(1, '$x', delayed, delaying('topic')),
    a.declares(1, '$q'),
    a.declares(1, '$r'),
    a.binds(1, '$q', '$x', 'k'),
    a.consumes(1, '$r', 'ct', { noAck: true }),
    delays('m', 150),
    a.unbinds(1, '$q', '$x', 'k'),
    a.binds(1, '$r', '$x', '#'),
    a.sees("1 basic.deliver('ct', 1, false, '$x', 'k') {headers:{x-delay:I-150}} 'm'"),
    a.drains(1, '$q', []),
  ]),
  scenario('5.9', 'mandatory', 'returns a delayed mandatory message at once and delivers it later all the same', [
    withDelayed,
    a.calls(1, 'confirm.select', {}, 'confirm.select-ok()'),
    a.publishes(1, '$x', 'k', 'm', { mandatory: true, properties: { headers: { 'x-delay': 150 } } }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '$x', 'k') {headers:{x-delay:I150}} 'm'"),
    a.confirmed(1, [1]),
    a.sees("1 basic.deliver('ct', 1, false, '$x', 'k') {headers:{x-delay:I-150}} 'm'"),
  ]),
  scenario('5.9', 'any wrapped type', 'wraps fanout, headers and x-consistent-hash as well', [
    a.ready(),
    (
      [
        ['fanout', ''],
        ['headers', ''],
        [hash, '1'],
      ] as const
    ).map(([type, key], at) => [
      a.exchange(1, `$x${at}`, delayed, delaying(type)),
      a.declares(1, `$q${at}`),
      a.binds(1, `$q${at}`, `$x${at}`, key),
      a.consumes(1, `$q${at}`, `ct${at}`, { noAck: true }),
      a.publishes(1, `$x${at}`, 'k', 'm', { properties: { headers: { 'x-delay': 40 } } }),
      a.sees(`1 basic.deliver('ct${at}', ${at + 1}, false, '$x${at}', 'k') {headers:{x-delay:I-40}} 'm'`),
    ]),
  ]),
  scenario('5.9', 'redeclare', 'compares the arguments of a delayed exchange', [
    a.ready(),
    a.exchange(1, '$x', delayed, delaying('direct')),
    a.exchange(1, '$x', delayed, delaying('direct')),
    a.publishes(1, '$x', 'nowhere', 'm'),
    a.deletesExchange(1, '$x'),
  ]),
]

export const pluginTypes: readonly Scenario[] = [...hashing, ...others]
export const delayedMessages: readonly Scenario[] = lacking310('x-delayed-message', delayedRows).map((each) => ({
  ...each,
  section: '5.9',
}))
