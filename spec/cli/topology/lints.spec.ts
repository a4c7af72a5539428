// Each lint: what it finds, and what it leaves alone.

import { type Evidence, findingsOf, lints } from '../../../src/cli/topology/lints.ts'

const none: Evidence = { queues: [], exchanges: [], bindings: [], consumers: [], connections: [], users: [], nodes: [] }
const bounded = {
  name: 'q',
  vhost: '/',
  messages: 0,
  consumers: 1,
  arguments: { 'x-max-length': 5, 'x-dead-letter-exchange': '' },
}

const cases: Readonly<Record<string, readonly [Partial<Evidence>, Partial<Evidence>]>> = {
  'no-consumers': [
    { queues: [{ ...bounded, messages: 5, consumers: 0 }] },
    { queues: [{ ...bounded, messages: 5, consumers: 0, type: 'stream' }] },
  ],
  unbounded: [
    { queues: [{ ...bounded, arguments: {} }] },
    {
      queues: [
        { ...bounded, arguments: {}, exclusive: true },
        { ...bounded, arguments: {}, effective_policy_definition: { 'max-length': 1, 'dead-letter-exchange': '' } },
      ],
    },
  ],
  'no-dead-letter-exchange': [{ queues: [{ ...bounded, arguments: { 'x-message-ttl': 5 } }] }, { queues: [bounded] }],
  'dead-letters-nowhere': [
    { queues: [{ ...bounded, arguments: { 'x-dead-letter-exchange': 'dlx', 'x-expires': 1 } }] },
    { queues: [bounded] },
  ],
  'exchange-without-bindings': [
    { exchanges: [{ name: 'x', vhost: '/' }] },
    {
      exchanges: [
        { name: 'amq.topic', vhost: '/' },
        { name: '', vhost: '/' },
        { name: 'y', vhost: '/' },
      ],
      bindings: [{ vhost: '/', source: 'y' }],
    },
  ],
  'greedy-consumer': [
    { consumers: [{ consumer_tag: 't', ack_required: true, prefetch_count: 0, queue: { name: 'q' } }] },
    {
      consumers: [
        { ack_required: false, prefetch_count: 0 },
        { ack_required: true, prefetch_count: 10 },
      ],
    },
  ],
  'many-channels': [
    { connections: [{ name: 'c', channels: 101, timeout: 60 }] },
    { connections: [{ channels: 1, timeout: 60 }] },
  ],
  'no-heartbeat': [{ connections: [{ name: 'c', timeout: 0 }] }, { connections: [{ timeout: 60 }] }],
  'default-user': [
    { users: [{ name: 'guest' }], nodes: [{}] },
    { users: [{ name: 'web' }], nodes: [{}] },
  ],
  'no-password': [{ users: [{ name: 'x', password_hash: '' }] }, { users: [{ name: 'x', password_hash: 'h' }] }],
  alarms: [{ nodes: [{ name: 'n', disk_free_alarm: true }] }, { nodes: [{ name: 'n', disk_free_alarm: false }] }],
}

it('has a case for every lint', () => {
  expect(Object.keys(cases)).toEqual(Object.keys(lints))
})

it.each(Object.entries(cases))('%s', (lint, [odd, fine]) => {
  const found = findingsOf({ ...none, ...odd })
  expect(found).toMatchObject([
    { lint, subject: expect.stringMatching(/^\w+ \S+/), finding: expect.stringMatching(/\w/) },
  ])
  expect(findingsOf({ ...none, ...fine })).toEqual([])
  expect(findingsOf({ ...none, ...odd }, [lint])).toEqual([])
})

it('tells the worst first', () => {
  const found = findingsOf({
    ...none,
    users: [{ name: 'x', password_hash: '' }],
    nodes: [{ name: 'n', mem_alarm: true }],
  })
  expect(found.map(({ severity }) => severity)).toEqual(['error', 'hint'])
})
