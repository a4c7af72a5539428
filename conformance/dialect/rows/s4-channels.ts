// §4 of the behaviour reference: channels, and the ordering that clients rely on.

import { a, b, ids } from '../peers.ts'
import { differ, type Scenario, scenario } from '../scenario.ts'

const expectedOpen = "expected 'channel.open'"

const opening: readonly Scenario[] = [
  scenario('4', 'channel.open', 'answers channel.open with open-ok and an empty channel id', [
    a.login(),
    a.opensChannel(1),
  ]),
  scenario('4', 'open an already open channel', 'refuses a second channel.open', [
    a.ready(),
    a.send(1, 'channel.open'),
    a.closesConnection(504, "second 'channel.open' seen", '20/10'),
  ]),
  ...(
    [
      ['queue.declare', { queue: '$q' }],
      ['channel.close', {}],
      ['channel.close-ok', {}],
      ['channel.flow', { active: true }],
      ['basic.ack', { deliveryTag: 1 }],
    ] as const
  ).map(([method, values]) =>
    scenario('4', `${method} on a channel that is not open`, `refuses ${method} on a channel that is not open`, [
      a.login(),
      a.send(3, method, values),
      a.closesConnection(504, expectedOpen, ids(method)),
    ]),
  ),
  scenario(
    '4',
    'publish on a channel that is not open',
    'refuses a publish on a channel not open once it is complete',
    [a.login(), a.publishes(3, '', '$q', 'x'), a.closesConnection(504, expectedOpen, '60/40')],
  ),
  scenario('4', 'method on a closed channel', 'refuses a method on a channel that the client has closed', [
    a.ready(),
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.send(1, 'basic.qos'),
    a.closesConnection(504, expectedOpen, '60/10'),
  ]),
  scenario('4', 'number of open channels', 'refuses one channel more than channel-max', [
    a.login({ channelMax: 2 }),
    a.opensChannel(1),
    a.opensChannel(2),
    a.send(3, 'channel.open'),
    a.closesConnection(530, 'number of channels opened (2) has reached the negotiated channel_max (2)', '0/0'),
  ]),
  scenario('4', 'number of open channels, after a close', 'counts only channels that are open', [
    a.login({ channelMax: 2 }),
    a.opensChannel(1),
    a.opensChannel(2),
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.opensChannel(3),
  ]),
  scenario('4', 'channel number greater than channel-max', 'accepts channel numbers above channel-max', [
    a.login({ channelMax: 2 }),
    a.opensChannel(65535),
    a.opensChannel(7),
    a.answers(65535),
  ]),
]

const closing: readonly Scenario[] = [
  scenario('4', 'channel.close by client', 'answers channel.close; the number is free at once', [
    a.ready(),
    a.calls(1, 'channel.close', { replyCode: 200 }, 'channel.close-ok()'),
    a.opensChannel(1),
    a.answers(1),
  ]),
  scenario('4', 'channel.close: publishes', 'processes what was published before channel.close', [
    a.ready(),
    a.opensChannel(2),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'one'),
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.drains(2, '$q', ['one']),
  ]),
  scenario('4', 'channel.close: unacked', 'has requeued unacked messages when it answers channel.close', [
    a.ready(),
    a.opensChannel(2),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'one'),
    a.publishes(1, '', '$q', 'two'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 1) {} 'one'"),
    a.gets(1, '$q', "get-ok(2, false, '', '$q', 0) {} 'two'"),
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.gets(2, '$q', "get-ok(1, true, '', '$q', 1) {} 'one'"),
    a.gets(2, '$q', "get-ok(2, true, '', '$q', 0) {} 'two'"),
  ]),
  scenario('4', 'channel.close ends consumers', 'ends the consumers of a closed channel', [
    a.ready(),
    a.opensChannel(2),
    a.declares(1, '$q'),
    a.consumes(1, '$q', 'ct'),
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.calls(2, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 0, 0)"),
  ]),
]

const notFromClients: readonly (readonly [method: string, values: { readonly [field: string]: unknown }])[] = [
  ['channel.close-ok', {}],
  ['channel.flow-ok', { active: true }],
  ['channel.open-ok', {}],
  ['access.request-ok', { ticket: 1 }],
  ['exchange.declare-ok', {}],
  ['exchange.unbind-ok', {}],
  ['queue.declare-ok', { queue: '$q' }],
  ['queue.bind-ok', {}],
  ['queue.purge-ok', {}],
  ['queue.delete-ok', {}],
  ['basic.qos-ok', {}],
  ['basic.consume-ok', { consumerTag: 'ct' }],
  ['basic.get-empty', {}],
  ['basic.recover-ok', {}],
  ['tx.select-ok', {}],
  ['confirm.select-ok', {}],
  ['connection.start-ok', { mechanism: 'PLAIN' }],
  ['connection.open', { virtualHost: '/' }],
  ['connection.close', { replyCode: 200 }],
  ['connection.close-ok', {}],
  ['connection.blocked', { reason: 'x' }],
]

