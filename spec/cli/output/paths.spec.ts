// Columns of rows by their paths.

import { pathsOf, picked, textOf, valueAt } from '../../../src/cli/output/paths.ts'

const row = { name: 'q', stats: { publish: { rate: 2 } }, arguments: { 'x.y': 1 }, list: [1], none: null }

describe('paths', () => {
  it.each([
    ['name', 'q'],
    ['stats.publish.rate', 2],
    ['arguments.x.y', 1],
    ['none', null],
    ['nope', undefined],
    ['name.more', undefined],
    ['stats.nope.rate', undefined],
  ])('%s leads to %j', (path, value) => {
    expect(valueAt(row, path)).toEqual(value)
  })

  it('pick columns, nested as they were', () => {
    expect(picked(row, ['name', 'stats.publish.rate', 'nope', 'a.b'])).toEqual({
      name: 'q',
      stats: { publish: { rate: 2 } },
      nope: null,
      'a.b': null,
    })
  })

  it('are all that lead somewhere', () => {
    expect(pathsOf([{ a: { b: 1 } }, { c: [] }])).toEqual(['a', 'a.b', 'c'])
  })

  it.each([
    [undefined, ''],
    [null, ''],
    ['', ''],
    [0, '0'],
    [false, 'false'],
    [{}, ''],
    [[], ''],
    [{ a: 1 }, '{"a":1}'],
  ])('a value %j is the text %j', (value, text) => {
    expect(textOf(value)).toBe(text)
  })
})
