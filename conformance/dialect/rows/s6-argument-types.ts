// §6.5 of the behaviour reference: which queue type takes which argument, and what quorum and stream queues refuse.

import type { Field, Table } from '../client/field-table.ts'
import { a } from '../peers.ts'
import { differ, lacking310, type Scenario, type Steps, scenario } from '../scenario.ts'

const declareIds = '50/10'
type Type = 'classic' | 'quorum' | 'stream'

function typed(type: Type, queueArguments: Table = {}): Table {
  return { 'x-queue-type': type, ...queueArguments }
}

function refuses(explanation: string, queueArguments: Table, flags: Table = { durable: true }): Steps {
  return [
    a.send(1, 'queue.declare', { queue: '$q', ...flags, arguments: queueArguments }),
    a.closesChannel(1, 406, explanation, declareIds),
  ]
}

/** The argument is known, but not to queues of this type. */
function foreign(type: Type, arg: string, value: Field, more: Table = {}): Scenario {
  return scenario('6.5', `${arg} on ${type}`, `refuses ${arg} on a ${type} queue`, [
    a.ready(),
    refuses(
      `invalid arg '${arg}' for queue '$q' in vhost '/' of queue type rabbit_${type}_queue`,
      typed(type, { [arg]: value, ...more }),
    ),
  ])
}

/** A quorum queue refuses this value for this reason. */
function quorumRefuses(arg: string, value: Field, reason: string): Scenario {
  const shown = Array.isArray(value) ? value.join(' ') : JSON.stringify(value)
  return scenario('6.5', `${arg} = ${shown} on quorum`, `refuses ${arg} = ${shown} on a quorum queue`, [
    a.ready(),
    refuses(`invalid arg '${arg}' for queue '$q' in vhost '/': ${reason}`, typed('quorum', { [arg]: value })),
  ])
}

function quorumAccepts(row: string, queueArguments: Table): Scenario {
  return scenario('6.5', `${row} on quorum`, `accepts ${row} on a quorum queue`, [
    a.ready(),
    a.declares(1, '$q', { durable: true, arguments: typed('quorum', queueArguments) }),
  ])
}

const onClassic: readonly Scenario[] = [
  foreign('classic', 'x-dead-letter-strategy', 'at-least-once'),
  foreign('classic', 'x-delivery-limit', 5),
  foreign('classic', 'x-quorum-initial-group-size', 3),
  foreign('classic', 'x-max-in-memory-length', 5),
  foreign('classic', 'x-max-in-memory-bytes', 5),
  foreign('classic', 'x-stream-max-segment-size-bytes', 1000),
  foreign('classic', 'x-initial-cluster-size', 3),
  scenario('6.5', 'x-queue-leader-locator on classic', 'accepts x-queue-leader-locator on a classic queue', [
    a.ready(),
    differ(
      '§19 x-queue-leader-locator on classic: accepted as 4.x',
      a.declares(1, '$q', { arguments: { 'x-queue-leader-locator': 'balanced' } }),
      refuses(
        "invalid arg 'x-queue-leader-locator' for queue '$q' in vhost '/' of queue type rabbit_classic_queue",
        { 'x-queue-leader-locator': 'balanced' },
        {},
      ),
    ),
  ]),
  scenario('6.5', 'x-queue-master-locator', 'ignores x-queue-master-locator', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-queue-master-locator': 'min-masters' } }),
  ]),
  scenario('6.5', 'x-consumer-timeout on classic', 'accepts x-consumer-timeout on a classic queue', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-consumer-timeout': 60_000 } }),
  ]),
  scenario('6.5', 'x-queue-type empty', 'takes an empty x-queue-type for the default', [
    a.ready(),
    differ(
      '§19 empty x-queue-type string: default as 4.3',
      a.declares(1, '$q', { arguments: { 'x-queue-type': '' } }),
      refuses(
        "invalid arg 'x-queue-type' for queue '$q' in vhost '/': \"unsupported queue type ''\"",
        { 'x-queue-type': '' },
        {},
      ),
    ),
  ]),
  scenario('6.5', 'x-max-priority 0 and 255', 'accepts every x-max-priority from 0 to 255', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-priority': 0 } }),
    a.declares(1, '$r', { arguments: { 'x-max-priority': 255 } }),
  ]),
  scenario('6.5', 'limits of x-expires and x-message-ttl', 'accepts the longest and the shortest periods', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-expires': ['l', 315360000000], 'x-message-ttl': ['l', 315360000000] } }),
    a.declares(1, '$r', { arguments: { 'x-message-ttl': 0, 'x-max-length': 0, 'x-max-length-bytes': 0 } }),
  ]),
  ...['drop-head', 'reject-publish', 'reject-publish-dlx'].map((overflow) =>
    scenario('6.5', `x-overflow ${overflow}`, `accepts x-overflow ${overflow}`, [
      a.ready(),
      a.declares(1, '$q', { arguments: { 'x-overflow': overflow } }),
    ]),
  ),
  scenario('6.5', 'x-dead-letter-routing-key type', 'refuses a dead-letter routing key that is not a string', [
    a.ready(),
    refuses(
      "invalid arg 'x-dead-letter-routing-key' for queue '$q' in vhost '/': {unacceptable_type,signedint}",
      { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 5 },
      {},
    ),
  ]),
  scenario('6.5', 'x-queue-mode type', 'ignores an x-queue-mode that is not a string', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '$q', arguments: { 'x-queue-mode': 5 } }),
    differ(
      '§19 x-queue-mode: accept, ignore; validated up to 4.0',
      a.sees("1 queue.declare-ok('$q', 0, 0)"),
      a.closesChannel(
        1,
        406,
        "invalid arg 'x-queue-mode' for queue '$q' in vhost '/': {unacceptable_type,signedint}",
        declareIds,
      ),
    ),
  ]),
]

