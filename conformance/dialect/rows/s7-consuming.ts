// §7.1–7.5 of the behaviour reference: consuming, dispatch, prefetch, cancelling, basic.get.

import { a, b } from '../peers.ts'
import { type Scenario, type Steps, scenario } from '../scenario.ts'

const consumeIds = '60/20'
const inUse = "queue '$q' in vhost '/' in exclusive use"
const noQueue = "no queue '$q' in vhost '/'"

/** A new queue `$q` on a ready peer. */
const withQueue: Steps = [a.ready(), a.declares(1, '$q')]

/** These bodies to `$q`, in this order. */
function publishes(...bodies: readonly string[]): Steps {
  return bodies.map((body) => a.publishes(1, '', '$q', body))
}

const consuming: readonly Scenario[] = [
  scenario('7.1', 'tag already used', 'ends the connection when a tag is used twice on a channel', [
    withQueue,
    a.consumes(1, '$q', 'ct'),
    a.send(1, 'basic.consume', { queue: '$q', consumerTag: 'ct' }),
    a.closesConnection(530, "attempt to reuse consumer tag 'ct'", consumeIds),
  ]),
  scenario('7.1', 'tag already used, missing queue', 'checks the tag before the queue', [
    withQueue,
    a.consumes(1, '$q', 'ct'),
    a.send(1, 'basic.consume', { queue: '$gone', consumerTag: 'ct' }),
    a.closesConnection(530, "attempt to reuse consumer tag 'ct'", consumeIds),
  ]),
  scenario('7.1', 'same tag on another channel', 'accepts the same tag on another channel', [
    withQueue,
    a.opensChannel(2),
    a.consumes(1, '$q', 'ct'),
    a.consumes(2, '$q', 'ct'),
  ]),
  scenario('7.1', 'tag free after cancel', 'lets a tag be used again after cancel', [
    withQueue,
    a.consumes(1, '$q', 'ct'),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    a.consumes(1, '$q', 'ct'),
  ]),
  scenario('7.1', 'empty tag', 'makes up a tag of amq.ctag- and 22 characters', [
    withQueue,
    a.consumes(1, '$q', ''),
    a.consumes(1, '$q', ''),
  ]),
  scenario('7.1', 'missing queue', 'answers consume of a missing queue with 404', [
    a.ready(),
    a.send(1, 'basic.consume', { queue: '$q' }),
    a.closesChannel(1, 404, noQueue, consumeIds),
  ]),
  scenario('7.1', 'exclusive while consumers exist', 'refuses an exclusive consumer beside another', [
    withQueue,
    a.consumes(1, '$q', 'one'),
    a.send(1, 'basic.consume', { queue: '$q', consumerTag: 'two', exclusive: true }),
    a.closesChannel(1, 403, inUse, consumeIds),
  ]),
  scenario('7.1', 'any consume beside an exclusive consumer', 'refuses any consumer beside an exclusive one', [
    withQueue,
    b.ready(),
    a.consumes(1, '$q', 'one', { exclusive: true }),
    b.send(1, 'basic.consume', { queue: '$q', consumerTag: 'two' }),
    b.closesChannel(1, 403, inUse, consumeIds),
    b.reopens(1),
    a.calls(1, 'basic.cancel', { consumerTag: 'one' }, "basic.cancel-ok('one')"),
    b.consumes(1, '$q', 'two', { exclusive: true }),
  ]),
  scenario('7.1', 'basic.get beside an exclusive consumer', 'allows basic.get beside an exclusive consumer', [
    withQueue,
    a.qos(1, 1),
    a.consumes(1, '$q', 'ct', { exclusive: true }),
    publishes('one', 'two'),
    a.delivered(1, 'ct', 1, '$q', 'one'),
    a.gets(1, '$q', "get-ok(2, false, '', '$q', 0) {} 'two'"),
  ]),
  scenario('7.1', 'no-local', 'ignores no-local', [
    withQueue,
    a.consumes(1, '$q', 'ct', { noLocal: true }),
    publishes('own'),
    a.delivered(1, 'ct', 1, '$q', 'own'),
  ]),
  scenario('7.1', 'x-priority of the wrong type', 'refuses an x-priority that is not an integer', [
    withQueue,
    a.send(1, 'basic.consume', { queue: '$q', arguments: { 'x-priority': 'high' } }),
    a.closesChannel(
      1,
      406,
      "invalid arg 'x-priority' for queue '$q' in vhost '/': \"expected integer, got longstr\"",
      consumeIds,
    ),
  ]),
  scenario('7.1', 'unknown arguments', 'accepts unknown arguments and x-priority of any sign', [
    withQueue,
    a.consumes(1, '$q', 'one', { arguments: { 'x-anything': 'goes', 'x-cancel-on-ha-failover': true } }),
    a.consumes(1, '$q', 'two', { arguments: { 'x-priority': -5 } }),
    a.consumes(1, '$q', 'three', { arguments: { 'x-priority': ['l', 5] } }),
  ]),
  scenario('7.1', 'nowait', 'sends no consume-ok with nowait', [
    withQueue,
    publishes('m'),
    a.send(1, 'basic.consume', { queue: '$q', consumerTag: 'ct', nowait: true }),
    a.delivered(1, 'ct', 1, '$q', 'm'),
  ]),
]

