// §9.3–9.5 of the behaviour reference: priorities, dead-lettering, the x-death header.

import type { Table } from '../client/field-table.ts'
import { type Death, type Rest, seesDead } from '../deaths.ts'
import { a } from '../peers.ts'
import { differ, type Scenario, type Steps, scenario } from '../scenario.ts'

const toDeadQueue: Table = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$dlq' }

/** A queue `$q` with these arguments, and a queue `$dlq`. */
function withDeadQueue(queueArguments: Table = {}): Steps {
  return [a.ready(), a.declares(1, '$dlq'), a.declares(1, '$q', { arguments: { ...toDeadQueue, ...queueArguments } })]
}

/** basic.get (no-ack) of the one message that a queue will hold in a moment; `from` is exchange and key as text. */
function getsDead(queue: string, tag: number, from: string, deaths: readonly Death[], rest: Rest = {}): Steps {
  return [
    a.eventually(1, 'queue.declare', { queue, passive: true }, `queue.declare-ok('${queue}', 1, 0)`),
    a.send(1, 'basic.get', { queue, noAck: true }),
    seesDead(`1 basic.get-ok(${tag}, false, ${from}, 0)`, 'm', deaths, rest),
  ]
}

/** basic.get of the dead letter, whatever it says: for 3.10. */
function getsDeadAsItIs(): Steps {
  return [
    a.eventually(1, 'queue.declare', { queue: '$dlq', passive: true }, "queue.declare-ok('$dlq', 1, 0)"),
    a.send(1, 'basic.get', { queue: '$dlq', noAck: true }),
    a.skips('basic.get-ok'),
  ]
}

/** Takes the one message of `$q` and refuses it for good. */
function rejects(tag: number, from = "'', '$q'", properties = '{}', queue = '$q'): Steps {
  return [a.gets(1, queue, `get-ok(${tag}, false, ${from}, 0) ${properties} 'm'`), a.rejects(1, tag, false)]
}

function prioritised(maxPriority: number, ...sent: readonly (readonly [string, number?])[]): Steps {
  return [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-priority': maxPriority } }),
    sent.map(([body, priority]) =>
      a.publishes(1, '', '$q', body, priority === undefined ? {} : { properties: { priority } }),
    ),
  ]
}

const priorityQueues: readonly Scenario[] = [
  scenario('9.3', 'classic with x-max-priority', 'serves higher priorities first, in order within one', [
    prioritised(9, ['one', 1], ['none'], ['five', 5], ['one again', 1], ['nine', 9], ['five again', 5], ['zero', 0]),
    a.drains(1, '$q', ['nine', 'five', 'five again', 'one', 'one again', 'none', 'zero']),
  ]),
  scenario('9.3', 'message priority capped', 'caps a priority above the maximum, and delivers it as it was sent', [
    prioritised(3, ['three', 3], ['two hundred', 200], ['three again', 3], ['two', 2]),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 3) {priority:3} 'three'", true),
    a.gets(1, '$q', "get-ok(2, false, '', '$q', 2) {priority:200} 'two hundred'", true),
    a.drains(1, '$q', ['three again', 'two']),
  ]),
  scenario('9.3', 'requeue', 'puts a returned message back in its place within its priority', [
    prioritised(5, ['a', 2], ['b', 2], ['c', 2]),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 2) {priority:2} 'a'"),
    a.gets(1, '$q', "get-ok(2, false, '', '$q', 1) {priority:2} 'b'"),
    a.publishes(1, '', '$q', 'high', { properties: { priority: 4 } }),
    a.nacks(1, 2),
    a.nacks(1, 1),
    a.drains(1, '$q', ['high', 'a', 'b', 'c']),
  ]),
  scenario('9.3', 'consumers', 'delivers what waits to consumers by priority', [
    prioritised(5, ['low', 1], ['high', 5]),
    a.consumes(1, '$q', 'ct'),
    a.sees("1 basic.deliver('ct', 1, false, '', '$q') {priority:5} 'high'"),
    a.sees("1 basic.deliver('ct', 2, false, '', '$q') {priority:1} 'low'"),
  ]),
  scenario('9.3', 'n=0', 'takes a maximum of 0 for 1', [
    prioritised(0, ['zero', 0], ['one', 1]),
    differ('§19 x-max-priority=0: as 1', a.drains(1, '$q', ['one', 'zero']), a.drains(1, '$q', ['zero', 'one'])),
  ]),
  scenario('9.3', 'classic without', 'ignores and keeps the priority in a queue without priorities', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'low', { properties: { priority: 1 } }),
    a.publishes(1, '', '$q', 'high', { properties: { priority: 9 } }),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 1) {priority:1} 'low'", true),
    a.gets(1, '$q', "get-ok(2, false, '', '$q', 0) {priority:9} 'high'", true),
  ]),
  scenario('9.3', 'counts over all priorities', 'counts and purges all priorities together', [
    prioritised(5, ['a', 0], ['b', 3], ['c', 5]),
    a.eventually(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 3, 0)"),
    a.calls(1, 'queue.purge', { queue: '$q' }, 'queue.purge-ok(3)'),
    a.getsNothing(1, '$q'),
  ]),
]

