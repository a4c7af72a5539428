// The schemas that routes share: what they let through as an answer.

import { Type } from '@fastify/type-provider-typebox'
import { Value } from '@sinclair/typebox/value'
import { answers, done, listAnswers, userSchema } from '../../src/management/schemas.ts'

const thing = Type.Object({ name: Type.String(), messages: Type.Integer() })

it('a list is an array of objects with some of the fields, or a page of them', () => {
  const schema = listAnswers(thing)[200]!
  const page = { filtered_count: 1, item_count: 1, page: 1, page_count: 1, page_size: 1, total_count: 1 }
  expect(Value.Check(schema, [{ name: 'a' }, {}])).toBe(true)
  expect(Value.Check(schema, { ...page, items: [{ name: 'a', messages: 1 }] })).toBe(true)
  expect(Value.Check(schema, [{ name: 1 }])).toBe(false)
  expect(Value.Check(schema, { ...page })).toBe(false)
})

it('every route may refuse', () => {
  for (const refusing of [answers(thing), done, listAnswers(userSchema)]) {
    expect(Object.keys(refusing)).toEqual(expect.arrayContaining(['400', '401', '404']))
  }
})