const dispatch: readonly Scenario[] = [
  scenario('7.2', 'equal consumers', 'takes turns among consumers', [
    withQueue,
    ['one', 'two', 'three'].map((tag) => a.consumes(1, '$q', tag)),
    publishes('a', 'b', 'c', 'd', 'e', 'f'),
    ['one', 'two', 'three', 'one', 'two', 'three'].map((tag, at) =>
      a.delivered(1, tag, at + 1, '$q', 'abcdef'[at] ?? ''),
    ),
  ]),
  scenario('7.2', 'consumers without room', 'passes over consumers that have no room', [
    withQueue,
    a.qos(1, 1),
    a.consumes(1, '$q', 'one'),
    a.qos(1, 0),
    a.consumes(1, '$q', 'two'),
    publishes('a', 'b', 'c', 'd'),
    a.delivered(1, 'one', 1, '$q', 'a'),
    ['b', 'c', 'd'].map((body, at) => a.delivered(1, 'two', at + 2, '$q', body)),
  ]),
  scenario('7.2', 'delivery tags', 'counts deliveries per channel across consumers, get-ok and no-ack', [
    withQueue,
    a.opensChannel(2),
    publishes('a', 'b', 'c'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 2) {} 'a'", true),
    a.gets(1, '$q', "get-ok(2, false, '', '$q', 1) {} 'b'"),
    a.consumes(1, '$q', 'ct', { noAck: true }),
    a.delivered(1, 'ct', 3, '$q', 'c'),
    a.getsNothing(1, '$q'),
    publishes('d'),
    a.delivered(1, 'ct', 4, '$q', 'd'),
    a.declares(2, '$r'),
    a.publishes(2, '', '$r', 'e'),
    a.gets(2, '$r', "get-ok(1, false, '', '$r', 0) {} 'e'"),
  ]),
]

const choice: readonly Scenario[] = [
  scenario('7.1', 'exclusive on a single-active-consumer queue', 'refuses an exclusive consumer where one is active', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-single-active-consumer': true } }),
    a.send(1, 'basic.consume', { queue: '$q', consumerTag: 'ct', exclusive: true }),
    a.closesChannel(1, 403, inUse, consumeIds),
  ]),
  scenario('7.2', 'single active consumer', 'serves one consumer of a single-active-consumer queue, then the next', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-single-active-consumer': true } }),
    a.consumes(1, '$q', 'first'),
    a.consumes(1, '$q', 'second', { arguments: { 'x-priority': 5 } }),
    a.consumes(1, '$q', 'third'),
    publishes('a', 'b'),
    a.delivered(1, 'first', 1, '$q', 'a'),
    a.delivered(1, 'first', 2, '$q', 'b'),
    a.calls(1, 'basic.cancel', { consumerTag: 'first' }, "basic.cancel-ok('first')"),
    publishes('c'),
    a.delivered(1, 'second', 3, '$q', 'c'),
    a.gets(1, '$q', "get-empty('')"),
  ]),
  scenario('7.2', 'consumer priority', 'prefers the consumer of the highest priority that has room', [
    withQueue,
    a.consumes(1, '$q', 'low', { arguments: { 'x-priority': -1 } }),
    a.consumes(1, '$q', 'none'),
    a.qos(1, 2),
    a.consumes(1, '$q', 'high', { arguments: { 'x-priority': 10 } }),
    publishes('a', 'b', 'c', 'd'),
    a.delivered(1, 'high', 1, '$q', 'a'),
    a.delivered(1, 'high', 2, '$q', 'b'),
    a.delivered(1, 'none', 3, '$q', 'c'),
    a.delivered(1, 'none', 4, '$q', 'd'),
    a.acks(1, 1),
    publishes('e'),
    a.delivered(1, 'high', 5, '$q', 'e'),
  ]),
  scenario('7.1', 'x-stream-offset', 'refuses x-stream-offset on a classic queue', [
    withQueue,
    a.send(1, 'basic.consume', { queue: '$q', arguments: { 'x-stream-offset': 'first' } }),
    a.closesChannel(
      1,
      406,
      "invalid arg 'x-stream-offset' for queue '$q' in vhost '/' of queue type rabbit_classic_queue",
      consumeIds,
    ),
  ]),
]

