// Which filters the broker can apply itself.

import { serverFilter } from '../../../src/cli/messages/server-filter.ts'

it('asks the broker for nothing where nothing is asked', () => {
  expect(serverFilter(undefined)).toEqual({})
})

it.each([
  ['exchange=events', { exchange: 'events' }],
  ['routing_key==order.new', { routing_key: '^order\\.new$' }],
  ['routing_key=~^order', { routing_key: '^order' }],
  ['routing_key=~"\\\\.(a|b)$"', { routing_key: '\\.(a|b)$' }],
  ['properties.headers.kind==x', { header: ['kind=x'] }],
  ['properties.headers.n=3 && properties.headers.x-a=true', { header: ['n=3', 'x-a=true'] }],
  ['(exchange=e && routing_key=k)', { exchange: 'e', routing_key: '^k$' }],
])('%s', (expression, expected) => {
  expect(serverFilter(expression)).toEqual(expected)
})

it.each([
  'payload=~error',
  'exchange!=e',
  'exchange=e || exchange=f',
  '!(exchange=e)',
  'redelivered',
  'exchange=a && exchange=b',
  'exchange=null',
  "routing_key=''",
  'routing_key=~\\w',
  'routing_key=~(?=a)',
  'properties.headers.n>3',
  'properties.headers.n=10k',
  'properties.headers.a.b=1',
  'properties.message_id=m',
])('leaves %s to the command line', (expression) => {
  expect(serverFilter(expression)).toBeUndefined()
})

it('complains of what it cannot read', () => {
  expect(() => serverFilter('exchange=')).toThrow(/--filter/)
})