const onQuorum: readonly Scenario[] = [
  foreign('quorum', 'x-max-priority', 5),
  scenario('6.5', 'x-queue-mode on quorum', 'ignores x-queue-mode on a quorum queue', [
    a.ready(),
    differ(
      '§19 x-queue-mode: accept, ignore',
      a.declares(1, '$q', { durable: true, arguments: typed('quorum', { 'x-queue-mode': 'lazy' }) }),
      refuses(
        "invalid arg 'x-queue-mode' for queue '$q' in vhost '/' of queue type rabbit_quorum_queue",
        typed('quorum', { 'x-queue-mode': 'lazy' }),
      ),
    ),
  ]),
  foreign('quorum', 'x-queue-version', 2),
  foreign('quorum', 'x-max-age', '1h'),
  foreign('quorum', 'x-stream-max-segment-size-bytes', 1000),
  quorumRefuses('x-expires', 0, '{value_zero,0}'),
  quorumRefuses('x-message-ttl', -1, '{value_negative,-1}'),
  quorumRefuses('x-max-length', -1, '{value_negative,-1}'),
  quorumRefuses('x-overflow', 'bogus', 'invalid_overflow'),
  quorumRefuses('x-dead-letter-strategy', 'bogus', 'invalid_dlx_strategy'),
  quorumRefuses('x-single-active-consumer', 'true', '{unacceptable_type,longstr}'),
  quorumRefuses('x-quorum-initial-group-size', 0, '{value_zero,0}'),
  quorumRefuses('x-max-in-memory-length', -1, '{value_negative,-1}'),
  quorumRefuses('x-max-in-memory-bytes', -1, '{value_negative,-1}'),
  quorumRefuses('x-queue-leader-locator', 'bogus', 'invalid_queue_locator_arg'),
  quorumAccepts('x-dead-letter-strategy', { 'x-dead-letter-strategy': 'at-least-once' }),
  quorumAccepts('x-overflow reject-publish-dlx', { 'x-overflow': 'reject-publish-dlx' }),
  quorumAccepts('x-delivery-limit', { 'x-delivery-limit': 5 }),
  quorumAccepts('x-queue-leader-locator', { 'x-queue-leader-locator': 'client-local' }),
  quorumAccepts('x-quorum-initial-group-size', { 'x-quorum-initial-group-size': 1 }),
  quorumAccepts('x-max-in-memory-length and -bytes', { 'x-max-in-memory-length': 5, 'x-max-in-memory-bytes': 5 }),
  quorumAccepts('unknown arguments', { 'x-anything': 'goes' }),
  quorumAccepts('x-single-active-consumer', { 'x-single-active-consumer': true }),
  ...lacking310('x-consumer-disconnected-timeout, x-delayed-retry-*', [
    quorumAccepts('x-consumer-disconnected-timeout', { 'x-consumer-disconnected-timeout': 1000 }),
    quorumAccepts('x-delayed-retry-*', {
      'x-delayed-retry-type': 'all',
      'x-delayed-retry-min': 100,
      'x-delayed-retry-max': 1000,
    }),
    foreign('classic', 'x-consumer-disconnected-timeout', 1000),
    foreign('classic', 'x-delayed-retry-type', 'all'),
    foreign('classic', 'x-delayed-retry-min', 100),
    quorumRefuses('x-consumer-timeout', -1, '{value_negative,-1}'),
  ]),
]

