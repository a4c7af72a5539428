// §11 of the behaviour reference: what becomes of a stream's messages; and what §6.1, 6.4, 6.5, 7.1, 7.3, 7.5 and 7.6 say of
// streams.

import type { Table } from '../client/field-table.ts'
import { a, b } from '../peers.ts'
import { differ, lacking310, type Scenario, type Steps, scenario } from '../scenario.ts'
import { confirming, delivered, reads, stream, withStream } from '../streaming.ts'

/** Larger than a segment in the row of retention. */
const large = 'x'.repeat(120)
const everyType: Table = { b: ['b', -5], S: 'text', t: true, T: ['T', 1_700_000_000], F: { k: 'v' }, A: ['A', ['x']] }

const others: readonly Scenario[] = [
  scenario('11', 'retention', 'lets whole segments go that are too much, but never the last one', [
    withStream([large, large, large, large], { 'x-max-length-bytes': 150, 'x-stream-max-segment-size-bytes': 100 }),
    reads('first'),
    differ(
      '§11 retention: 3.10 begins a segment as soon as one is full, and has nothing in it, or something later, yet',
      delivered(1, 3, large),
      [],
    ),
  ]),
  scenario('11', 'header types', 'keeps headers of all types', [
    withStream([]),
    a.publishes(1, '', '$q', 'm', { properties: { headers: everyType } }),
    a.confirmed(1, [1]),
    reads('first'),
    differ(
      '§11 header types: preserve all; 3.10 loses tables and arrays',
      a.sees(
        "1 basic.deliver('ct', 1, false, '', '$q') {headers:{b:b-5 S:S'text' t:ttrue T:T1700000000 F:F{k:S'v'} A:A[S'x'] x-stream-offset:l0}} 'm'",
      ),
      a.skips('basic.deliver'),
    ),
  ]),
  scenario('11', 'properties', 'keeps all properties', [
    withStream([]),
    a.publishes(1, '', '$q', 'm', {
      properties: {
        ...{ contentType: 'text/plain', contentEncoding: 'utf-8', deliveryMode: 2, priority: 3, correlationId: 'c' },
        ...{ replyTo: 'r', expiration: '60000', messageId: 'i', timestamp: 1_700_000_000, type: 't' },
        ...{ userId: 'guest', appId: 'p' },
      },
    }),
    a.confirmed(1, [1]),
    reads('first'),
    a.sees(
      "1 basic.deliver('ct', 1, false, '', '$q') {contentType:'text/plain' contentEncoding:'utf-8' headers:{x-stream-offset:l0} deliveryMode:2 priority:3 correlationId:'c' replyTo:'r' expiration:'60000' messageId:'i' timestamp:1700000000 type:'t' userId:'guest' appId:'p'} 'm'",
    ),
  ]),
  scenario('11', 'super stream', 'is a partition behind an exchange', [
    a.ready(),
    a.exchange(1, '$x', 'direct', { durable: true, arguments: { 'x-super-stream': true } }),
    a.declares(1, '$x-0', stream()),
    a.declares(1, '$q', stream()),
    a.binds(1, '$x-0', '$x', '0', { 'x-stream-partition-order': ['I', 0] }),
    a.binds(1, '$q', '$x', '1', { 'x-stream-partition-order': ['I', 1] }),
    confirming,
    a.publishes(1, '$x', '0', 'zero'),
    a.confirmed(1, [1]),
    a.publishes(1, '$x', '1', 'one'),
    a.confirmed(1, [2]),
    reads('first'),
    a.sees("1 basic.deliver('ct', 1, false, '$x', '1') {headers:{x-stream-offset:l0}} 'one'"),
  ]),
]

/** Publishes a message with a filter value, and waits for the confirm. */
function valued(value: string, tag: number): Steps {
  const properties = { headers: { 'x-stream-filter-value': value } }
  return [a.publishes(1, '', '$q', value, { properties }), a.confirmed(1, [tag])]
}

function valuedDelivery(tag: number, offset: number, value: string): Steps {
  const headers = `x-stream-filter-value:S'${value}' x-stream-offset:l${offset}`
  return a.sees(`1 basic.deliver('ct', ${tag}, false, '', '$q') {headers:{${headers}}} '${value}'`)
}

