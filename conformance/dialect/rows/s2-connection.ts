// §2.5–2.9 of the behaviour reference: tuning, opening a vhost, channel 0, the end of a connection, heartbeats.

import { a, b, hex } from '../peers.ts'
import { type Scenario, type Steps, scenario } from '../scenario.ts'

const opened = a.sees("0 connection.open-ok('')")
const silentClose = a.closed(2, 5)

/** Tuning with these values, then open. */
function tunes(values: {
  readonly channelMax?: number
  readonly frameMax?: number
  readonly heartbeatSeconds?: number
}) {
  return [a.tuned(), a.tunesOk(values), a.opensVhost()]
}

const tuning: readonly Scenario[] = [
  scenario('2.5', 'offer', 'offers channel-max 2047, frame-max 131072 and heartbeat 60', [
    a.greets(),
    a.startsOk({}),
    a.sees('0 connection.tune(2047, 131072, 60)'),
  ]),
  ...[1, 2047].map((channelMax) =>
    scenario('2.5', `channel-max ${channelMax}`, `accepts channel-max ${channelMax}`, [tunes({ channelMax }), opened]),
  ),
  ...[0, 2048].map((channelMax) =>
    scenario('2.5', `channel-max ${channelMax}`, `ends TCP silently after channel-max ${channelMax}`, [
      tunes({ channelMax }),
      silentClose,
    ]),
  ),
  ...[4096, 8192, 131072].map((frameMax) =>
    scenario('2.5', `frame-max ${frameMax}`, `accepts frame-max ${frameMax}`, [tunes({ frameMax }), opened]),
  ),
  ...[0, 4095, 131073].map((frameMax) =>
    scenario('2.5', `frame-max ${frameMax}`, `ends TCP silently after frame-max ${frameMax}`, [
      tunes({ frameMax }),
      silentClose,
    ]),
  ),
  ...[0, 61, 600, 65535].map((heartbeatSeconds) =>
    scenario('2.5', `heartbeat ${heartbeatSeconds}`, `takes heartbeat ${heartbeatSeconds} as it is`, [
      tunes({ heartbeatSeconds }),
      opened,
    ]),
  ),
]

const opening: readonly Scenario[] = [
  scenario('2.6', 'ok', 'answers open with open-ok and no known hosts', [tunes({}), opened]),
  scenario('2.6', 'unknown vhost', 'refuses a vhost that does not exist', [
    a.tuned(),
    a.tunesOk({}),
    a.opensVhost('nowhere'),
    a.closesConnection(530, 'vhost nowhere not found', '10/40'),
    a.send(0, 'connection.close-ok'),
    a.closed(0, 1),
  ]),
  scenario('2.6', 'empty vhost', 'refuses the empty vhost with two spaces in the text', [
    a.tuned(),
    a.tunesOk({}),
    a.opensVhost(''),
    a.closesConnection(530, 'vhost  not found', '10/40'),
  ]),
]

const outOfPlace: readonly (readonly [method: string, ids: string, values: { readonly [field: string]: unknown }])[] = [
  ['connection.open', '10/40', { virtualHost: '/' }],
  ['connection.start-ok', '10/11', { mechanism: 'PLAIN', response: '\0guest\0guest', locale: 'en_US' }],
  ['connection.tune-ok', '10/31', { channelMax: 2047, frameMax: 131072 }],
  ['connection.secure-ok', '10/21', {}],
  ['channel.open', '20/10', {}],
  ['channel.close-ok', '20/41', {}],
  ['queue.declare', '50/10', { queue: '$q' }],
  ['exchange.declare', '40/10', { exchange: '$x', type: 'direct' }],
  ['basic.qos', '60/10', {}],
  ['basic.publish', '60/40', {}],
  ['tx.select', '90/10', {}],
  ['confirm.select', '85/10', {}],
]

const channelZero: readonly Scenario[] = outOfPlace.map(([method, ids, values]) =>
  scenario('2.7', `${method} on channel 0`, `refuses ${method} on channel 0 of an open connection`, [
    a.login(),
    a.send(0, method, values),
    a.closesConnection(504, 'unexpected method in connection state running', ids),
  ]),
)

const close: Steps = a.calls(0, 'connection.close', { replyCode: 200 }, 'connection.close-ok()')

