// Arguments as they are typed, and what they become.

import { readArguments, readJsonObject, scalar } from '../../src/cli/arguments.ts'

describe('arguments', () => {
  it.each([
    ['x-max-length=1000', { 'x-max-length': 1000 }],
    ['x-overflow=drop-head', { 'x-overflow': 'drop-head' }],
    ['a=', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a="5"', { a: '5' }],
    ['a=true', { a: true }],
    ['a=null', { a: null }],
    ['a=007', { a: '007' }],
    ['a:={"b":[1]}', { a: { b: [1] } }],
    ['a=x:=y', { a: 'x:=y' }],
    ['urn:x=1', { 'urn:x': 1 }],
  ])('%s', (word, table) => {
    expect(readArguments('--argument', [word])).toEqual(table)
  })

  it('stand beside JSON, and go before it', () => {
    expect(readArguments('--argument', ['a=2'], '{"a":1,"b":1}')).toEqual({ a: 2, b: 1 })
  })

  it.each([
    [['a'], undefined, '--argument: got "a", expected key=value, or key:=json'],
    [['a:=x'], undefined, '--argument: got x, which is not JSON'],
    [[], '[1]', '--arguments: got [1], expected a JSON object'],
    [[], '{', '--arguments: got {, which is not JSON'],
  ])('refuse %j %j', (words, json, message) => {
    expect(() => readArguments('--argument', words, json)).toThrow(message)
  })

  it('have numbers of every kind', () => {
    expect(['-1', '0.5', '1e3', '1.', '.5', '1e999'].map(scalar)).toEqual([-1, 0.5, 1000, '1.', '.5', '1e999'])
    expect(readJsonObject('--x', '{"a":1}')).toEqual({ a: 1 })
  })
})