const filtering: readonly Scenario[] = lacking310('filters of streams', [
  scenario('11', 'filtering', 'gives what one of the values asks for', [
    withStream([]),
    ['red', 'green', 'blue'].map((value, at) => valued(value, at + 1)),
    reads('first', { 'x-stream-filter': ['A', ['red', 'blue']] }),
    valuedDelivery(1, 0, 'red'),
    valuedDelivery(2, 2, 'blue'),
  ]),
  scenario('11', 'filtering, unfiltered', 'gives what has no value as well, where that is asked for', [
    withStream(['plain']),
    valued('red', 2),
    valued('blue', 3),
    reads('first', { 'x-stream-filter': 'blue', 'x-stream-match-unfiltered': true }),
    delivered(1, 0, 'plain'),
    valuedDelivery(2, 2, 'blue'),
  ]),
  scenario('11', 'filtering, wrong type', 'ignores a filter that is no text', [
    withStream(['plain']),
    reads('first', { 'x-stream-filter': ['I', 5] }),
    delivered(1, 0, 'plain'),
  ]),
  ...[15, 256].map((bytes) =>
    scenario('6.5', `x-stream-filter-size-bytes ${bytes}`, `refuses a filter of ${bytes} octets`, [
      a.ready(),
      a.send(1, 'queue.declare', { queue: '$q', ...stream({ 'x-stream-filter-size-bytes': bytes }) }),
      a.closesChannel(1, 406, 'Invalid value for x-stream-filter-size-bytes', '50/10'),
    ]),
  ),
])

const elsewhere: readonly Scenario[] = [
  scenario('6.4', 'stream', 'deletes a stream whatever the flags say', [
    withStream(['m']),
    reads(undefined),
    b.ready(),
    b.deletesQueue(1, '$q', 0, { ifUnused: true, ifEmpty: true }),
  ]),
  scenario('6.4', 'purge stream', 'does not purge a stream', [
    withStream([]),
    a.send(1, 'queue.purge', { queue: '$q' }),
    a.closesConnection(540, "queue.purge not supported by stream queues queue '$q' in vhost '/'", '50/30'),
  ]),
  scenario('7.5', 'stream', 'does not answer basic.get of a stream', [
    withStream([]),
    a.send(1, 'basic.get', { queue: '$q' }),
    a.closesConnection(540, "basic.get not supported by stream queues queue '$q' in vhost '/'", '60/70'),
  ]),
  scenario('7.3', 'global=true and stream', 'wants a limit for each consumer of a stream', [
    withStream([]),
    a.qos(1, 5),
    a.qos(1, 5, true),
    a.send(1, 'basic.consume', { queue: '$q', consumerTag: 'ct' }),
    a.closesConnection(540, "queue '$q' in vhost '/' does not support global qos", '60/20'),
  ]),
  scenario('7.1', 'x-priority on a stream', 'refuses x-priority on a stream', [
    withStream([]),
    a.qos(1, 5),
    a.send(1, 'basic.consume', { queue: '$q', consumerTag: 'ct', arguments: { 'x-priority': ['I', 1] } }),
    a.closesChannel(
      1,
      406,
      "invalid arg 'x-priority' for queue '$q' in vhost '/' of queue type rabbit_stream_queue",
      '60/20',
    ),
  ]),
  scenario('7.1', 'exclusive flag on a stream', 'ignores exclusive on a stream', [
    withStream(['m']),
    a.qos(1, 5),
    a.consumes(1, '$q', 'ct', { exclusive: true, arguments: { 'x-stream-offset': 'first' } }),
    delivered(1, 0, 'm'),
    a.consumes(1, '$q', 'other', { exclusive: true, arguments: { 'x-stream-offset': 'first' } }),
    delivered(2, 0, 'm', 'other'),
  ]),
  scenario('7.6', 'basic.recover on a stream', 'delivers nothing again for basic.recover', [
    withStream(['a', 'b']),
    reads('first', {}, 1),
    delivered(1, 0, 'a'),
    a.send(1, 'basic.recover', { requeue: true }),
    differ(
      '§19 nack/reject on streams: as ack; 3.10 fails with 541',
      a.seesInAnyOrder(
        '1 basic.recover-ok()',
        "1 basic.deliver('ct', 2, false, '', '$q') {headers:{x-stream-offset:l1}} 'b'",
      ),
      a.closesConnection(541, '', '0/0'),
    ),
  ]),
  scenario('6.1', 'which arguments are compared: x-max-age', 'compares x-max-age of a stream', [
    withStream([], { 'x-max-age': '1h' }),
    a.send(1, 'queue.declare', { queue: '$q', ...stream({ 'x-max-age': '2h' }) }),
    a.closesChannel(
      1,
      406,
      "inequivalent arg 'x-max-age' for queue '$q' in vhost '/': received '2h' but current is '1h'",
      '50/10',
    ),
  ]),
]

export const streamMessages: readonly Scenario[] = [...others, ...filtering, ...elsewhere]
