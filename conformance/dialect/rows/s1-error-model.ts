// §1 of the behaviour reference: what an error closes, and what happens on a channel or connection that is closing.

import { a, b, hex, ids, method } from '../peers.ts'
import { type Scenario, scenario } from '../scenario.ts'

const noQueue = "no queue '$q' in vhost '/'"
const longName = 'q'.repeat(250)

/** Two peers, and a queue with a message that the other one gets once it is back. */
const withMessage = [a.ready(), b.ready(), a.declares(1, '$q'), a.publishes(1, '', '$q', 'm')]
const getsItAgain = b.eventually(
  1,
  'basic.get',
  { queue: '$q', noAck: true },
  "basic.get-ok(1, true, '', '$q', 0) {} 'm'",
)

/** A passive declare of a queue that is not there: the plainest soft error. */
const softError = [
  a.send(1, 'queue.declare', { queue: '$gone', passive: true }),
  a.sees(`1 channel.close 404 "NOT_FOUND - no queue '$gone' in vhost '/'" 50/10`),
]

/** A second channel.open: the plainest hard error. */
const hardError = [a.send(1, 'channel.open'), a.closesConnection(504, "second 'channel.open' seen", '20/10')]

const scopes: readonly Scenario[] = [
  scenario('1.1', 'soft error on channel n>0', 'closes only the channel on which a soft error happened', [
    a.ready(),
    a.opensChannel(7),
    a.send(7, 'queue.declare', { queue: '$q', passive: true }),
    a.closesChannel(7, 404, noQueue, '50/10'),
    a.answers(1),
  ]),
  scenario(
    '1.1',
    'hard error on any channel',
    'closes the connection on channel 0 when a hard error happens on a channel',
    [
      a.ready(),
      a.opensChannel(7),
      a.send(7, 'channel.open'),
      a.closesConnection(504, "second 'channel.open' seen", '20/10'),
    ],
  ),
  scenario('1.1', 'soft error raised while on channel 0', 'answers a soft error on channel 0 with connection.close', [
    a.greets(),
    a.startsOk({ response: '\0guest\0wrong' }),
    a.closesConnection(
      403,
      'Login was refused using authentication mechanism PLAIN. For details see the broker logfile.',
      '0/0',
    ),
  ]),
  scenario('1.1', 'reply-text at most 255', 'cuts a reply-text to 255 characters that end in three dots', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: longName, passive: true }),
    a.sees(`1 channel.close 404 "${`NOT_FOUND - no queue '${longName}`.slice(0, 252)}..." 50/10`),
  ]),
  scenario(
    '1.1',
    'unexpected internal failure',
    'names an internal failure with nothing but INTERNAL_ERROR and ids 0/0',
    [
      a.ready(),
      a.send(1, 'basic.publish', { routingKey: '$q' }),
      a.header(1, 0, {}, { properties: hex('8000 0531') }),
      a.closesConnection(541, '', '0/0'),
    ],
  ),
  scenario('1.1', 'content-carrying failure', 'reports 60/40 for a failure that the header frame reveals', [
    a.ready(),
    a.publishes(1, '', '$q', 'x', { properties: { expiration: 'soon' } }),
    a.closesChannel(1, 406, "invalid expiration 'soon': no_integer", ids('basic.publish')),
  ]),
  scenario('1.1', 'nowait methods', 'closes the channel for an error of a nowait method', [
    a.ready(),
    a.send(1, 'queue.bind', { queue: '$q', exchange: '$x', nowait: true }),
    a.closesChannel(1, 404, "no exchange '$x' in vhost '/'", '50/20'),
  ]),
  scenario('1.1', 'class-id / method-id', 'gives the ids of the method that failed', [
    a.ready(),
    a.send(1, 'queue.purge', { queue: '$q' }),
    a.closesChannel(1, 404, noQueue, '50/30'),
    a.reopens(1),
    a.send(1, 'basic.get', { queue: '$q' }),
    a.closesChannel(1, 404, noQueue, '60/70'),
    a.reopens(1),
    a.send(1, 'basic.consume', { queue: '$q' }),
    a.closesChannel(1, 404, noQueue, '60/20'),
  ]),
]