const rejected: Death = { reason: 'rejected', queue: '$q', keys: ['$q'] }

const reasons: readonly Scenario[] = [
  scenario('9.4', 'reason rejected: reject', 'dead-letters a rejected message', [
    withDeadQueue(),
    a.publishes(1, '', '$q', 'm'),
    rejects(1),
    getsDead('$dlq', 2, "'', '$dlq'", [rejected]),
  ]),
  scenario('9.4', 'reason rejected: nack', 'dead-letters a nacked message', [
    withDeadQueue(),
    a.publishes(1, '', '$q', 'm'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    a.nacks(1, 1, { requeue: false }),
    getsDead('$dlq', 2, "'', '$dlq'", [rejected]),
  ]),
  scenario('9.4', 'reason rejected: nack multiple', 'dead-letters what a multiple nack refuses, in order', [
    withDeadQueue(),
    ['a', 'b', 'c'].map((body) => a.publishes(1, '', '$q', body)),
    ['a', 'b', 'c'].map((body, at) => a.gets(1, '$q', `get-ok(${at + 1}, false, '', '$q', ${2 - at}) {} '${body}'`)),
    a.nacks(1, 3, { multiple: true, requeue: false }),
    a.eventually(1, 'queue.declare', { queue: '$dlq', passive: true }, "queue.declare-ok('$dlq', 3, 0)"),
    a.drains(1, '$dlq', ['a', 'b', 'c']),
  ]),
  scenario('9.4', 'not dead-lettered: purge and delete', 'does not dead-letter what purge and delete drop', [
    withDeadQueue(),
    a.publishes(1, '', '$q', 'one'),
    a.calls(1, 'queue.purge', { queue: '$q' }, 'queue.purge-ok(1)'),
    a.publishes(1, '', '$q', 'two'),
    a.deletesQueue(1, '$q', 1),
    a.silence(100),
    a.drains(1, '$dlq', []),
  ]),
  scenario('9.4', 'not dead-lettered: queue expiry', 'does not dead-letter what goes with an expired queue', [
    withDeadQueue({ 'x-expires': 60 }),
    a.publishes(1, '', '$q', 'm'),
    a.consumes(1, '$dlq', 'dead'),
    a.silence(400),
    a.send(1, 'queue.declare', { queue: '$q', passive: true }),
    a.closesChannel(1, 404, "no queue '$q' in vhost '/'", '50/10'),
  ]),
  scenario('9.4', 'missing DLX', 'drops the message when the dead-letter exchange is missing', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-dead-letter-exchange': '$nowhere' } }),
    a.publishes(1, '', '$q', 'm'),
    rejects(1),
    a.answers(1),
    a.getsNothing(1, '$q'),
  ]),
  scenario('9.4', 'no DLX', 'drops what is rejected where no dead-letter exchange is set', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    rejects(1),
    a.answers(1),
    a.getsNothing(1, '$q'),
  ]),
  scenario('9.4', 'dead letters in a transaction', 'dead-letters at commit what a transaction rejects', [
    withDeadQueue(),
    a.publishes(1, '', '$q', 'm'),
    a.calls(1, 'tx.select', {}, 'tx.select-ok()'),
    rejects(1),
    a.answers(1),
    a.getsNothing(1, '$dlq'),
    a.calls(1, 'tx.commit', {}, 'tx.commit-ok()'),
    getsDead('$dlq', 2, "'', '$dlq'", [rejected]),
  ]),
  scenario('9.4', 'deleted with its consumer', 'leaves unacked messages of a deleted queue undead', [
    withDeadQueue(),
    a.publishes(1, '', '$q', 'm'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    a.deletesQueue(1, '$q', 0),
    a.rejects(1, 1, false),
    a.answers(1),
    a.silence(100),
    a.drains(1, '$dlq', []),
  ]),
]