const properties: readonly Scenario[] = [
  ...(
    [
      ['non-durable', { durable: false }],
      ['exclusive-owner', { durable: true, exclusive: true }],
      ['auto-delete', { durable: true, autoDelete: true }],
    ] as const
  ).map(([property, flags]) =>
    scenario('6.5', `quorum ${property}`, `refuses a quorum queue that is ${property}`, [
      a.ready(),
      refuses(`invalid property '${property}' for queue '$q' in vhost '/'`, typed('quorum'), flags),
    ]),
  ),
  scenario('6.1', 'empty name, quorum', 'refuses to name a quorum queue', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '', durable: true, arguments: typed('quorum') }),
    a.closesChannel(1, 406, 'Cannot declare a server-named queue for type rabbit_quorum_queue', declareIds),
  ]),
]

const inequivalent = (what: string) => `inequivalent arg ${what}`

const equivalence: readonly Scenario[] = [
  scenario('6.1', 'inequivalent known argument, both present', 'refuses another value of an argument', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 10 } }),
    a.declares(1, '$q', { arguments: { 'x-max-length': ['l', 10] } }),
    refuses(
      inequivalent("'x-max-length' for queue '$q' in vhost '/': received '11' but current is '10'"),
      { 'x-max-length': 11 },
      {},
    ),
  ]),
  scenario('6.1', 'inequivalent known argument, absent now', 'refuses a declaration without an argument that is set', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-message-ttl': 10_000 } }),
    refuses(
      inequivalent(
        "'x-message-ttl' for queue '$q' in vhost '/': received none but current is the value '10000' of type 'signedint'",
      ),
      {},
      {},
    ),
  ]),
  scenario('6.1', 'inequivalent known argument, absent before', 'refuses an argument that the queue does not have', [
    a.ready(),
    a.declares(1, '$q'),
    refuses(
      inequivalent(
        "'x-dead-letter-exchange' for queue '$q' in vhost '/': received the value '$dlx' of type 'longstr' but current is none",
      ),
      { 'x-dead-letter-exchange': '$dlx' },
      {},
    ),
  ]),
  scenario('6.1', 'value comparison', 'tells an integer from a double', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 10 } }),
    a.send(1, 'queue.declare', { queue: '$q', arguments: { 'x-max-length': ['d', 10] } }),
    a.closesChannel(
      1,
      406,
      inequivalent("'x-max-length' for queue '$q' in vhost '/': received '10.0' but current is '10'"),
      declareIds,
    ),
  ]),
  scenario('6.1', 'x-queue-type classic vs absent', 'takes an absent x-queue-type for classic', [
    a.ready(),
    a.declares(1, '$q', { durable: true, arguments: typed('classic') }),
    a.declares(1, '$q', { durable: true }),
    a.declares(1, '$r', { durable: true }),
    a.declares(1, '$r', { durable: true, arguments: typed('classic') }),
  ]),
  scenario('6.1', 'other x-queue-type mismatch', 'refuses another queue type', [
    a.ready(),
    a.declares(1, '$q', { durable: true }),
    a.send(1, 'queue.declare', { queue: '$q', durable: true, arguments: typed('quorum') }),
    differ(
      '§19 inequivalent x-queue-type text: 4.x',
      a.closesChannel(
        1,
        406,
        inequivalent("'x-queue-type' for queue '$q' in vhost '/': received 'quorum' but current is 'classic'"),
        declareIds,
      ),
      a.closesChannel(
        1,
        406,
        inequivalent(
          "'x-queue-type' for queue '$q' in vhost '/': received the value 'quorum' of type 'longstr' but current is none",
        ),
        declareIds,
      ),
    ),
  ]),
  scenario('6.1', 'unknown arguments not compared', 'does not compare unknown arguments', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-anything': 1 } }),
    a.declares(1, '$q', { arguments: { 'x-anything': 2 } }),
    a.declares(1, '$q'),
  ]),
  ...(
    [
      ['x-expires', 60_000, 70_000],
      ['x-max-length-bytes', 1, 2],
      ['x-max-priority', 1, 2],
      ['x-overflow', 'drop-head', 'reject-publish'],
      ['x-single-active-consumer', true, false],
    ] as const
  ).map(([arg, old, now]) =>
    scenario('6.1', `which arguments are compared: ${arg}`, `compares ${arg}`, [
      a.ready(),
      a.declares(1, '$q', { arguments: { [arg]: old } }),
      refuses(
        inequivalent(`'${arg}' for queue '$q' in vhost '/': received '${now}' but current is '${old}'`),
        { [arg]: now },
        {},
      ),
    ]),
  ),
]