const prefetch: readonly Scenario[] = [
  scenario('7.3', 'prefetch-size', 'does not implement a prefetch size', [
    a.ready(),
    a.send(1, 'basic.qos', { prefetchSize: 1024 }),
    a.closesConnection(540, 'prefetch_size!=0 (1024)', '60/10'),
  ]),
  scenario('7.3', 'global=false', 'limits each consumer that comes afterwards, not those that are there', [
    withQueue,
    a.qos(1, 1),
    a.consumes(1, '$q', 'one'),
    a.qos(1, 2),
    a.consumes(1, '$q', 'two'),
    publishes('a', 'b', 'c', 'd'),
    a.delivered(1, 'one', 1, '$q', 'a'),
    a.delivered(1, 'two', 2, '$q', 'b'),
    a.delivered(1, 'two', 3, '$q', 'c'),
    a.answers(1),
    a.acks(1, 1),
    a.delivered(1, 'one', 4, '$q', 'd'),
  ]),
  scenario('7.3', 'global=false, 0', 'takes 0 for no limit', [
    withQueue,
    a.qos(1, 1),
    a.qos(1, 0),
    a.consumes(1, '$q', 'ct'),
    publishes('a', 'b', 'c'),
    ['a', 'b', 'c'].map((body, at) => a.delivered(1, 'ct', at + 1, '$q', body)),
  ]),
  scenario('7.3', 'global=true', 'shares one limit among the consumers of the channel, raised at once', [
    withQueue,
    a.declares(1, '$r'),
    a.qos(1, 2, true),
    a.consumes(1, '$q', 'one'),
    a.consumes(1, '$r', 'two'),
    publishes('a', 'b'),
    a.delivered(1, 'one', 1, '$q', 'a'),
    a.delivered(1, 'one', 2, '$q', 'b'),
    a.publishes(1, '', '$r', 'c'),
    a.answers(1),
    a.acks(1, 1),
    a.delivered(1, 'two', 3, '$r', 'c'),
    publishes('d'),
    a.answers(1),
    a.send(1, 'basic.qos', { prefetchCount: 3, global: true }),
    a.seesInAnyOrder('1 basic.qos-ok()', "1 basic.deliver('one', 4, false, '', '$q') {} 'd'"),
  ]),
  scenario('7.3', 'global=true, raised to 0', 'releases everything when the shared limit is lifted', [
    withQueue,
    a.qos(1, 1, true),
    a.consumes(1, '$q', 'ct'),
    publishes('a', 'b', 'c'),
    a.delivered(1, 'ct', 1, '$q', 'a'),
    a.answers(1),
    a.send(1, 'basic.qos', { prefetchCount: 0, global: true }),
    a.seesInAnyOrder(
      '1 basic.qos-ok()',
      "1 basic.deliver('ct', 2, false, '', '$q') {} 'b'",
      "1 basic.deliver('ct', 3, false, '', '$q') {} 'c'",
    ),
  ]),
  scenario('7.3', 'global=true, one by one', 'gives the next message for each ack under a shared limit', [
    withQueue,
    a.qos(1, 1, true),
    a.consumes(1, '$q', 'ct'),
    publishes('a', 'b', 'c'),
    ['a', 'b', 'c'].map((body, at) => [a.delivered(1, 'ct', at + 1, '$q', body), a.acks(1, at + 1)]),
    a.answers(1),
  ]),
  scenario('7.3', 'both limits', 'enforces the shared limit besides the limits of consumers', [
    withQueue,
    a.qos(1, 2, false),
    a.qos(1, 3, true),
    a.consumes(1, '$q', 'one'),
    publishes('a', 'b', 'c', 'd'),
    a.delivered(1, 'one', 1, '$q', 'a'),
    a.delivered(1, 'one', 2, '$q', 'b'),
    a.answers(1),
    a.consumes(1, '$q', 'two'),
    a.delivered(1, 'two', 3, '$q', 'c'),
    a.answers(1),
    a.acks(1, 1),
    a.skips('basic.deliver'),
  ]),
  scenario(
    '7.3',
    'global=false after global=true',
    'lifts the shared limit when a limit per consumer is set behind it',
    [
      withQueue,
      a.qos(1, 1, true),
      a.qos(1, 2, false),
      a.consumes(1, '$q', 'ct'),
      publishes('a', 'b', 'c'),
      a.delivered(1, 'ct', 1, '$q', 'a'),
      a.delivered(1, 'ct', 2, '$q', 'b'),
      a.answers(1),
    ],
  ),
  scenario('7.3', 'no-ack and basic.get', 'does not limit no-ack consumers and basic.get', [
    withQueue,
    a.qos(1, 1),
    a.consumes(1, '$q', 'ct', { noAck: true }),
    publishes('a', 'b', 'c'),
    ['a', 'b', 'c'].map((body, at) => a.delivered(1, 'ct', at + 1, '$q', body)),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    publishes('d', 'e'),
    a.gets(1, '$q', "get-ok(4, false, '', '$q', 1) {} 'd'"),
    a.gets(1, '$q', "get-ok(5, false, '', '$q', 0) {} 'e'"),
  ]),
  scenario('7.3', 'no-ack, shared limit', 'keeps no-ack consumers waiting while a shared limit is used up', [
    withQueue,
    a.declares(1, '$r'),
    a.qos(1, 1, true),
    a.consumes(1, '$q', 'one'),
    publishes('a'),
    a.delivered(1, 'one', 1, '$q', 'a'),
    a.consumes(1, '$r', 'two', { noAck: true }),
    a.publishes(1, '', '$r', 'b'),
    a.answers(1),
    a.acks(1, 1),
    a.delivered(1, 'two', 2, '$r', 'b'),
    a.publishes(1, '', '$r', 'c'),
    a.delivered(1, 'two', 3, '$r', 'c'),
  ]),
  scenario('7.3', 'no qos', 'delivers without limit when none was set', [
    withQueue,
    publishes(...'abcdefghij'),
    a.consumes(1, '$q', 'ct'),
    [...'abcdefghij'].map((body, at) => a.delivered(1, 'ct', at + 1, '$q', body)),
  ]),
]

