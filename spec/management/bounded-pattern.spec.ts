// Regular expressions that people bring with a query are ended where they take too long.

import { boundedPattern } from '../../src/management/bounded-pattern.ts'

it.each([
  ['^a', 'ab', true],
  ['^b', 'ab', false],
  ['^(ab)+$', 'abab', true],
  ['^(ab)+$', 'aba', false],
])('%s of %s: %s, each time', (source, text, answer) => {
  const pattern = boundedPattern(source)
  expect([pattern.matches(text), pattern.matches(text)]).toEqual([answer, answer])
})

it('one that would take for ever is refused', () => {
  const pattern = boundedPattern('^(a+)+$')
  expect(() => pattern.matches(`${'a'.repeat(60)}b`)).toThrow('the regular expression ^(a+)+$ takes too long')
  expect(pattern.matches('aa')).toBe(true)
})

it('one that cannot be read is told', () => {
  expect(() => boundedPattern('(')).toThrow('missing )')
})
