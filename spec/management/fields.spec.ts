// Fields that come in more than one form.

import { HttpError } from '../../src/management/errors.ts'
import { tagsOf } from '../../src/management/fields.ts'

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
