// What makes two bindings the same: their arguments as text.

import fc from 'fast-check'
import { argumentsText } from '../../src/broker/binding.ts'
import { encodeTable, type FieldTable, table } from '../../src/protocol/field-table.ts'
import { cases, fieldTable } from '../support/arbitraries.ts'

describe('the arguments of a binding as text', () => {
  it('are nothing where there are none', () => {
    expect(argumentsText(new Map())).toBe('')
    expect(argumentsText(table({ a: null }))).not.toBe('')
  })

  it('are equal where the tables are, and not where they are not', () => {
    fc.assert(
      fc.property(fieldTable, fieldTable, (one, other) => {
        expect(argumentsText(new Map(one))).toBe(argumentsText(one))
        expect(argumentsText(one) === argumentsText(other)).toBe(encodeTable(one).equals(encodeTable(other)))
      }),
      cases(200),
    )
  })

  it.each<[string, FieldTable, FieldTable]>([
    ['types', table({ a: 1 }), new Map([['a', { tag: 'l', value: 1 }]])],
    ['values', table({ a: 1 }), table({ a: 2 })],
    ['names', table({ a: 1 }), table({ b: 1 })],
    ['octets that are no UTF-8', table({ a: '\udcff' }), table({ a: '\udcfe' })],
  ])('differ where %s do (§5.4)', (_, one, other) => {
    expect(argumentsText(one)).not.toBe(argumentsText(other))
  })
})
