// §13, and what §2.4, 2.6, 2.8, 4 and 6.1 say of users, vhosts and their limits. Every scenario makes a user of its own.

import { a, b, plain } from '../peers.ts'
import { administer, differ, type Scenario, type Step, type Steps, scenario } from '../scenario.ts'

const everything = { configure: '.*', write: '.*', read: '.*' }
const nothing = { configure: '', write: '', read: '' }
const login = { response: plain('$u', 'pw') }

type Permission = { readonly configure: string; readonly write: string; readonly read: string }

/** A user `$u` with these permissions on `/`. */
function user(permission: Permission, tags: readonly string[] = []): Steps {
  return [administer('putUser', '$u', { password: 'pw', tags }), administer('setPermission', '$u', '/', permission)]
}

/** `a` is that user, `b` may do everything. */
function withUser(permission: Permission, tags: readonly string[] = []): Steps {
  return [user(permission, tags), a.ready(login), b.ready()]
}

const whyWord = '§19 permission refusal text: with the permission'

/** `a` is refused this access. */
function refused(permission: string, what: string, ids: string, vhost = '/'): Step {
  const text = `access to ${what} in vhost '${vhost}' refused for user '$u'`
  return differ(whyWord, a.closesChannel(1, 403, `${permission} ${text}`, ids), a.closesChannel(1, 403, text, ids))
}

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

/** A topic permission of `$u` on `$x`. */
const topic = (write: string, read: string) => administer('setTopicPermission', '$u', '/', '$x', { write, read })

const topics: readonly Scenario[] = [
  scenario('13.1', 'topic permission: publish', 'checks routing keys published to a topic exchange', [
    withUser(everything),
    ownExchange,
    topic('^open[.]', '.*'),
    a.publishes(1, '$x', 'open.door', 'm'),
    a.answers(1),
    a.publishes(1, '$x', 'closed.door', 'm'),
    differ(
      whyWord,
      a.closesChannel(
        1,
        403,
        "write access to topic 'closed.door' in exchange '$x' in vhost '/' refused for user '$u'",
        '60/40',
      ),
      a.closesChannel(
        1,
        403,
        "access to topic 'closed.door' in exchange '$x' in vhost '/' refused for user '$u'",
        '60/40',
      ),
    ),
  ]),
  scenario('13.1', 'topic permission: CC', 'checks the keys of CC as well', [
    withUser(everything),
    ownExchange,
    topic('^open[.]', '.*'),
    a.publishes(1, '$x', 'open.door', 'm', { properties: { headers: { CC: ['A', ['closed.door']] } } }),
    differ(
      '§19 topic permission on CC keys: yes as 4.x',
      a.closesChannel(
        1,
        403,
        "write access to topic 'closed.door' in exchange '$x' in vhost '/' refused for user '$u'",
        '60/40',
      ),
      a.answers(1),
    ),
  ]),
  scenario('13.1', 'topic permission: bind', 'checks binding keys of a topic exchange', [
    withUser(everything),
    ownExchange,
    a.declares(1, '$q'),
    topic('.*', '^open[.]'),
    a.binds(1, '$q', '$x', 'open.*'),
    a.send(1, 'queue.bind', { queue: '$q', exchange: '$x', routingKey: '#' }),
    differ(
      whyWord,
      a.closesChannel(1, 403, "read access to topic '#' in exchange '$x' in vhost '/' refused for user '$u'", '50/20'),
      a.closesChannel(1, 403, "access to topic '#' in exchange '$x' in vhost '/' refused for user '$u'", '50/20'),
    ),
  ]),
  scenario('13.1', 'topic permission: variables', 'puts the name of the user into a topic permission', [
    withUser(everything),
    ownExchange,
    topic('^{username}[.]', '.*'),
    a.publishes(1, '$x', '$u.mine', 'm'),
    a.answers(1),
  ]),
  scenario('13.1', 'topic permission: none', 'allows everything where there is no topic permission', [
    withUser(everything),
    ownExchange,
    topic('^open[.]', '.*'),
    a.publishes(1, 'amq.topic', 'closed.door', 'm'),
    a.answers(1),
    administer('clearTopicPermission', '$u', '/', '$x'),
    a.publishes(1, '$x', 'closed.door', 'm'),
    a.answers(1),
  ]),
]

/** The handshake as far as connection.open, as `$u`. */
function opens(peer: typeof a, vhost = '/'): Steps {
  return [peer.tuned(login), peer.tunesOk({}), peer.opensVhost(vhost)]
}

