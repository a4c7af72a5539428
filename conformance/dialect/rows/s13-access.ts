// §13.1 of the behaviour reference: which permission each operation asks for. Every scenario makes a user of its own.

import { everything, nothing, type Permission, refused, withUser } from '../accounts.ts'
import { a, b } from '../peers.ts'
import { administer, differ, type Scenario, type Steps, scenario } from '../scenario.ts'

/** With this permission only, the method is refused for lack of another on `what`. */
function lacks(
  row: string,
  permission: Partial<Permission>,
  before: Steps,
  method: readonly [name: string, values: { readonly [field: string]: unknown }],
  missing: string,
  what: string,
  ids: string,
): Scenario {
  return scenario('13.1', row, `asks for ${missing} on ${what}: ${row}`, [
    withUser({ ...nothing, ...permission }),
    before,
    a.send(1, method[0], method[1]),
    refused(missing, what, ids),
  ])
}

const queue = "queue '$q'"
const exchange = "exchange '$x'"
const ownQueue: Steps = b.declares(1, '$q')
const ownExchange: Steps = b.exchange(1, '$x', 'topic')

const needed: readonly Scenario[] = [
  lacks(
    'queue.declare',
    { write: '.*', read: '.*' },
    [],
    ['queue.declare', { queue: '$q' }],
    'configure',
    queue,
    '50/10',
  ),
  lacks(
    'queue.declare of an existing queue',
    { read: '.*' },
    ownQueue,
    ['queue.declare', { queue: '$q' }],
    'configure',
    queue,
    '50/10',
  ),
  lacks(
    'queue.declare with DLX: read',
    { configure: '.*', write: '.*' },
    [],
    ['queue.declare', { queue: '$q', arguments: { 'x-dead-letter-exchange': '$dlx' } }],
    'read',
    queue,
    '50/10',
  ),
  lacks(
    'queue.declare with DLX: write',
    { configure: '.*', read: '.*' },
    [],
    ['queue.declare', { queue: '$q', arguments: { 'x-dead-letter-exchange': '$dlx' } }],
    'write',
    "exchange '$dlx'",
    '50/10',
  ),
  lacks(
    'queue.delete',
    { write: '.*', read: '.*' },
    ownQueue,
    ['queue.delete', { queue: '$q' }],
    'configure',
    queue,
    '50/40',
  ),
  lacks(
    'queue.delete of a missing queue',
    { write: '.*' },
    [],
    ['queue.delete', { queue: '$q' }],
    'configure',
    queue,
    '50/40',
  ),
  lacks(
    'exchange.declare',
    { write: '.*', read: '.*' },
    [],
    ['exchange.declare', { exchange: '$x', type: 'fanout' }],
    'configure',
    exchange,
    '40/10',
  ),
  lacks(
    'exchange.declare with alternate-exchange: read',
    { configure: '.*', write: '.*' },
    [],
    ['exchange.declare', { exchange: '$x', type: 'fanout', arguments: { 'alternate-exchange': '$ae' } }],
    'read',
    exchange,
    '40/10',
  ),
  lacks(
    'exchange.declare with alternate-exchange: write',
    { configure: '.*', read: '.*' },
    [],
    ['exchange.declare', { exchange: '$x', type: 'fanout', arguments: { 'alternate-exchange': '$ae' } }],
    'write',
    "exchange '$ae'",
    '40/10',
  ),
  lacks(
    'exchange.delete',
    { write: '.*' },
    ownExchange,
    ['exchange.delete', { exchange: '$x' }],
    'configure',
    exchange,
    '40/20',
  ),
  lacks(
    'queue.bind: write on the queue',
    { read: '.*' },
    [ownQueue, ownExchange],
    ['queue.bind', { queue: '$q', exchange: '$x', routingKey: 'k' }],
    'write',
    queue,
    '50/20',
  ),
  lacks(
    'queue.bind: read on the exchange',
    { write: '.*' },
    [ownQueue, ownExchange],
    ['queue.bind', { queue: '$q', exchange: '$x', routingKey: 'k' }],
    'read',
    exchange,
    '50/20',
  ),
  lacks(
    'queue.unbind',
    { read: '.*' },
    [ownQueue, ownExchange],
    ['queue.unbind', { queue: '$q', exchange: '$x', routingKey: 'k' }],
    'write',
    queue,
    '50/50',
  ),
  lacks(
    'exchange.bind: write on the destination',
    { read: '.*' },
    [ownExchange, b.exchange(1, '$y', 'fanout')],
    ['exchange.bind', { destination: '$y', source: '$x', routingKey: '' }],
    'write',
    "exchange '$y'",
    '40/30',
  ),
  lacks(
    'exchange.bind: read on the source',
    { write: '.*' },
    [ownExchange, b.exchange(1, '$y', 'fanout')],
    ['exchange.bind', { destination: '$y', source: '$x', routingKey: '' }],
    'read',
    exchange,
    '40/30',
  ),
  lacks('basic.consume', { write: '.*' }, ownQueue, ['basic.consume', { queue: '$q' }], 'read', queue, '60/20'),
  lacks('basic.get', { write: '.*' }, ownQueue, ['basic.get', { queue: '$q' }], 'read', queue, '60/70'),
  lacks('queue.purge', { write: '.*' }, ownQueue, ['queue.purge', { queue: '$q' }], 'read', queue, '50/30'),
  scenario('13.1', 'basic.publish', 'asks for write on the exchange of a publish', [
    withUser({ ...nothing, read: '.*', configure: '.*' }),
    ownExchange,
    a.publishes(1, '$x', 'k', 'm'),
    refused('write', exchange, '60/40'),
  ]),
  scenario('13.1', 'basic.publish to the default exchange', 'checks the default exchange as amq.default', [
    withUser({ ...nothing, write: '^[$].*' }),
    a.publishes(1, '', '$q', 'm'),
    refused('write', "exchange 'amq.default'", '60/40'),
  ]),
  scenario('13.1', 'queue.declare passive', 'asks for any permission for a passive declaration', [
    withUser(nothing),
    ownQueue,
    a.send(1, 'queue.declare', { queue: '$q', passive: true }),
    differ(
      '§19 passive declare permission: any of the three as 4.3',
      a.skips('channel.close'),
      a.sees("1 queue.declare-ok('$q', 0, 0)"),
    ),
  ]),
  ...(['configure', 'write', 'read'] as const).map((permission) =>
    scenario('13.1', `queue.declare passive with ${permission}`, `takes ${permission} for a passive declaration`, [
      withUser({ ...nothing, [permission]: '.*' }),
      ownQueue,
      ownExchange,
      a.declares(1, '$q', { passive: true }),
      a.exchange(1, '$x', '', { passive: true }),
    ]),
  ),
  scenario('13.1', 'direct reply-to', 'asks for no permission to consume replies, and for write to send them', [
    withUser({ ...nothing, write: '^amq[.]default$' }),
    b.declares(1, '$rpc'),
    b.consumes(1, '$rpc', 'server', { noAck: true }),
    a.consumes(1, 'amq.rabbitmq.reply-to', 'replies', { noAck: true }),
    a.publishes(1, '', '$rpc', 'question', { properties: { replyTo: 'amq.rabbitmq.reply-to' } }),
    b.skips('basic.deliver', { replyTo: 'reply' }),
    b.publishes(1, '', '$reply', 'answer'),
    a.sees("1 basic.deliver('replies', 1, false, '', '$reply') {} 'answer'"),
  ]),
]