const cancelling: readonly Scenario[] = [
  scenario('7.4', 'basic.cancel', 'leaves unacked deliveries of a cancelled consumer outstanding', [
    withQueue,
    a.consumes(1, '$q', 'ct'),
    publishes('m'),
    a.delivered(1, 'ct', 1, '$q', 'm'),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    a.getsNothing(1, '$q'),
    a.nacks(1, 1),
    a.gets(1, '$q', "get-ok(2, true, '', '$q', 0) {} 'm'"),
    a.acks(1, 2),
    a.answers(1),
  ]),
  scenario('7.4', 'basic.cancel nowait', 'answers nothing to a nowait cancel', [
    withQueue,
    a.consumes(1, '$q', 'ct'),
    a.send(1, 'basic.cancel', { consumerTag: 'ct', nowait: true }),
    a.answers(1),
    a.calls(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 0, 0)"),
  ]),
  scenario('7.4', 'unknown tag', 'answers the cancel of an unknown tag with cancel-ok', [
    a.ready(),
    a.calls(1, 'basic.cancel', { consumerTag: 'nobody' }, "basic.cancel-ok('nobody')"),
  ]),
  scenario('7.4', 'queue deleted by another connection', 'tells consumers when their queue is deleted', [
    withQueue,
    b.ready(),
    a.consumes(1, '$q', 'ct'),
    b.deletesQueue(1, '$q', 0),
    a.sees("1 basic.cancel('ct', true)"),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    a.declares(1, '$r'),
    a.consumes(1, '$r', 'ct'),
  ]),
  scenario('7.4', 'queue deleted, no capability', 'tells nothing to clients without consumer_cancel_notify', [
    a.ready({ capabilities: {} }),
    a.declares(1, '$q'),
    a.consumes(1, '$q', 'ct'),
    a.deletesQueue(1, '$q', 0),
    a.answers(1),
    a.declares(1, '$r'),
    a.consumes(1, '$r', 'ct'),
  ]),
  scenario('7.4', 'queue gone with its owner', 'tells consumers on every channel when a queue is deleted', [
    withQueue,
    a.opensChannel(2),
    a.consumes(1, '$q', 'one'),
    a.consumes(2, '$q', 'two'),
    b.ready(),
    b.deletesQueue(1, '$q', 0),
    a.seesInAnyOrder("1 basic.cancel('one', true)", "2 basic.cancel('two', true)"),
  ]),
]

const getting: readonly Scenario[] = [
  scenario('7.5', 'message', 'counts the ready messages left behind the one that basic.get takes', [
    withQueue,
    publishes('a', 'b', 'c'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 2) {} 'a'"),
    a.gets(1, '$q', "get-ok(2, false, '', '$q', 1) {} 'b'"),
    a.gets(1, '$q', "get-ok(3, false, '', '$q', 0) {} 'c'"),
  ]),
  scenario('7.5', 'none', 'answers get-empty with an empty cluster id', [withQueue, a.gets(1, '$q', "get-empty('')")]),
  scenario('7.5', 'missing', 'answers basic.get of a missing queue with 404', [
    a.ready(),
    a.send(1, 'basic.get', { queue: '$q' }),
    a.closesChannel(1, 404, noQueue, '60/70'),
  ]),
]

export const consumers: readonly Scenario[] = [...consuming, ...dispatch, ...choice]
export const flow: readonly Scenario[] = [...prefetch, ...cancelling, ...getting]
