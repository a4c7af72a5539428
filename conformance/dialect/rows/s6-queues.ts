// §6.1 of the behaviour reference: declaring queues.

import type { Field } from '../client/field-table.ts'
import { a, b } from '../peers.ts'
import { type Scenario, scenario } from '../scenario.ts'

const declareIds = '50/10'
const noQueue = (name: string) => `no queue '${name}' in vhost '/'`
const locked =
  "cannot obtain exclusive access to locked queue '$q' in vhost '/'. It could be originally declared on another " +
  'connection or the exclusive property value does not match that of the original declaration.'

/** The text of an inequivalent argument of queue `$q`. */
function inequivalent(arg: string, received: string, current: string): string {
  return `inequivalent arg '${arg}' for queue '$q' in vhost '/': received ${received} but current is ${current}`
}

/** `$q` declared with these arguments, then with those. */
function redeclared(first: Field, second: Field) {
  return [
    a.ready(),
    a.declares(1, '$q', { arguments: first }),
    a.send(1, 'queue.declare', { queue: '$q', arguments: second }),
  ]
}

const again = a.sees("1 queue.declare-ok('$q', 0, 0)")

const declaring: readonly Scenario[] = [
  scenario('6.1', 'ok', 'answers with the name, the ready messages and the consumers', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'one'),
    a.publishes(1, '', '$q', 'two'),
    a.publishes(1, '', '$q', 'three'),
    a.gets(1, '$q', "get-ok(1, false, '', '$q', 2) {} 'one'"),
    a.calls(1, 'queue.declare', { queue: '$q' }, "queue.declare-ok('$q', 2, 0)"),
    a.qos(1, 1),
    a.consumes(1, '$q', 'ct'),
    a.delivered(1, 'ct', 2, '$q', 'two'),
    a.calls(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 1, 1)"),
  ]),
  scenario('6.1', 'empty name', 'makes up a name of amq.gen- and 22 characters', [
    a.ready(),
    a.calls(1, 'queue.declare', { queue: '', exclusive: true }, "queue.declare-ok('amq.gen-*', 0, 0)"),
    a.calls(1, 'queue.declare', { queue: '', exclusive: true }, "queue.declare-ok('amq.gen-*', 0, 0)"),
  ]),
  scenario('6.1', 'server-named queue redeclared', 'lets a server-named queue be declared again only passively', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '', exclusive: true }),
    a.skips('queue.declare-ok', { queue: 'generated' }),
    a.declares(1, '$generated', { passive: true }),
    a.send(1, 'queue.declare', { queue: '$generated', exclusive: true }),
    a.closesChannel(1, 403, "queue name '$generated' contains reserved prefix 'amq.*'", declareIds),
  ]),
  scenario('6.1', 'reserved prefix', 'reserves new queue names that start with amq.', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: 'amq.mine' }),
    a.closesChannel(1, 403, "queue name 'amq.mine' contains reserved prefix 'amq.*'", declareIds),
    a.reopens(1),
    a.send(1, 'queue.declare', { queue: 'amq.mine', passive: true }),
    a.closesChannel(1, 404, noQueue('amq.mine'), declareIds),
  ]),
  scenario('6.1', 'names', 'accepts any UTF-8 and spaces in names', [
    a.ready(),
    a.declares(1, '$q with spaces, ünïcödé, 鱼 and "quotes"'),
    a.publishes(1, '', '$q with spaces, ünïcödé, 鱼 and "quotes"', 'm'),
    a.drains(1, '$q with spaces, ünïcödé, 鱼 and "quotes"', ['m']),
  ]),
  scenario('6.1', 'names: CR and LF', 'strips CR and LF from queue names', [
    a.ready(),
    a.calls(1, 'queue.declare', { queue: '\n$q\r\n' }, "queue.declare-ok('$q', 0, 0)"),
    a.calls(1, 'queue.declare', { queue: '$q', passive: true }, "queue.declare-ok('$q', 0, 0)"),
  ]),
  scenario('6.1', 'passive, missing', 'answers a passive declaration of a missing queue with 404', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '$q', passive: true }),
    a.closesChannel(1, 404, noQueue('$q'), declareIds),
  ]),
  scenario('6.1', 'passive, empty name', 'does not expand the empty name of a passive declaration', [
    a.ready(),
    a.declares(1, '$q'),
    a.send(1, 'queue.declare', { queue: '', passive: true }),
    a.closesChannel(1, 404, noQueue(''), declareIds),
  ]),
  scenario('6.1', 'passive, exists', 'ignores everything but the name in a passive declaration', [
    a.ready(),
    a.declares(1, '$q'),
    a.declares(1, '$q', { passive: true, durable: true, autoDelete: true, arguments: { 'x-max-length': 'bogus' } }),
  ]),
  scenario('6.1', 'nowait', 'answers nothing to a nowait declaration', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '$q', nowait: true }),
    a.answers(1),
    a.declares(1, '$q', { passive: true }),
  ]),
  scenario('6.1', 'nowait error', 'closes the channel for an error of a nowait declaration', [
    a.ready(),
    a.send(1, 'queue.declare', { queue: '$q', passive: true, nowait: true }),
    a.closesChannel(1, 404, noQueue('$q'), declareIds),
  ]),
]

