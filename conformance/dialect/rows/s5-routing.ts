// §5.5 and 5.6 of the behaviour reference: the rules of routing that all exchange types share.

import type { Field } from '../client/field-table.ts'
import { a } from '../peers.ts'
import { type Scenario, scenario } from '../scenario.ts'

const publishIds = '60/40'

function badHeader(header: string, field: Field, fieldtype: string): Scenario {
  return scenario('5.5', `${header} not an array`, `refuses a ${header} header of type ${fieldtype}`, [
    a.ready(),
    a.publishes(1, '', '$q', 'm', { properties: { headers: { [header]: field } } }),
    a.closesChannel(1, 406, `invalid message: {unacceptable_type_in_header,"${header}",${fieldtype}}`, publishIds),
  ])
}

const common: readonly Scenario[] = [
  scenario('5.5', 'duplicates', 'delivers one copy, however many bindings match', [
    a.ready(),
    a.exchange(1, '$x', 'topic'),
    a.exchange(1, '$y', 'fanout'),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$x', '#'),
    a.binds(1, '$q', '$x', 'a.*'),
    a.binds(1, '$q', '$x', 'a.b'),
    a.bindsExchange(1, '$y', '$x', '#'),
    a.binds(1, '$q', '$y'),
    a.publishes(1, '$x', 'a.b', 'm', { properties: { headers: { CC: ['A', ['a.c', 'a.b']] } } }),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('5.5', 'exchange and routing-key', 'delivers the exchange and key of the original publish', [
    a.ready(),
    a.exchange(1, '$x', 'fanout', { arguments: { 'alternate-exchange': '$y' } }),
    a.exchange(1, '$y', 'fanout'),
    a.exchange(1, '$z', 'fanout'),
    a.bindsExchange(1, '$z', '$y'),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$z'),
    a.publishes(1, '$x', 'key', 'm'),
    a.gets(1, '$q', "get-ok(1, false, '$x', 'key', 0) {} 'm'"),
  ]),
  scenario('5.5', 'publish to missing exchange', 'closes the channel for a publish to a missing exchange', [
    a.ready(),
    a.publishes(1, '$x', 'k', 'm'),
    a.closesChannel(1, 404, "no exchange '$x' in vhost '/'", publishIds),
  ]),
  scenario('5.5', 'publish to missing exchange in tx', 'closes the channel at publish time in a transaction too', [
    a.ready(),
    a.calls(1, 'tx.select', {}, 'tx.select-ok()'),
    a.publishes(1, '$x', 'k', 'm'),
    a.closesChannel(1, 404, "no exchange '$x' in vhost '/'", publishIds),
  ]),
  scenario('5.5', 'amq.default', 'knows no exchange by the name of amq.default', [
    a.ready(),
    a.publishes(1, 'amq.default', 'k', 'm'),
    a.closesChannel(1, 404, "no exchange 'amq.default' in vhost '/'", publishIds),
  ]),
  scenario('5.5', 'publish to internal exchange', 'refuses a publish to an internal exchange', [
    a.ready(),
    a.exchange(1, '$x', 'fanout', { internal: true }),
    a.publishes(1, '$x', 'k', 'm'),
    a.closesChannel(1, 403, "cannot publish to internal exchange '$x' in vhost '/'", publishIds),
  ]),
  scenario('5.5', 'direct: key equality', 'routes direct exchanges by equal keys, the empty key included', [
    a.ready(),
    a.exchange(1, '$x', 'direct'),
    a.declares(1, '$q'),
    a.declares(1, '$r'),
    a.binds(1, '$q', '$x', 'a'),
    a.calls(1, 'queue.bind', { queue: '$r', exchange: '$x', routingKey: '' }, 'queue.bind-ok()'),
    ['a', '', 'A', 'ab', '#'].map((key) => a.publishes(1, '$x', key, `<${key}>`)),
    a.drains(1, '$q', ['<a>']),
    a.drains(1, '$r', ['<>']),
  ]),
  scenario('5.5', 'fanout: all bindings', 'routes fanout exchanges to every binding', [
    a.ready(),
    a.exchange(1, '$x', 'fanout'),
    a.declares(1, '$q'),
    a.declares(1, '$r'),
    a.binds(1, '$q', '$x', 'a'),
    a.binds(1, '$r', '$x', 'b'),
    a.publishes(1, '$x', 'c', 'm'),
    a.drains(1, '$q', ['m']),
    a.drains(1, '$r', ['m']),
  ]),
]

const alternates: readonly Scenario[] = [
  scenario('5.5', 'alternate exchange', 'asks the alternate exchange when no binding matches', [
    a.ready(),
    a.exchange(1, '$x', 'direct', { arguments: { 'alternate-exchange': '$ae' } }),
    a.exchange(1, '$ae', 'fanout'),
    a.declares(1, '$q'),
    a.declares(1, '$other'),
    a.binds(1, '$q', '$x', 'k'),
    a.binds(1, '$other', '$ae'),
    a.publishes(1, '$x', 'k', 'matched'),
    a.publishes(1, '$x', 'else', 'alternate', { mandatory: true }),
    a.drains(1, '$q', ['matched']),
    a.drains(1, '$other', ['alternate']),
  ]),
  scenario('5.5', 'alternate exchange of an e2e hop', 'asks the alternate exchange of a bound exchange', [
    a.ready(),
    a.exchange(1, '$x', 'fanout'),
    a.exchange(1, '$hop', 'direct', { arguments: { 'alternate-exchange': '$ae' } }),
    a.exchange(1, '$ae', 'fanout'),
    a.declares(1, '$q'),
    a.bindsExchange(1, '$hop', '$x'),
    a.binds(1, '$q', '$ae'),
    a.publishes(1, '$x', 'k', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('5.5', 'e2e match that leads nowhere', 'does not ask the alternate exchange after an e2e match', [
    a.ready(),
    a.exchange(1, '$x', 'fanout', { arguments: { 'alternate-exchange': '$ae' } }),
    a.exchange(1, '$deadend', 'fanout'),
    a.exchange(1, '$ae', 'fanout'),
    a.declares(1, '$q'),
    a.bindsExchange(1, '$deadend', '$x'),
    a.binds(1, '$q', '$ae'),
    a.publishes(1, '$x', 'k', 'm', { mandatory: true }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '$x', 'k') {} 'm'"),
    a.drains(1, '$q', []),
  ]),
  scenario('5.5', 'missing alternate exchange', 'treats a missing alternate exchange as no match', [
    a.ready(),
    a.exchange(1, '$x', 'fanout', { arguments: { 'alternate-exchange': '$nowhere' } }),
    a.publishes(1, '$x', 'k', 'm', { mandatory: true }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '$x', 'k') {} 'm'"),
  ]),
  scenario('5.5', 'alternate exchange chains', 'follows chains of alternate exchanges', [
    a.ready(),
    a.exchange(1, '$x', 'fanout', { arguments: { 'alternate-exchange': '$y' } }),
    a.exchange(1, '$y', 'fanout', { arguments: { 'alternate-exchange': '$z' } }),
    a.exchange(1, '$z', 'fanout'),
    a.declares(1, '$q'),
    a.binds(1, '$q', '$z'),
    a.publishes(1, '$x', 'k', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('5.5', 'alternate exchange cycles', 'ends circles of alternate exchanges', [
    a.ready(),
    a.exchange(1, '$x', 'fanout', { arguments: { 'alternate-exchange': '$y' } }),
    a.exchange(1, '$y', 'fanout', { arguments: { 'alternate-exchange': '$x' } }),
    a.publishes(1, '$x', 'k', 'm', { mandatory: true }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '$x', 'k') {} 'm'"),
  ]),
]

const carbonCopies: readonly Scenario[] = [
  ...['direct', 'topic'].map((type) =>
    scenario('5.5', `CC and BCC, ${type}`, `takes CC and BCC as further routing keys on a ${type} exchange`, [
      a.ready(),
      a.exchange(1, '$x', type),
      ['$q', '$r', '$s'].map((queue) => [a.declares(1, queue), a.binds(1, queue, '$x', queue)]),
      a.publishes(1, '$x', '$q', 'm', { properties: { headers: { CC: ['A', ['$r']], BCC: ['A', ['$s']] } } }),
      ['$q', '$r', '$s'].map((queue, at) =>
        a.gets(1, queue, `get-ok(${at + 1}, false, '$x', '$q', 0) {headers:{CC:A[S'$r']}} 'm'`),
      ),
    ]),
  ),
  scenario('5.5', 'CC, default exchange', 'takes CC as further routing keys on the default exchange', [
    a.ready(),
    a.declares(1, '$q'),
    a.declares(1, '$r'),
    a.publishes(1, '', '$q', 'm', { properties: { headers: { CC: ['A', ['$r']] } } }),
    a.drains(1, '$q', ['m']),
    a.drains(1, '$r', ['m']),
  ]),
  scenario('5.5', 'BCC alone', 'delivers an empty headers table where BCC was all there was', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$nowhere', 'm', { properties: { headers: { BCC: ['A', ['$q']] } } }),
    a.gets(1, '$q', "get-ok(1, false, '', '$nowhere', 0) {headers:{}} 'm'"),
  ]),
  scenario('5.5', 'BCC in basic.return', 'removes BCC from returned messages', [
    a.ready(),
    a.publishes(1, '', '$nowhere', 'm', {
      mandatory: true,
      properties: { headers: { BCC: ['A', ['$lost']], CC: ['A', ['$too']] } },
    }),
    a.sees("1 basic.return(312, 'NO_ROUTE', '', '$nowhere') {headers:{CC:A[S'$too']}} 'm'"),
  ]),
  scenario('5.5', 'lower case cc', 'minds the case of CC', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$nowhere', 'm', { properties: { headers: { cc: ['A', ['$q']], Bcc: ['A', ['$q']] } } }),
    a.drains(1, '$q', []),
  ]),
  scenario('5.5', 'CC elements that are no strings', 'skips elements of CC that are not strings', [
    a.ready(),
    a.declares(1, '$q'),
    a.publishes(1, '', '$nowhere', 'm', { properties: { headers: { CC: ['A', [7, null, '$q', ['A', ['$q']]]] } } }),
    a.drains(1, '$q', ['m']),
  ]),
  badHeader('CC', 'not an array', 'longstr'),
  badHeader('CC', 5, 'signedint'),
  badHeader('BCC', true, 'bool'),
  badHeader('BCC', {}, 'table'),
]

export const routing: readonly Scenario[] = [...common, ...alternates, ...carbonCopies]
