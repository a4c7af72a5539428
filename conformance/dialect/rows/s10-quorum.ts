// §10 of the behaviour reference, and what §6.4, 7.2–7.6, 8.2 and 9.3 say of quorum queues.

import type { Table } from '../client/field-table.ts'
import { seesDead } from '../deaths.ts'
import { a, b } from '../peers.ts'
import { differ, lacking310, type Scenario, type Steps, scenario } from '../scenario.ts'

const quorum = (more: Table = {}): Table => ({ durable: true, arguments: { 'x-queue-type': 'quorum', ...more } })

const withQuorum = (more: Table = {}): Steps => [a.ready(), a.declares(1, '$q', quorum(more))]
const confirming: Steps = a.calls(1, 'confirm.select', {}, 'confirm.select-ok()')

/** Publishes these bodies one after the other and waits for the confirms: only then is a quorum queue sure to have them. */
function publishes(...bodies: readonly string[]): Steps {
  return [
    confirming,
    bodies.map((body) => a.publishes(1, '', '$q', body)),
    a.confirmed(
      1,
      bodies.map((_, at) => at + 1),
    ),
  ]
}

/** The headers of a delivery: how often the message failed and how often it was handed out before. */
function attempts(failed: number, acquired: number): string {
  const counts = [
    acquired > 0 ? `x-acquired-count:l${acquired}` : [],
    failed > 0 ? `x-delivery-count:l${failed}` : [],
  ].flat()
  return counts.length === 0 ? '{}' : `{headers:{${counts.join(' ')}}}`
}

const whyCounts = '§19 x-acquired-count, delivery-count: 4.3'

function delivered(tag: number, body: string, failed: number, acquired: number, failed310 = failed): Steps {
  const text = (headers: string) => `1 basic.deliver('ct', ${tag}, ${acquired > 0}, '', '$q') ${headers} '${body}'`
  return differ(whyCounts, a.sees(text(attempts(failed, acquired))), a.sees(text(attempts(failed310, 0))))
}

const counting: readonly Scenario[] = [
  scenario('10', 'messages always stored', 'takes, counts and delivers messages in order', [
    withQuorum(),
    publishes('one', 'two', 'three'),
    a.eventually(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 3, 0)"),
    a.consumes(1, '$q', 'ct'),
    ['one', 'two', 'three'].map((body, at) => delivered(at + 1, body, 0, 0)),
    a.acks(1, 3, true),
    a.answers(1),
  ]),
  scenario('10', 'x-delivery-count absent on first basic.get', 'adds no count to the first basic.get', [
    withQuorum(),
    publishes('m'),
    a.send(1, 'basic.get', { queue: '$q' }),
    differ(
      '§19 x-delivery-count on first basic.get: absent; 0 in 3.10',
      a.sees("1 basic.get-ok(1, false, '', '$q', 0) {} 'm'"),
      a.sees("1 basic.get-ok(1, false, '', '$q', 0) {headers:{x-delivery-count:l0}} 'm'"),
    ),
  ]),
  scenario('10', 'counts as failed: reject', 'counts basic.reject as a failed delivery', [
    withQuorum(),
    publishes('m'),
    a.consumes(1, '$q', 'ct'),
    delivered(1, 'm', 0, 0),
    a.rejects(1, 1),
    delivered(2, 'm', 1, 1),
    a.rejects(1, 2),
    delivered(3, 'm', 2, 2),
  ]),
  scenario('10', 'counts as failed: not nack', 'does not count basic.nack as a failed delivery', [
    withQuorum(),
    publishes('m'),
    a.consumes(1, '$q', 'ct'),
    delivered(1, 'm', 0, 0),
    a.nacks(1, 1),
    delivered(2, 'm', 0, 1, 1),
  ]),
  scenario('10', 'counts as failed: not recover', 'does not count basic.recover as a failed delivery', [
    withQuorum(),
    publishes('m'),
    a.consumes(1, '$q', 'ct'),
    delivered(1, 'm', 0, 0),
    a.send(1, 'basic.recover', { requeue: true }),
    differ(
      whyCounts,
      a.seesInAnyOrder(
        '1 basic.recover-ok()',
        "1 basic.deliver('ct', 2, true, '', '$q') {headers:{x-acquired-count:l1}} 'm'",
      ),
      a.seesInAnyOrder(
        '1 basic.recover-ok()',
        "1 basic.deliver('ct', 2, true, '', '$q') {headers:{x-delivery-count:l1}} 'm'",
      ),
    ),
  ]),
  scenario('10', 'counts as failed: loss of the channel', 'counts the loss of a channel as a failed delivery', [
    withQuorum(),
    a.opensChannel(2),
    publishes('m'),
    a.consumes(1, '$q', 'ct'),
    delivered(1, 'm', 0, 0),
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.opensChannel(1),
    a.consumes(1, '$q', 'ct'),
    delivered(1, 'm', 1, 1),
  ]),
  scenario('10', 'counts as failed: loss of the connection', 'counts the loss of a connection as a failed delivery', [
    withQuorum(),
    b.ready(),
    publishes('m'),
    b.consumes(1, '$q', 'ct'),
    b.sees("1 basic.deliver('ct', 1, false, '', '$q') {} 'm'"),
    b.drop(),
    a.consumes(1, '$q', 'ct'),
    delivered(1, 'm', 1, 1),
  ]),
]

