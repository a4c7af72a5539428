// What a restart leaves of what happens to messages over time: deaths, expiry, failed deliveries, delays.

import type { Table } from '../dialect/client/field-table.ts'
import { type Death, seesDead } from '../dialect/deaths.ts'
import { a } from '../dialect/peers.ts'
import { differ } from '../dialect/scenario.ts'
import {
  confirming,
  durable,
  type Ending,
  mode2,
  persistent,
  type RestartRow,
  redelivered,
  row,
  stores,
  withQueue,
} from './words.ts'

const toDeadQueue: Table = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$dlq' }
const rejected: Death = { reason: 'rejected', queue: '$q', keys: ['$q'] }

function histories(ending: Ending): readonly RestartRow[] {
  return [
    row(
      'dead letters and their history are kept, and go on',
      [
        a.ready(),
        a.declares(1, '$dlq', {
          ...durable,
          arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$q' },
        }),
        a.declares(1, '$q', { ...durable, arguments: toDeadQueue }),
        stores('m'),
        a.gets(1, '$q', `get-ok(1, false, '', '$q', 0) ${mode2} 'm'`),
        a.rejects(1, 1, false),
        a.eventually(1, 'queue.declare', { queue: '$dlq', passive: true }, "queue.declare-ok('$dlq', 1, 0)"),
        a.declares(1, '$mark', durable),
        a.publishes(1, '', '$mark', 'stored', persistent),
        a.confirmed(1, [2]),
      ],
      [
        a.ready(),
        a.send(1, 'basic.get', { queue: '$dlq' }),
        seesDead(`1 basic.get-ok(1, ${redelivered(ending, false)}, '', '$dlq', 0)`, 'm', [rejected], {
          behind: 'deliveryMode:2',
        }),
        a.rejects(1, 1, false),
        a.eventually(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 1, 0)"),
        a.send(1, 'basic.get', { queue: '$q' }),
        seesDead(
          "1 basic.get-ok(2, false, '', '$q', 0)",
          'm',
          [{ reason: 'rejected', queue: '$dlq', keys: ['$dlq'] }, rejected],
          { behind: 'deliveryMode:2' },
        ),
      ],
      ending === 'SIGKILL' ? 'dead letters that are on disk when a later confirm is' : undefined,
    ),
  ]
}

function expiries(): readonly RestartRow[] {
  return [
    row(
      'what expires while the broker is away is dead-lettered when it is back',
      [
        a.ready(),
        a.declares(1, '$dlq', durable),
        a.declares(1, '$q', { ...durable, arguments: { 'x-message-ttl': 700, ...toDeadQueue } }),
        stores('m'),
      ],
      [
        a.ready(),
        a.eventually(1, 'queue.declare', { queue: '$dlq', passive: true }, "queue.declare-ok('$dlq', 1, 0)"),
        a.drains(1, '$q', []),
        a.drains(1, '$dlq', ['m']),
      ],
    ),
    row(
      'what has not expired yet is still there',
      [
        withQueue({ 'x-message-ttl': 600_000 }),
        confirming,
        a.publishes(1, '', '$q', 'm', { properties: { deliveryMode: 2, expiration: '500000' } }),
        a.confirmed(1, [1]),
      ],
      [a.ready(), a.drains(1, '$q', ['m'])],
    ),
  ]
}

const quorumAfterKill = 'quorum queues that answer at once after a kill'

function limited(ending: Ending): readonly RestartRow[] {
  return [
    row(
      'delivery counts are kept, up to the delivery limit',
      [
        withQueue({ 'x-queue-type': 'quorum', 'x-delivery-limit': 2 }),
        a.declares(1, '$mark', durable),
        stores('m'),
        a.consumes(1, '$q', 'ct'),
        a.sees(`1 basic.deliver('ct', 1, false, '', '$q') ${mode2} 'm'`),
        a.rejects(1, 1),
        a.skips('basic.deliver'),
        a.rejects(1, 2),
        a.skips('basic.deliver'),
        a.publishes(1, '', '$mark', 'stored', persistent),
        a.confirmed(1, [2]),
      ],
      [
        a.ready(),
        a.consumes(1, '$q', 'ct'),
        ending === 'SIGTERM'
          ? // Held by a connection that was lost with the broker: the third failure, which the limit does not allow.
            []
          : // RabbitMQ writes down every delivery of a quorum queue; we what was settled, so that a kill is no failure.
            differ(
              '§10 counts as failed: what is held at a kill -9 is not counted; RabbitMQ does',
              [
                a.sees(
                  "1 basic.deliver('ct', 1, true, '', '$q') {headers:{x-acquired-count:l2 x-delivery-count:l2} deliveryMode:2} 'm'",
                ),
                a.rejects(1, 1),
              ],
              [],
            ),
        a.silence(300),
        a.answers(1),
      ],
      ending === 'SIGKILL' ? quorumAfterKill : undefined,
    ),
  ]
}

function counted(ending: Ending): readonly RestartRow[] {
  return [
    row(
      'how often a message failed is told after the restart',
      [
        withQueue({ 'x-queue-type': 'quorum' }),
        a.declares(1, '$mark', durable),
        stores('m'),
        a.qos(1, 1),
        a.consumes(1, '$q', 'ct'),
        a.skips('basic.deliver'),
        a.rejects(1, 1),
        a.skips('basic.deliver'),
        a.send(1, 'basic.cancel', { consumerTag: 'ct' }),
        a.skips('basic.cancel-ok'),
        a.rejects(1, 2),
        a.publishes(1, '', '$mark', 'stored', persistent),
        a.confirmed(1, [2]),
      ],
      [
        a.ready(),
        a.consumes(1, '$q', 'ct'),
        differ(
          '§19 x-acquired-count: 4.3',
          a.sees(
            "1 basic.deliver('ct', 1, true, '', '$q') {headers:{x-acquired-count:l2 x-delivery-count:l2} deliveryMode:2} 'm'",
          ),
          a.sees("1 basic.deliver('ct', 1, true, '', '$q') {headers:{x-delivery-count:l2} deliveryMode:2} 'm'"),
        ),
      ],
      ending === 'SIGKILL' ? quorumAfterKill : undefined,
    ),
  ]
}

const delays: readonly RestartRow[] = [
  row(
    'delayed messages survive and come when they are due',
    [
      a.ready(),
      a.exchange(1, '$x', 'x-delayed-message', { ...durable, arguments: { 'x-delayed-type': 'direct' } }),
      a.declares(1, '$q', durable),
      a.binds(1, '$q', '$x', 'k'),
      confirming,
      ([5000, 3500, 200] as const).map((delay) =>
        a.publishes(1, '$x', 'k', `after ${delay}`, { properties: { deliveryMode: 2, headers: { 'x-delay': delay } } }),
      ),
      a.confirmed(1, [1, 2, 3]),
    ],
    [
      a.ready(),
      a.consumes(1, '$q', 'ct', { noAck: true }),
      [200, 3500, 5000].map((delay, at) =>
        a.sees(
          `1 basic.deliver('ct', ${at + 1}, false, '$x', 'k') {headers:{x-delay:I-${delay}} deliveryMode:2} 'after ${delay}'`,
        ),
      ),
    ],
    'x-delayed-message',
  ),
]

/** Rows of what happens to messages over time, as they must be after this ending. */
export function deathRows(ending: Ending): readonly RestartRow[] {
  return [...histories(ending), ...expiries(), ...limited(ending), ...counted(ending), ...delays]
}
