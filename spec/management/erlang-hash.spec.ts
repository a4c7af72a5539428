// Erlang's hash of terms, held against what Erlang 25 answered for the same terms.

import { hashOfTable } from '../../src/management/erlang-hash.ts'
import type { FieldValue } from '../../src/protocol/field-table.ts'

const l = (value: number | bigint): FieldValue => ({ tag: 'l', value })

it.each<[FieldValue, number]>([
  [l(1), 4135160677],
  [l(-1), 1408490647],
  [l(0), 2696534125],
  [l(255), 3981923812],
  [l(256), 2480922099],
  [l(134217727), 4257471865],
  [l(134217728), 3374669048],
  [l(-134217728), 2542678158],
  [l(-134217729), 4294373315],
  [l(3000000000), 770851311],
  [l(-3000000000), 3397406417],
  [l(9007199254740991), 3884092582],
  [l(576460752303423487n), 3550635326],
  [l(576460752303423488n), 778770333],
  [l(9223372036854775807n), 1611369743],
  [l(-9223372036854775808n), 2133825256],
  [{ tag: 'A', value: [] }, 903303553],
  [{ tag: 'S', value: '' }, 1830555597],
  [{ tag: 'F', value: new Map() }, 1809596852],
  [{ tag: 'd', value: 0 }, 3681552147],
])('of a table with %j', (field, expected) => {
  expect(hashOfTable(new Map([['x', field]]))).toBe(expected)
})

it('of no table, and of a text', () => {
  expect(hashOfTable(new Map())).toBe(3468870702)
  expect(hashOfTable(new Map([['x-match', { tag: 'S', value: 'all' }]]))).toBe(3739797118)
})

it('of a table with fields of every type, in whatever order', () => {
  const fields: [string, FieldValue][] = [
    ['a', { tag: 'S', value: 'hello world, this is long' }],
    ['b', { tag: 't', value: true }],
    ['c', { tag: 't', value: false }],
    ['d', { tag: 'd', value: 1.5 }],
    ['e', { tag: 'd', value: -0.1 }],
    ['f', { tag: 'A', value: [l(1), { tag: 'S', value: 'x' }] }],
    ['g', { tag: 'F', value: new Map([['h', { tag: 't', value: true }]]) }],
    ['i', { tag: 'V', value: null }],
    ['j', { tag: 'I', value: 5 }],
    ['k', { tag: 'T', value: 123 }],
    ['l', { tag: 'b', value: 3 }],
    ['m', { tag: 's', value: 4 }],
    ['n', { tag: 'f', value: 2.5 }],
    ['o', { tag: 'x', value: Buffer.from([1, 2, 3]) }],
    ['p', { tag: 'B', value: 200 }],
    ['q', { tag: 'u', value: 300 }],
    ['r', { tag: 'i', value: 5 }],
    ['s', { tag: 'D', value: { scale: 2, value: 123 } }],
  ]
  expect(hashOfTable(new Map(fields))).toBe(3876521112)
  expect(hashOfTable(new Map(fields.toReversed()))).toBe(3876521112)
})
