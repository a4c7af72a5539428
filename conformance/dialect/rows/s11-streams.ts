// §11 of the behaviour reference: who reads a stream, and from where.

import type { Field } from '../client/field-table.ts'
import { seesDead } from '../deaths.ts'
import { a, b } from '../peers.ts'
import { differ, type Scenario, scenario } from '../scenario.ts'
import { confirming, delivered, nextIs, reads, stream, withStream } from '../streaming.ts'

const consuming: readonly Scenario[] = [
  scenario('11', 'publish, bind, dead-letter into', 'takes what is routed to it', [
    a.ready(),
    a.declares(1, '$q', stream()),
    a.exchange(1, '$x', 'topic'),
    a.binds(1, '$q', '$x', 'a.*'),
    confirming,
    a.publishes(1, '$x', 'a.b', 'm', { properties: { contentType: 'text/plain' } }),
    a.confirmed(1, [1]),
    reads('first'),
    a.sees("1 basic.deliver('ct', 1, false, '$x', 'a.b') {contentType:'text/plain' headers:{x-stream-offset:l0}} 'm'"),
  ]),
  scenario('11', 'dead-letter into', 'takes dead letters', [
    a.ready(),
    a.declares(1, '$s', stream()),
    a.declares(1, '$q', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$s' } }),
    a.publishes(1, '', '$q', 'm'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    a.rejects(1, 1, false),
    a.qos(1, 5),
    a.consumes(1, '$s', 'ct', { arguments: { 'x-stream-offset': 'first' } }),
    differ(
      '§11 header types: preserve all; 3.10 delivers no dead letter from a stream',
      seesDead("1 basic.deliver('ct', 2, false, '', '$s')", 'm', [{ reason: 'rejected', queue: '$q', keys: ['$q'] }], {
        headers: { 'x-stream-offset': 'l0' },
      }),
      a.answers(1),
    ),
  ]),
  scenario('11', 'messages never leave', 'gives the same messages to those who come later', [
    withStream(['one', 'two']),
    reads('first'),
    delivered(1, 0, 'one'),
    delivered(2, 1, 'two'),
    a.acks(1, 2, true),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    a.consumes(1, '$q', 'again', { arguments: { 'x-stream-offset': 'first' } }),
    delivered(3, 0, 'one', 'again'),
    delivered(4, 1, 'two', 'again'),
  ]),
  scenario('11', 'consume without prefetch', 'wants a consumer to say how much it can hold', [
    withStream([]),
    a.send(1, 'basic.consume', { queue: '$q', consumerTag: 'ct' }),
    differ(
      '§19 stream consume text: 4.x',
      a.closesChannel(1, 406, "consumer prefetch count is not set for stream queue '$q' in vhost '/'", '60/20'),
      a.closesChannel(1, 406, "consumer prefetch count is not set for 'queue '$q' in vhost '/''", '60/20'),
    ),
  ]),
  scenario('11', 'no-ack', 'does not deliver without acks', [
    withStream([]),
    a.qos(1, 5),
    a.send(1, 'basic.consume', { queue: '$q', consumerTag: 'ct', noAck: true }),
    differ(
      '§19 stream consume text: 4.x',
      a.closesConnection(540, "automatic acknowledgement not supported by stream queue '$q' in vhost '/'", '60/20'),
      a.closesConnection(
        540,
        "automatic acknowledgement not supported by stream queues queue '$q' in vhost '/'",
        '60/20',
      ),
    ),
  ]),
  scenario('11', 'ack', 'delivers as much as the prefetch says, and more for acks', [
    withStream(['a', 'b', 'c']),
    reads('first', {}, 1),
    delivered(1, 0, 'a'),
    a.answers(1),
    a.acks(1, 1),
    delivered(2, 1, 'b'),
    a.acks(1, 2),
    delivered(3, 2, 'c'),
  ]),
  scenario('11', 'ack multiple', 'makes room for as many as one ack settles', [
    withStream(['a', 'b', 'c', 'd']),
    reads('first', {}, 2),
    delivered(1, 0, 'a'),
    delivered(2, 1, 'b'),
    a.answers(1),
    a.acks(1, 2, true),
    delivered(3, 2, 'c'),
    delivered(4, 3, 'd'),
  ]),
  ...(['nack', 'reject'] as const).map((how) =>
    scenario('11', `nack / reject: ${how}`, `takes ${how} for an ack: nothing is delivered again`, [
      withStream(['a', 'b']),
      reads('first', {}, 1),
      delivered(1, 0, 'a'),
      how === 'nack' ? a.nacks(1, 1) : a.rejects(1, 1),
      differ(
        '§19 nack/reject on streams: as ack',
        delivered(2, 1, 'b'),
        a.closesConnection(
          540,
          "basic.nack and basic.reject not supported by stream queues queue '$q' in vhost '/'",
          how === 'nack' ? '60/120' : '60/90',
        ),
      ),
    ]),
  ),
  scenario('11', 'several consumers', 'gives everything to each of its consumers', [
    withStream(['m']),
    reads('first'),
    delivered(1, 0, 'm'),
    b.ready(),
    b.qos(1, 5),
    b.consumes(1, '$q', 'other', { arguments: { 'x-stream-offset': 'first' } }),
    b.sees("1 basic.deliver('other', 1, false, '', '$q') {headers:{x-stream-offset:l0}} 'm'"),
    nextIs(2, 1, 2),
    b.sees("1 basic.deliver('other', 2, false, '', '$q') {headers:{x-stream-offset:l1}} 'next'"),
  ]),
  scenario('11', 'cancel notification', 'tells consumers when it is deleted', [
    withStream([]),
    reads(undefined),
    b.ready(),
    b.deletesQueue(1, '$q', 0),
    a.sees("1 basic.cancel('ct', true)"),
  ]),
  scenario('11', 'x-stream-offset header', 'says the offset beside the headers that a message has', [
    withStream([]),
    a.publishes(1, '', '$q', 'm', { properties: { headers: { k: 'v' } } }),
    a.confirmed(1, [1]),
    reads('first'),
    differ(
      '§19 message header order: free',
      a.sees("1 basic.deliver('ct', 1, false, '', '$q') {headers:{k:S'v' x-stream-offset:l0}} 'm'"),
      a.skips('basic.deliver'),
    ),
  ]),
  scenario('11', 'message-count in declare-ok', 'counts messages, at the latest after a while', [
    withStream(['a', 'b', 'c']),
    a.eventually(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 3, 0)"),
    a.deletesQueue(1, '$q', 0),
  ]),
]

/** A consumer that asks for a place that no stream has. */
function refusesOffset(row: string, offset: Field, shown: string, crash310: boolean): Scenario {
  const text = `invalid arg 'x-stream-offset' for queue '$q' in vhost '/': {invalid_stream_offset_arg,${shown}}`
  const refusal = a.closesChannel(1, 406, text, '60/20')
  return scenario('11', row, `refuses an offset that is ${row}`, [
    withStream([]),
    a.qos(1, 5),
    a.send(1, 'basic.consume', { queue: '$q', consumerTag: 'ct', arguments: { 'x-stream-offset': offset } }),
    crash310
      ? differ('§19 x-stream-offset invalid: 406; 3.10 fails with 541', refusal, a.closesConnection(541, '', '0/0'))
      : refusal,
  ])
}

const places: readonly Scenario[] = [
  ...([undefined, 'next'] as const).map((offset) =>
    scenario('11', `absent, next: ${offset}`, 'gives only what comes after the consumer', [
      withStream(['old']),
      reads(offset),
      nextIs(1, 1, 2),
    ]),
  ),
  scenario('11', 'first', 'gives everything from the oldest message on', [
    withStream(['a', 'b']),
    reads('first'),
    delivered(1, 0, 'a'),
    delivered(2, 1, 'b'),
    nextIs(3, 2, 3),
  ]),
  scenario('11', 'last', 'gives what was written last', [
    withStream(['a', 'b', 'c']),
    reads('last'),
    delivered(1, 2, 'c'),
    nextIs(2, 3, 4),
  ]),
  ...(
    [
      ['b', 2],
      ['s', 2],
      ['I', 2],
      ['l', 2],
    ] as const
  ).map((offset) =>
    scenario('11', `integer n: ${offset[0]}`, `begins at an offset of type ${offset[0]}`, [
      withStream(['a', 'b', 'c', 'd']),
      reads([offset[0], offset[1]]),
      delivered(1, 2, 'c'),
      delivered(2, 3, 'd'),
    ]),
  ),
  scenario('11', 'integer n < 0', 'takes an offset below 0 for the first', [
    withStream(['a']),
    reads(['I', -5]),
    delivered(1, 0, 'a'),
  ]),
  scenario('11', 'integer n beyond the end', 'waits for an offset that does not exist yet', [
    withStream(['a']),
    reads(['l', 2]),
    a.publishes(1, '', '$q', 'b'),
    a.confirmed(1, [2]),
    nextIs(1, 2, 3),
  ]),
  scenario('11', 'timestamp', 'begins with the first message since a time', [
    withStream(['a', 'b']),
    reads(['T', 1_000_000_000]),
    delivered(1, 0, 'a'),
    delivered(2, 1, 'b'),
  ]),
  scenario('11', 'timestamp in the future', 'takes a time to come for what comes next', [
    withStream(['a']),
    reads(['T', 4_000_000_000]),
    nextIs(1, 1, 2),
  ]),
  scenario('11', 'longstr {n}{unit}', 'begins with the first message of a period', [
    withStream(['a', 'b']),
    reads('1h'),
    delivered(1, 0, 'a'),
    delivered(2, 1, 'b'),
  ]),
  refusesOffset('other longstr: "2"', '2', '{longstr,<<"2">>}', false),
  refusesOffset('other longstr: "bogus"', 'bogus', '{longstr,<<"bogus">>}', true),
  refusesOffset('bool, float: bool', true, '{bool,true}', true),
  refusesOffset('bool, float: float', ['d', 1.5], '{double,1.5}', true),
]

export const streamReaders: readonly Scenario[] = [...consuming, ...places]