const equivalence: readonly Scenario[] = [
  scenario('6.1', 'inequivalent durable', 'refuses a redeclaration with another durable', [
    a.ready(),
    a.declares(1, '$q', { durable: true }),
    a.send(1, 'queue.declare', { queue: '$q' }),
    a.closesChannel(1, 406, inequivalent('durable', "'false'", "'true'"), declareIds),
  ]),
  scenario('6.1', 'inequivalent auto-delete', 'refuses a redeclaration with another auto-delete', [
    a.ready(),
    a.declares(1, '$q'),
    a.send(1, 'queue.declare', { queue: '$q', autoDelete: true }),
    a.closesChannel(1, 406, inequivalent('auto_delete', "'true'", "'false'"), declareIds),
  ]),
  scenario('6.1', 'exclusive=true is not durable', 'never finds durable inequivalent on exclusive queues', [
    a.ready(),
    a.declares(1, '$q', { exclusive: true, durable: true }),
    a.declares(1, '$q', { exclusive: true }),
    a.declares(1, '$q', { exclusive: true, durable: true }),
  ]),
  scenario('6.1', 'inequivalent argument', 'refuses a redeclaration with another value of a known argument', [
    redeclared({ 'x-max-length': 10 }, { 'x-max-length': 11 }),
    a.closesChannel(1, 406, inequivalent('x-max-length', "'11'", "'10'"), declareIds),
  ]),
  scenario('6.1', 'argument dropped', 'refuses a redeclaration without a known argument', [
    redeclared({ 'x-max-length': 10 }, {}),
    a.closesChannel(1, 406, inequivalent('x-max-length', 'none', "the value '10' of type 'signedint'"), declareIds),
  ]),
  scenario('6.1', 'argument added', 'refuses a redeclaration with a known argument more', [
    redeclared({}, { 'x-dead-letter-exchange': '$dlx' }),
    a.closesChannel(
      1,
      406,
      inequivalent('x-dead-letter-exchange', "the value '$dlx' of type 'longstr'", 'none'),
      declareIds,
    ),
  ]),
  scenario('6.1', 'unknown arguments', 'ignores unknown arguments that differ', [
    redeclared({ 'x-anything': 1 }, { 'x-anything': 'else', more: true }),
    again,
  ]),
  scenario('6.1', 'integer types', 'takes integers of all types for equal by value', [
    redeclared({ 'x-max-length': 10 }, { 'x-max-length': ['l', 10] }),
    again,
    a.declares(1, '$q', { arguments: { 'x-max-length': ['B', 10] } }),
  ]),
  scenario('6.1', 'integer and double', 'tells integers from doubles', [
    redeclared({ 'x-max-length': 10 }, { 'x-max-length': ['d', 10] }),
    a.closesChannel(1, 406, inequivalent('x-max-length', "'10.0'", "'10'"), declareIds),
  ]),
  scenario('6.1', 'x-queue-type classic vs absent', 'takes x-queue-type classic for the same as none', [
    redeclared({}, { 'x-queue-type': 'classic' }),
    again,
  ]),
  scenario('6.1', 'x-queue-type classic vs absent, other way', 'takes no x-queue-type for the same as classic', [
    redeclared({ 'x-queue-type': 'classic' }, {}),
    again,
  ]),
]

const lockedOut: readonly (readonly [method: string, ids: string, values: { readonly [field: string]: unknown }])[] = [
  ['queue.declare', '50/10', { queue: '$q', exclusive: true }],
  ['queue.declare', '50/10', { queue: '$q', passive: true }],
  ['basic.consume', '60/20', { queue: '$q' }],
  ['basic.get', '60/70', { queue: '$q' }],
  ['queue.bind', '50/20', { queue: '$q', exchange: 'amq.direct', routingKey: '$k' }],
  ['queue.purge', '50/30', { queue: '$q' }],
  ['queue.delete', '50/40', { queue: '$q' }],
]

const exclusive: readonly Scenario[] = [
  ...lockedOut.map(([method, ids, values]) =>
    scenario(
      '6.1',
      `exclusive queue of another connection: ${method}${values['passive'] === true ? ' passive' : ''}`,
      `refuses ${method} of a queue that another connection owns`,
      [
        a.ready(),
        b.ready(),
        a.declares(1, '$q', { exclusive: true }),
        b.send(1, method, values),
        b.closesChannel(1, 405, locked, ids),
      ],
    ),
  ),
  scenario('6.1', 'exclusive flag mismatch', 'refuses a redeclaration with another exclusive flag', [
    a.ready(),
    a.declares(1, '$q'),
    a.send(1, 'queue.declare', { queue: '$q', exclusive: true }),
    a.closesChannel(1, 405, locked, declareIds),
  ]),
  scenario('6.1', 'exclusive flag missing', 'refuses a redeclaration of an own exclusive queue as not exclusive', [
    a.ready(),
    a.declares(1, '$q', { exclusive: true }),
    a.send(1, 'queue.declare', { queue: '$q' }),
    a.closesChannel(1, 405, locked, declareIds),
  ]),
  scenario('6.1', 'publishing to an exclusive queue', "lets others publish to a connection's exclusive queue", [
    a.ready(),
    b.ready(),
    a.declares(1, '$q', { exclusive: true }),
    b.publishes(1, '', '$q', 'm'),
    b.answers(1),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('6.1', 'other channels of the owner', 'gives every channel of the owner full access', [
    a.ready(),
    a.opensChannel(2),
    a.declares(1, '$q', { exclusive: true }),
    a.declares(2, '$q', { exclusive: true }),
    a.publishes(2, '', '$q', 'm'),
    a.drains(2, '$q', ['m']),
    a.deletesQueue(2, '$q', 0),
  ]),
]

export const queues: readonly Scenario[] = [...declaring, ...equivalence, ...exclusive]
