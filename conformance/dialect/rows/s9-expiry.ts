// §9.1 and 9.2 of the behaviour reference: time to live, and limits of length.

import type { Table } from '../client/field-table.ts'
import { seesDead } from '../deaths.ts'
import { a } from '../peers.ts'
import { type Scenario, type Steps, scenario } from '../scenario.ts'

/** A queue `$q` with these arguments whose dead letters come to a consumer `dead` of `$dlq`, and publisher confirms on. */
function withDeadLetters(queueArguments: Table): Steps {
  return [
    a.ready(),
    a.opensChannel(2),
    a.declares(1, '$dlq'),
    a.declares(1, '$q', {
      arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$dlq', ...queueArguments },
    }),
    a.consumes(2, '$dlq', 'dead', { noAck: true }),
  ]
}

const confirming: Steps = a.calls(1, 'confirm.select', {}, 'confirm.select-ok()')

function publishes(...bodies: readonly string[]): Steps {
  return bodies.map((body) => a.publishes(1, '', '$q', body))
}

function died(
  tag: number,
  body: string,
  reason: 'expired' | 'maxlen',
  expiration?: string,
  redelivered = false,
): Steps {
  return seesDead(`2 basic.deliver('dead', ${tag}, ${redelivered}, '', '$dlq')`, body, [
    { reason, queue: '$q', keys: ['$q'], ...(expiration === undefined ? {} : { expiration }) },
  ])
}

const counts = (ready: number): Steps =>
  a.calls(1, 'queue.declare', { queue: '$q', passive: true }, `queue.declare-ok('$q', ${ready}, 0)`)

const ttl: readonly Scenario[] = [
  scenario('9.1', 'effective TTL: expiration', 'takes an expiration that is shorter than the x-message-ttl', [
    withDeadLetters({ 'x-message-ttl': 60_000 }),
    a.publishes(1, '', '$q', 'm', { properties: { expiration: '40' } }),
    died(1, 'm', 'expired', '40'),
  ]),
  scenario('9.1', 'effective TTL: x-message-ttl', 'takes an x-message-ttl that is shorter than the expiration', [
    withDeadLetters({ 'x-message-ttl': 40 }),
    a.publishes(1, '', '$q', 'm', { properties: { expiration: '60000' } }),
    died(1, 'm', 'expired', '60000'),
  ]),
  scenario('9.1', 'effective TTL: x-message-ttl alone', 'expires every message by the x-message-ttl, in order', [
    withDeadLetters({ 'x-message-ttl': 60 }),
    publishes('one', 'two', 'three'),
    ['one', 'two', 'three'].map((body, at) => died(at + 1, body, 'expired')),
    a.drains(1, '$q', []),
  ]),
  scenario('9.1', 'classic: head only', 'keeps and counts an expired message behind one that lives', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'long', { properties: { expiration: '60000' } }),
    a.publishes(1, '', '$q', 'short', { properties: { expiration: '30' } }),
    a.silence(150),
    counts(2),
    // The other one reaches the head with this, so that it is not counted any more.
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {expiration:'60000'} 'long'", true),
    a.getsNothing(1, '$q'),
  ]),
  scenario('9.1', 'expired messages', 'never delivers an expired message to a consumer', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-message-ttl': 40 } }),
    publishes('one', 'two'),
    a.silence(150),
    a.consumes(1, '$q', 'ct'),
    publishes('three'),
    a.delivered(1, 'ct', 1, '$q', 'three'),
  ]),
  scenario('9.1', 'TTL 0 without consumer', 'expires at once what no consumer waits for', [
    withDeadLetters({ 'x-message-ttl': 0 }),
    publishes('m'),
    died(1, 'm', 'expired'),
    a.getsNothing(1, '$q'),
  ]),
  scenario('9.1', 'TTL 0 with a consumer', 'delivers to a waiting consumer with room, and expires without room', [
    withDeadLetters({ 'x-message-ttl': 0 }),
    a.qos(1, 1),
    a.consumes(1, '$q', 'ct'),
    publishes('one'),
    a.delivered(1, 'ct', 1, '$q', 'one'),
    publishes('two'),
    died(1, 'two', 'expired'),
  ]),
  scenario('9.1', 'expiration "0" without consumer', 'expires an expiration of 0 at once', [
    withDeadLetters({}),
    a.publishes(1, '', '$q', 'm', { properties: { expiration: '0' } }),
    died(1, 'm', 'expired', '0'),
  ]),
  scenario('9.1', 'expiration "0" with a consumer', 'delivers an expiration of 0 to a waiting consumer', [
    a.ready(),
    a.declares(1, '$q'),
    a.consumes(1, '$q', 'ct'),
    a.publishes(1, '', '$q', 'm', { properties: { expiration: '0' } }),
    a.sees("1 basic.deliver('ct', 1, false, '', '$q') {expiration:'0'} 'm'"),
  ]),
  scenario('9.1', 'requeued message', 'keeps the time of expiry of a message that comes back', [
    withDeadLetters({ 'x-message-ttl': 100 }),
    publishes('m'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    a.silence(200),
    a.nacks(1, 1),
    died(1, 'm', 'expired'),
    a.getsNothing(1, '$q'),
  ]),
  scenario('9.1', 'unacked messages', 'does not expire what a client holds', [
    withDeadLetters({ 'x-message-ttl': 60 }),
    publishes('m'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    a.silence(200),
    a.acks(1, 1),
    a.answers(1),
  ]),
  scenario('9.1', 'expiration property', 'delivers the expiration unchanged', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm', { properties: { expiration: '060000' } }),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {expiration:'060000'} 'm'"),
  ]),
]

