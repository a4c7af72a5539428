// §13 of the behaviour reference, and what §2.4, 2.6, 2.8, 4 and 6.1 say of users, vhosts and their limits: topic
// permissions, logins, limits.

import { everything, login, nothing, user, whyWord, withUser } from '../accounts.ts'
import { a, b, plain } from '../peers.ts'
import { administer, differ, type Scenario, type Steps, scenario } from '../scenario.ts'

const ownExchange: Steps = b.exchange(1, '$x', 'topic')

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
    differ(
      '§2.8 vhost deleted: 3.10 says "is down" where the end of the vhost overtakes its deletion',
      a.closesConnection(320, "vhost '$vh' is deleted", '0/0'),
      a.skips('connection.close'),
    ),
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

export const topicAccess: readonly Scenario[] = topics
export const accountLimits: readonly Scenario[] = [...logins, ...limits]
