// A header added to any content header, held against decoding and encoding it.

import fc from 'fast-check'
import { AddedHeader, headerText } from '../../src/protocol/added-header.ts'
import { decodeTable, encodeTable, type FieldTable, type FieldValue, table } from '../../src/protocol/field-table.ts'
import { decodeProperties, encodeHeader, type Properties } from '../../src/protocol/properties.ts'

const fields: fc.Arbitrary<FieldTable> = fc
  .dictionary(
    fc.constantFrom('a', 'x-stream-offse', 'x-stream-offset', 'x-stream-offset2', 'é'),
    fc.oneof(
      fc.string({ maxLength: 40 }).map((value): FieldValue => ({ tag: 'S', value })),
      fc.integer({ min: -9, max: 9 }).map((value): FieldValue => ({ tag: 'l', value })),
    ),
  )
  .map((entries) => new Map(Object.entries(entries)))
const properties: fc.Arbitrary<Properties> = fc.record(
  {
    contentType: fc.string({ maxLength: 9 }),
    contentEncoding: fc.string({ maxLength: 9 }),
    headers: fields,
    deliveryMode: fc.constantFrom(1, 2),
    messageId: fc.string({ maxLength: 9 }),
    clusterId: fc.string({ maxLength: 9 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Properties>

const plainOf = (headers: FieldTable) => decodeTable(encodeTable(headers), 4, encodeTable(headers).length)

describe('a header that is added', () => {
  it('is there beside all that was there, or instead of its namesake', () => {
    const added = new AddedHeader('x-stream-offset')
    const property = fc.property(properties, fc.nat(), fc.nat(5), (properties, value, before) => {
      const header = encodeHeader(properties, 77)
      const from = Buffer.concat([Buffer.alloc(before, 0xff), header, Buffer.alloc(3, 0xff)])
      const length = added.add(from, before, before + header.length, value)
      expect(added.bytes.subarray(0, 12)).toEqual(header.subarray(0, 12))
      const { headers, ...rest } = decodeProperties(added.bytes, 0, length)
      const { headers: former = new Map(), ...others } = decodeProperties(header, 0, header.length)
      expect(rest).toEqual(others)
      const wanted = new Map(former).set('x-stream-offset', { tag: 'l', value })
      expect(plainOf(headers as FieldTable)).toEqual(plainOf(wanted))
    })
    fc.assert(property, { numRuns: 500, seed: 5 })
  })
})

describe('the text of a header', () => {
  const text = (properties: Properties) => headerText(encodeHeader(properties, 0), 0, 'k')

  it('is found behind other properties and other headers', () => {
    const headers = table({ a: 1, k: 'wört', z: true })
    expect(text({ headers })).toBe('wört')
    expect(text({ contentType: 'a/b', contentEncoding: 'c', headers, priority: 3 })).toBe('wört')
  })

  it.each<[string, Properties]>([
    ['there are no headers', { contentType: 'k' }],
    ['there is none of that name', { headers: table({ kk: 'v' }) }],
    ['it is no text', { headers: table({ k: 5 }) }],
  ])('is null where %s', (_, properties) => {
    expect(text(properties)).toBeNull()
  })
})