const dropHead: readonly Scenario[] = [
  scenario('9.2', 'drop-head', 'drops the oldest ready messages above x-max-length, with reason maxlen', [
    withDeadLetters({ 'x-max-length': 2 }),
    publishes('one', 'two', 'three', 'four'),
    died(1, 'one', 'maxlen'),
    died(2, 'two', 'maxlen'),
    a.drains(1, '$q', ['three', 'four']),
  ]),
  scenario('9.2', 'drop-head, both limits', 'drops until the queue is within both limits', [
    withDeadLetters({ 'x-max-length': 3, 'x-max-length-bytes': 10 }),
    publishes('aaaa', 'bbbb', 'cccc'),
    died(1, 'aaaa', 'maxlen'),
    publishes('d', 'e'),
    died(2, 'bbbb', 'maxlen'),
    a.drains(1, '$q', ['cccc', 'd', 'e']),
  ]),
  scenario('9.2', 'unacked not counted', 'counts ready messages only', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 1 } }),
    publishes('one'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'one'"),
    publishes('two'),
    a.gets(1, '$q', "get-ok(2, false, '', '$q', 0) {} 'two'"),
    publishes('three', 'four'),
    a.drains(1, '$q', ['four']),
  ]),
  scenario('9.2', 'drop-head acked', 'confirms what overflow drops', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 1 } }),
    confirming,
    publishes('one', 'two', 'three'),
    a.confirmed(1, [1, 2, 3]),
    a.drains(1, '$q', ['three']),
  ]),
  scenario('9.2', 'max-length 0', 'delivers only straight to a waiting consumer with a max-length of 0', [
    withDeadLetters({ 'x-max-length': 0 }),
    publishes('one'),
    died(1, 'one', 'maxlen'),
    a.consumes(1, '$q', 'ct'),
    publishes('two'),
    a.delivered(1, 'ct', 1, '$q', 'two'),
  ]),
  scenario('9.2', 'max-length 0 acked', 'confirms what a max-length of 0 drops', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 0 } }),
    confirming,
    publishes('one'),
    a.confirmed(1, [1]),
    a.getsNothing(1, '$q'),
  ]),
  scenario('9.2', 'max-length-bytes', 'counts body bytes, and drops a message larger than the limit', [
    withDeadLetters({ 'x-max-length-bytes': 10 }),
    a.publishes(1, '', '$q', '0123456789', { properties: { contentType: 'not/counted' } }),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {contentType:'not/counted'} '0123456789'", true),
    publishes('0123456789a'),
    died(1, '0123456789a', 'maxlen'),
    a.getsNothing(1, '$q'),
  ]),
  scenario('9.2', 'requeue over the limit', 'enforces the limit when a message comes back', [
    withDeadLetters({ 'x-max-length': 1 }),
    publishes('one'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'one'"),
    publishes('two'),
    a.answers(1),
    a.nacks(1, 1),
    died(1, 'one', 'maxlen'),
    a.drains(1, '$q', ['two']),
  ]),
  scenario('9.2', 'drop-head with priorities', 'drops from the head, which is the highest priority', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 2, 'x-max-priority': 5 } }),
    (
      [
        ['high', 5],
        ['low', 1],
        ['middle', 3],
        ['none', 0],
      ] as const
    ).map(([body, priority]) => a.publishes(1, '', '$q', body, { properties: { priority } })),
    a.drains(1, '$q', ['low', 'none']),
  ]),
]