const logins: readonly Scenario[] = [
  scenario('2.6', 'no permission entry on the vhost', 'refuses a vhost that the user has no permissions on', [
    administer('putUser', '$u', { password: 'pw', tags: [] }),
    opens(a),
    a.closesConnection(530, "access to vhost '/' refused for user '$u'", '10/40'),
  ]),
  scenario('2.6', 'vhost connection limit', 'refuses connections above the limit of the vhost', [
    user(nothing),
    administer('putVhost', '$vh'),
    administer('setPermission', '$u', '$vh', everything),
    administer('setVhostLimits', '$vh', { 'max-connections': 1 }),
    b.login({ ...login, vhost: '$vh' }),
    opens(a, '$vh'),
    a.closesConnection(530, "access to vhost '$vh' refused for user '$u': connection limit (1) is reached", '10/40'),
  ]),
  scenario('2.6', 'user connection limit', 'refuses connections above the limit of the user', [
    user(everything),
    administer('setUserLimits', '$u', { 'max-connections': 1 }),
    b.login(login),
    opens(a),
    a.closesConnection(530, "connection refused for user '$u': user connection limit (1) is reached", '10/40'),
  ]),
  scenario('2.6', 'order of checks', 'looks for the vhost before the limit of the user', [
    user(everything),
    administer('setUserLimits', '$u', { 'max-connections': 0 }),
    opens(a, '$nowhere'),
    a.closesConnection(530, 'vhost $nowhere not found', '10/40'),
  ]),
  scenario('2.4', 'password changed', 'takes the new password of a user, and not the old one', [
    user(everything),
    administer('putUser', '$u', { password: 'other', tags: [] }),
    a.greets(),
    a.startsOk(login),
    a.closesConnection(
      403,
      'Login was refused using authentication mechanism PLAIN. For details see the broker logfile.',
      '0/0',
    ),
    b.ready({ response: plain('$u', 'other') }),
  ]),
  scenario('2.8', 'user deleted', 'ends the connections of a deleted user', [
    withUser(everything),
    administer('deleteUser', '$u'),
    a.closesConnection(320, "user '$u' is deleted", '0/0'),
    b.answers(1),
  ]),
  scenario('2.8', 'vhost deleted', 'ends the connections to a deleted vhost', [
    user(everything),
    administer('putVhost', '$vh'),
    administer('setPermission', '$u', '$vh', everything),
    a.ready({ ...login, vhost: '$vh' }),
    a.declares(1, '$q'),
    administer('deleteVhost', '$vh'),
    a.closesConnection(320, "vhost '$vh' is deleted", '0/0'),
  ]),
]

const limits: readonly Scenario[] = [
  scenario('4', 'per-user channel limit', 'refuses channels above the limit of the user', [
    user(everything),
    administer('setUserLimits', '$u', { 'max-channels': 1 }),
    a.ready(login),
    a.send(2, 'channel.open'),
    differ(
      '§19 user max-channels text: 4.3',
      a.closesConnection(
        530,
        "number of channels opened for user '$u' has reached the maximum allowed user limit of 1",
        '0/0',
      ),
      a.closesConnection(
        530,
        "number of channels opened for user '$u' has reached the maximum allowed user limit of (1)",
        '0/0',
      ),
    ),
  ]),
  scenario('6.1', 'vhost queue limit', 'refuses new queues above the limit of the vhost', [
    administer('putVhost', '$vh'),
    administer('setPermission', 'guest', '$vh', everything),
    administer('setVhostLimits', '$vh', { 'max-queues': 1 }),
    a.ready({ vhost: '$vh' }),
    a.declares(1, '$q'),
    a.declares(1, '$q'),
    a.send(1, 'queue.declare', { queue: '$r' }),
    a.closesChannel(1, 406, "cannot declare queue '$r': queue limit in vhost '$vh' (1) is reached", '50/10'),
  ]),
  ...(
    [
      [0, 'none'],
      [-1, 'any number'],
    ] as const
  ).map(([limit, allowed]) =>
    scenario('13.2', `vhost max-queues ${limit}`, `allows ${allowed} of queues with a limit of ${limit}`, [
      administer('putVhost', '$vh'),
      administer('setPermission', 'guest', '$vh', everything),
      administer('setVhostLimits', '$vh', { 'max-queues': limit }),
      a.ready({ vhost: '$vh' }),
      limit < 0
        ? [a.declares(1, '$q'), a.declares(1, '$r')]
        : [
            a.send(1, 'queue.declare', { queue: '$q' }),
            a.closesChannel(1, 406, "cannot declare queue '$q': queue limit in vhost '$vh' (0) is reached", '50/10'),
          ],
    ]),
  ),
  scenario('13.2', 'vhost max-connections 0', 'allows no connection with a limit of 0', [
    user(nothing),
    administer('putVhost', '$vh'),
    administer('setPermission', '$u', '$vh', everything),
    administer('setVhostLimits', '$vh', { 'max-connections': 0 }),
    opens(a, '$vh'),
    a.closesConnection(530, "access to vhost '$vh' refused for user '$u': connection limit (0) is reached", '10/40'),
  ]),
]

export const access: readonly Scenario[] = [...needed, ...patterns, ...topics]
export const accountLimits: readonly Scenario[] = [...logins, ...limits]
