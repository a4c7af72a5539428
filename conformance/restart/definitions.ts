// What is there after a restart of what was declared and administered: queues, exchanges, bindings, policies, users.

import { a, b, plain } from '../dialect/peers.ts'
import { administer, type Steps } from '../dialect/scenario.ts'
import { confirming, durable, type RestartRow, row, stores, withQueue } from './words.ts'

/** `$q` is asked for passively and is not there. */
function gone(queue: string): Steps {
  return [
    a.send(1, 'queue.declare', { queue, passive: true }),
    a.closesChannel(1, 404, `no queue '${queue}' in vhost '/'`, '50/10'),
    a.reopens(1),
  ]
}

/** The same for an exchange. */
function noExchange(exchange: string): Steps {
  return [
    a.send(1, 'exchange.declare', { exchange, type: '', passive: true }),
    a.closesChannel(1, 404, `no exchange '${exchange}' in vhost '/'`, '40/10'),
    a.reopens(1),
  ]
}

const definitions: readonly RestartRow[] = [
  row(
    'durable queues, durable exchanges and their bindings survive',
    [
      withQueue(),
      a.exchange(1, '$x', 'topic', durable),
      a.exchange(1, '$y', 'headers', durable),
      a.binds(1, '$q', '$x', 'a.*'),
      a.binds(1, '$q', '$y', '', { 'x-match': 'any', k: 1 }),
      a.bindsExchange(1, '$x', 'amq.direct', '$q'),
    ],
    [
      a.ready(),
      a.publishes(1, '$x', 'a.b', 'topic'),
      a.publishes(1, '$x', 'b.a', 'none'),
      a.publishes(1, '$y', '', 'headers', { properties: { headers: { k: 1 } } }),
      a.publishes(1, 'amq.direct', '$q', 'e2e key does not match'),
      a.drains(1, '$q', ['topic', 'headers']),
    ],
  ),
  row(
    'durable auto-delete queues and exchanges survive, and queues that expire',
    [
      a.ready(),
      a.declares(1, '$q', { ...durable, autoDelete: true }),
      a.declares(1, '$r', { ...durable, arguments: { 'x-expires': 60_000 } }),
      a.exchange(1, '$x', 'fanout', { ...durable, autoDelete: true }),
    ],
    [
      a.ready(),
      a.declares(1, '$q', { passive: true }),
      a.declares(1, '$r', { passive: true }),
      a.exchange(1, '$x', 'fanout', { passive: true }),
      a.consumes(1, '$q', 'ct'),
      a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
      a.eventually(
        1,
        'queue.declare',
        { queue: '$q', passive: true },
        "channel.close 404 \"NOT_FOUND - no queue '$q' in vhost '/'\" 50/10",
      ),
    ],
  ),
  row(
    'transient and exclusive queues, and transient exchanges, are gone',
    [
      a.ready(),
      a.declares(1, '$q'),
      a.declares(1, '$r', { ...durable, exclusive: true }),
      a.exchange(1, '$x', 'fanout'),
    ],
    [a.ready(), gone('$q'), gone('$r'), noExchange('$x')],
  ),
  row(
    'a durable queue loses its binding to a transient exchange',
    [withQueue(), a.exchange(1, '$x', 'fanout'), a.binds(1, '$q', '$x')],
    [
      a.ready(),
      a.exchange(1, '$x', 'fanout'),
      a.publishes(1, '$x', '', 'm', { mandatory: true }),
      a.sees("1 basic.return(312, 'NO_ROUTE', '$x', '') {} 'm'"),
    ],
  ),
  row(
    'what was deleted, unbound or purged stays so',
    [
      withQueue(),
      a.declares(1, '$r', durable),
      a.binds(1, '$q', 'amq.direct', '$key'),
      a.unbinds(1, '$q', 'amq.direct', '$key'),
      stores('m'),
      a.calls(1, 'queue.purge', { queue: '$q' }, 'queue.purge-ok(1)'),
      a.deletesQueue(1, '$r', 0),
    ],
    [
      a.ready(),
      gone('$r'),
      a.publishes(1, 'amq.direct', '$key', 'm', { mandatory: true }),
      a.sees("1 basic.return(312, 'NO_ROUTE', 'amq.direct', '$key') {} 'm'"),
      a.drains(1, '$q', []),
    ],
  ),
  row(
    'arguments are kept, and compared',
    [
      withQueue({ 'x-max-length': 1, 'x-overflow': 'reject-publish' }),
      a.exchange(1, '$x', 'direct', { ...durable, arguments: { 'alternate-exchange': '$ae' } }),
      a.exchange(1, '$ae', 'fanout', durable),
      a.binds(1, '$q', '$ae'),
    ],
    [
      a.ready(),
      confirming,
      a.publishes(1, '$x', 'k', 'one'),
      a.publishes(1, '$x', 'k', 'two'),
      a.confirmed(1, [1], [2]),
      a.drains(1, '$q', ['one']),
      a.send(1, 'queue.declare', {
        queue: '$q',
        ...durable,
        arguments: { 'x-max-length': 2, 'x-overflow': 'reject-publish' },
      }),
      a.closesChannel(
        1,
        406,
        "inequivalent arg 'x-max-length' for queue '$q' in vhost '/': received '2' but current is '1'",
        '50/10',
      ),
    ],
  ),
]

const everything = { configure: '.*', write: '.*', read: '.*' }

const administration: readonly RestartRow[] = [
  row(
    'policies and operator policies are kept',
    [
      withQueue(),
      administer('putPolicy', '/', '$p', {
        pattern: '^$q$',
        priority: 0,
        applyTo: 'queues',
        definition: { overflow: 'reject-publish' },
      }),
      administer('putOperatorPolicy', '/', '$op', {
        pattern: '^$q$',
        priority: 0,
        applyTo: 'queues',
        definition: { 'max-length': 1 },
      }),
    ],
    [
      a.ready(),
      confirming,
      a.publishes(1, '', '$q', 'one'),
      a.publishes(1, '', '$q', 'two'),
      a.confirmed(1, [1], [2]),
      a.drains(1, '$q', ['one']),
    ],
  ),
  row(
    'users, vhosts, permissions and what is in a vhost are kept',
    [
      administer('putUser', '$u', { password: 'pw', tags: [] }),
      administer('putVhost', '$vh'),
      administer('setPermission', '$u', '$vh', { ...everything, configure: '' }),
      administer('setPermission', 'guest', '$vh', everything),
      b.ready({ vhost: '$vh' }),
      b.declares(1, '$q', durable),
    ],
    [
      a.ready({ response: plain('$u', 'pw'), vhost: '$vh' }),
      a.publishes(1, '', '$q', 'm'),
      a.drains(1, '$q', ['m']),
      a.send(1, 'queue.declare', { queue: '$r' }),
      a.skips('channel.close'),
    ],
  ),
]

/** Rows of topology and administration. */
export const definitionRows: readonly RestartRow[] = [...definitions, ...administration]
