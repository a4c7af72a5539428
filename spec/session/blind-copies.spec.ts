// A message without the keys that nobody is to see (behaviour.md §5.5).

import type { FieldValue } from '../../src/protocol/field-table.ts'
import { decodeProperties, type Properties } from '../../src/protocol/properties.ts'
import { withoutBlindCopies } from '../../src/session/blind-copies.ts'
import { published } from '../support/site.ts'

const keys: FieldValue = { tag: 'A', value: [{ tag: 'S', value: 'key' }] }
const message = (properties: Properties) => published('x', 'k', 'body', properties)

describe('a message that is shown to a client', () => {
  it('has no BCC, and all else', () => {
    const headers = new Map<string, FieldValue>([
      ['a', { tag: 'I', value: 1 }],
      ['BCC', keys],
      ['CC', keys],
    ])
    const former = message({ headers, priority: 4 })
    const shown = withoutBlindCopies(former)
    expect(decodeProperties(shown.header, shown.headerStart, shown.headerEnd)).toEqual({
      headers: new Map([...headers].filter(([name]) => name !== 'BCC')),
      priority: 4,
    })
    expect([shown.exchange, shown.routingKey, shown.copyBody().toString()]).toEqual(['x', 'k', 'body'])
    expect(decodeProperties(former.header, former.headerStart, former.headerEnd).headers).toEqual(headers)
  })

  it('keeps a table that is empty then', () => {
    const shown = withoutBlindCopies(message({ headers: new Map([['BCC', keys]]) }))
    expect(decodeProperties(shown.header, shown.headerStart, shown.headerEnd)).toEqual({ headers: new Map() })
  })

  it.each<Properties>([{}, { headers: new Map([['CC', keys]]) }])('is itself where there is none', (properties) => {
    const former = message(properties)
    expect(withoutBlindCopies(former)).toBe(former)
  })
})
