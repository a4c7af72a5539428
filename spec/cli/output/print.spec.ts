// Rows and objects in each format.

import { printObject, printRows, type Shape, type Style } from '../../../src/cli/output/print.ts'

const rows = [
  { name: 'a', messages: 1, arguments: { 'x-max-length': 5 } },
  { name: 'b', messages: 2000, arguments: {} },
]
const shape: Shape = {
  columns: ['name', { path: 'messages', title: 'total', show: (value) => `${value}!` }],
  wide: [{ path: 'twice', value: (row) => Number(row['messages']) * 2 }],
}
const style = (given: Partial<Style>): Style => ({ format: 'tsv', headers: true, colour: false, ...given })

describe('rows', () => {
  it.each([
    ['tsv', {}, 'name\tmessages\na\t1\nb\t2000\n'],
    ['tsv', { headers: false }, 'a\t1\nb\t2000\n'],
    ['csv', { columns: ['name', 'arguments'] }, 'name,arguments\na,"{""x-max-length"":5}"\nb,\n'],
    ['table', {}, 'name  total\na     1!\nb     2000!\n'],
    ['table', { headers: false }, 'a  1!\nb  2000!\n'],
    ['wide', {}, 'name  total  twice\na     1!         2\nb     2000!   4000\n'],
    ['name', {}, 'a\nb\n'],
    ['ndjson', { columns: ['name'] }, '{"name":"a"}\n{"name":"b"}\n'],
    [
      'json',
      { columns: ['arguments.x-max-length'], filter: 'messages<5' },
      '[\n  {\n    "arguments": {\n      "x-max-length": 5\n    }\n  }\n]\n',
    ],
    ['yaml', { columns: ['name'] }, '- name: a\n- name: b\n'],
    ['name', { sort: '-messages' }, 'b\na\n'],
  ] as const)('as %s with %j', async (format, given, text) => {
    expect(await printRows(rows, shape, style({ format, ...given }))).toBe(text)
  })

  it('are whole in JSON', async () => {
    expect(JSON.parse(await printRows(rows, shape, style({ format: 'json' })))).toEqual(rows)
  })

  it('that are none are a head only', async () => {
    expect(await printRows([], shape, style({ format: 'table' }))).toBe('name  total\n')
    expect(await printRows([], shape, style({ format: 'table', headers: false }))).toBe('')
    expect(await printRows([], shape, style({ format: 'json' }))).toBe('[]\n')
  })
})

describe('an object', () => {
  const object = { name: 'a', stats: { in: 1, out: {} }, list: [1, 2] }

  it.each([
    ['tsv', {}, 'name\ta\nstats.in\t1\nstats.out\t\nlist\t[1,2]\n'],
    ['table', {}, 'name       a\nstats.in   1\nstats.out\nlist       [1,2]\n'],
    ['csv', { columns: ['name'] }, 'name,a\n'],
    ['name', {}, 'a\n'],
    ['ndjson', {}, `${JSON.stringify(object)}\n`],
    ['json', { columns: ['stats.in'] }, '{\n  "stats": {\n    "in": 1\n  }\n}\n'],
    ['yaml', { columns: ['name'] }, 'name: a\n'],
  ] as const)('as %s with %j', async (format, given, text) => {
    expect(await printObject(object, { columns: [] }, style({ format, ...given }))).toBe(text)
  })
})
