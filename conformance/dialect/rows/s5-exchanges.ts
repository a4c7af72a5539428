// §5.1–5.3 of the behaviour reference: the exchanges that are there, declaring and deleting exchanges.

import { a } from '../peers.ts'
import { differ, type Scenario, scenario } from '../scenario.ts'

const defaultExchange = 'operation not permitted on the default exchange'
const noExchange = (name: string) => `no exchange '${name}' in vhost '/'`
const inUse = (name: string) => `exchange '${name}' in vhost '/' in use`
const declareIds = '40/10'

const predeclared = [
  ['amq.direct', 'direct'],
  ['amq.fanout', 'fanout'],
  ['amq.topic', 'topic'],
  ['amq.headers', 'headers'],
  ['amq.match', 'headers'],
] as const

/** The text of an inequivalent argument of exchange `$x`. */
function inequivalent(arg: string, received: string, current: string): string {
  return `inequivalent arg '${arg}' for exchange '$x' in vhost '/': received ${received} but current is ${current}`
}

const standard: readonly Scenario[] = [
  ...predeclared.map(([exchange, type]) =>
    scenario('5.1', exchange, `has ${exchange}, a durable ${type} exchange`, [
      a.ready(),
      a.exchange(1, exchange, type, { durable: true }),
      a.exchange(1, exchange, 'bogus', { passive: true }),
    ]),
  ),
  scenario('5.1', 'amq.rabbitmq.trace', 'has amq.rabbitmq.trace, a durable internal topic exchange', [
    a.ready(),
    a.exchange(1, 'amq.rabbitmq.trace', 'topic', { durable: true, internal: true }),
  ]),
  scenario('5.1', 'default exchange', 'binds every queue to the default exchange by its name', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$q', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
]

const declaring: readonly Scenario[] = [
  scenario('5.2', 'unknown type', 'refuses an unknown exchange type', [
    a.ready(),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'bogus' }),
    differ(
      '§19 unknown exchange type: 406 as 4.x; 503 connection error in 3.10',
      a.closesChannel(1, 406, "unknown exchange type 'bogus'", declareIds),
      a.closesConnection(503, "unknown exchange type 'bogus'", declareIds),
    ),
  ]),
  scenario('5.2', 'empty type', 'refuses the empty exchange type', [
    a.ready(),
    a.send(1, 'exchange.declare', { exchange: '$x', type: '' }),
    differ(
      '§19 unknown exchange type: 406 as 4.x; 503 connection error in 3.10',
      a.closesChannel(1, 406, "invalid exchange type ''", declareIds),
      a.closesConnection(503, "invalid exchange type ''", declareIds),
    ),
  ]),
  scenario('5.2', 'type names', 'minds the case of exchange types', [
    a.ready(),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'dIrect' }),
    differ(
      '§19 unknown exchange type: 406 as 4.x; 503 connection error in 3.10',
      a.closesChannel(1, 406, "unknown exchange type 'dIrect'", declareIds),
      a.closesConnection(503, "unknown exchange type 'dIrect'", declareIds),
    ),
  ]),
  scenario('5.2', 'CR and LF in names', 'strips CR and LF from exchange names', [
    a.ready(),
    a.exchange(1, '$x\r\n', 'direct'),
    a.exchange(1, '$x', '', { passive: true }),
  ]),
  scenario('5.2', 'default exchange', 'does not let the default exchange be declared', [
    a.ready(),
    a.send(1, 'exchange.declare', { exchange: '', type: 'direct', durable: true }),
    a.closesChannel(1, 403, defaultExchange, declareIds),
  ]),
  scenario('5.2', 'default exchange, passive', 'does not let the default exchange be declared passively', [
    a.ready(),
    a.send(1, 'exchange.declare', { exchange: '', type: 'direct', passive: true }),
    a.closesChannel(1, 403, defaultExchange, declareIds),
  ]),
  scenario('5.2', 'reserved prefix', 'reserves new exchange names that start with amq.', [
    a.ready(),
    a.send(1, 'exchange.declare', { exchange: 'amq.mine', type: 'direct' }),
    a.closesChannel(1, 403, "exchange name 'amq.mine' contains reserved prefix 'amq.*'", declareIds),
  ]),
  scenario('5.2', 'redeclare', 'accepts an equivalent redeclaration', [
    a.ready(),
    a.exchange(1, '$x', 'topic', { autoDelete: true }),
    a.exchange(1, '$x', 'topic', { autoDelete: true }),
  ]),
  ...(
    [
      ['type', 'fanout', {}, "'fanout'", "'direct'"],
      ['durable', 'direct', { durable: true }, "'true'", "'false'"],
      ['auto_delete', 'direct', { autoDelete: true }, "'true'", "'false'"],
      ['internal', 'direct', { internal: true }, "'true'", "'false'"],
    ] as const
  ).map(([arg, type, options, received, current]) =>
    scenario('5.2', `inequivalent ${arg}`, `refuses a redeclaration with another ${arg}`, [
      a.ready(),
      a.exchange(1, '$x', 'direct'),
      a.send(1, 'exchange.declare', { exchange: '$x', type, ...options }),
      a.closesChannel(1, 406, inequivalent(arg, received, current), declareIds),
    ]),
  ),
  scenario('5.2', 'order of equivalence checks', 'compares the type first, then durable, auto-delete, internal', [
    a.ready(),
    a.exchange(1, '$x', 'direct', { durable: true }),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'fanout', autoDelete: true, internal: true }),
    a.closesChannel(1, 406, inequivalent('type', "'fanout'", "'direct'"), declareIds),
    a.reopens(1),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'direct', autoDelete: true, internal: true }),
    a.closesChannel(1, 406, inequivalent('durable', "'false'", "'true'"), declareIds),
    a.reopens(1),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'direct', durable: true, autoDelete: true, internal: true }),
    a.closesChannel(1, 406, inequivalent('auto_delete', "'true'", "'false'"), declareIds),
  ]),
  scenario('5.2', 'alternate-exchange added', 'refuses a redeclaration that adds an alternate exchange', [
    a.ready(),
    a.exchange(1, '$x', 'direct'),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'direct', arguments: { 'alternate-exchange': '$ae' } }),
    a.closesChannel(
      1,
      406,
      inequivalent('alternate-exchange', "the value '$ae' of type 'longstr'", 'none'),
      declareIds,
    ),
  ]),
  scenario('5.2', 'alternate-exchange dropped or changed', 'refuses a redeclaration with another alternate exchange', [
    a.ready(),
    a.exchange(1, '$x', 'direct', { arguments: { 'alternate-exchange': '$ae' } }),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'direct' }),
    a.closesChannel(
      1,
      406,
      inequivalent('alternate-exchange', 'none', "the value '$ae' of type 'longstr'"),
      declareIds,
    ),
    a.reopens(1),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'direct', arguments: { 'alternate-exchange': '$other' } }),
    a.closesChannel(1, 406, inequivalent('alternate-exchange', "'$other'", "'$ae'"), declareIds),
  ]),
  scenario('5.2', 'other arguments', 'ignores other arguments that differ', [
    a.ready(),
    a.exchange(1, '$x', 'direct', { arguments: { 'x-anything': 1 } }),
    a.exchange(1, '$x', 'direct', { arguments: { 'x-anything': 'else' } }),
    a.exchange(1, '$x', 'direct'),
  ]),
  scenario('5.2', 'alternate-exchange type', 'refuses an alternate exchange that is not a string', [
    a.ready(),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'direct', arguments: { 'alternate-exchange': 5 } }),
    a.closesChannel(
      1,
      406,
      "invalid type 'signedint' for arg 'alternate-exchange' in exchange '$x' in vhost '/'",
      declareIds,
    ),
  ]),
  scenario('5.2', 'alternate-exchange missing', 'accepts an alternate exchange that does not exist', [
    a.ready(),
    a.exchange(1, '$x', 'direct', { arguments: { 'alternate-exchange': '$nowhere' } }),
  ]),
  scenario('5.2', 'passive, exists', 'ignores everything but the name in a passive declaration', [
    a.ready(),
    a.exchange(1, '$x', 'direct'),
    a.exchange(1, '$x', 'no such type', { passive: true, durable: true, internal: true }),
  ]),
  scenario('5.2', 'passive, missing', 'answers a passive declaration of a missing exchange with 404', [
    a.ready(),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'direct', passive: true }),
    a.closesChannel(1, 404, noExchange('$x'), declareIds),
  ]),
  scenario('5.2', 'nowait', 'answers nothing to a nowait declaration', [
    a.ready(),
    a.send(1, 'exchange.declare', { exchange: '$x', type: 'direct', nowait: true }),
    a.answers(1),
    a.exchange(1, '$x', '', { passive: true }),
  ]),
]

