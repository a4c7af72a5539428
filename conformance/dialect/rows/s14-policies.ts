// §14 of the behaviour reference: policies and operator policies, live on queues and exchanges that are there. Patterns
// name queues of their own scenario only, so that scenarios do not govern each other.

import { seesDead } from '../deaths.ts'
import { a } from '../peers.ts'
import { administer, differ, lacking310, refuses, type Scenario, type Step, type Steps, scenario } from '../scenario.ts'

type Definition = { readonly [key: string]: unknown }
type Options = { readonly pattern?: string; readonly priority?: number; readonly applyTo?: string }

function request(definition: Definition, options: Options) {
  return { pattern: '^$q$', priority: 0, applyTo: 'queues', ...options, definition }
}

const policy = (definition: Definition, options: Options = {}, name = '$p'): Step =>
  administer('putPolicy', '/', name, request(definition, options))
const operatorPolicy = (definition: Definition, options: Options = {}): Step =>
  administer('putOperatorPolicy', '/', '$op', request(definition, options))
const noPolicy = (name = '$p'): Step => administer('deletePolicy', '/', name)

/** `$q` holds so many ready messages, as soon as the broker has come to it. */
const holds = (ready: number): Step =>
  a.eventually(1, 'queue.declare', { queue: '$q', passive: true }, `queue.declare-ok('$q', ${ready}, 0)`)

const publishes = (...bodies: readonly string[]): Steps => bodies.map((body) => a.publishes(1, '', '$q', body))
const confirming: Steps = a.calls(1, 'confirm.select', {}, 'confirm.select-ok()')
const gone: Steps = [
  a.eventually(
    1,
    'queue.declare',
    { queue: '$q', passive: true },
    "channel.close 404 \"NOT_FOUND - no queue '$q' in vhost '/'\" 50/10",
  ),
]

const effects: readonly Scenario[] = [
  scenario('14', 'effect: max-length trims at once', 'drops what is too much as soon as a policy says so', [
    a.ready(),
    a.declares(1, '$q'),
    publishes('one', 'two', 'three'),
    holds(3),
    policy({ 'max-length': 1 }),
    holds(1),
    a.drains(1, '$q', ['three']),
  ]),
  scenario('14', 'effect: undone on deletion', 'forgets a limit when the policy is deleted', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ 'max-length': 1 }),
    publishes('one', 'two'),
    holds(1),
    noPolicy(),
    publishes('three'),
    holds(2),
    a.drains(1, '$q', ['two', 'three']),
  ]),
  scenario('14', 'effect: on queues declared later', 'governs queues that are declared later', [
    a.ready(),
    policy({ 'max-length': 1 }),
    a.declares(1, '$q'),
    publishes('one', 'two'),
    holds(1),
    a.drains(1, '$q', ['two']),
  ]),
  scenario('14', 'effect: max-length-bytes', 'limits the bytes of a queue', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ 'max-length-bytes': 5 }),
    publishes('abc', 'def'),
    holds(1),
    a.drains(1, '$q', ['def']),
  ]),
  scenario('14', 'effect: overflow', 'refuses publishes as a policy says', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ 'max-length': 1, overflow: 'reject-publish' }),
    confirming,
    publishes('one', 'two'),
    a.confirmed(1, [1], [2]),
    a.drains(1, '$q', ['one']),
  ]),
  scenario('14', 'effect: message-ttl', 'expires messages that come after the policy', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ 'message-ttl': 50 }),
    publishes('m'),
    a.silence(300),
    holds(0),
    a.getsNothing(1, '$q'),
  ]),
  scenario('14', 'effect: expires', 'deletes an unused queue as a policy says', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ expires: 50 }),
    a.silence(400),
    gone,
  ]),
  scenario('14', 'effect: dead-letter-exchange', 'dead-letters as a policy says', [
    a.ready(),
    a.declares(1, '$dlq'),
    a.declares(1, '$q'),
    policy({ 'dead-letter-exchange': '', 'dead-letter-routing-key': '$dlq' }),
    publishes('m'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    a.rejects(1, 1, false),
    a.consumes(1, '$dlq', 'dead', { noAck: true }),
    seesDead("1 basic.deliver('dead', 2, false, '', '$dlq')", 'm', [{ reason: 'rejected', queue: '$q', keys: ['$q'] }]),
  ]),
  scenario('14', 'effect: alternate-exchange', 'sends on to the alternate exchange of a policy', [
    a.ready(),
    a.exchange(1, '$x', 'direct'),
    a.exchange(1, '$ae', 'fanout'),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$ae'),
    policy({ 'alternate-exchange': '$ae' }, { pattern: '^$x$', applyTo: 'exchanges' }),
    a.publishes(1, '$x', 'k', 'one', { mandatory: true }),
    a.answers(1),
    noPolicy(),
    a.publishes(1, '$x', 'k', 'two', { mandatory: true }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '$x', 'k') {} 'two'"),
    a.drains(1, '$q', ['one']),
  ]),
]