function deadAfter(limit: number): Steps {
  return [Array.from({ length: limit + 1 }, (_, at) => [delivered(at + 1, 'm', at, at), a.rejects(1, at + 1)])]
}

const toDeadQueue: Table = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$dlq' }

const limits: readonly Scenario[] = [
  scenario('10', 'delivery limit', 'dead-letters a message that was delivered once more than its limit', [
    a.ready(),
    a.declares(1, '$dlq'),
    a.declares(1, '$q', quorum({ 'x-delivery-limit': 2, ...toDeadQueue })),
    publishes('m'),
    a.consumes(1, '$q', 'ct'),
    deadAfter(2),
    a.eventually(1, 'queue.declare', { queue: '$dlq', passive: true }, "queue.declare-ok('$dlq', 1, 0)"),
    a.send(1, 'basic.get', { queue: '$dlq', noAck: true }),
    seesDead("1 basic.get-ok(4, false, '', '$dlq', 0)", 'm', [{ reason: 'delivery_limit', queue: '$q', keys: ['$q'] }]),
  ]),
  scenario('10', 'delivery limit without DLX', 'drops a message beyond its limit where there is no DLX', [
    withQuorum({ 'x-delivery-limit': 1 }),
    publishes('m'),
    a.consumes(1, '$q', 'ct'),
    deadAfter(1),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    a.silence(100),
    a.getsNothing(1, '$q'),
  ]),
  scenario('10', 'delivery limit 0', 'allows one delivery with a limit of 0', [
    withQuorum({ 'x-delivery-limit': 0 }),
    publishes('m'),
    a.consumes(1, '$q', 'ct'),
    deadAfter(0),
    a.silence(100),
    a.answers(1),
  ]),
  scenario('10', 'delivery limit -1', 'knows no limit with -1', [
    withQuorum({ 'x-delivery-limit': -1 }),
    publishes('m'),
    a.consumes(1, '$q', 'ct'),
    differ(
      '§10, §19 delivery-limit -1: unlimited as 4.x; 3.10 gives up at once',
      [deadAfter(24), delivered(26, 'm', 25, 25)],
      [delivered(1, 'm', 0, 0), a.rejects(1, 1), a.silence(100)],
    ),
  ]),
  ...lacking310('delivery limit by default', [
    scenario('10', 'delivery limit by default', 'drops a message after 21 deliveries by default', [
      withQuorum(),
      publishes('m'),
      a.consumes(1, '$q', 'ct'),
      deadAfter(20),
      a.silence(100),
      a.answers(1),
    ]),
  ]),
  scenario('10', 'rejected for good', 'dead-letters what is rejected for good', [
    a.ready(),
    a.declares(1, '$dlq'),
    a.declares(1, '$q', quorum(toDeadQueue)),
    publishes('m'),
    a.consumes(1, '$q', 'ct'),
    delivered(1, 'm', 0, 0),
    a.rejects(1, 1, false),
    a.eventually(1, 'queue.declare', { queue: '$dlq', passive: true }, "queue.declare-ok('$dlq', 1, 0)"),
    a.send(1, 'basic.get', { queue: '$dlq', noAck: true }),
    seesDead("1 basic.get-ok(2, false, '', '$dlq', 0)", 'm', [{ reason: 'rejected', queue: '$q', keys: ['$q'] }], {
      oursOnly: {},
      only310: {},
    }),
  ]),
  scenario('9.4', 'at-least-once', 'dead-letters at least once', [
    a.ready(),
    a.declares(1, '$dlq'),
    a.declares(
      1,
      '$q',
      quorum({ ...toDeadQueue, 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' }),
    ),
    publishes('m'),
    a.consumes(1, '$q', 'ct'),
    delivered(1, 'm', 0, 0),
    a.rejects(1, 1, false),
    a.eventually(1, 'queue.declare', { queue: '$dlq', passive: true }, "queue.declare-ok('$dlq', 1, 0)"),
    a.send(1, 'basic.get', { queue: '$dlq', noAck: true }),
    seesDead("1 basic.get-ok(2, false, '', '$dlq', 0)", 'm', [{ reason: 'rejected', queue: '$q', keys: ['$q'] }], {
      oursOnly: {},
      only310: {},
    }),
  ]),
]

const order: readonly Scenario[] = [
  scenario('7.6', 'requeue position, quorum', 'puts returned messages at the head in the order returned', [
    withQuorum(),
    publishes('0', '1', '2', '3', '4'),
    a.qos(1, 3),
    a.consumes(1, '$q', 'ct'),
    ['0', '1', '2'].map((body, at) => delivered(at + 1, body, 0, 0)),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    a.nacks(1, 2),
    a.silence(100),
    differ(
      '§19 quorum requeue position: head; behind the waiting ones in 3.10',
      a.drains(1, '$q', ['1', '3', '4']),
      a.drains(1, '$q', ['3', '4', '1']),
    ),
  ]),
  ...lacking310('priorities, takeover by priority and delayed retry in quorum queues', [
    scenario('9.3', 'quorum', 'serves 32 priorities strictly, and 4 by default', [
      withQuorum(),
      confirming,
      ([['none'], ['three', 3], ['five', 5], ['forty', 40], ['thirty-one', 31], ['four', 4], ['zero', 0]] as const).map(
        ([body, priority]) =>
          a.publishes(1, '', '$q', body, priority === undefined ? {} : { properties: { priority } }),
      ),
      a.confirmed(1, [1, 2, 3, 4, 5, 6, 7]),
      a.drains(1, '$q', ['forty', 'thirty-one', 'five', 'none', 'four', 'three', 'zero']),
    ]),
    scenario('7.2', 'single active consumer, quorum', 'lets a consumer of a higher priority take over', [
      withQuorum({ 'x-single-active-consumer': true }),
      a.consumes(1, '$q', 'low'),
      a.consumes(1, '$q', 'high', { arguments: { 'x-priority': 1 } }),
      a.publishes(1, '', '$q', 'm'),
      a.sees("1 basic.deliver('high', 1, false, '', '$q') {} 'm'"),
    ]),
    scenario('10', 'delayed retry', 'hides a returned message for a while, longer each time', [
      withQuorum({ 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 100, 'x-delayed-retry-max': 150 }),
      publishes('m'),
      a.consumes(1, '$q', 'ct'),
      delivered(1, 'm', 0, 0),
      a.rejects(1, 1),
      a.seesAfter(
        "1 basic.deliver('ct', 2, true, '', '$q') {headers:{x-acquired-count:l1 x-delivery-count:l1}} 'm'",
        0.08,
        5,
      ),
      a.rejects(1, 2),
      a.seesAfter(
        "1 basic.deliver('ct', 3, true, '', '$q') {headers:{x-acquired-count:l2 x-delivery-count:l2}} 'm'",
        0.13,
        5,
      ),
    ]),
    scenario('10', 'delayed retry, failed', 'delays failed messages and not returned ones with type failed', [
      withQuorum({ 'x-delayed-retry-type': 'failed', 'x-delayed-retry-min': 1500, 'x-delayed-retry-max': 1500 }),
      publishes('m'),
      a.consumes(1, '$q', 'ct'),
      delivered(1, 'm', 0, 0),
      a.nacks(1, 1),
      a.seesAfter("1 basic.deliver('ct', 2, true, '', '$q') {headers:{x-acquired-count:l1}} 'm'", 0, 1.2),
      a.rejects(1, 2),
      a.seesAfter(
        "1 basic.deliver('ct', 3, true, '', '$q') {headers:{x-acquired-count:l2 x-delivery-count:l1}} 'm'",
        1.4,
        5,
      ),
    ]),
  ]),
]

const rules: readonly Scenario[] = [
  ...(
    [
      ['if-unused', { ifUnused: true }],
      ['if-empty', { ifEmpty: true }],
    ] as const
  ).map(([flag, values]) =>
    scenario('6.4', `quorum with ${flag}`, `does not delete a quorum queue with ${flag}`, [
      withQuorum(),
      a.send(1, 'queue.delete', { queue: '$q', ...values }),
      a.closesConnection(
        540,
        `cannot delete queue '$q' in vhost '/'. queue.delete operations with ${flag} flag set are not supported by quorum queues`,
        '50/40',
      ),
    ]),
  ),
  scenario('6.4', 'delete and purge, quorum', 'purges and deletes a quorum queue', [
    withQuorum(),
    publishes('one', 'two', 'three'),
    a.calls(1, 'queue.purge', { queue: '$q' }, 'queue.purge-ok(3)'),
    a.deletesQueue(1, '$q', 0),
  ]),
  scenario('7.1', 'exclusive flag on quorum', 'ignores an exclusive consumer on a quorum queue', [
    withQuorum(),
    a.consumes(1, '$q', 'one', { exclusive: true }),
    a.consumes(1, '$q', 'two', { exclusive: true }),
  ]),
  scenario('7.2', 'SAC + basic.get, quorum', 'refuses basic.get on a quorum queue with a single active consumer', [
    withQuorum({ 'x-single-active-consumer': true }),
    a.send(1, 'basic.get', { queue: '$q' }),
    a.closesChannel(
      1,
      405,
      "cannot obtain access to locked queue '$q' in vhost '/'. basic.get operations are not supported by quorum queues with single active consumer",
      '60/70',
    ),
  ]),
  scenario('7.3', 'global=true and quorum', 'does not serve quorum queues under a shared limit', [
    withQuorum(),
    a.qos(1, 5, true),
    a.send(1, 'basic.consume', { queue: '$q', consumerTag: 'ct' }),
    a.closesConnection(540, "queue '$q' in vhost '/' does not support global qos", '60/20'),
  ]),
  scenario('7.3', 'no qos, quorum', 'hands out 2000 messages to a consumer of a quorum queue without a limit', [
    withQuorum(),
    confirming,
    a.write(
      ...Array.from({ length: 2005 }, () => ({
        frame: 'publish' as const,
        channel: 1,
        values: { exchange: '', routingKey: '$q' },
        properties: {},
        body: '',
      })),
    ),
    a.confirmed(
      1,
      Array.from({ length: 2005 }, (_, at) => at + 1),
    ),
    a.consumes(1, '$q', 'ct'),
    Array.from({ length: 2000 }, () => a.skips('basic.deliver')),
    a.answers(1),
    a.calls(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 5, 1)"),
  ]),
  scenario('9.2', 'reject-publish, quorum', 'nacks what does not fit into a quorum queue', [
    withQuorum({ 'x-max-length': 1, 'x-overflow': 'reject-publish' }),
    publishes('one'),
    differ(
      '§9.2 quorum reject-publish: may overshoot by messages in flight',
      [a.publishes(1, '', '$q', 'two'), a.confirmed(1, [], [2]), a.drains(1, '$q', ['one'])],
      [
        a.publishes(1, '', '$q', 'two'),
        a.skips('basic.ack'),
        a.publishes(1, '', '$q', 'three'),
        a.confirmed(1, [], [3]),
      ],
    ),
  ]),
  scenario('9.2', 'drop-head, quorum', 'drops the oldest messages of a quorum queue', [
    withQuorum({ 'x-max-length': 2 }),
    publishes('one', 'two', 'three'),
    a.eventually(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 2, 0)"),
    a.drains(1, '$q', ['two', 'three']),
  ]),
  scenario('9.2', 'reject-publish-dlx, quorum', 'takes reject-publish-dlx on a quorum queue for drop-head', [
    withQuorum({ 'x-max-length': 1, 'x-overflow': 'reject-publish-dlx' }),
    publishes('one', 'two'),
    a.eventually(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 1, 0)"),
    a.drains(1, '$q', ['two']),
  ]),
  scenario('9.1', 'TTL, quorum', 'expires messages of a quorum queue', [
    withQuorum({ 'x-message-ttl': 60 }),
    publishes('m'),
    a.eventually(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 0, 0)"),
    a.getsNothing(1, '$q'),
  ]),
  scenario('8.2', 'quorum', 'confirms messages in quorum queues, transient ones too', [
    withQuorum(),
    confirming,
    a.publishes(1, '', '$q', 'one'),
    a.publishes(1, '', '$q', 'two', { properties: { deliveryMode: 2 } }),
    a.confirmed(1, [1, 2]),
  ]),
]

export const quorumQueues: readonly Scenario[] = [...counting, ...limits, ...order, ...rules]