const deleting: readonly Scenario[] = [
  scenario('5.3', 'default exchange', 'does not let the default exchange be deleted', [
    a.ready(),
    a.send(1, 'exchange.delete', { exchange: '' }),
    a.closesChannel(1, 403, defaultExchange, '40/20'),
  ]),
  ...['amq.direct', 'amq.nothing'].map((exchange) =>
    scenario('5.3', `${exchange}`, `does not let ${exchange} be deleted, whether it exists or not`, [
      a.ready(),
      a.send(1, 'exchange.delete', { exchange }),
      a.closesChannel(1, 403, `deletion of system exchange '${exchange}' in vhost '/' not allowed`, '40/20'),
    ]),
  ),
  scenario('5.3', 'missing', 'answers the deletion of a missing exchange with delete-ok', [
    a.ready(),
    a.deletesExchange(1, '$x'),
  ]),
  scenario('5.3', 'existing', 'deletes an exchange and its bindings', [
    a.ready(),
    a.exchange(1, '$x', 'fanout'),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x'),
    a.deletesExchange(1, '$x'),
    a.exchange(1, '$x', 'fanout'),
    a.publishes(1, '$x', '', 'm'),
    a.drains(1, '$q', []),
  ]),
  scenario('5.3', 'if-unused with bindings', 'refuses if-unused while the exchange is the source of a binding', [
    a.ready(),
    a.exchange(1, '$x', 'fanout'),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x'),
    a.send(1, 'exchange.delete', { exchange: '$x', ifUnused: true }),
    a.closesChannel(1, 406, inUse('$x'), '40/20'),
    a.reopens(1),
    a.unbinds(1, '$q', '$x'),
    a.deletesExchange(1, '$x', { ifUnused: true }),
    a.send(1, 'exchange.declare', { exchange: '$x', passive: true }),
    a.closesChannel(1, 404, noExchange('$x'), declareIds),
  ]),
  scenario('5.3', 'if-unused, only bound to', 'deletes with if-unused an exchange that is only a destination', [
    a.ready(),
    a.exchange(1, '$source', 'fanout'),
    a.exchange(1, '$x', 'fanout'),
    a.bindsExchange(1, '$x', '$source'),
    a.deletesExchange(1, '$x', { ifUnused: true }),
    a.deletesExchange(1, '$source', { ifUnused: true }),
    a.send(1, 'exchange.declare', { exchange: '$x', passive: true }),
    a.closesChannel(1, 404, noExchange('$x'), declareIds),
  ]),
  scenario('5.3', 'auto-delete: unbind', 'deletes an auto-delete exchange with its last binding as source', [
    a.ready(),
    a.exchange(1, '$x', 'fanout', { autoDelete: true }),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x', 'one'),
    a.binds(1, '$q', '$x', 'two'),
    a.unbinds(1, '$q', '$x', 'one'),
    a.exchange(1, '$x', '', { passive: true }),
    a.unbinds(1, '$q', '$x', 'two'),
    a.send(1, 'exchange.declare', { exchange: '$x', passive: true }),
    a.closesChannel(1, 404, noExchange('$x'), declareIds),
  ]),
  scenario('5.3', 'auto-delete: queue deleted', 'deletes an auto-delete exchange with its last bound queue', [
    a.ready(),
    a.exchange(1, '$x', 'fanout', { autoDelete: true }),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x'),
    a.deletesQueue(1, '$q', 0),
    a.send(1, 'exchange.declare', { exchange: '$x', passive: true }),
    a.closesChannel(1, 404, noExchange('$x'), declareIds),
  ]),
  scenario('5.3', 'auto-delete: destination deleted', 'deletes an auto-delete exchange with its last bound exchange', [
    a.ready(),
    a.exchange(1, '$x', 'fanout', { autoDelete: true }),
    a.exchange(1, '$destination', 'fanout'),
    a.bindsExchange(1, '$destination', '$x'),
    a.deletesExchange(1, '$destination'),
    a.send(1, 'exchange.declare', { exchange: '$x', passive: true }),
    a.closesChannel(1, 404, noExchange('$x'), declareIds),
  ]),
  scenario('5.3', 'auto-delete: never bound', 'keeps an auto-delete exchange that was never a source', [
    a.ready(),
    a.exchange(1, '$source', 'fanout'),
    a.exchange(1, '$x', 'fanout', { autoDelete: true }),
    a.bindsExchange(1, '$x', '$source'),
    a.calls(1, 'exchange.unbind', { destination: '$x', source: '$source' }, 'exchange.unbind-ok()'),
    a.exchange(1, '$x', '', { passive: true }),
  ]),
]
export const exchanges: readonly Scenario[] = [...standard, ...declaring, ...deleting]
