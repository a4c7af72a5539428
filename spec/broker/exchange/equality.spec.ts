// When field values are equal to a headers exchange; its own table of cases (table.ts) has all the pairs of types.

import fc from 'fast-check'
import { equalityText, numberedText } from '../../../src/broker/exchange/equality.ts'
import { encodeTable, type FieldValue, table } from '../../../src/protocol/field-table.ts'
import { cases, fieldValue } from '../../support/arbitraries.ts'

describe('the equality of values (§5.8)', () => {
  it('is that of their octets where types are the same, but for void and zeros', () => {
    const encoded = (value: FieldValue) => encodeTable(new Map([['', value]])).toString('latin1')
    fc.assert(
      fc.property(fieldValue, fieldValue, (one, other) => {
        if (one.tag !== other.tag || one.tag === 'V' || one.value === 0) return
        const text = equalityText(one)
        expect(text !== null && text === equalityText(other)).toBe(text !== null && encoded(one) === encoded(other))
      }),
      cases(3000),
    )
  })

  it.each<readonly [FieldValue, FieldValue]>([
    [
      { tag: 'd', value: 0 },
      { tag: 'f', value: -0 },
    ],
    [
      { tag: 'l', value: 5n },
      { tag: 'b', value: 5 },
    ],
    [
      { tag: 'x', value: Buffer.of(0xff, 0x61) },
      { tag: 'S', value: '\udcffa' },
    ],
  ])('has %j equal to %j', (one, other) => expect(equalityText(one)).toBe(equalityText(other)))

  it('has nothing equal to void, or to what is not a number', () => {
    expect(equalityText({ tag: 'V', value: null })).toBeNull()
    expect(equalityText({ tag: 'd', value: Number.NaN })).toBeNull()
  })

  it('has a timestamp of a message equal to its milliseconds, where it is asked so', () => {
    for (const value of [5, 5n]) {
      expect(numberedText({ tag: 'T', value })).toBe(equalityText({ tag: 'I', value: 5000 }))
    }
    expect(numberedText({ tag: 'S', value: 'a' })).toBe(equalityText({ tag: 'S', value: 'a' }))
    expect(numberedText({ tag: 'V', value: null })).toBeNull()
  })

  it('keeps apart what prints alike', () => {
    const values = [table({ a: 5 }), table({ a: '5' }), table({ a: 5.5 }), table({ a: true }), table({ a: 'true' })]
    const texts = values.map((each) => equalityText(each.get('a') as FieldValue))
    expect(new Set([...texts, equalityText({ tag: 'T', value: 5 })]).size).toBe(6)
  })
})
