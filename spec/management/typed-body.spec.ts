// What a body says with null or a truth is not taken for something else.

import { Type } from '@fastify/type-provider-typebox'
import { checkWords } from '../../src/management/typed-body.ts'

const schema = Type.Object({
  count: Type.Optional(Type.Integer()),
  rate: Type.Optional(Type.Number()),
  name: Type.Optional(Type.String()),
  routing_key: Type.Optional(Type.String()),
  durable: Type.Optional(Type.Boolean()),
  any: Type.Optional(Type.Unknown()),
  either: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  list: Type.Optional(Type.Array(Type.Object({ count: Type.Integer() }))),
})

it.each([
  [{ count: null }, "'count' in the body must be integer, not null"],
  [{ count: true }, "'count' in the body must be integer, not true"],
  [{ rate: false }, "'rate' in the body must be number, not false"],
  [{ name: null }, "'name' in the body must be string, not null"],
  [{ durable: null }, "'durable' in the body must be boolean, not null"],
  [{ list: [{ count: 1 }, { count: null }] }, "'list.1.count' in the body must be integer, not null"],
])('%j is refused', (body, why) => {
  expect(() => checkWords(schema, body)).toThrow(why)
})

it("arrays in arrays, however deep, are nobody's business where the schema has none", () => {
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  expect(() => checkWords(schema, { any: deep, list: deep })).not.toThrow()
})

it('a body that is a number is not null', () => {
  expect(() => checkWords(Type.Integer(), null)).toThrow('the body must be integer, not null')
})

it.each([
  [{}],
  [{ count: '5', durable: 'true', name: 7 }],
  [{ any: null, either: null, unknown: null }],
  [{ list: 'no list' }],
  [{ routing_key: null }],
  [null],
  [undefined],
  ['text'],
])('%j is for the schema to judge', (body) => {
  expect(() => checkWords(schema, body)).not.toThrow()
})

it('nothing is asked of a body without a schema', () => {
  expect(() => checkWords(undefined, { count: null })).not.toThrow()
})
