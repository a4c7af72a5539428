// §6.2–6.4 of the behaviour reference: the last declared queue, lifetime, delete and purge.

import { a, b } from '../peers.ts'
import { type Scenario, scenario } from '../scenario.ts'

const declareIds = '50/10'
const noQueue = (name: string) => `no queue '${name}' in vhost '/'`
const noneDeclared = 'no previously declared queue'

const lastDeclared: readonly Scenario[] = [
  ...(
    [
      ['queue.bind', '50/20', { exchange: 'amq.direct' }],
      ['queue.unbind', '50/50', { exchange: 'amq.direct' }],
      ['queue.purge', '50/30', {}],
      ['queue.delete', '50/40', {}],
      ['basic.consume', '60/20', {}],
      ['basic.get', '60/70', {}],
    ] as const
  ).map(([method, ids, values]) =>
    scenario('6.2', `none yet: ${method}`, `refuses ${method} of the last declared queue when there is none`, [
      a.ready(),
      a.send(1, method, values),
      a.closesChannel(1, 404, noneDeclared, ids),
    ]),
  ),
  scenario('6.2', 'empty name', 'takes the empty name for the last declared queue', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'one'),
    a.publishes(1, '', '$q', 'two'),
    a.gets(1, '', "get-ok(1, false, '', '$q', 1) {} 'one'", true),
    a.calls(1, 'queue.purge', { queue: '' }, 'queue.purge-ok(1)'),
    a.consumes(1, '', 'ct'),
    a.publishes(1, '', '$q', 'three'),
    a.delivered(1, 'ct', 2, '$q', 'three'),
    a.deletesQueue(1, '', 0),
  ]),
  scenario('6.2', 'set by passive and server-named declarations', 'sets the last declared queue passively too', [
    a.ready(),
    a.declares(1, '$q'),
    a.declares(1, '$r'),
    a.declares(1, '$q', { passive: true }),
    a.publishes(1, '', '$q', 'm'),
    a.gets(1, '', "get-ok(1, false, '', '$q', 0) {} 'm'", true),
    a.calls(1, 'queue.declare', { exclusive: true }, "queue.declare-ok('amq.gen-*', 0, 0)"),
    a.getsNothing(1, ''),
  ]),
  scenario('6.2', 'per channel', 'keeps the last declared queue per channel', [
    a.ready(),
    a.opensChannel(2),
    a.declares(1, '$q'),
    a.send(2, 'queue.purge', {}),
    a.closesChannel(2, 404, noneDeclared, '50/30'),
  ]),
  scenario('6.2', 'deleted queue', 'still means the last declared queue when it is gone', [
    a.ready(),
    a.declares(1, '$q'),
    a.deletesQueue(1, '$q', 0),
    a.send(1, 'basic.get', {}),
    a.closesChannel(1, 404, noQueue('$q'), '60/70'),
  ]),
]

const lifetime: readonly Scenario[] = [
  scenario('6.3', 'exclusive survives its channel', 'keeps exclusive queues when their channel closes', [
    a.ready(),
    a.opensChannel(2),
    a.declares(1, '$q', { exclusive: true }),
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.declares(2, '$q', { exclusive: true }),
  ]),
  scenario('6.3', 'auto-delete: cancel', 'deletes an auto-delete queue with its last consumer, by cancel', [
    a.ready(),
    a.declares(1, '$q', { autoDelete: true }),
    a.consumes(1, '$q', 'one'),
    a.consumes(1, '$q', 'two'),
    a.calls(1, 'basic.cancel', { consumerTag: 'one' }, "basic.cancel-ok('one')"),
    a.calls(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 0, 1)"),
    a.calls(1, 'basic.cancel', { consumerTag: 'two' }, "basic.cancel-ok('two')"),
    a.eventually(
      1,
      'queue.declare',
      { queue: '$q', passive: true },
      `channel.close 404 "NOT_FOUND - ${noQueue('$q')}" 50/10`,
    ),
  ]),
  scenario('6.3', 'auto-delete: unacked', 'deletes an auto-delete queue even with unacked messages', [
    a.ready(),
    a.declares(1, '$q', { autoDelete: true }),
    a.consumes(1, '$q', 'ct'),
    a.publishes(1, '', '$q', 'm'),
    a.delivered(1, 'ct', 1, '$q', 'm'),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    a.acks(1, 1),
    a.answers(1),
    a.eventually(
      1,
      'queue.declare',
      { queue: '$q', passive: true },
      `channel.close 404 "NOT_FOUND - ${noQueue('$q')}" 50/10`,
    ),
  ]),
  scenario(
    '6.3',
    'auto-delete: channel close',
    'deletes an auto-delete queue when its last consumer loses its channel',
    [
      a.ready(),
      a.opensChannel(2),
      a.declares(1, '$q', { autoDelete: true }),
      a.consumes(1, '$q', 'ct'),
      a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
      a.eventually(
        2,
        'queue.declare',
        { queue: '$q', passive: true },
        `channel.close 404 "NOT_FOUND - ${noQueue('$q')}" 50/10`,
      ),
    ],
  ),
  scenario('6.3', 'auto-delete: connection loss', 'deletes an auto-delete queue when its last consumer is lost', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q', { autoDelete: true }),
    a.consumes(1, '$q', 'ct'),
    a.drop(),
    b.eventually(
      1,
      'queue.declare',
      { queue: '$q', passive: true },
      `channel.close 404 "NOT_FOUND - ${noQueue('$q')}" 50/10`,
    ),
  ]),
  scenario('6.3', 'auto-delete: never consumed', 'keeps an auto-delete queue that never had a consumer', [
    a.ready(),
    a.opensChannel(2),
    a.declares(1, '$q', { autoDelete: true }),
    a.getsNothing(1, '$q'),
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.declares(2, '$q', { passive: true }),
  ]),
  scenario('6.3', 'deleted queue: outstanding acks', 'accepts acks for deliveries of a deleted queue silently', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    a.deletesQueue(1, '$q', 0),
    a.acks(1, 1),
    a.answers(1),
  ]),
]