const closing: readonly Scenario[] = [
  scenario('2.7', 'connection.close', 'answers close with close-ok and leaves the socket to the client, heartbeat 2', [
    a.login({ heartbeatSeconds: 2 }),
    close,
    a.closed(1.3, 4),
  ]),
  scenario('2.7', 'connection.close, heartbeat 0', 'gives up waiting for the client to close TCP after 30 s', [
    a.login(),
    close,
    a.closed(27, 34),
  ]),
  scenario('2.7', 'connection.close: publishes', 'processes everything published before connection.close', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'one'),
    a.publishes(1, '', '$q', 'two'),
    close,
    b.drains(1, '$q', ['one', 'two']),
  ]),
  scenario('2.7', 'connection.close: unacked', 'has requeued unacked messages when it sends close-ok', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'one'),
    a.consumes(1, '$q', 'ct'),
    a.delivered(1, 'ct', 1, '$q', 'one'),
    close,
    b.gets(1, '$q', "get-ok(1, true, '', '$q', 0) {} 'one'", true),
  ]),
  scenario('2.7', 'connection.close: exclusive', 'has deleted exclusive queues when it sends close-ok', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q', { exclusive: true }),
    close,
    b.send(1, 'queue.declare', { queue: '$q', passive: true }),
    b.closesChannel(1, 404, "no queue '$q' in vhost '/'", '50/10'),
  ]),
  scenario('2.7', 'connection.update-secret', 'answers update-secret', [
    a.ready(),
    a.calls(0, 'connection.update-secret', { newSecret: 'other', reason: 'rotation' }, 'connection.update-secret-ok()'),
    a.answers(1),
  ]),
  scenario('2.7', 'TCP drop: unacked', 'requeues unacked messages of a connection that was dropped', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'one'),
    a.consumes(1, '$q', 'ct'),
    a.delivered(1, 'ct', 1, '$q', 'one'),
    a.drop(),
    b.eventually(1, 'basic.get', { queue: '$q', noAck: true }, "basic.get-ok(1, true, '', '$q', 0) {} 'one'"),
  ]),
  scenario('2.7', 'TCP drop: exclusive', 'deletes exclusive queues of a connection that was dropped', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q', { exclusive: true }),
    a.drop(),
    b.eventually(
      1,
      'queue.declare',
      { queue: '$q', passive: true },
      "channel.close 404 \"NOT_FOUND - no queue '$q' in vhost '/'\" 50/10",
    ),
  ]),
  scenario('2.7', 'TCP reset', 'treats a reset like any other end of the connection', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q', { exclusive: true }),
    a.reset(),
    b.eventually(1, 'queue.declare', { queue: '$q' }, "queue.declare-ok('$q', 0, 0)"),
  ]),
]

const stillAlive = [a.sees('0 heartbeat'), a.frame(8, 0, Buffer.alloc(0))]
const flow = hex('01 0001 00000005 0014 0014 01 ce')

const heartbeats: readonly Scenario[] = [
  scenario('2.9', 'sending', 'sends a heartbeat after half the interval and again after each half', [
    a.login({ heartbeatSeconds: 2 }),
    a.seesAfter('0 heartbeat', 0.6, 1.7),
    a.seesAfter('0 heartbeat', 0.6, 1.7),
  ]),
  scenario('2.9', 'receiving', 'ends TCP without a word when nothing arrives for two to three intervals', [
    a.login({ heartbeatSeconds: 1 }),
    a.closed(1.6, 4.2),
  ]),
  scenario('2.9', 'receiving, longer interval', 'measures silence in the negotiated interval', [
    a.login({ heartbeatSeconds: 3 }),
    a.closed(5.5, 10.5),
  ]),
  scenario('2.9', 'heartbeats keep the connection', 'keeps a connection that sends nothing but heartbeats', [
    a.ready({ heartbeatSeconds: 1 }),
    Array.from({ length: 8 }, () => stillAlive),
    a.send(1, 'channel.flow', { active: true }),
    a.seesInAnyOrder('1 channel.flow-ok(true)'),
  ]),
  scenario('2.9', 'any inbound bytes count', 'keeps a connection whose frame arrives one octet at a time', [
    a.ready({ heartbeatSeconds: 1 }),
    [...flow.subarray(0, -1)].map((octet) => [a.sees('0 heartbeat'), a.raw('octet', Buffer.from([octet]))]),
    a.raw('octet', flow.subarray(-1)),
    a.sees('1 channel.flow-ok(true)'),
  ]),
  scenario('2.9', 'heartbeat 0', 'sends no heartbeats and expects none when the interval is 0', [
    a.ready(),
    a.silence(4000),
    a.answers(1),
  ]),
  scenario('2.9', 'heartbeat frame with a payload', 'refuses a heartbeat frame with a payload', [
    a.ready(),
    a.frame(8, 0, Buffer.from('zz')),
    a.closesConnection(501, 'type 8, all octets = <<"zz">>: unknown_frame', '0/0'),
  ]),
  scenario('2.9', 'heartbeat frame on an open channel', 'refuses a heartbeat frame on an open channel', [
    a.ready(),
    a.frame(8, 1, Buffer.alloc(0)),
    a.closesConnection(505, 'type 8, all octets = <<>>', '0/0'),
  ]),
  scenario('2.9', 'heartbeat frame on a channel that is not open', 'refuses a heartbeat frame on a channel not open', [
    a.ready(),
    a.frame(8, 9, Buffer.alloc(0)),
    a.closesConnection(505, 'type 8, all octets = <<>>', '0/0'),
  ]),
]

export const connection: readonly Scenario[] = [...tuning, ...opening, ...channelZero, ...closing, ...heartbeats]
