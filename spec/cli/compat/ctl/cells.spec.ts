// Values in cells, as samples of a live RabbitMQ have them.

import { erlangTerm, plainCell, prettyCell } from '../../../../src/cli/compat/ctl/cells.ts'

const table = { 'x-dead-letter-exchange': 'dlx', 'x-message-ttl': 60000 }

describe('cells', () => {
  it.each([
    [undefined, ''],
    [null, ''],
    ['a\tb', 'a\tb'],
    [0, '0'],
    [false, 'false'],
    [[], '[]'],
    [['administrator', 'monitoring'], '[administrator, monitoring]'],
    [table, '[{"x-dead-letter-exchange","dlx"},{"x-message-ttl",60000}]'],
    [{ a: { b: ['c', 1] } }, '[{"a",[{"b",["c",1]}]}]'],
  ])('%j is %s in a table', (value, cell) => {
    expect(plainCell(value)).toBe(cell)
  })

  it.each([
    [['administrator', 'monitoring'], 'administratormonitoring'],
    [table, '{<<"x-dead-letter-exchange">>,longstr,<<"dlx">>}{<<"x-message-ttl">>,long,60000}'],
    ['tab\tq', 'tab     q'],
  ])('%j is %s in a drawn table', (value, cell) => {
    expect(prettyCell(value)).toBe(cell)
  })

  it.each([
    ['qq', '<<"qq">>'],
    [0, '0'],
    [undefined, '[]'],
    [['a'], '[<<"a">>]'],
    [
      { a: true, b: 1.5, c: [1], d: {} },
      '[{<<"a">>,bool,true},{<<"b">>,double,1.5},{<<"c">>,array,[1]},{<<"d">>,table,[]}]',
    ],
  ])('%j is %s to Erlang', (value, term) => {
    expect(erlangTerm(value)).toBe(term)
  })
})
