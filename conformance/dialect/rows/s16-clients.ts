// §16 and 17 of the behaviour reference: what is deprecated and still works, and what common clients depend on. Much of
// it is shown by other rows; these put it the way clients do it.

import { a } from '../peers.ts'
import { type Scenario, scenario } from '../scenario.ts'

const noQueue = "no queue '$gone' in vhost '/'"

const deprecatedFeatures: readonly Scenario[] = [
  scenario('16', 'transient_nonexcl_queues', 'permits transient queues that are not exclusive', [
    a.ready(),
    a.declares(1, '$q', { durable: false, exclusive: false }),
    a.publishes(1, '', '$q', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('16', 'global_qos', 'permits a shared limit', [
    a.ready(),
    a.declares(1, '$q'),
    a.qos(1, 1, true),
    a.consumes(1, '$q', 'one'),
    a.consumes(1, '$q', 'two'),
    a.publishes(1, '', '$q', 'm'),
    a.publishes(1, '', '$q', 'n'),
    a.delivered(1, 'one', 1, '$q', 'm'),
    a.answers(1),
    a.acks(1, 1),
    a.delivered(1, 'two', 2, '$q', 'n'),
  ]),
  scenario('16', 'queue_master_locator', 'permits and ignores x-queue-master-locator', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-queue-master-locator': 'client-local' } }),
  ]),
  scenario('16', 'classic_queue_mirroring', 'ignores x-ha-policy', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-ha-policy': 'all' } }),
    a.declares(1, '$q'),
  ]),
  scenario('16', 'x-queue-mode / lazy', 'permits lazy queues', [
    a.ready(),
    a.declares(1, '$q', { durable: true, arguments: { 'x-queue-mode': 'lazy' } }),
    a.publishes(1, '', '$q', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
]

const needs: readonly Scenario[] = [
  scenario('17', 'frame-max 4096 accepted', 'serves a client with the frames of old amqplib', [
    a.ready({ frameMax: 4096 }),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', { fill: 10_000 }),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 10000 bytes in frames of 4088+4088+1824"),
  ]),
  scenario('17', 'capabilities table and product/version', 'says what it is and can', [
    a.connect(),
    a.raw('protocol header', Buffer.from('AMQP\0\0\x09\x01', 'latin1')),
    a.skips('connection.start'),
  ]),
  scenario('17', 'basic.return before the ack', 'returns before it confirms, for each of several publishes', [
    a.ready(),
    a.calls(1, 'confirm.select', {}, 'confirm.select-ok()'),
    ['one', 'two', 'three'].map((body) => a.publishes(1, '', '$nowhere', body, { mandatory: true })),
    a.sees("1 basic.return(312, 'NO_ROUTE', '', '$nowhere') {} 'one'"),
    a.skipsTo('basic.ack'),
  ]),
  scenario('17', 'requests pipelined after an error', 'answers an error once, whatever was sent behind it', [
    a.ready(),
    a.opensChannel(2),
    a.send(1, 'queue.declare', { queue: '$gone', passive: true }),
    a.send(1, 'queue.declare', { queue: '$q' }),
    a.send(1, 'basic.consume', { queue: '$gone' }),
    a.publishes(1, '', '$q', 'm'),
    a.closesChannel(1, 404, noQueue, '50/10'),
    a.send(1, 'channel.close-ok'),
    a.answers(2),
    a.send(2, 'queue.declare', { queue: '$q', passive: true }),
    a.closesChannel(2, 404, "no queue '$q' in vhost '/'", '50/10'),
  ]),
  scenario('17', 'close pipelined after an error', 'answers the close that a client sends before it sees the error', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '$gone', passive: true }),
    a.send(1, 'channel.close', { replyCode: 200 }),
    a.closesChannel(1, 404, noQueue, '50/10'),
    a.sees('1 channel.close-ok()'),
    a.send(1, 'channel.close-ok'),
    a.opensChannel(1),
  ]),
  scenario('17', 'channel numbers reusable', 'lets a channel number be opened again directly after close-ok', [
    a.ready(),
    [1, 2, 3].map(() => [a.calls(1, 'channel.close', {}, 'channel.close-ok()'), a.opensChannel(1)]),
    a.answers(1),
  ]),
  scenario('17', 'idempotent teardown', 'lets what is not there be deleted and cancelled', [
    a.ready(),
    a.deletesQueue(1, '$gone', 0),
    a.deletesExchange(1, '$gone'),
    a.unbinds(1, '$gone', 'amq.direct', 'k'),
    a.calls(1, 'basic.cancel', { consumerTag: 'nobody' }, "basic.cancel-ok('nobody')"),
  ]),
  scenario('17', 'server-generated names', 'prefixes the names that it makes up', [
    a.ready(),
    a.calls(1, 'queue.declare', { exclusive: true }, "queue.declare-ok('amq.gen-*', 0, 0)"),
    a.consumes(1, '', ''),
  ]),
  scenario('17', '404 on passive declare', 'closes only the channel of a probe for existence', [
    a.ready(),
    a.opensChannel(2),
    a.send(2, 'queue.declare', { queue: '$gone', passive: true }),
    a.closesChannel(2, 404, noQueue, '50/10'),
    a.answers(1),
    a.reopens(2),
    a.answers(2),
  ]),
]

export const deprecated: readonly Scenario[] = deprecatedFeatures
export const clientNeeds: readonly Scenario[] = needs
