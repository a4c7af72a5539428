// §7.6 of the behaviour reference: ack, nack, reject, recover, and where requeued messages go.

import { a, b } from '../peers.ts'
import { type Scenario, type Steps, scenario } from '../scenario.ts'

/** `$q` holding these messages, all taken with basic.get on channel 1 under tags 1..n. */
function taken(...bodies: readonly string[]): Steps {
  return [
    a.ready(),
    a.declares(1, '$q'),
    bodies.map((body) => a.publishes(1, '', '$q', body)),
    bodies.map((body, at) =>
      a.gets(1, '$q', `get-ok(${at + 1}, false, '', '$q', ${bodies.length - at - 1}) {} '${body}'`),
    ),
  ]
}

const unknown = (tag: number) => `unknown delivery tag ${tag}`

const unknownTags: readonly Scenario[] = [
  ...(
    [
      ['basic.ack', '60/80', {}],
      ['basic.reject', '60/90', { requeue: true }],
      ['basic.nack', '60/120', { requeue: true }],
    ] as const
  ).map(([method, ids, values]) =>
    scenario('7.6', `unknown tag: ${method}`, `closes the channel for ${method} of an unknown tag`, [
      a.ready(),
      a.send(1, method, { deliveryTag: 5, ...values }),
      a.closesChannel(1, 406, unknown(5), ids),
    ]),
  ),
  scenario('7.6', 'already settled', 'closes the channel for a second ack', [
    taken('a'),
    a.acks(1, 1),
    a.acks(1, 1),
    a.closesChannel(1, 406, unknown(1), '60/80'),
  ]),
  scenario('7.6', 'rejected, then acked', 'closes the channel for an ack behind a reject', [
    taken('a'),
    a.rejects(1, 1, false),
    a.acks(1, 1),
    a.closesChannel(1, 406, unknown(1), '60/80'),
  ]),
  scenario('7.6', 'no-ack tag', 'closes the channel for an ack of a no-ack delivery', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'", true),
    a.acks(1, 1),
    a.closesChannel(1, 406, unknown(1), '60/80'),
  ]),
  scenario('7.6', "other channel's tag", 'closes the channel for an ack on another channel', [
    taken('a'),
    a.opensChannel(2),
    a.acks(2, 1),
    a.closesChannel(2, 406, unknown(1), '60/80'),
    a.acks(1, 1),
    a.answers(1),
  ]),
  scenario('7.6', 'multiple above the last outstanding', 'closes the channel for multiple with a tag too high', [
    taken('a', 'b'),
    a.acks(1, 3, true),
    a.closesChannel(1, 406, unknown(3), '60/80'),
  ]),
  scenario('7.6', 'tag 0 without multiple', 'closes the channel for tag 0 without multiple', [
    taken('a'),
    a.acks(1, 0),
    a.closesChannel(1, 406, unknown(0), '60/80'),
  ]),
  scenario('7.6', 'multiple requires the tag itself', 'closes the channel for multiple with a tag that is settled', [
    taken('a', 'b', 'c'),
    a.acks(1, 2),
    a.acks(1, 2, true),
    a.closesChannel(1, 406, unknown(2), '60/80'),
  ]),
  scenario('7.6', 'huge tag', 'prints tags beyond 32 bits', [
    a.ready(),
    a.send(1, 'basic.ack', { deliveryTag: 9_007_199_254_740_991n }),
    a.closesChannel(1, 406, 'unknown delivery tag 9007199254740991', '60/80'),
  ]),
]

const multiple: readonly Scenario[] = [
  scenario('7.6', 'multiple, tag 0', 'settles everything outstanding with multiple and tag 0', [
    taken('a', 'b', 'c'),
    a.acks(1, 0, true),
    a.acks(1, 1),
    a.closesChannel(1, 406, unknown(1), '60/80'),
  ]),
  scenario('7.6', 'multiple, tag 0, none outstanding', 'accepts multiple and tag 0 with nothing outstanding', [
    a.ready(),
    a.acks(1, 0, true),
    a.nacks(1, 0, { multiple: true }),
    a.answers(1),
  ]),
  scenario('7.6', 'multiple, tag n', 'settles everything up to the tag with multiple', [
    taken('a', 'b', 'c'),
    a.acks(1, 2, true),
    a.acks(1, 3),
    a.answers(1),
    a.acks(1, 1),
    a.closesChannel(1, 406, unknown(1), '60/80'),
  ]),
  scenario('7.6', 'nack multiple', 'requeues everything up to the tag with nack multiple', [
    taken('a', 'b', 'c'),
    a.nacks(1, 2, { multiple: true }),
    a.gets(1, '$q', "get-ok(4, true, '', '$q', 1) {} 'a'"),
    a.gets(1, '$q', "get-ok(5, true, '', '$q', 0) {} 'b'"),
  ]),
]

