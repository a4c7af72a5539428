// §8.1 and 8.2 of the behaviour reference: what basic.publish checks, and publisher confirms.

import { a } from '../peers.ts'
import { differ, type Scenario, type Steps, scenario } from '../scenario.ts'

const publishIds = '60/40'
const mebibytes16 = 16 * 1024 * 1024

const withQueue: Steps = [a.ready(), a.declares(1, '$q')]
const confirming: Steps = a.calls(1, 'confirm.select', {}, 'confirm.select-ok()')
const transacting: Steps = a.calls(1, 'tx.select', {}, 'tx.select-ok()')

function badExpiration(expiration: string, why: string): Scenario {
  return scenario('8.1', `expiration '${expiration}'`, `refuses the expiration '${expiration}'`, [
    a.ready(),
    a.publishes(1, '', '$q', 'm', { properties: { expiration } }),
    a.closesChannel(1, 406, `invalid expiration '${expiration}': ${why}`, publishIds),
  ])
}

const checks: readonly Scenario[] = [
  scenario('8.1', 'immediate=true', 'does not implement immediate', [
    a.ready(),
    a.publishes(1, '', '$q', 'm', { immediate: true }),
    a.closesConnection(540, 'immediate=true', publishIds),
  ]),
  scenario('8.1', 'immediate before everything', 'refuses immediate before it looks at the exchange', [
    a.ready(),
    a.publishes(1, '$nowhere', '$q', 'm', { immediate: true, properties: { expiration: 'soon' } }),
    a.closesConnection(540, 'immediate=true', publishIds),
  ]),
  scenario('8.1', 'message size at the limit', 'accepts a message of exactly 16 MiB', [
    withQueue,
    a.publishes(1, '', '$q', { fill: mebibytes16 }),
    a.calls(1, 'queue.purge', { queue: '$q' }, 'queue.purge-ok(1)'),
  ]),
  scenario('8.1', 'message size above the limit', 'refuses a message of one byte more than 16 MiB', [
    withQueue,
    a.publishes(1, '', '$q', { fill: mebibytes16 + 1 }),
    a.closesChannel(
      1,
      406,
      `message size ${mebibytes16 + 1} is larger than configured max size ${mebibytes16}`,
      publishIds,
    ),
    a.reopens(1),
    a.getsNothing(1, '$q'),
  ]),
  scenario('8.1', 'missing exchange before expiration', 'looks at the exchange before the expiration', [
    a.ready(),
    a.publishes(1, '$x', '$q', 'm', { properties: { expiration: 'soon' } }),
    a.closesChannel(1, 404, "no exchange '$x' in vhost '/'", publishIds),
  ]),
  badExpiration('', 'no_integer'),
  badExpiration('abc', 'no_integer'),
  badExpiration(' 5', 'no_integer'),
  badExpiration('1.5', '{leftover_string,".5"}'),
  badExpiration('5 ', '{leftover_string," "}'),
  badExpiration('1e3', '{leftover_string,"e3"}'),
  badExpiration('0x10', '{leftover_string,"x10"}'),
  badExpiration('-1', '{value_negative,-1}'),
  badExpiration('315360000001', '{value_too_large,315360000001}'),
  ...['0', '+60000', '00060000', '315360000000'].map((expiration) =>
    scenario('8.1', `expiration '${expiration}'`, `accepts the expiration '${expiration}'`, [
      a.ready(),
      a.publishes(1, '', '$nowhere', 'm', { properties: { expiration } }),
      a.answers(1),
    ]),
  ),
  ...['nobody', ''].map((userId) =>
    scenario('8.1', `user-id '${userId}'`, `refuses the user-id '${userId}'`, [
      a.ready(),
      a.publishes(1, '', '$q', 'm', { properties: { userId } }),
      a.closesChannel(1, 406, `user_id property set to '${userId}' but authenticated user was 'guest'`, publishIds),
    ]),
  ),
  scenario('8.1', "user-id 'guest'", 'accepts the name of the user as user-id', [
    withQueue,
    a.publishes(1, '', '$q', 'm', { properties: { userId: 'guest' } }),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {userId:'guest'} 'm'"),
  ]),
  scenario('8.1', 'delivery-mode', 'keeps any delivery-mode as it was sent', [
    withQueue,
    a.publishes(1, '', '$q', 'one', { properties: { deliveryMode: 1 } }),
    a.publishes(1, '', '$q', 'two', { properties: { deliveryMode: 2 } }),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 1) {deliveryMode:1} 'one'"),
    a.gets(1, '$q', "get-ok(2, false, '', '$q', 0) {deliveryMode:2} 'two'"),
    a.publishes(1, '', '$q', 'zero', { properties: { deliveryMode: 0 } }),
    differ(
      '§19 delivery-mode other than 1/2: transient as 4.x; 406 in 3.10',
      a.gets(1, '$q', "get-ok(3, false, '', '$q', 0) {deliveryMode:0} 'zero'"),
      a.closesChannel(1, 406, 'invalid message: {delivery_mode_unknown,0}', publishIds),
    ),
  ]),
  scenario('8.1', 'all properties', 'delivers all properties unchanged', [
    withQueue,
    a.publishes(1, '', '$q', 'm', {
      properties: {
        contentType: 'text/plain',
        contentEncoding: 'utf-8',
        headers: { k: 'v' },
        deliveryMode: 1,
        priority: 200,
        correlationId: 'c',
        replyTo: 'r',
        expiration: '60000',
        messageId: 'm',
        timestamp: 1_700_000_000,
        type: 't',
        userId: 'guest',
        appId: 'a',
        clusterId: 'old',
      },
    }),
    a.gets(
      1,
      '$q',
      "get-ok(1, false, '', '$q', 0) {contentType:'text/plain' contentEncoding:'utf-8' headers:{k:S'v'} " +
        "deliveryMode:1 priority:200 correlationId:'c' replyTo:'r' expiration:'60000' messageId:'m' " +
        "timestamp:1700000000 type:'t' userId:'guest' appId:'a' clusterId:'old'} 'm'",
    ),
  ]),
  scenario('8.1', 'unroutable, not mandatory', 'drops an unroutable message silently', [
    a.ready(),
    a.publishes(1, '', '$nowhere', 'm'),
    a.answers(1),
  ]),
  scenario('8.1', 'unroutable, mandatory', 'returns an unroutable mandatory message with its properties', [
    a.ready(),
    a.publishes(1, 'amq.direct', '$nowhere', 'm', {
      mandatory: true,
      properties: { contentType: 'text/plain', headers: { n: 1 }, messageId: 'id' },
    }),
    a.sees(
      "1 basic.return(312, 'NO_ROUTE', 'amq.direct', '$nowhere') {contentType:'text/plain' headers:{n:I1} messageId:'id'} 'm'",
    ),
  ]),
  scenario('8.1', 'mandatory, routable', 'returns nothing that was routed', [
    withQueue,
    a.publishes(1, '', '$q', 'm', { mandatory: true }),
    a.answers(1),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('8.1', 'publishes after an error', 'drops what is published behind an error', [
    withQueue,
    a.publishes(1, '$x', 'k', 'bad'),
    a.publishes(1, '', '$q', 'behind'),
    a.closesChannel(1, 404, "no exchange '$x' in vhost '/'", publishIds),
    a.reopens(1),
    a.drains(1, '$q', []),
  ]),
]

const confirms: readonly Scenario[] = [
  scenario('8.2', 'confirm.select', 'answers confirm.select, also again', [a.ready(), confirming, confirming]),
  scenario('8.2', 'confirm.select nowait', 'answers nothing to a nowait select', [
    withQueue,
    a.send(1, 'confirm.select', { nowait: true }),
    a.answers(1),
    a.publishes(1, '', '$q', 'm'),
    a.confirmed(1, [1]),
  ]),
  scenario('8.2', 'sequence', 'counts publishes from the first one behind select', [
    withQueue,
    a.publishes(1, '', '$q', 'unconfirmed'),
    confirming,
    a.publishes(1, '', '$q', 'one'),
    a.publishes(1, '', '$q', 'two'),
    a.confirmed(1, [1, 2]),
    confirming,
    a.publishes(1, '', '$q', 'three'),
    a.confirmed(1, [3]),
  ]),
  scenario('8.2', 'per channel', 'confirms and counts per channel', [
    withQueue,
    a.opensChannel(2),
    confirming,
    a.calls(2, 'confirm.select', {}, 'confirm.select-ok()'),
    a.publishes(1, '', '$q', 'm'),
    a.confirmed(1, [1]),
    a.publishes(2, '', '$q', 'm'),
    a.confirmed(2, [1]),
  ]),
  scenario('8.2', 'unroutable', 'acks an unroutable message', [
    a.ready(),
    confirming,
    a.publishes(1, '', '$nowhere', 'm'),
    a.confirmed(1, [1]),
  ]),
  scenario('8.2', 'unroutable, mandatory', 'returns, then acks an unroutable mandatory message', [
    a.ready(),
    confirming,
    a.publishes(1, '', '$nowhere', 'one', { mandatory: true }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '', '$nowhere') {} 'one'"),
    a.confirmed(1, [1]),
    a.publishes(1, '', '$nowhere', 'two', { mandatory: true }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '', '$nowhere') {} 'two'"),
    a.confirmed(1, [2]),
  ]),
  scenario('8.2', 'many', 'confirms every one of 200 publishes once', [
    withQueue,
    confirming,
    a.write(
      ...Array.from({ length: 200 }, (_, at) => ({
        frame: 'publish' as const,
        channel: 1,
        values: { exchange: '', routingKey: at % 3 === 0 ? '$nowhere' : '$q' },
        properties: {},
        body: String(at),
      })),
    ),
    a.confirmed(
      1,
      Array.from({ length: 200 }, (_, at) => at + 1),
    ),
  ]),
  scenario('8.2', 'persistent in a durable queue', 'confirms persistent messages in durable queues', [
    a.ready(),
    a.declares(1, '$q', { durable: true }),
    confirming,
    ['one', 'two', 'three'].map((body) => a.publishes(1, '', '$q', body, { properties: { deliveryMode: 2 } })),
    a.confirmed(1, [1, 2, 3]),
    a.drains(1, '$q', ['one', 'two', 'three']),
  ]),
  scenario('8.2', 'several queues', 'confirms once for a message in several queues', [
    a.ready(),
    a.exchange(1, '$x', 'fanout'),
    a.declares(1, '$q', { durable: true }),
    a.declares(1, '$r'),
    a.binds(1, '$q', '$x'),
    a.binds(1, '$r', '$x'),
    confirming,
    a.publishes(1, '$x', '', 'one', { properties: { deliveryMode: 2 } }),
    a.publishes(1, '$x', '', 'two'),
    a.confirmed(1, [1, 2]),
    a.answers(1),
  ]),
  scenario('8.2', 'missing exchange', 'closes the channel instead of a nack', [
    a.ready(),
    confirming,
    a.publishes(1, '$x', 'k', 'm'),
    a.closesChannel(1, 404, "no exchange '$x' in vhost '/'", publishIds),
  ]),
  scenario('8.2', 'select after reopening', 'starts to count anew on a reopened channel', [
    withQueue,
    confirming,
    a.publishes(1, '', '$q', 'one'),
    a.confirmed(1, [1]),
    a.calls(1, 'channel.close', {}, 'channel.close-ok()'),
    a.opensChannel(1),
    a.publishes(1, '', '$q', 'two'),
    a.answers(1),
    confirming,
    a.publishes(1, '', '$q', 'three'),
    a.confirmed(1, [1]),
  ]),
  scenario('8.2', 'tx.select on a confirm channel', 'does not switch from confirm to tx mode', [
    a.ready(),
    confirming,
    a.send(1, 'tx.select'),
    a.closesChannel(1, 406, 'cannot switch from confirm to tx mode', '90/10'),
  ]),
  scenario('8.2', 'confirm.select on a tx channel', 'does not switch from tx to confirm mode', [
    a.ready(),
    transacting,
    a.send(1, 'confirm.select'),
    a.closesChannel(1, 406, 'cannot switch from tx to confirm mode', '85/10'),
  ]),
]

export const publishing: readonly Scenario[] = checks
export const confirmMode: readonly Scenario[] = confirms