const afterSoftError: readonly Scenario[] = [
  scenario('1.2', 'further methods', 'drops methods on a closing channel until close-ok', [
    a.ready(),
    softError,
    a.send(1, 'queue.declare', { queue: '$q' }),
    a.send(1, 'basic.qos', { prefetchSize: 1 }),
    a.reopens(1),
    a.send(1, 'queue.declare', { queue: '$q', passive: true }),
    a.closesChannel(1, 404, noQueue, '50/10'),
  ]),
  scenario('1.2', 'further content', 'drops whole messages on a closing channel', [
    a.ready(),
    a.declares(1, '$q'),
    softError,
    a.publishes(1, '', '$q', 'lost'),
    a.publishes(1, '$missing', '$q', 'lost too'),
    a.reopens(1),
    a.drains(1, '$q', []),
  ]),
  scenario(
    '1.2',
    'half-sent message before close-ok',
    'still checks content framing on a closing channel: a body is due',
    [
      a.ready(),
      softError,
      a.send(1, 'basic.publish', { routingKey: '$q' }),
      a.header(1, 10),
      a.body(1, 'half '),
      a.send(1, 'channel.close-ok'),
      a.closesConnection(505, 'expected content body, got non content body frame instead', '60/40'),
    ],
  ),
  scenario('1.2', 'half-sent message completed', 'accepts close-ok once a half-sent message is complete', [
    a.ready(),
    softError,
    a.send(1, 'basic.publish', { routingKey: '$q' }),
    a.header(1, 10),
    a.body(1, 'half '),
    a.body(1, 'whole'),
    a.reopens(1),
  ]),
  scenario(
    '1.2',
    'content header due before close-ok',
    'still checks content framing on a closing channel: a header is due',
    [
      a.ready(),
      softError,
      a.send(1, 'basic.publish', { routingKey: '$q' }),
      a.send(1, 'channel.close-ok'),
      a.closesConnection(505, 'expected content header for class 60, got non content header frame instead', '60/40'),
    ],
  ),
  scenario('1.2', 'channel.open before close-ok', 'refuses channel.open on a closing channel', [
    a.ready(),
    softError,
    a.send(1, 'channel.open'),
    a.closesConnection(504, "second 'channel.open' seen", '20/10'),
  ]),
  scenario('1.2', 'crossing channel.close', 'answers a crossing channel.close and frees the number after close-ok', [
    a.ready(),
    softError,
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.reopens(1),
  ]),
  scenario('1.2', 'crossing channel.close, number', 'keeps the number taken after a crossing close until close-ok', [
    a.ready(),
    softError,
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.send(1, 'channel.open'),
    a.closesConnection(504, "second 'channel.open' seen", '20/10'),
  ]),
  scenario('1.2', 'deliveries held by consumers', 'requeues what consumers hold as soon as the error is raised', [
    withMessage,
    a.consumes(1, '$q', 'ct'),
    a.delivered(1, 'ct', 1, '$q', 'm'),
    softError,
    getsItAgain,
  ]),
  scenario('1.2', 'deliveries obtained with basic.get', 'requeues what basic.get obtained at close-ok, not before', [
    withMessage,
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    softError,
    b.getsNothing(1, '$q'),
    a.send(1, 'channel.close-ok'),
    getsItAgain,
  ]),
  scenario(
    '1.2',
    'basic.get beside a consumer',
    'requeues what basic.get obtained from a queue that the channel consumes',
    [
      withMessage,
      a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
      a.consumes(1, '$q', 'ct'),
      softError,
      getsItAgain,
    ],
  ),
  scenario('1.2', 'deliveries of a cancelled consumer', 'requeues at close-ok what a cancelled consumer holds', [
    withMessage,
    a.consumes(1, '$q', 'ct'),
    a.delivered(1, 'ct', 1, '$q', 'm'),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    softError,
    b.getsNothing(1, '$q'),
    a.send(1, 'channel.close-ok'),
    getsItAgain,
  ]),
  scenario('1.2', 'reopening', 'lets the number be opened again directly behind close-ok', [
    a.ready(),
    softError,
    a.reopens(1),
    softError,
    a.reopens(1),
    a.answers(1),
  ]),
  scenario('1.2', 'uncommitted tx', 'discards an uncommitted transaction', [
    a.ready(),
    a.declares(1, '$q'),
    a.calls(1, 'tx.select', {}, 'tx.select-ok()'),
    a.publishes(1, '', '$q', 'uncommitted'),
    softError,
    a.reopens(1),
    a.drains(1, '$q', []),
    a.send(1, 'tx.commit'),
    a.closesChannel(1, 406, 'channel is not transactional', '90/20'),
  ]),
]

