// §2.10 of the behaviour reference: what connections see of an alarm. For a broker that has been short of disk since it
// started; no other scenario can be played there.

import { a, b } from '../peers.ts'
import { type Scenario, scenario } from '../scenario.ts'

const capable = { capabilities: { 'connection.blocked': true, consumer_cancel_notify: true } }
const blocked = "0 connection.blocked('low on disk')"

export const alarms: readonly Scenario[] = [
  scenario('2.10', 'alarm raised, no publish yet', 'lets connections that have not published do everything else', [
    a.ready(capable),
    a.declares(1, '$q'),
    a.exchange(1, '$x', 'fanout'),
    a.binds(1, '$q', '$x'),
    a.consumes(1, '$q', 'ct'),
    a.calls(1, 'basic.cancel', { consumerTag: 'ct' }, "basic.cancel-ok('ct')"),
    a.deletesQueue(1, '$q', 0),
  ]),
  scenario('2.10', 'connection publishes', 'tells a connection that publishes that it is blocked, and why', [
    a.ready(capable),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.sees(blocked),
    b.ready(),
    b.answers(1),
  ]),
  scenario('2.10', 'connection publishes, no capability', 'tells nothing to a connection without the capability', [
    a.ready({ capabilities: {} }),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.silence(500),
  ]),
  scenario('2.10', 'methods sent on a blocked connection', 'does not answer a blocked connection', [
    a.ready(capable),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.sees(blocked),
    a.publishes(1, '', '$q', 'n'),
    a.send(1, 'channel.flow', { active: true }),
    a.silence(500),
  ]),
  scenario('2.10', 'heartbeats', 'does not miss heartbeats of a blocked connection', [
    a.ready({ ...capable, heartbeatSeconds: 1 }),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.skipsTo('connection.blocked'),
    // Silent for longer than three intervals; what comes are the broker's own heartbeats.
    Array.from({ length: 8 }, () => a.sees('0 heartbeat')),
  ]),
  scenario(
    '2.10',
    'connections opened during an alarm',
    'accepts connections, and blocks them at their first publish',
    [
      a.ready(capable),
      b.ready(capable),
      b.answers(1),
      b.publishes(1, '', '$nowhere', 'm'),
      b.sees(blocked),
      a.answers(1),
    ],
  ),
]
