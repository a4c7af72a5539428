// What other files of rows leave of §6.1, 6.3, 7.2, 7.4, 7.7, 8.2, 9.4 and 10: lifetimes that end by themselves, single
// active consumers that are lost, timeouts of consumers.

import type { Table } from '../client/field-table.ts'
import { seesDead } from '../deaths.ts'
import { a, b } from '../peers.ts'
import { administer, lacking310, type Scenario, type Steps, scenario } from '../scenario.ts'

const everything = { configure: '.*', write: '.*', read: '.*' }
const quorum = (more: Table = {}): Table => ({ durable: true, arguments: { 'x-queue-type': 'quorum', ...more } })
const expiring: Table = { arguments: { 'x-expires': 200 } }
const gone = "channel.close 404 \"NOT_FOUND - no queue '$q' in vhost '/'\" 50/10"
const confirming: Steps = a.calls(1, 'confirm.select', {}, 'confirm.select-ok()')

/** Without touching the queue for longer than it may be unused, it is gone. */
const expires: Steps = [a.silence(600), a.send(1, 'queue.declare', { queue: '$q', passive: true }), a.sees(`1 ${gone}`)]

const lifetimes: readonly Scenario[] = [
  scenario('6.3', 'x-expires', 'deletes a queue that is unused for so long', [
    a.ready(),
    a.declares(1, '$q', expiring),
    expires,
  ]),
  scenario('6.3', 'x-expires: publishing does not renew', 'deletes a queue that is only published to', [
    a.ready(),
    a.declares(1, '$q', expiring),
    [1, 2, 3, 4, 5].map((at) => [a.silence(100), a.publishes(1, '', '$q', String(at))]),
    a.silence(100),
    a.send(1, 'queue.declare', { queue: '$q', passive: true }),
    a.sees(`1 ${gone}`),
  ]),
  scenario('6.3', 'x-expires: declaring and basic.get renew', 'keeps a queue that is declared and asked', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-expires': 2000 } }),
    [1, 2, 3].map(() => [
      a.silence(700),
      a.declares(1, '$q', { passive: true }),
      a.silence(700),
      a.getsNothing(1, '$q'),
      a.silence(700),
      a.declares(1, '$q', { arguments: { 'x-expires': 2000 } }),
    ]),
  ]),
  scenario('6.3', 'x-expires: consumers', 'keeps a queue as long as it has a consumer', [
    a.ready(),
    a.declares(1, '$q', expiring),
    a.consumes(1, '$q', 'ct'),
    a.silence(600),
    a.calls(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 0, 1)"),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    expires,
  ]),
  scenario('7.4', 'auto-delete: vhost deleted', 'ends the connection instead of cancelling when a vhost goes', [
    administer('putVhost', '$vh'),
    administer('setPermission', 'guest', '$vh', everything),
    a.ready({ vhost: '$vh' }),
    a.declares(1, '$q'),
    a.consumes(1, '$q', 'ct'),
    administer('deleteVhost', '$vh'),
    a.skipsTo('connection.close'),
  ]),
  scenario('8.2', 'queue deleted while confirm outstanding', 'confirms what was published to a queue that goes', [
    a.ready(),
    a.declares(1, '$q', { durable: true }),
    confirming,
    Array.from({ length: 20 }, () => a.publishes(1, '', '$q', 'm', { properties: { deliveryMode: 2 } })),
    b.ready(),
    b.send(1, 'queue.delete', { queue: '$q' }),
    b.skips('queue.delete-ok'),
    a.confirmed(
      1,
      Array.from({ length: 20 }, (_, at) => at + 1),
    ),
  ]),
  ...lacking310('default queue types of vhosts', [
    scenario('6.1', 'vhost default queue type', 'declares queues of the default type of the vhost, where it fits', [
      administer('putVhost', '$vh', { defaultQueueType: 'quorum' }),
      administer('setPermission', 'guest', '$vh', everything),
      a.ready({ vhost: '$vh' }),
      a.declares(1, '$q', { durable: true }),
      a.declares(1, '$q', quorum()),
      a.declares(1, '$r', { durable: true, exclusive: true }),
      a.declares(1, '$s'),
      a.declares(1, '$s', { arguments: { 'x-queue-type': 'classic' } }),
    ]),
  ]),
]

const single: Table = { arguments: { 'x-single-active-consumer': true } }

