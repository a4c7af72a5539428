// §2.8 of the behaviour reference, as far as AMQP and a signal can show it: the broker is told to stop. Played last.

import { a, b } from '../peers.ts'
import { type Scenario, scenario } from '../scenario.ts'

export const shutdown: Scenario = scenario(
  '2.8',
  'broker shutdown',
  'tells open connections of a shutdown with 320, drops those in handshake, and ends TCP',
  [
    a.ready(),
    b.greets(),
    { do: 'stop-broker' },
    a.closesConnection(320, "broker forced connection closure with reason 'shutdown'", '0/0'),
    a.send(0, 'connection.close-ok'),
    a.closed(0, 5),
    b.closed(0, 10, 'connect'),
  ],
)