/** A stream is refused for this reason. */
function streamRefuses(row: string, explanation: string, queueArguments: Table, flags?: Table): Scenario {
  return scenario('6.5', `${row} on stream`, `refuses ${row} on a stream`, [
    a.ready(),
    refuses(explanation, typed('stream', queueArguments), flags),
  ])
}

function streamValue(arg: string, value: Field, reason: string): Scenario {
  const shown = Array.isArray(value) ? value.join(' ') : JSON.stringify(value)
  return streamRefuses(`${arg} = ${shown}`, `invalid arg '${arg}' for queue '$q' in vhost '/': ${reason}`, {
    [arg]: value,
  })
}

const onStreams: readonly Scenario[] = [
  foreign('stream', 'x-expires', 60_000),
  foreign('stream', 'x-message-ttl', 60_000),
  foreign('stream', 'x-max-length', 5),
  foreign('stream', 'x-overflow', 'drop-head'),
  foreign('stream', 'x-dead-letter-exchange', ''),
  foreign('stream', 'x-max-priority', 5),
  foreign('stream', 'x-single-active-consumer', true),
  foreign('stream', 'x-delivery-limit', 5),
  streamValue('x-max-age', '0h', 'invalid_max_age'),
  streamValue('x-max-age', 5, '{unacceptable_type,signedint}'),
  streamValue('x-max-length-bytes', -1, '{value_negative,-1}'),
  streamValue('x-initial-cluster-size', 0, '{value_zero,0}'),
  streamRefuses('x-stream-max-segment-size-bytes', 'Exceeded max value for x-stream-max-segment-size-bytes', {
    'x-stream-max-segment-size-bytes': ['l', 3_000_000_001],
  }),
  streamRefuses('non-durable', "invalid property 'non-durable' for queue '$q' in vhost '/'", {}, {}),
  streamRefuses(
    'exclusive',
    "invalid property 'exclusive-owner' for queue '$q' in vhost '/'",
    {},
    {
      durable: true,
      exclusive: true,
    },
  ),
  streamRefuses(
    'auto-delete',
    "invalid property 'auto-delete' for queue '$q' in vhost '/'",
    {},
    {
      durable: true,
      autoDelete: true,
    },
  ),
  scenario('6.5', 'x-max-age = "bogus" on stream', 'refuses an x-max-age that is no period', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '$q', durable: true, arguments: typed('stream', { 'x-max-age': 'bogus' }) }),
    differ(
      '§6.5 x-max-age: 406; 3.10 fails with 541',
      a.closesChannel(1, 406, "invalid arg 'x-max-age' for queue '$q' in vhost '/': invalid_max_age", declareIds),
      a.closesConnection(541, '', '0/0'),
    ),
  ]),
  scenario('6.1', 'empty name, stream', 'refuses to name a stream', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '', durable: true, arguments: typed('stream') }),
    a.closesChannel(1, 406, 'Cannot declare a server-named queue for type rabbit_stream_queue', declareIds),
  ]),
]

export const argumentsByType: readonly Scenario[] = [...onClassic, ...onQuorum, ...onStreams, ...properties]
export const queueEquivalence: readonly Scenario[] = equivalence