const deleting: readonly Scenario[] = [
  scenario('6.4', 'delete missing', 'answers the deletion of a missing queue with 0 messages', [
    a.ready(),
    a.deletesQueue(1, '$q', 0),
  ]),
  scenario('6.4', 'delete', 'counts ready messages, not unacked ones, in delete-ok', [
    a.ready(),
    a.declares(1, '$q'),
    ['one', 'two', 'three'].map((body) => a.publishes(1, '', '$q', body)),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 2) {} 'one'"),
    a.deletesQueue(1, '$q', 2),
  ]),
  scenario('6.4', 'if-unused with consumers', 'refuses if-unused while there are consumers, before if-empty', [
    a.ready(),
    a.declares(1, '$q'),
    a.consumes(1, '$q', 'ct', { noAck: true }),
    a.send(1, 'queue.delete', { queue: '$q', ifUnused: true, ifEmpty: true }),
    a.closesChannel(1, 406, "queue '$q' in vhost '/' in use", '50/40'),
  ]),
  scenario('6.4', 'if-unused without consumers', 'deletes with if-unused when there is no consumer', [
    a.ready(),
    a.declares(1, '$q'),
    a.deletesQueue(1, '$q', 0, { ifUnused: true }),
  ]),
  scenario('6.4', 'if-empty with ready messages', 'refuses if-empty while there are ready messages', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.send(1, 'queue.delete', { queue: '$q', ifEmpty: true }),
    a.closesChannel(1, 406, "queue '$q' in vhost '/' not empty", '50/40'),
  ]),
  scenario('6.4', 'if-empty with unacked messages', 'takes a queue with only unacked messages for empty', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    a.deletesQueue(1, '$q', 0, { ifEmpty: true }),
  ]),
  scenario('6.4', 'delete nowait', 'answers nothing to a nowait deletion', [
    a.ready(),
    a.declares(1, '$q'),
    a.send(1, 'queue.delete', { queue: '$q', nowait: true }),
    a.answers(1),
    a.send(1, 'queue.declare', { queue: '$q', passive: true }),
    a.closesChannel(1, 404, noQueue('$q'), declareIds),
  ]),
  scenario('6.4', 'purge', 'drops ready messages and leaves unacked ones alone', [
    a.ready(),
    a.declares(1, '$q'),
    ['one', 'two', 'three'].map((body) => a.publishes(1, '', '$q', body)),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 2) {} 'one'"),
    a.calls(1, 'queue.purge', { queue: '$q' }, 'queue.purge-ok(2)'),
    a.nacks(1, 1),
    a.gets(1, '$q', "get-ok(2, true, '', '$q', 0) {} 'one'"),
  ]),
  scenario('6.4', 'purge nowait', 'answers nothing to a nowait purge', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.send(1, 'queue.purge', { queue: '$q', nowait: true }),
    a.drains(1, '$q', []),
  ]),
  scenario('6.4', 'purge missing', 'answers the purge of a missing queue with 404', [
    a.ready(),
    a.send(1, 'queue.purge', { queue: '$q' }),
    a.closesChannel(1, 404, noQueue('$q'), '50/30'),
  ]),
]

export const queueLife: readonly Scenario[] = [...lastDeclared, ...lifetime, ...deleting]