const selection: readonly Scenario[] = [
  scenario('14', 'selection: highest priority', 'applies the one policy of the highest priority', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ 'max-length': 3 }, { priority: 1 }),
    policy({ 'max-length': 1 }, { priority: 5 }, '$other'),
    publishes('one', 'two', 'three', 'four'),
    holds(1),
    noPolicy('$other'),
    publishes('five', 'six', 'seven'),
    holds(3),
  ]),
  scenario('14', 'selection: no merging', 'does not merge policies', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ 'max-length': 1 }, { priority: 1 }),
    policy({ 'max-length-bytes': 1000 }, { priority: 5 }, '$other'),
    publishes('one', 'two'),
    holds(2),
  ]),
  scenario('14', 'fields: pattern unanchored', 'searches names for the pattern', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ 'max-length': 1 }, { pattern: '$q' }),
    publishes('one', 'two'),
    holds(1),
  ]),
  scenario('14', 'fields: apply-to exchanges', 'leaves queues alone with apply-to exchanges', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ 'alternate-exchange': '$ae' }, { applyTo: 'exchanges', priority: 9 }),
    policy({ 'max-length': 1 }, { applyTo: 'all' }, '$other'),
    publishes('one', 'two'),
    holds(1),
  ]),
  ...lacking310('apply-to classic_queues, quorum_queues', [
    scenario('14', 'fields: apply-to by queue type', 'tells queue types apart', [
      a.ready(),
      a.declares(1, '$q'),
      policy({ 'max-length': 1 }, { applyTo: 'quorum_queues', priority: 9 }),
      policy({ 'max-length': 2 }, { applyTo: 'classic_queues' }, '$other'),
      publishes('one', 'two', 'three'),
      holds(2),
    ]),
  ]),
]

const merging: readonly Scenario[] = [
  scenario('14', 'argument + policy: min', 'takes the smaller of argument and policy', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 2 } }),
    policy({ 'max-length': 5 }),
    publishes('one', 'two', 'three'),
    holds(2),
    policy({ 'max-length': 1 }),
    holds(1),
  ]),
  scenario('14', 'argument + policy: message-ttl', 'takes the shorter of two times to live', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-message-ttl': 60_000 } }),
    policy({ 'message-ttl': 40 }),
    publishes('m'),
    a.silence(300),
    holds(0),
  ]),
  scenario('14', 'argument + policy: dead-letter-exchange', 'prefers the dead-letter exchange of the argument', [
    a.ready(),
    a.declares(1, '$dlq'),
    a.declares(1, '$q', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': '$dlq' } }),
    policy({ 'dead-letter-exchange': '$nowhere', 'dead-letter-routing-key': 'k' }),
    publishes('m'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 0) {} 'm'"),
    a.rejects(1, 1, false),
    a.eventually(1, 'queue.declare', { queue: '$dlq', passive: true }, "queue.declare-ok('$dlq', 1, 0)"),
  ]),
  scenario('14', 'argument + policy: overflow', 'prefers the overflow of the argument', [
    a.ready(),
    a.declares(1, '$q', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } }),
    policy({ overflow: 'drop-head' }),
    confirming,
    publishes('one', 'two'),
    a.confirmed(1, [1], [2]),
  ]),
  scenario('14', 'argument + policy: alternate-exchange', 'prefers the alternate exchange of the argument', [
    a.ready(),
    a.exchange(1, '$x', 'direct', { arguments: { 'alternate-exchange': '$ae' } }),
    a.exchange(1, '$ae', 'fanout'),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$ae'),
    policy({ 'alternate-exchange': '$nowhere' }, { pattern: '^$x$', applyTo: 'exchanges' }),
    a.publishes(1, '$x', 'k', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('14', 'operator policy', 'limits a queue by an operator policy alone', [
    a.ready(),
    a.declares(1, '$q'),
    operatorPolicy({ 'max-length': 1 }),
    publishes('one', 'two'),
    holds(1),
    administer('deleteOperatorPolicy', '/', '$op'),
    publishes('three'),
    holds(2),
  ]),
  scenario('14', 'user + operator: min', 'takes the smaller of policy and operator policy', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ 'max-length': 3 }),
    operatorPolicy({ 'max-length': 1 }),
    publishes('one', 'two', 'three'),
    holds(1),
    operatorPolicy({ 'max-length': 5 }),
    publishes('four', 'five', 'six'),
    holds(3),
  ]),
  scenario('14', 'user + operator: keys of one only', 'takes keys that only one of them has', [
    a.ready(),
    a.declares(1, '$q'),
    policy({ overflow: 'reject-publish' }),
    operatorPolicy({ 'max-length': 1 }),
    confirming,
    publishes('one', 'two'),
    a.confirmed(1, [1], [2]),
  ]),
  ...lacking310('operator overflow', [
    scenario('14', 'user + operator: overflow', 'prefers the overflow of the operator', [
      a.ready(),
      a.declares(1, '$q'),
      policy({ 'max-length': 1, overflow: 'drop-head' }),
      operatorPolicy({ overflow: 'reject-publish' }),
      confirming,
      publishes('one', 'two'),
      a.confirmed(1, [1], [2]),
    ]),
  ]),
  scenario('14', 'keys that do not apply', 'gives no queue a priority by policy', [
    refuses(
      '[{<<"max-priority">>,5}] are not recognised policy settings',
      'putPolicy',
      '/',
      '$p',
      request({ 'max-priority': 5 }, {}),
    ),
  ]),
]

