// What is wrong in a document, and where.

import { problemsIn } from '../../../src/cli/definitions/validate.ts'

const queue = { vhost: '/', name: 'q', durable: true, auto_delete: false, arguments: {} }
const binding = { vhost: '/', source: 'amq.topic', destination: 'q', destination_type: 'queue', routing_key: '' }

it('finds nothing in what is right, also in an export of one vhost', () => {
  const document = {
    rabbit_version: '4.0',
    users: [{ name: 'u' }],
    vhosts: [{ name: '/' }],
    permissions: [{ user: 'u', vhost: '/', configure: '.*', write: '.*', read: '.*' }],
    queues: [queue],
    exchanges: [{ vhost: '/', name: 'x', type: 'topic' }],
    bindings: [binding, { ...binding, source: '' }, { ...binding, destination: 'x', destination_type: 'exchange' }],
    parameters: [{ vhost: '/', component: 'c', name: 'n', value: null }],
    unknown_section: 5,
  }
  expect(problemsIn(document)).toEqual([])
  expect(problemsIn({ queues: [{ name: 'q' }], policies: [{ name: 'p', pattern: 'a', definition: {} }] })).toEqual([])
})

it.each([
  [{ queues: {} }, 'queues', 'expected a list'],
  [{ queues: [5] }, 'queues[0]', 'expected an object'],
  [{ queues: [{ vhost: '/' }] }, 'queues[0].name', 'is missing, expected a text'],
  [{ queues: [{ ...queue, name: 5 }] }, 'queues[0].name', 'got 5, expected a text'],
  [{ queues: [{ ...queue, durable: 'yes' }] }, 'queues[0].durable', 'got "yes", expected true or false'],
  [{ queues: [{ ...queue, arguments: [1] }] }, 'queues[0].arguments', 'got [1], expected an object'],
  [{ queues: [queue, queue] }, 'queues[1]', 'is the same as queues[0]'],
  [
    { policies: [{ vhost: '/', name: 'p', pattern: '[', definition: {} }] },
    'policies[0].pattern',
    expect.stringMatching(/Invalid regular expression/),
  ],
  [
    { policies: [{ vhost: '/', name: 'p', pattern: 'a', definition: {}, priority: 0.5 }] },
    'policies[0].priority',
    'got 0.5, expected a whole number',
  ],
  [{ vhosts: [], queues: [queue] }, 'queues[0].vhost', 'there is no vhost "/"'],
  [
    { users: [], permissions: [{ user: 'u', vhost: '/', configure: '', write: '', read: '' }] },
    'permissions[0].user',
    'there is no user "u"',
  ],
  [{ queues: [], bindings: [binding] }, 'bindings[0].destination', 'there is no queue "q"'],
  [{ exchanges: [], bindings: [{ ...binding, source: 'x' }] }, 'bindings[0].source', 'there is no exchange "x"'],
])('finds what is wrong in %j', (document, place, problem) => {
  expect(problemsIn(document)).toEqual([{ place, problem }])
})
