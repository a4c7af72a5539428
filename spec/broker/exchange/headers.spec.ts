// The headers exchange: the shared table, random lives of bindings, and what a binding may ask for.

import fc from 'fast-check'
import { checkHeadersArguments } from '../../../src/broker/exchange/headers.ts'
import type { FieldValue } from '../../../src/protocol/field-table.ts'
import { channelError } from '../../support/errors.ts'
import {
  agreesWithTheTable,
  bindingOf,
  exchangeOf,
  type Fields,
  forgetsWhatWasRemoved,
  matched,
  tableOf,
} from './table.ts'

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

  it('is the only one of the four that goes by more than keys', () => {
    const types = ['direct', 'fanout', 'topic', 'headers'] as const
    expect(types.filter((type) => !exchangeOf(type).matcher.byKeyOnly)).toEqual(['headers'])
  })
})

describe('what a message costs a headers exchange', () => {
  const to = exchangeOf('fanout', 'to')
  /** How often the destinations of conditions are looked up while a message with these headers is matched. */
  const costOf = (bindings: readonly Fields[], headers: Fields): number => {
    const from = exchangeOf('headers')
    for (const args of bindings) from.add(bindingOf(from, to, '', tableOf(args)))
    const every = jest.spyOn(Array.prototype, 'every')
    matched(from, '', headers)
    const count = every.mock.calls.length
    every.mockRestore()
    return count
  }
  const numbers = Array.from({ length: 1000 }, (_, id) => id)

  it('does not grow with bindings that ask for other values', () => {
    for (const mode of ['all', 'any']) {
      const bindings = numbers.map((id) => ({ 'x-match': mode, id, kind: `k${id}` }))
      expect(costOf(bindings, { id: -1, kind: 'none' })).toBe(0)
      expect(costOf(bindings, { id: 7, kind: 'none' })).toBeLessThan(2)
    }
  })

  it('does not grow with bindings that have a field in common with it, where they have rarer ones', () => {
    const bindings = numbers.map((id) => ({ kind: 'order', id }))
    expect(costOf(bindings, { kind: 'order', id: -1 })).toBeLessThan(2)
  })

  it('keeps nothing of bindings that were removed', () => {
    const from = exchangeOf('headers')
    const made = numbers.map((id) =>
      bindingOf(from, to, '', tableOf({ kind: 'order', id, any: { tag: 'V', value: null } })),
    )
    for (const binding of made) from.add(binding)
    for (const binding of made) from.remove(binding)
    const get = jest.spyOn(Map.prototype, 'get')
    matched(from, '', { kind: 'order', id: 1 })
    expect(get).not.toHaveBeenCalled()
    get.mockRestore()
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