const requeueing: readonly Scenario[] = [
  scenario('7.6', 'reject requeue=false', 'drops what is rejected without requeue', [
    taken('a', 'b', 'c'),
    a.rejects(1, 1, false),
    a.nacks(1, 2, { requeue: false }),
    a.acks(1, 3),
    a.drains(1, '$q', []),
  ]),
  scenario('7.6', 'reject requeue=true', 'requeues what is rejected with requeue', [
    taken('a'),
    a.rejects(1, 1, true),
    a.gets(1, '$q', "get-ok(2, true, '', '$q', 0) {} 'a'"),
  ]),
  scenario('7.6', 'requeue position', 'returns messages to their old places', [
    a.ready(),
    a.declares(1, '$q'),
    ['0', '1', '2', '3', '4'].map((body) => a.publishes(1, '', '$q', body)),
    ['0', '1', '2'].map((body, at) => a.gets(1, '$q', `get-ok(${at + 1}, false, '', '$q', ${4 - at}) {} '${body}'`)),
    a.nacks(1, 2),
    a.gets(1, '$q', "get-ok(4, true, '', '$q', 2) {} '1'"),
    a.gets(1, '$q', "get-ok(5, false, '', '$q', 1) {} '3'"),
    a.nacks(1, 3),
    a.nacks(1, 1),
    a.gets(1, '$q', "get-ok(6, true, '', '$q', 2) {} '0'"),
    a.gets(1, '$q', "get-ok(7, true, '', '$q', 1) {} '2'"),
    a.gets(1, '$q', "get-ok(8, false, '', '$q', 0) {} '4'"),
  ]),
  scenario('7.6', 'connection loss', 'requeues to their places what a lost connection held', [
    a.ready(),
    b.ready(),
    b.declares(1, '$q'),
    ['0', '1', '2', '3'].map((body) => b.publishes(1, '', '$q', body)),
    b.answers(1),
    ['0', '1', '2'].map((body, at) => a.gets(1, '$q', `get-ok(${at + 1}, false, '', '$q', ${3 - at}) {} '${body}'`)),
    a.acks(1, 2),
    a.answers(1),
    a.drop(),
    b.eventually(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 3, 0)"),
    b.gets(1, '$q', "get-ok(1, true, '', '$q', 2) {} '0'"),
    b.gets(1, '$q', "get-ok(2, true, '', '$q', 1) {} '2'"),
    b.gets(1, '$q', "get-ok(3, false, '', '$q', 0) {} '3'"),
  ]),
  scenario('7.6', 'requeue to a consumer', 'delivers a requeued message again, marked redelivered', [
    a.ready(),
    a.declares(1, '$q'),
    a.consumes(1, '$q', 'ct'),
    a.publishes(1, '', '$q', 'm'),
    a.delivered(1, 'ct', 1, '$q', 'm'),
    a.rejects(1, 1),
    a.delivered(1, 'ct', 2, '$q', 'm', true),
    a.nacks(1, 2),
    a.delivered(1, 'ct', 3, '$q', 'm', true),
    a.acks(1, 3),
    a.answers(1),
  ]),
]

const recovering: readonly Scenario[] = [
  scenario('7.6', 'recover requeue=true', 'requeues everything outstanding with basic.recover', [
    taken('a', 'b', 'c'),
    a.acks(1, 2),
    a.calls(1, 'basic.recover', { requeue: true }, 'basic.recover-ok()'),
    a.gets(1, '$q', "get-ok(4, true, '', '$q', 1) {} 'a'"),
    a.gets(1, '$q', "get-ok(5, true, '', '$q', 0) {} 'c'"),
    a.acks(1, 1),
    a.closesChannel(1, 406, unknown(1), '60/80'),
  ]),
  scenario('7.6', 'recover to a consumer', 'delivers recovered messages again under new tags', [
    a.ready(),
    a.declares(1, '$q'),
    a.consumes(1, '$q', 'ct'),
    a.publishes(1, '', '$q', 'a'),
    a.publishes(1, '', '$q', 'b'),
    a.delivered(1, 'ct', 1, '$q', 'a'),
    a.delivered(1, 'ct', 2, '$q', 'b'),
    a.send(1, 'basic.recover', { requeue: true }),
    a.seesInAnyOrder(
      '1 basic.recover-ok()',
      "1 basic.deliver('ct', 3, true, '', '$q') {} 'a'",
      "1 basic.deliver('ct', 4, true, '', '$q') {} 'b'",
    ),
  ]),
  scenario('7.6', 'recover-async requeue=true', 'answers nothing to recover-async', [
    taken('a'),
    a.send(1, 'basic.recover-async', { requeue: true }),
    a.gets(1, '$q', "get-ok(2, true, '', '$q', 0) {} 'a'"),
  ]),
  scenario('7.6', 'recover requeue=false', 'does not implement recover without requeue', [
    a.ready(),
    a.send(1, 'basic.recover', { requeue: false }),
    a.closesConnection(540, 'requeue=false', '60/110'),
  ]),
  scenario('7.6', 'recover-async requeue=false', 'does not implement recover-async without requeue', [
    a.ready(),
    a.send(1, 'basic.recover-async', { requeue: false }),
    a.closesConnection(540, 'requeue=false', '60/100'),
  ]),
]

export const acknowledgements: readonly Scenario[] = [...unknownTags, ...multiple, ...requeueing, ...recovering]
