// CSV and TSV: one row is one record, whatever stands in a cell.

import { csv, tsv } from '../../../src/cli/output/delimited.ts'

it('quotes in CSV what needs it', () => {
  expect(csv([['a', 'b,c', 'd"e', 'f\ng']])).toBe('a,"b,c","d""e","f\ng"\n')
})

it('keeps a row of TSV on one line', () => {
  expect(tsv([['a\tb', 'c\nd', 'e\\f', 'g\r']])).toBe('a\\tb\tc\\nd\te\\\\f\tg\\r\n')
})
