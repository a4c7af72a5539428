// Values of JSON as RabbitMQ prints them.

import { type Json, renderPairs, renderTerm } from '../../src/broker/term.ts'

describe('a value', () => {
  it.each<[Json, string]>([
    ['a', '<<"a">>'],
    ['', '<<>>'],
    ['"', '<<"\\"">>'],
    [-1, '-1'],
    [1.5, '1.5'],
    [true, 'true'],
    [null, 'null'],
    [[1, 'a', []], '[1,<<"a">>,[]]'],
    [{ a: 1, b: ['x'] }, '#{<<"a">> => 1,<<"b">> => [<<"x">>]}'],
  ])('%j is printed as an Erlang term', (value, text) => {
    expect(renderTerm(value)).toBe(text)
  })
})

it('settings are printed as a list of pairs', () => {
  const settings: [string, Json][] = [
    ['bogus', 1],
    ['b', 'x'],
  ]
  expect(renderPairs(settings)).toBe('[{<<"bogus">>,1},{<<"b">>,<<"x">>}]')
  expect(renderPairs([])).toBe('[]')
})
