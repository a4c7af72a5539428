// Where a message would go, by the lists that a broker gives.

import { explain, topicMatches } from '../../../src/cli/topology/routes.ts'

const to = (source: string, destination: string, routing_key = '', more: object = {}) => ({
  source,
  destination,
  destination_type: 'queue',
  routing_key,
  arguments: {},
  ...more,
})
const ask = (
  exchange: string,
  routingKey: string,
  exchanges: readonly object[],
  bindings: readonly object[],
  headers = {},
) => explain({ exchange, routingKey, headers }, { exchanges: exchanges as never, bindings: bindings as never })

describe('a message', () => {
  it.each([
    ['direct', 'a', ['q1']],
    ['fanout', 'z', ['q1', 'q2']],
    ['x-recent-history', 'z', ['q1', 'q2']],
    ['x-consistent-hash', 'z', ['q1', 'q2']],
    ['topic', 'b', ['q2']],
  ])('goes through a %s exchange with key %s to %j', (type, key, queues) => {
    expect(ask('x', key, [{ name: 'x', type }], [to('x', 'q1', 'a'), to('x', 'q2', 'b')])?.queues).toEqual(queues)
  })

  it('goes on through exchanges, once through each', () => {
    const exchanges = [
      { name: 'x', type: 'fanout' },
      { name: 'y', type: 'fanout' },
    ]
    const bindings = [
      to('x', 'y', '', { destination_type: 'exchange' }),
      to('y', 'x', '', { destination_type: 'exchange' }),
      to('y', 'q'),
    ]
    expect(ask('x', '', exchanges, bindings)?.queues).toEqual(['q'])
  })

  it('takes the alternate exchange where nothing matches, of arguments or of a policy', () => {
    const other = { name: 'y', type: 'fanout' }
    const arguments_ = { name: 'x', type: 'direct', arguments: { 'alternate-exchange': 'y' } }
    const policy = { name: 'x', type: 'direct', effective_policy_definition: { 'alternate-exchange': 'y' } }
    for (const first of [arguments_, policy]) {
      expect(ask('x', 'no', [first, other], [to('x', 'q1', 'a'), to('y', 'q2')])?.queues).toEqual(['q2'])
      expect(ask('x', 'a', [first, other], [to('x', 'q1', 'a'), to('y', 'q2')])?.queues).toEqual(['q1'])
    }
    const gone = ask('x', 'no', [arguments_], [])
    expect(gone).toMatchObject({ queues: [], steps: [{ matches: false, why: 'its alternate exchange is not there' }] })
  })

  it('is delayed by an exchange that routes as its inner type', () => {
    const delayed = { name: 'x', type: 'x-delayed-message', arguments: { 'x-delayed-type': 'direct' } }
    expect(ask('x', 'a', [delayed], [to('x', 'q1', 'a'), to('x', 'q2', 'b')])?.queues).toEqual(['q1'])
  })

  it('goes nowhere from an exchange that is not there', () => {
    expect(ask('x', '', [], [])).toBeUndefined()
  })

  it.each([
    [{ 'x-match': 'all', a: 1, b: '2' }, { a: 1, b: 2 }, true, 'all of its headers match'],
    [{ a: 1, b: 2 }, { a: 1 }, false, 'header "b" does not match'],
    [{ 'x-match': 'any', a: 1, b: 2 }, { b: 2 }, true, 'header "b" matches'],
    [{ 'x-match': 'any', a: 1 }, {}, false, 'none of its headers matches'],
    [{ a: null }, { a: 'whatever' }, true, 'all of its headers match'],
    [{ 'x-other': 1 }, {}, true, 'all of its headers match'],
    [{ 'x-match': 'all-with-x', 'x-other': 1 }, {}, false, 'header "x-other" does not match'],
  ])('with headers, bound by %j, having %j: %s', (table, headers, matches, why) => {
    const asked = ask('x', '', [{ name: 'x', type: 'headers' }], [to('x', 'q', '', { arguments: table })], headers)
    expect(asked?.steps).toMatchObject([{ matches, why }])
  })
})

it.each([
  ['a.*', 'a.b', true],
  ['a.*', 'a', false],
  ['a.*', 'a.b.c', false],
  ['#', '', true],
  ['#', 'a.b.c', true],
  ['a.#', 'a', true],
  ['a.#.c', 'a.b.b.c', true],
  ['#.#.#.b', 'a.a.b', true],
  ['*', '', false],
  ['', '', true],
  ['a', 'b', false],
])('topic pattern %j and key %j: %s', (pattern, key, matches) => {
  expect(topicMatches(pattern, key)).toBe(matches)
})
