// §5.4 of the behaviour reference: binding and unbinding queues and exchanges.

import { a, b } from '../peers.ts'
import { type Scenario, scenario } from '../scenario.ts'

const defaultExchange = 'operation not permitted on the default exchange'
const noExchange = (name: string) => `no exchange '${name}' in vhost '/'`
const noQueue = (name: string) => `no queue '${name}' in vhost '/'`

export const bindings: readonly Scenario[] = [
  scenario('5.4', 'missing exchange', 'answers a bind to a missing exchange with 404', [
    a.ready(),
    a.declares(1, '$q'),
    a.send(1, 'queue.bind', { queue: '$q', exchange: '$x' }),
    a.closesChannel(1, 404, noExchange('$x'), '50/20'),
  ]),
  scenario('5.4', 'missing queue', 'answers a bind of a missing queue with 404', [
    a.ready(),
    a.send(1, 'queue.bind', { queue: '$q', exchange: 'amq.direct' }),
    a.closesChannel(1, 404, noQueue('$q'), '50/20'),
  ]),
  scenario('5.4', 'both missing', 'names the exchange when queue and exchange are missing', [
    a.ready(),
    a.send(1, 'queue.bind', { queue: '$q', exchange: '$x' }),
    a.closesChannel(1, 404, noExchange('$x'), '50/20'),
  ]),
  scenario('5.4', 'missing source, missing destination', 'names the source first in exchange.bind', [
    a.ready(),
    a.send(1, 'exchange.bind', { destination: '$d', source: '$s' }),
    a.closesChannel(1, 404, noExchange('$s'), '40/30'),
    a.reopens(1),
    a.send(1, 'exchange.bind', { destination: '$d', source: 'amq.direct' }),
    a.closesChannel(1, 404, noExchange('$d'), '40/30'),
  ]),
  ...(
    [
      ['queue.bind', { queue: '$q', exchange: '' }, '50/20'],
      ['queue.unbind', { queue: '$q', exchange: '' }, '50/50'],
      ['exchange.bind', { destination: '', source: 'amq.direct' }, '40/30'],
      ['exchange.bind', { destination: 'amq.direct', source: '' }, '40/30'],
      ['exchange.unbind', { destination: '', source: 'amq.direct' }, '40/40'],
      ['exchange.unbind', { destination: 'amq.direct', source: '' }, '40/40'],
    ] as const
  ).map(([method, values, methodIds]) =>
    scenario(
      '5.4',
      `default exchange: ${method} ${JSON.stringify(values)}`,
      `refuses ${method} on the default exchange`,
      [a.ready(), a.declares(1, '$q'), a.send(1, method, values), a.closesChannel(1, 403, defaultExchange, methodIds)],
    ),
  ),
  scenario('5.4', 'identical binding again', 'accepts the same binding again without delivering twice', [
    a.ready(),
    a.declares(1, '$q'),
    a.binds(1, '$q', 'amq.direct', '$k', { n: 1 }),
    a.binds(1, '$q', 'amq.direct', '$k', { n: 1 }),
    a.publishes(1, 'amq.direct', '$k', 'once'),
    a.unbinds(1, '$q', 'amq.direct', '$k', { n: 1 }),
    a.publishes(1, 'amq.direct', '$k', 'never'),
    a.drains(1, '$q', ['once']),
  ]),
  scenario('5.4', 'binding identity', 'tells bindings apart by their arguments', [
    a.ready(),
    a.declares(1, '$q'),
    a.binds(1, '$q', 'amq.direct', '$k', { n: 1 }),
    a.binds(1, '$q', 'amq.direct', '$k', { n: 2 }),
    a.unbinds(1, '$q', 'amq.direct', '$k', { n: 1 }),
    a.publishes(1, 'amq.direct', '$k', 'one left'),
    a.unbinds(1, '$q', 'amq.direct', '$k', {}),
    a.publishes(1, 'amq.direct', '$k', 'still'),
    a.unbinds(1, '$q', 'amq.direct', '$k', { n: 2 }),
    a.publishes(1, 'amq.direct', '$k', 'none'),
    a.drains(1, '$q', ['one left', 'still']),
  ]),
  scenario('5.4', 'unbind of what does not exist', 'answers unbind of a missing binding, queue or exchange with ok', [
    a.ready(),
    a.declares(1, '$q'),
    a.unbinds(1, '$q', 'amq.direct', '$k'),
    a.unbinds(1, '$gone', 'amq.direct', '$k'),
    a.unbinds(1, '$q', '$gone', '$k'),
    a.calls(1, 'exchange.unbind', { destination: '$gone', source: '$too' }, 'exchange.unbind-ok()'),
  ]),
  scenario('5.4', 'empty queue name', 'binds the last declared queue; its name becomes the empty routing key', [
    a.ready(),
    a.declares(1, '$q'),
    a.binds(1, '', 'amq.direct', ''),
    a.binds(1, '', 'amq.direct', '$k'),
    a.publishes(1, 'amq.direct', '$q', 'by name'),
    a.publishes(1, 'amq.direct', '$k', 'by key'),
    a.unbinds(1, '', 'amq.direct', '$k'),
    a.publishes(1, 'amq.direct', '$k', 'unbound'),
    a.drains(1, '$q', ['by name', 'by key']),
  ]),
  scenario('5.4', 'exchange.unbind-ok', 'answers exchange.unbind with 40/51', [
    a.ready(),
    a.exchange(1, '$x', 'fanout'),
    a.bindsExchange(1, '$x', 'amq.direct', '$k'),
    a.calls(
      1,
      'exchange.unbind',
      { destination: '$x', source: 'amq.direct', routingKey: '$k' },
      'exchange.unbind-ok()',
    ),
  ]),
  scenario('5.4', 'nowait', 'answers nothing to nowait binds and unbinds', [
    a.ready(),
    a.declares(1, '$q'),
    a.exchange(1, '$x', 'direct'),
    a.send(1, 'queue.bind', { queue: '$q', exchange: '$x', routingKey: 'k', nowait: true }),
    a.send(1, 'exchange.bind', { destination: '$x', source: 'amq.direct', routingKey: '$k', nowait: true }),
    a.send(1, 'exchange.unbind', { destination: '$x', source: 'amq.direct', routingKey: '$k', nowait: true }),
    a.answers(1),
    a.publishes(1, '$x', 'k', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('5.4', 'exclusive queue of another connection', 'does not bind a queue that another connection owns', [
    a.ready(),
    b.ready(),
    a.declares(1, '$q', { exclusive: true }),
    b.send(1, 'queue.bind', { queue: '$q', exchange: 'amq.direct', routingKey: '$k' }),
    b.sees(
      `1 channel.close 405 "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '$q' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration." 50/20`,
    ),
    b.reopens(1),
    b.unbinds(1, '$q', 'amq.direct', '$k'),
  ]),
  scenario('5.4', 'e2e cycles', 'visits each exchange once where bindings make a circle', [
    a.ready(),
    a.exchange(1, '$x', 'fanout'),
    a.exchange(1, '$y', 'fanout'),
    a.declares(1, '$q'),
    a.bindsExchange(1, '$x', '$x'),
    a.bindsExchange(1, '$y', '$x'),
    a.bindsExchange(1, '$x', '$y'),
    a.binds(1, '$q', '$x'),
    a.binds(1, '$q', '$y'),
    a.publishes(1, '$x', '', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
  scenario('5.4', 'internal exchange as destination', 'binds to an internal exchange as destination', [
    a.ready(),
    a.exchange(1, '$x', 'fanout', { internal: true }),
    a.declares(1, '$q'),
    a.bindsExchange(1, '$x', 'amq.direct', '$k'),
    a.binds(1, '$q', '$x'),
    a.publishes(1, 'amq.direct', '$k', 'm'),
    a.drains(1, '$q', ['m']),
  ]),
]
