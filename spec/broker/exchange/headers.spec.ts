// The headers exchange: the shared table, random lives of bindings, and what a binding may ask for.

import fc from 'fast-check'
import { checkHeadersArguments } from '../../../src/broker/exchange/headers.ts'
import type { FieldValue } from '../../../src/protocol/field-table.ts'
import { channelError } from '../../support/errors.ts'
import { agreesWithTheTable, exchangeOf, type Fields, forgetsWhatWasRemoved, tableOf } from './table.ts'

describe('the headers exchange', () => {
  agreesWithTheTable('headers')

  const fields = fc.dictionary(
    fc.constantFrom('a', 'b', 'x-c'),
    fc.constantFrom<FieldValue>({ tag: 'I', value: 1 }, { tag: 'S', value: '1' }, { tag: 'V', value: null }),
  )
  const mode = fc.constantFrom<Fields>({}, ...['all', 'any', 'all-with-x', 'any-with-x'].map((m) => ({ 'x-match': m })))
  const args = fc.tuple(mode, fields).map(([mode, rest]) => tableOf({ ...mode, ...rest }))
  forgetsWhatWasRemoved(
    'headers',
    fc.record({ to: fc.nat(2), key: fc.constantFrom('', 'k'), arguments: args }),
    fc.record({ key: fc.constant('k'), headers: fields.map(tableOf) }),
  )

  it('is the only type that asks for headers', () => {
    const types = ['direct', 'fanout', 'topic', 'headers'] as const
    expect(types.filter((type) => exchangeOf(type).matcher.needsHeaders)).toEqual(['headers'])
  })
})

describe('x-match (§5.6)', () => {
  it.each([{}, { a: 1 }, ...['all', 'any', 'all-with-x', 'any-with-x'].map((mode) => ({ 'x-match': mode }))])(
    'may be as in %j',
    (args) => expect(() => checkHeadersArguments(tableOf(args))).not.toThrow(),
  )

  it.each([
    ['ALL', '<<"ALL">>'],
    ['', '<<>>'],
    ['any ', '<<"any ">>'],
    ['all-with-X', '<<"all-with-X">>'],
    ['toString', '<<"toString">>'],
    ['é', '<<"é">>'],
  ])('may not be %j', (mode, shown) => {
    const text = `Invalid x-match field value ${shown}; expected all, any, all-with-x, or any-with-x`
    const check = () => checkHeadersArguments(tableOf({ 'x-match': mode }))
    expect(check).toThrow(channelError(406, text))
  })

  // As RabbitMQ 3.10.8 says it.
  it.each<[FieldValue, string, string]>([
    [{ tag: 'I', value: 5 }, 'signedint', '5'],
    [{ tag: 't', value: true }, 'bool', 'true'],
    [{ tag: 'V', value: null }, 'void', 'undefined'],
    [{ tag: 'x', value: Buffer.from('all') }, 'binary', '<<"all">>'],
    [{ tag: 'l', value: 2n ** 62n }, 'long', '4611686018427387904'],
  ])('may not be %j', (value, type, shown) => {
    const text = `Invalid x-match field type ${type} (value ${shown}); expected longstr`
    expect(() => checkHeadersArguments(tableOf({ 'x-match': value }))).toThrow(channelError(406, text))
  })
})