const afterHardError: readonly Scenario[] = [
  scenario('1.3', 'frames after the close', 'ignores every frame but close and close-ok after connection.close', [
    a.ready(),
    b.ready(),
    hardError,
    a.send(2, 'channel.open'),
    a.send(1, 'queue.declare', { queue: '$q' }),
    a.publishes(1, '', '$q', 'x'),
    a.frame(8, 0, Buffer.alloc(0)),
    a.calls(0, 'connection.close', { replyCode: 200 }, 'connection.close-ok()'),
    b.send(1, 'queue.declare', { queue: '$q', passive: true }),
    b.closesChannel(1, 404, noQueue, '50/10'),
  ]),
  scenario('1.3', 'client close-ok', 'ends TCP at once when the client answers close-ok', [
    a.ready(),
    hardError,
    a.send(0, 'connection.close-ok'),
    a.closed(0, 1),
  ]),
  scenario('1.3', 'crossing connection.close', 'answers a crossing connection.close with close-ok', [
    a.ready(),
    hardError,
    a.calls(0, 'connection.close', { replyCode: 200 }, 'connection.close-ok()'),
  ]),
  scenario('1.3', 'client says nothing, heartbeat 0', 'ends TCP 30 s after an unanswered close without heartbeats', [
    a.ready(),
    hardError,
    a.closed(27, 34),
  ]),
  scenario('1.3', 'client says nothing, heartbeat 4', 'ends TCP one heartbeat interval after an unanswered close', [
    a.ready({ heartbeatSeconds: 4 }),
    hardError,
    a.closed(2.8, 6),
  ]),
  scenario('1.3', 'lost sync', 'reads nothing more after a bad frame end and ends TCP 3 s later', [
    a.ready(),
    a.frame(1, 1, hex('0014 0014 01'), 0),
    a.skips('connection.close'),
    a.send(0, 'connection.close-ok'),
    a.closed(2, 5),
  ]),
  scenario('1.3', 'exclusive queues', 'deletes exclusive queues before it sends connection.close', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q', { exclusive: true }),
    hardError,
    b.send(1, 'queue.declare', { queue: '$q', passive: true }),
    b.closesChannel(1, 404, noQueue, '50/10'),
  ]),
  scenario(
    '1.3',
    'exclusive queue declared beside the error',
    'keeps no exclusive queue declared just before a hard error',
    [
      a.ready(),
      a.opensChannel(2),
      a.write(method(1, 'queue.declare', { queue: '$q', exclusive: true }), method(2, 'channel.open')),
      a.skipsTo('connection.close'),
      a.drop(),
      b.ready(),
      b.eventually(
        1,
        'queue.declare',
        { queue: '$q', passive: true },
        `channel.close 404 "NOT_FOUND - ${noQueue}" 50/10`,
      ),
    ],
  ),
  scenario('1.3', 'exclusive queue declared beside the end', 'keeps no exclusive queue declared just before TCP ends', [
    a.ready(),
    b.ready(),
    Array.from({ length: 5 }, (_, at) => a.send(1, 'queue.declare', { queue: `$q${at}`, exclusive: true })),
    a.drop(),
    Array.from({ length: 5 }, (_, at) =>
      b.eventually(1, 'queue.declare', { queue: `$q${at}` }, `queue.declare-ok('$q${at}', 0, 0)`),
    ),
  ]),
]

export const errorModel: readonly Scenario[] = [...scopes, ...afterSoftError, ...afterHardError]
