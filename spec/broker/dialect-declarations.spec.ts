// What differs between the RabbitMQs that a broker can be in what may be declared, bound, consumed and set: one scenario,
// three answers.

import { table } from '../../src/protocol/field-table.ts'
import { hold, quorum, type Scenario, type Site, said, stream } from '../support/dialects.ts'

const lazyQuorum = table({ ...quorum, 'x-queue-mode': 'lazy' })

const scenarios: readonly Scenario[] = [
  [
    'declaring a queue that is neither durable nor exclusive',
    async (here) => said(await here.peer.ask(1, 'queue.declare', { queue: 'q' })),
    ['queue.declare-ok', 'queue.declare-ok', '541 INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated.'],
  ],
  [
    'declaring x-queue-version 1',
    async (here) => said(await here.declare('q', { 'x-queue-version': 1 })),
    [
      'queue.declare-ok',
      'queue.declare-ok',
      `406 PRECONDITION_FAILED - invalid arg 'x-queue-version' for queue 'q' in vhost '/': "unsupported queue version '1'"`,
    ],
  ],
  [
    'declaring x-consumer-timeout on a classic queue',
    async (here) => said(await here.declare('q', { 'x-consumer-timeout': 1000 })),
    [
      'queue.declare-ok',
      'queue.declare-ok',
      `406 PRECONDITION_FAILED - invalid arg 'x-consumer-timeout' for queue 'q' in vhost '/' of queue type rabbit_classic_queue`,
    ],
  ],
  [
    'consuming with x-consumer-timeout from a classic queue',
    async (here) => {
      await here.declare('q')
      return said(
        await here.peer.ask(1, 'basic.consume', { queue: 'q', arguments: table({ 'x-consumer-timeout': 1000 }) }),
      )
    },
    [
      'basic.consume-ok',
      'basic.consume-ok',
      `406 PRECONDITION_FAILED - invalid arg 'x-consumer-timeout' for queue 'q' in vhost '/' of queue type rabbit_classic_queue`,
    ],
  ],
  [
    'declaring a lazy queue again without its mode, and a quorum queue without what 3.13 does not know',
    async (here) => {
      await here.declare('lazy', { 'x-queue-mode': 'lazy' })
      await here.declare('slow', { ...quorum, 'x-consumer-timeout': 60_000, 'x-delayed-retry-type': 'all' })
      const slow = said(await here.declare('slow', quorum))
      const lazy = said(await here.peer.ask(2, 'queue.declare', { queue: 'lazy', durable: true }))
      return [lazy, slow].map((each) => `${each}`.split(' for queue')[0])
    },
    [
      ['queue.declare-ok', `406 PRECONDITION_FAILED - inequivalent arg 'x-delayed-retry-type'`],
      [`406 PRECONDITION_FAILED - inequivalent arg 'x-queue-mode'`, 'queue.declare-ok'],
      ['queue.declare-ok', `406 PRECONDITION_FAILED - inequivalent arg 'x-delayed-retry-type'`],
    ],
  ],
  [
    'a wrong x-consumer-timeout on a quorum queue',
    async (here) => `${said(await here.declare('q', { ...quorum, 'x-consumer-timeout': 'abc' }))}`.slice(0, 16),
    ['406 PRECONDITION', 'queue.declare-ok', '406 PRECONDITION'],
  ],
  [
    'a stream that is wrong in two things',
    async (here) => {
      const wrong = { ...stream, 'x-max-length-bytes': -1, 'x-max-age': 'abc' }
      return `${said(await here.declare('q', wrong))}`.split(' for queue')[0]
    },
    Array.from({ length: 3 }, () => `406 PRECONDITION_FAILED - invalid arg 'x-max-length-bytes'`) as never,
  ],
  [
    'filtering a classic queue as if it were a stream',
    async (here) => {
      await here.declare('q')
      const asked = { queue: 'q', arguments: table({ 'x-stream-filter': 'a' }) }
      return `${said(await here.peer.ask(1, 'basic.consume', asked))}`.slice(0, 16)
    },
    ['406 PRECONDITION', 'basic.consume-ok', '406 PRECONDITION'],
  ],
  [
    'a delayed exchange that is to choose at random',
    async (here) => {
      const args = table({ 'x-delayed-type': 'x-local-random' })
      const asked = { exchange: 'x', type: 'x-delayed-message', arguments: args }
      return `${said(await here.peer.ask(1, 'exchange.declare', asked))}`.slice(0, 19)
    },
    ['exchange.declare-ok', '406 PRECONDITION_FA', 'exchange.declare-ok'],
  ],
  [
    'x-queue-master-locator',
    async (here) => said(await here.declare('q', { 'x-queue-master-locator': 'min-masters' })),
    ['queue.declare-ok', 'queue.declare-ok', '541 INTERNAL_ERROR - Feature `queue_master_locator` is deprecated.'],
  ],
  [
    'a topic binding of three #',
    async (here) => {
      await here.declare('q')
      return said(await here.peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'amq.topic', routingKey: '#.a.#.b.#' }))
    },
    [
      'queue.bind-ok',
      'queue.bind-ok',
      `406 PRECONDITION_FAILED - Topic binding key '#.a.#.b.#' uses 3 '#' wildcards, at most 2 are allowed`,
    ],
  ],
  [
    'passive declarations by somebody without permissions',
    async (here) => {
      await here.declare('q')
      await here.addWorker({ configure: '^$', write: '^$', read: '^$' })
      here.peer = await here.world.open({ user: 'worker', password: 'worker' }, 1, 2)
      const exchange = await here.peer.ask(1, 'exchange.declare', { exchange: 'amq.direct', passive: true })
      const queue = await here.peer.ask(2, 'queue.declare', { queue: 'q', passive: true })
      return [said(exchange), said(queue)].map((each) => `${each}`.split(' - ')[0])
    },
    [
      ['403 ACCESS_REFUSED', '403 ACCESS_REFUSED'],
      ['exchange.declare-ok', 'queue.declare-ok'],
      ['403 ACCESS_REFUSED', '403 ACCESS_REFUSED'],
    ],
  ],
  [
    'CC with a key that a topic permission forbids',
    async (here) => {
      await here.declare('q')
      await here.peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'amq.topic', routingKey: '#' })
      await here.addWorker({ configure: '.*', write: '.*', read: '.*' })
      await here.world.broker.administration.setTopicPermission('worker', '/', 'amq.topic', {
        write: '^mine',
        read: '.*',
      })
      here.peer = await here.world.open({ user: 'worker', password: 'worker' }, 1)
      const headers = table({ CC: ['theirs'] })
      here.peer.publish(1, { exchange: 'amq.topic', routingKey: 'mine', body: '1', properties: { headers } })
      const answer = said(await here.peer.heard())
      return [answer, (await here.world.stats('q'))?.ready]
    },
    [
      [
        `403 ACCESS_REFUSED - write access to topic 'theirs' in exchange 'amq.topic' in vhost '/' refused for user 'worker'`,
        0,
      ],
      [undefined, 1],
      [
        `403 ACCESS_REFUSED - write access to topic 'theirs' in exchange 'amq.topic' in vhost '/' refused for user 'worker'`,
        0,
      ],
    ],
  ],
  [
    'binding the name of a reply queue',
    async (here) => {
      const queue = 'amq.rabbitmq.reply-to.abc'
      return said(await here.peer.ask(1, 'queue.bind', { queue, exchange: 'amq.direct', routingKey: 'k' }))
    },
    [
      '403 ACCESS_REFUSED - cannot bind or unbind to a volatile (direct reply-to) queue',
      `404 NOT_FOUND - no queue 'amq.rabbitmq.reply-to.abc' in vhost '/'`,
      '403 ACCESS_REFUSED - cannot bind or unbind to a volatile (direct reply-to) queue',
    ],
  ],
  [
    'a weight of 20000 of a consistent-hash binding',
    async (here) => {
      await here.declare('q')
      await here.peer.ask(1, 'exchange.declare', { exchange: 'x', type: 'x-consistent-hash' })
      return said(await here.peer.ask(1, 'queue.bind', { queue: 'q', exchange: 'x', routingKey: '20000' }))
    },
    [
      '406 PRECONDITION_FAILED - The binding key must not exceed 10000',
      'queue.bind-ok',
      '406 PRECONDITION_FAILED - The binding key must not exceed 10000',
    ],
  ],
  [
    'an exchange of the type x-local-random',
    async (here) => said(await here.peer.ask(1, 'exchange.declare', { exchange: 'x', type: 'x-local-random' })),
    ['exchange.declare-ok', `406 PRECONDITION_FAILED - unknown exchange type 'x-local-random'`, 'exchange.declare-ok'],
  ],
  ...(
    [
      ['a word', 'soon', '406', '541', '406'],
      ['a number in a text', '2', '406', '406', '406'],
      ['a bool', true, '406', '541', '541'],
    ] as const
  ).map(
    ([what, offset, ...codes]) =>
      [
        `x-stream-offset that is ${what}`,
        async (here: Site) => {
          await here.declare('s', stream)
          await here.peer.ask(2, 'basic.qos', { prefetchCount: 1 })
          const consumed = await here.peer.ask(2, 'basic.consume', {
            queue: 's',
            arguments: table({ 'x-stream-offset': offset }),
          })
          return said(consumed)
        },
        codes.map((code) =>
          code === '541'
            ? '541 INTERNAL_ERROR'
            : expect.stringMatching(/^406 PRECONDITION_FAILED - invalid arg 'x-stream-offset' .*invalid_stream_offset/),
        ) as [unknown, unknown, unknown],
      ] as const,
  ),
  [
    'x-max-age that is a word',
    async (here) => said(await here.declare('s', { ...stream, 'x-max-age': 'week' })),
    [
      `406 PRECONDITION_FAILED - invalid arg 'x-max-age' for queue 's' in vhost '/': invalid_max_age`,
      '541 INTERNAL_ERROR',
      `406 PRECONDITION_FAILED - invalid arg 'x-max-age' for queue 's' in vhost '/': invalid_max_age`,
    ],
  ],
  [
    'declaring a queue that named no type as a quorum queue, and the other way round',
    async (here) => {
      await here.declare('c')
      await here.declare('q', quorum)
      const kept = [...(here.world.vhost.queues.get('c')?.arguments.keys() ?? [])]
      const classic = said(await here.declare('c', quorum))
      return [kept, classic, said(await here.peer.ask(2, 'queue.declare', { queue: 'q', durable: true }))]
    },
    [
      [
        ['x-queue-type'],
        `406 PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'c' in vhost '/': received 'quorum' but current is 'classic'`,
        `406 PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received 'classic' but current is 'quorum'`,
      ],
      [
        [],
        `406 PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'c' in vhost '/': received the value 'quorum' of type 'longstr' but current is none`,
        `406 PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received none but current is the value 'quorum' of type 'longstr'`,
      ],
      [
        ['x-queue-type'],
        `406 PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'c' in vhost '/': received 'quorum' but current is 'classic'`,
        `406 PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received 'classic' but current is 'quorum'`,
      ],
    ],
  ],
  [
    'x-queue-mode that is no mode, or of a quorum queue',
    async (here) => {
      const classic = said(await here.declare('q', { 'x-queue-mode': 'fast' }))
      return [
        classic,
        said(await here.peer.ask(2, 'queue.declare', { queue: 'r', durable: true, arguments: lazyQuorum })),
      ]
    },
    [
      ['queue.declare-ok', 'queue.declare-ok'],
      [
        `406 PRECONDITION_FAILED - invalid arg 'x-queue-mode' for queue 'q' in vhost '/': "unsupported queue mode 'fast'"`,
        `406 PRECONDITION_FAILED - invalid arg 'x-queue-mode' for queue 'r' in vhost '/' of queue type rabbit_quorum_queue`,
      ],
      ['queue.declare-ok', 'queue.declare-ok'],
    ],
  ],
  [
    'x-queue-leader-locator of a classic queue, and an empty x-queue-type',
    async (here) => {
      const located = said(await here.declare('q', { 'x-queue-leader-locator': 'balanced' }))
      const args = table({ 'x-queue-type': '' })
      return [located, said(await here.peer.ask(2, 'queue.declare', { queue: 'r', durable: true, arguments: args }))]
    },
    [
      ['queue.declare-ok', 'queue.declare-ok'],
      [
        `406 PRECONDITION_FAILED - invalid arg 'x-queue-leader-locator' for queue 'q' in vhost '/' of queue type rabbit_classic_queue`,
        `406 PRECONDITION_FAILED - invalid arg 'x-queue-type' for queue 'r' in vhost '/': "unsupported queue type ''"`,
      ],
      ['queue.declare-ok', 'queue.declare-ok'],
    ],
  ],
  [
    'consuming from a stream without a prefetch',
    async (here) => {
      await here.declare('s', stream)
      return said(await here.peer.ask(1, 'basic.consume', { queue: 's' }))
    },
    [
      `406 PRECONDITION_FAILED - consumer prefetch count is not set for stream queue 's' in vhost '/'`,
      `406 PRECONDITION_FAILED - consumer prefetch count is not set for 'queue 's' in vhost '/''`,
      `406 PRECONDITION_FAILED - consumer prefetch count is not set for stream queue 's' in vhost '/'`,
    ],
  ],
  [
    'consuming from a stream without acks',
    async (here) => {
      await here.declare('s', stream)
      await here.peer.ask(1, 'basic.qos', { prefetchCount: 1 })
      return said(await here.peer.ask(1, 'basic.consume', { queue: 's', noAck: true }))
    },
    [
      `540 NOT_IMPLEMENTED - automatic acknowledgement not supported by stream queue 's' in vhost '/'`,
      `540 NOT_IMPLEMENTED - automatic acknowledgement not supported by stream queues queue 's' in vhost '/'`,
      `540 NOT_IMPLEMENTED - automatic acknowledgement not supported by stream queue 's' in vhost '/'`,
    ],
  ],
  [
    'a channel more than the user may open',
    async (here) => {
      await here.world.broker.administration.setUserLimits('guest', { 'max-channels': 2 })
      return said(await here.peer.ask(3, 'channel.open', {}))
    },
    [
      `530 NOT_ALLOWED - number of channels opened for user 'guest' has reached the maximum allowed user limit of 2`,
      `530 NOT_ALLOWED - number of channels opened for user 'leveret' has reached the maximum allowed user limit of (2)`,
      `530 NOT_ALLOWED - number of channels opened for user 'guest' has reached the maximum allowed user limit of 2`,
    ],
  ],
  ...(
    [
      ['mirrors queues', { 'ha-mode': 'all' }, false, true, false],
      ['delays retries', { 'delayed-retry-type': 'all' }, true, false, true],
      ['allows any number of deliveries', { 'delivery-limit': -1 }, true, false, true],
    ] as const
  ).map(
    ([what, definition, ...taken]) =>
      [
        `a policy that ${what}`,
        (here: Site) =>
          here.world.broker.administration.putPolicy('/', 'p', { pattern: '.*', definition }).then(
            () => true,
            (error: Error) => error.message,
          ),
        taken.map((each) => each || expect.stringMatching(/not recognised policy|not a valid/)) as [
          unknown,
          unknown,
          unknown,
        ],
      ] as const,
  ),
]

hold(scenarios)
