// Fields that come in more than one form.

import { HttpError } from '../../src/management/errors.ts'
import { exchangeNamed, isTrue, tagsOf } from '../../src/management/fields.ts'

it.each([
  ['', []],
  ['administrator', ['administrator']],
  ['a, b,,c ', ['a', 'b', 'c']],
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
  [[], []],
])('tags in the form of %j', (given, expected) => {
  expect(tagsOf(given)).toEqual(expected)
})

it.each([5, null, { a: 1 }, ['a', 5], true])('tags are not %j', (given) => {
  expect(() => tagsOf(given)).toThrow(HttpError)
})

it('the default exchange has a name in paths', () => {
  expect(['amq.default', 'amq.direct', ''].map(exchangeNamed)).toEqual(['', 'amq.direct', ''])
})

it('a query says yes by true alone', () => {
  expect(['true', 'false', '', undefined, '1'].map(isTrue)).toEqual([true, false, false, false, false])
})