const actives: readonly Scenario[] = [
  scenario('7.2', 'single active consumer lost', 'makes the next consumer active when the active one is lost', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q', single),
    b.consumes(1, '$q', 'first'),
    a.consumes(1, '$q', 'second'),
    a.publishes(1, '', '$q', 'm'),
    b.delivered(1, 'first', 1, '$q', 'm'),
    b.drop(),
    a.delivered(1, 'second', 1, '$q', 'm', true),
  ]),
  scenario('7.2', 'single active consumer without room', 'waits for the active consumer when it has no room', [
    a.ready(),
    a.declares(1, '$q', single),
    a.qos(1, 1),
    a.consumes(1, '$q', 'first'),
    a.consumes(1, '$q', 'second'),
    a.publishes(1, '', '$q', 'm'),
    a.publishes(1, '', '$q', 'n'),
    a.delivered(1, 'first', 1, '$q', 'm'),
    a.answers(1),
    a.acks(1, 1),
    a.delivered(1, 'first', 2, '$q', 'n'),
  ]),
  scenario('7.2', 'SAC + basic.get, classic', 'allows basic.get beside a single active consumer', [
    a.ready(),
    a.declares(1, '$q', single),
    a.qos(1, 1),
    a.consumes(1, '$q', 'first'),
    a.publishes(1, '', '$q', 'm'),
    a.publishes(1, '', '$q', 'n'),
    a.delivered(1, 'first', 1, '$q', 'm'),
    a.gets(1, '$q', "get-ok(2, false, '', '$q', 0) {} 'n'"),
  ]),
  scenario(
    '7.2',
    'consumer priority across channels',
    'prefers a consumer of a higher priority on another connection',
    [
      a.ready(),
      b.ready(),
      a.declares(1, '$q'),
      a.consumes(1, '$q', 'low'),
      b.consumes(1, '$q', 'high', { arguments: { 'x-priority': 3 } }),
      a.publishes(1, '', '$q', 'm'),
      b.delivered(1, 'high', 1, '$q', 'm'),
      b.drop(),
      a.delivered(1, 'low', 1, '$q', 'm', true),
    ],
  ),
  scenario('7.1', 'x-consumer-timeout', 'accepts x-consumer-timeout of a consumer of a quorum queue', [
    a.ready(),
    a.declares(1, '$q', quorum()),
    a.consumes(1, '$q', 'ct', { arguments: { 'x-consumer-timeout': 60_000 } }),
  ]),
]

const timeouts: readonly Scenario[] = lacking310('consumer timeouts of 4.3', [
  scenario('7.7', 'x-consumer-timeout', 'takes a message back from a consumer that holds it too long', [
    a.ready(),
    a.declares(1, '$q', quorum({ 'x-consumer-timeout': 200 })),
    a.consumes(1, '$q', 'ct'),
    a.publishes(1, '', '$q', 'm'),
    a.sees("1 basic.deliver('ct', 1, false, '', '$q') {} 'm'"),
    a.sees("1 basic.cancel('ct', true)"),
    // Late, accepted silently, and after it the same consumer receives messages again.
    a.acks(1, 1),
    a.send(1, 'channel.flow', { active: true }),
    a.seesInAnyOrder(
      '1 channel.flow-ok(true)',
      "1 basic.deliver('ct', 2, true, '', '$q') {headers:{x-acquired-count:l1}} 'm'",
    ),
  ]),
])

const others: readonly Scenario[] = [
  scenario('10', 'argument and policy', 'takes the smaller delivery limit of argument and policy', [
    a.ready(),
    administer('putPolicy', '/', '$p', {
      pattern: '^$q$',
      priority: 0,
      applyTo: 'queues',
      definition: { 'delivery-limit': 0 },
    }),
    a.declares(1, '$q', quorum({ 'x-delivery-limit': 5 })),
    a.consumes(1, '$q', 'ct'),
    a.publishes(1, '', '$q', 'm'),
    a.sees("1 basic.deliver('ct', 1, false, '', '$q') {} 'm'"),
    a.rejects(1, 1),
    a.silence(200),
    a.answers(1),
  ]),
  scenario('9.4', 'at-least-once', 'dead-letters at least once from a quorum queue', [
    a.ready(),
    a.declares(1, '$dlq'),
    a.declares(
      1,
      '$q',
      quorum({
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': '$dlq',
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      }),
    ),
    a.consumes(1, '$dlq', 'dead', { noAck: true }),
    a.consumes(1, '$q', 'ct'),
    a.publishes(1, '', '$q', 'm'),
    a.sees("1 basic.deliver('ct', 1, false, '', '$q') {} 'm'"),
    a.rejects(1, 1, false),
    seesDead("1 basic.deliver('dead', 2, false, '', '$dlq')", 'm', [{ reason: 'rejected', queue: '$q', keys: ['$q'] }]),
  ]),
  scenario('9.4', 'reason expired and maxlen', 'dead-letters to a queue that dead-letters on, by every reason', [
    a.ready(),
    a.declares(1, '$end'),
    a.declares(1, '$q', {
      arguments: { 'x-message-ttl': 30, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$full' },
    }),
    a.declares(1, '$full', {
      arguments: { 'x-max-length': 0, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$end' },
    }),
    a.consumes(1, '$end', 'dead', { noAck: true }),
    a.publishes(1, '', '$q', 'm'),
    seesDead("1 basic.deliver('dead', 1, false, '', '$end')", 'm', [
      { reason: 'maxlen', queue: '$full', keys: ['$full'] },
      { reason: 'expired', queue: '$q', keys: ['$q'] },
    ]),
  ]),
  scenario('4.1', 'publish → passive declare count', 'counts what was published before, at the latest a moment later', [
    a.ready(),
    a.declares(1, '$q'),
    ['a', 'b', 'c'].map((body) => a.publishes(1, '', '$q', body)),
    a.eventually(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 3, 0)"),
  ]),
  scenario('11', 'x-stream-offset beside a quorum queue', 'refuses x-stream-offset on a quorum queue', [
    a.ready(),
    a.declares(1, '$q', quorum()),
    a.send(1, 'basic.consume', { queue: '$q', arguments: { 'x-stream-offset': 'first' } }),
    a.closesChannel(
      1,
      406,
      "invalid arg 'x-stream-offset' for queue '$q' in vhost '/' of queue type rabbit_quorum_queue",
      '60/20',
    ),
  ]),
]

export const leftovers: readonly Scenario[] = [...lifetimes, ...actives, ...timeouts, ...others]