function invalid(row: string, reason: string, definition: Definition, options: Options = {}): Scenario {
  return scenario('14', `validation: ${row}`, `refuses a policy with ${row}`, [
    refuses(reason, 'putPolicy', '/', '$p', request(definition, options)),
  ])
}

const validation: readonly Scenario[] = [
  invalid('an unknown key', '[{<<"bogus">>,1}] are not recognised policy settings', { bogus: 1 }),
  invalid('max-length -1', '-1 is not a valid maximum length', { 'max-length': -1 }),
  invalid('message-ttl as text', '<<"a">> is not a valid message TTL', { 'message-ttl': 'a' }),
  invalid('expires 0', '0 is not a valid queue expiry', { expires: 0 }),
  invalid('an unknown overflow', '<<"bogus">> is not a valid overflow value', { overflow: 'bogus' }),
  invalid('a dead-letter-exchange that is no text', '5 is not a valid dead letter exchange name', {
    'dead-letter-exchange': 5,
  }),
  invalid(
    'an alternate-exchange that is no text',
    '5 is not a valid alternate exchange name',
    {
      'alternate-exchange': 5,
    },
    { applyTo: 'exchanges' },
  ),
  invalid('an empty definition', 'no policy provided', {}),
  scenario('14', 'operator keys', 'refuses keys that only users have in an operator policy', [
    refuses(
      '[{<<"dead-letter-exchange">>,<<>>}] are not recognised policy settings',
      'putOperatorPolicy',
      '/',
      '$op',
      request({ 'dead-letter-exchange': '' }, {}),
    ),
  ]),
  scenario('14', 'user keys: delivery-limit -1', 'takes a delivery-limit of -1', [
    differ(
      '§19 policy delivery-limit -1: as 4.x',
      policy({ 'delivery-limit': -1 }),
      refuses('-1 is not a valid delivery limit', 'putPolicy', '/', '$p', request({ 'delivery-limit': -1 }, {})),
    ),
  ]),
  scenario('14', 'user keys: ha-*', 'refuses mirroring', [
    differ(
      '§19 ha-* policies, mirroring: accept nothing',
      refuses(
        '[{<<"ha-mode">>,<<"all">>}] are not recognised policy settings',
        'putPolicy',
        '/',
        '$p',
        request({ 'ha-mode': 'all' }, {}),
      ),
      policy({ 'ha-mode': 'all' }),
    ),
  ]),
]

export const policies: readonly Scenario[] = [...effects, ...selection, ...merging, ...validation]