const rejecting: readonly Scenario[] = [
  scenario('9.2', 'reject-publish', 'nacks what does not fit, and does not dead-letter it', [
    withDeadLetters({ 'x-max-length': 1, 'x-overflow': 'reject-publish' }),
    confirming,
    publishes('one', 'two', 'three'),
    a.confirmed(1, [1], [2, 3]),
    a.drains(1, '$q', ['one']),
    publishes('four'),
    a.confirmed(1, [4]),
    a.answers(2),
  ]),
  scenario('9.2', 'reject-publish without confirms', 'drops silently what does not fit', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } }),
    publishes('one', 'two'),
    a.answers(1),
    a.drains(1, '$q', ['one']),
  ]),
  scenario('9.2', 'reject-publish, mandatory', 'nacks and does not return a mandatory message that does not fit', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 0, 'x-overflow': 'reject-publish' } }),
    confirming,
    a.publishes(1, '', '$q', 'm', { mandatory: true }),
    a.confirmed(1, [], [1]),
    a.answers(1),
  ]),
  scenario('9.2', 'reject-publish-dlx', 'dead-letters what does not fit', [
    withDeadLetters({ 'x-max-length': 1, 'x-overflow': 'reject-publish-dlx' }),
    publishes('one', 'two'),
    died(1, 'two', 'maxlen'),
    a.drains(1, '$q', ['one']),
  ]),
  scenario('9.2', 'reject-publish-dlx, confirms', 'nacks what does not fit and is dead-lettered', [
    a.ready(),
    a.declares(1, '$dlq'),
    a.declares(1, '$q', {
      arguments: {
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': '$dlq',
        'x-max-length': 1,
        'x-overflow': 'reject-publish-dlx',
      },
    }),
    confirming,
    publishes('one', 'two'),
    a.confirmed(1, [1], [2]),
    a.eventually(1, 'queue.declare', { queue: '$dlq', passive: true }, "queue.declare-ok('$dlq', 1, 0)"),
    a.drains(1, '$dlq', ['two']),
  ]),
  scenario('9.2', 'max-length-bytes, reject-publish', 'nacks a message larger than the limit', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length-bytes': 5, 'x-overflow': 'reject-publish' } }),
    confirming,
    publishes('01234', '5'),
    a.confirmed(1, [1], [2]),
    a.drains(1, '$q', ['01234']),
  ]),
  scenario('8.2', 'rejected by any queue', 'nacks the whole message when one of its queues rejects it', [
    a.ready(),
    a.exchange(1, '$x', 'fanout'),
    a.declares(1, '$full', { arguments: { 'x-max-length': 0, 'x-overflow': 'reject-publish' } }),
    a.declares(1, '$q'),
    a.binds(1, '$full', '$x'),
    a.binds(1, '$q', '$x'),
    confirming,
    a.publishes(1, '$x', '', 'm'),
    a.confirmed(1, [], [1]),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('8.3', 'publish rejected during commit', 'ends a commit with 406 when a queue rejects a publish', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 0, 'x-overflow': 'reject-publish' } }),
    a.calls(1, 'tx.select', {}, 'tx.select-ok()'),
    publishes('m'),
    a.send(1, 'tx.commit'),
    a.closesChannel(1, 406, 'partial tx completion', '90/20'),
  ]),
]

export const timeToLive: readonly Scenario[] = ttl
export const lengthLimits: readonly Scenario[] = [...dropHead, ...rejecting]