const misplaced: readonly Scenario[] = [
  ...notFromClients.map(([method, values]) =>
    scenario('4', `${method} from a client`, `refuses ${method} on a channel`, [
      a.ready(),
      a.send(1, method, values),
      a.closesConnection(503, 'unimplemented method', ids(method)),
    ]),
  ),
  scenario('4', 'basic.deliver from a client', 'refuses a delivery from a client', [
    a.ready(),
    a.send(1, 'basic.deliver', { consumerTag: 'ct', deliveryTag: 1 }),
    a.header(1, 0),
    a.closesConnection(503, 'unimplemented method', '60/60'),
  ]),
  scenario('4', 'basic.cancel-ok from client', 'ignores cancel-ok', [
    a.ready(),
    a.send(1, 'basic.cancel-ok', { consumerTag: 'ct' }),
    differ(
      '§19 basic.cancel-ok from client: ignore; 503 up to 4.0',
      a.answers(1),
      a.closesConnection(503, 'unimplemented method', '60/31'),
    ),
  ]),
  scenario('4', 'channel.flow active=true', 'answers channel.flow active=true', [
    a.ready(),
    a.calls(1, 'channel.flow', { active: true }, 'channel.flow-ok(true)'),
  ]),
  scenario('4', 'channel.flow active=false', 'does not implement channel.flow active=false', [
    a.ready(),
    a.send(1, 'channel.flow', { active: false }),
    a.closesConnection(540, 'active=false', '20/20'),
  ]),
  scenario('4', 'access.request', 'answers access.request with ticket 1 without checks', [
    a.ready(),
    a.calls(1, 'access.request', { realm: '/data', active: true }, 'access.request-ok(1)'),
  ]),
]

const ordering: readonly Scenario[] = [
  scenario('4.1', 'replies', 'sends replies in the order of the requests', [
    a.ready(),
    a.write(
      ...['$p', '$q', '$r'].map((queue) => ({
        frame: 'method' as const,
        channel: 1,
        name: 'queue.declare',
        values: { queue },
      })),
      { frame: 'method', channel: 1, name: 'basic.qos', values: {} },
      { frame: 'method', channel: 1, name: 'queue.delete', values: { queue: '$p' } },
    ),
    a.sees("1 queue.declare-ok('$p', 0, 0)"),
    a.sees("1 queue.declare-ok('$q', 0, 0)"),
    a.sees("1 queue.declare-ok('$r', 0, 0)"),
    a.sees('1 basic.qos-ok()'),
    a.sees('1 queue.delete-ok(0)'),
  ]),
  scenario('4.1', 'publish → get', 'shows a message to a basic.get behind its publish', [
    a.ready(),
    a.declares(1, '$q'),
    Array.from({ length: 5 }, (_, at) => [
      a.publishes(1, '', '$q', `m${at}`),
      a.gets(1, '$q', `get-ok(${at + 1}, false, '', '$q', 0) {} 'm${at}'`, true),
    ]),
  ]),
  scenario('4.1', 'consume-ok before deliver', 'sends consume-ok before the first delivery', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.consumes(1, '$q', 'ct'),
    a.delivered(1, 'ct', 1, '$q', 'm'),
  ]),
  scenario('4.1', 'cancel-ok after the last deliver', 'delivers nothing for a tag after cancel-ok', [
    a.ready(),
    a.declares(1, '$q'),
    a.consumes(1, '$q', 'ct', { noAck: true }),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    a.publishes(1, '', '$q', 'm'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
  ]),
  scenario('4.1', 'delete-ok before basic.cancel', 'sends delete-ok before the cancellation on the same channel', [
    a.ready(),
    a.declares(1, '$q'),
    a.consumes(1, '$q', 'ct'),
    a.deletesQueue(1, '$q', 0),
    a.sees("1 basic.cancel('ct', true)"),
  ]),
  scenario('4.1', 'return before ack', 'sends basic.return before the confirm of the same publish', [
    a.ready(),
    a.calls(1, 'confirm.select', {}, 'confirm.select-ok()'),
    a.publishes(1, '', '$nowhere', 'm', { mandatory: true }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '', '$nowhere') {} 'm'"),
    a.confirmed(1, [1]),
  ]),
  scenario('4.1', 'return before commit-ok', 'sends returns before commit-ok', [
    a.ready(),
    a.calls(1, 'tx.select', {}, 'tx.select-ok()'),
    a.publishes(1, '', '$nowhere', 'm', { mandatory: true }),
    a.send(1, 'tx.commit'),
    a.sees("1 basic.return(312, 'NO_ROUTE', '', '$nowhere') {} 'm'"),
    a.sees('1 tx.commit-ok()'),
  ]),
  scenario('4.1', 'FIFO', 'keeps the order of one channel through one exchange to one queue', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q'),
    a.binds(1, '$q', 'amq.fanout'),
    a.write(
      ...Array.from({ length: 50 }, (_, at) => ({
        frame: 'publish' as const,
        channel: 1,
        values: { exchange: '', routingKey: '$q' },
        properties: {},
        body: String(at),
      })),
    ),
    a.answers(1),
    a.unbinds(1, '$q', 'amq.fanout'),
    a.drains(
      1,
      '$q',
      Array.from({ length: 50 }, (_, at) => String(at)),
    ),
  ]),
]

export const channels: readonly Scenario[] = [...opening, ...closing, ...misplaced]
export const orderingGuarantees: readonly Scenario[] = ordering