/** `$dlx` of this type, to which `$dlq` is bound with these keys; `$q` dead-letters there. */
function withExchange(type: string, keys: readonly string[], more: Table = {}): Steps {
  return [
    a.ready(),
    a.exchange(1, '$dlx', type),
    a.declares(1, '$dlq'),
    keys.map((key) => a.binds(1, '$dlq', '$dlx', key)),
    a.declares(1, '$q', { arguments: { 'x-dead-letter-exchange': '$dlx', ...more } }),
  ]
}

const targets: readonly Scenario[] = [
  scenario('9.4', 'target: exchange and own key', 'publishes to the dead-letter exchange with its own key', [
    withExchange('direct', ['$q']),
    a.publishes(1, '', '$q', 'm', { properties: { contentType: 'text/plain', headers: { k: 'v' }, messageId: 'id' } }),
    rejects(1, "'', '$q'", "{contentType:'text/plain' headers:{k:S'v'} messageId:'id'}"),
    getsDead('$dlq', 2, "'$dlx', '$q'", [rejected], {
      headers: { k: "S'v'" },
      before: "contentType:'text/plain'",
      behind: "messageId:'id'",
    }),
  ]),
  scenario('9.4', 'target: dead-letter routing key', 'publishes with the dead-letter routing key where one is set', [
    withExchange('direct', ['other'], { 'x-dead-letter-routing-key': 'other' }),
    a.publishes(1, '', '$q', 'm'),
    rejects(1),
    getsDead('$dlq', 2, "'$dlx', 'other'", [rejected]),
  ]),
  scenario('9.4', 'target: CC and BCC', 'routes by CC and BCC too where no routing key is set', [
    withExchange('direct', ['$dlq']),
    a.declares(1, '$r'),
    a.binds(1, '$r', '$dlx', '$cc'),
    a.declares(1, '$s'),
    a.binds(1, '$s', '$dlx', '$bcc'),
    a.publishes(1, '', '$q', 'm', { properties: { headers: { CC: ['A', ['$cc']], BCC: ['A', ['$bcc']] } } }),
    rejects(1, "'', '$q'", "{headers:{CC:A[S'$cc']}}"),
    ['$r', '$s'].map((queue, at) =>
      getsDead(queue, at + 2, "'$dlx', '$q'", [{ ...rejected, keys: ['$q', '$cc'] }], { headers: { CC: "A[S'$cc']" } }),
    ),
  ]),
  scenario('9.4', 'with a routing key set, CC', 'keeps CC, and does not route by it, where a routing key is set', [
    withExchange('direct', ['other'], { 'x-dead-letter-routing-key': 'other' }),
    a.declares(1, '$r'),
    a.binds(1, '$r', '$dlx', '$cc'),
    a.publishes(1, '', '$q', 'm', { properties: { headers: { CC: ['A', ['$cc']] } } }),
    rejects(1, "'', '$q'", "{headers:{CC:A[S'$cc']}}"),
    getsDead('$dlq', 2, "'$dlx', 'other'", [{ ...rejected, keys: ['$q', '$cc'] }], {
      oursOnly: { CC: "A[S'$cc']" },
    }),
    a.getsNothing(1, '$r'),
  ]),
  scenario('9.4', 'target: alternate exchange', 'sends dead letters through the alternate exchange of the DLX', [
    a.ready(),
    a.exchange(1, '$dlx', 'direct', { arguments: { 'alternate-exchange': '$ae' } }),
    a.exchange(1, '$ae', 'fanout'),
    a.declares(1, '$dlq'),
    a.binds(1, '$dlq', '$ae'),
    a.declares(1, '$q', { arguments: { 'x-dead-letter-exchange': '$dlx' } }),
    a.publishes(1, '', '$q', 'm'),
    rejects(1),
    getsDead('$dlq', 2, "'$dlx', '$q'", [rejected]),
  ]),
  scenario('9.4', 'target: fanout', 'copies a dead letter to every queue bound to a fanout exchange', [
    withExchange('fanout', ['']),
    a.declares(1, '$r'),
    a.binds(1, '$r', '$dlx'),
    a.publishes(1, '', '$q', 'm'),
    rejects(1),
    getsDead('$dlq', 2, "'$dlx', '$q'", [rejected]),
    getsDead('$r', 3, "'$dlx', '$q'", [rejected]),
  ]),
  scenario('9.4', 'not confirmed', 'confirms to the publisher once, not for dead letters', [
    withDeadQueue(),
    a.calls(1, 'confirm.select', {}, 'confirm.select-ok()'),
    a.publishes(1, '', '$q', 'm'),
    a.confirmed(1, [1]),
    rejects(1),
    getsDead('$dlq', 2, "'', '$dlq'", [rejected]),
    a.answers(1),
  ]),
]