const patterns: readonly Scenario[] = [
  scenario('13.1', 'unanchored search', 'searches the name for the pattern, anywhere in it', [
    withUser({ ...nothing, configure: 'mid+le' }),
    a.declares(1, '$amiddled'),
    a.send(1, 'queue.declare', { queue: '$q' }),
    refused('configure', queue, '50/10'),
  ]),
  scenario('13.1', 'empty pattern', 'matches no name with an empty pattern', [
    withUser({ ...everything, configure: '' }),
    a.send(1, 'queue.declare', { queue: '$q' }),
    refused('configure', queue, '50/10'),
  ]),
  scenario('13.1', 'server-named queues', 'checks server-named queues under their generated name', [
    withUser({ ...nothing, configure: '^amq[.]gen-' }),
    a.calls(1, 'queue.declare', { queue: '', exclusive: true }, "queue.declare-ok('amq.gen-*', 0, 0)"),
    a.send(1, 'queue.declare', { queue: '$q' }),
    refused('configure', queue, '50/10'),
  ]),
  scenario('13.1', 'precedence', 'checks permission before existence', [
    withUser({ ...nothing, configure: '.*' }),
    a.send(1, 'basic.consume', { queue: '$gone' }),
    refused('read', "queue '$gone'", '60/20'),
    a.reopens(1),
    a.publishes(1, '$gone', 'k', 'm'),
    refused('write', "exchange '$gone'", '60/40'),
  ]),
  scenario('13.1', 'changes', 'applies changes of permissions to new checks', [
    withUser(everything),
    a.declares(1, '$q'),
    administer('setPermission', '$u', '/', nothing),
    a.send(1, 'queue.declare', { queue: '$other' }),
    refused('configure', "queue '$other'", '50/10'),
    administer('setPermission', '$u', '/', everything),
    a.reopens(1),
    a.declares(1, '$other'),
  ]),
  scenario('13.1', 'dead letters at runtime', 'does not check permissions when messages die', [
    withUser({ configure: '.*', read: '.*', write: '.*' }),
    a.declares(1, '$dlq'),
    a.declares(1, '$q', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$dlq' } }),
    a.publishes(1, '', '$q', 'm'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    administer('setPermission', '$u', '/', { ...everything, write: '' }),
    a.rejects(1, 1, false),
    a.eventually(1, 'queue.declare', { queue: '$dlq', passive: true }, "queue.declare-ok('$dlq', 1, 0)"),
  ]),
  scenario('13.1', 'user tags: impersonator', 'lets an impersonator set any user-id', [
    withUser(everything, ['impersonator']),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm', { properties: { userId: 'somebody' } }),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {userId:'somebody'} 'm'"),
  ]),
  scenario('13.1', 'user tags: administrator', 'lets no administrator set another user-id', [
    withUser(everything, ['administrator']),
    a.publishes(1, '', '$q', 'm', { properties: { userId: 'somebody' } }),
    a.closesChannel(1, 406, "user_id property set to 'somebody' but authenticated user was '$u'", '60/40'),
  ]),
  scenario('13.1', 'new vhost', 'gives a new vhost the standard exchanges and no queues', [
    administer('putVhost', '$vh'),
    administer('setPermission', 'guest', '$vh', everything),
    a.ready({ vhost: '$vh' }),
    (
      [
        ['amq.direct', 'direct'],
        ['amq.fanout', 'fanout'],
        ['amq.topic', 'topic'],
        ['amq.headers', 'headers'],
        ['amq.match', 'headers'],
      ] as const
    ).map(([name, type]) => a.exchange(1, name, type, { durable: true })),
    a.send(1, 'queue.declare', { queue: '$q', passive: true }),
    a.closesChannel(1, 404, "no queue '$q' in vhost '$vh'", '50/10'),
  ]),
]

export const access: readonly Scenario[] = [...needed, ...patterns]
