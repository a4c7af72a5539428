// The order of rows by a column, whatever kind of values it has.

import { compare, sorted } from '../../../src/cli/output/sort.ts'

const rows = [{ n: 10, s: 'b' }, { n: 9, s: 'a' }, { s: 'c' }]

it('sorts numbers as numbers, with what has none last', () => {
  expect(sorted(rows, 'n').map(({ s }) => s)).toEqual(['a', 'b', 'c'])
  expect(sorted(rows, '-n').map(({ s }) => s)).toEqual(['b', 'a', 'c'])
  expect(sorted(rows, '+s').map(({ s }) => s)).toEqual(['a', 'b', 'c'])
})

it('names a column that no row has', () => {
  expect(() => sorted(rows, '-nn')).toThrow('--sort: no row has a column "nn" (did you mean "n"?)')
  expect(sorted([], 'nn')).toEqual([])
})

it('compares', () => {
  expect([compare(2, 10), compare('2', '10'), compare('a', 'a')]).toEqual([-8, 1, 0])
})