const cycles: readonly Scenario[] = [
  scenario('9.4', 'cycle detection: TTL queue to itself', 'drops what expires back into its own queue', [
    a.ready(),
    a.declares(1, '$q', {
      arguments: { 'x-message-ttl': 40, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$q' },
    }),
    a.publishes(1, '', '$q', 'm'),
    a.silence(250),
    a.getsNothing(1, '$q'),
  ]),
  scenario('9.4', 'cycle detection: rejected', 'lets a rejected message come back to its queue again and again', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$q' } }),
    a.publishes(1, '', '$q', 'm'),
    rejects(1),
    [2, 3].map((tag) => [
      a.eventually(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 1, 0)"),
      a.send(1, 'basic.get', { queue: '$q' }),
      seesDead(`1 basic.get-ok(${tag}, false, '', '$q', 0)`, 'm', [{ ...rejected, count: tag - 1 }]),
      a.rejects(1, tag, false),
    ]),
  ]),
  scenario('9.4', 'cycle detection: reject, TTL queue, back', 'lets the retry pattern work for ever', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$wait' } }),
    a.declares(1, '$wait', {
      arguments: { 'x-message-ttl': 40, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$q' },
    }),
    a.consumes(1, '$q', 'ct'),
    a.publishes(1, '', '$q', 'm'),
    a.delivered(1, 'ct', 1, '$q', 'm'),
    a.rejects(1, 1, false),
    [2, 3, 4].map((tag) => [
      seesDead(
        `1 basic.deliver('ct', ${tag}, false, '', '$q')`,
        'm',
        [
          { reason: 'expired', queue: '$wait', keys: ['$wait'], count: tag - 1 },
          { ...rejected, count: tag - 1 },
        ],
        { first: rejected },
      ),
      a.rejects(1, tag, false),
    ]),
  ]),
  scenario('9.4', 'cycle detection: two TTL queues', 'drops what would circle between two queues by expiring', [
    a.ready(),
    a.declares(1, '$q', {
      arguments: { 'x-message-ttl': 30, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$r' },
    }),
    a.declares(1, '$r', {
      arguments: { 'x-message-ttl': 30, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$q' },
    }),
    a.publishes(1, '', '$q', 'm'),
    a.silence(300),
    a.getsNothing(1, '$q'),
    a.getsNothing(1, '$r'),
  ]),
]

const histories: readonly Scenario[] = [
  scenario('9.5', 'entry fields', 'writes count, reason, queue, time, exchange and routing keys', [
    withExchange('fanout', ['']),
    a.exchange(1, '$x', 'topic'),
    a.binds(1, '$q', '$x', '#'),
    a.publishes(1, '$x', 'some.key', 'm'),
    rejects(1, "'$x', 'some.key'"),
    getsDead('$dlq', 2, "'$dlx', 'some.key'", [{ ...rejected, exchange: '$x', keys: ['some.key'] }]),
  ]),
  scenario('9.5', 'original-expiration', 'moves the expiration into original-expiration', [
    withDeadQueue(),
    a.publishes(1, '', '$q', 'm', { properties: { expiration: '30' } }),
    getsDead('$dlq', 1, "'', '$dlq'", [{ reason: 'expired', queue: '$q', keys: ['$q'], expiration: '30' }]),
  ]),
  scenario('9.5', 'several deaths', 'puts the newest death first and keeps the first', [
    a.ready(),
    ['$q', '$r', '$s'].map((queue, at, all) =>
      a.declares(1, queue, {
        arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': all[at + 1] ?? '$dlq' },
      }),
    ),
    a.declares(1, '$dlq'),
    a.publishes(1, '', '$q', 'm'),
    rejects(1),
    a.eventually(1, 'queue.declare', { queue: '$r', passive: true }, "queue.declare-ok('$r', 1, 0)"),
    a.send(1, 'basic.get', { queue: '$r' }),
    a.skips('basic.get-ok'),
    a.rejects(1, 2, false),
    a.eventually(1, 'queue.declare', { queue: '$s', passive: true }, "queue.declare-ok('$s', 1, 0)"),
    a.send(1, 'basic.get', { queue: '$s' }),
    a.skips('basic.get-ok'),
    a.nacks(1, 3, { requeue: false }),
    differ(
      '§9.5 newest death first; 3.10 puts a third one in another place',
      getsDead('$dlq', 4, "'', '$dlq'", [
        { reason: 'rejected', queue: '$s', keys: ['$s'] },
        { reason: 'rejected', queue: '$r', keys: ['$r'] },
        rejected,
      ]),
      getsDeadAsItIs(),
    ),
  ]),
  scenario('9.5', 'client-published x-death', 'passes a client x-death through, and begins anew when it dies', [
    withDeadQueue(),
    a.publishes(1, '', '$q', 'm', {
      properties: { headers: { 'x-death': ['A', [{ count: ['l', 7], reason: 'rejected', queue: '$q' }]] } },
    }),
    rejects(1, "'', '$q'", "{headers:{x-death:A[F{count:l7 reason:S'rejected' queue:S'$q'}]}}"),
    differ(
      '§19 client-supplied x-death: ignored as 4.x; continued in 3.10',
      getsDead('$dlq', 2, "'', '$dlq'", [rejected]),
      getsDeadAsItIs(),
    ),
  ]),
  scenario('9.5', 'redelivered in the dead-letter queue', 'delivers a dead letter for the first time', [
    withDeadQueue(),
    a.publishes(1, '', '$q', 'm'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    a.nacks(1, 1),
    a.gets(1, '$q', "get-ok(2, true, '', '$q', 0) {} 'm'"),
    a.rejects(1, 2, false),
    getsDead('$dlq', 3, "'', '$dlq'", [rejected]),
  ]),
]

export const priorities: readonly Scenario[] = priorityQueues
export const deadLetters: readonly Scenario[] = [...reasons, ...targets, ...cycles]
export const deathHeaders: readonly Scenario[] = histories
