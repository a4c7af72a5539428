// What requests to the control API say.

import { eventJson, matchOf, withPatterns } from '../../../src/testing/control/request.ts'
import { messageOf } from '../../../src/testing/publish.ts'
import { seen } from '../../../src/testing/seen-message.ts'

describe('a match in JSON', () => {
  it('has texts and patterns', () => {
    const match = { exchange: 'e', key: { pattern: '^k' }, queue: { pattern: 'q$' }, body: { a: 1 }, headers: { b: 2 } }
    expect(matchOf(match)).toEqual({ exchange: 'e', key: /^k/, queue: /q$/, body: { a: 1 }, headers: { b: 2 } })
    expect(matchOf({})).toEqual({})
    expect(() => matchOf({ exchange: { pattern: '(' } })).toThrow('the pattern of exchange is none')
  })
})

describe('options of a fault in JSON', () => {
  it('have patterns as well', () => {
    expect(withPatterns({ queue: { pattern: '^o' }, next: 1 })).toEqual({ queue: /^o/, next: 1 })
    expect(() => withPatterns({ key: { pattern: '(' } })).toThrow('the pattern of key is none')
  })
})

describe('an event in JSON', () => {
  const place = { number: 1, at: 0, vhost: '/', queue: 'q' }
  const letter = (body: unknown) =>
    eventJson({
      ...place,
      event: 'dead-lettered',
      reason: 'expired',
      routed: [],
      message: seen(messageOf('', 'q', body)),
    })

  it('has the body once: as it is, or its octets in base64', () => {
    expect(letter({ a: 1 })['message']).toMatchObject({ routingKey: 'q', body: { a: 1 } })
    expect(letter({ a: 1 })['message']).not.toHaveProperty('octets')
    expect(letter(Buffer.from([255]))['message']).toMatchObject({ body: null, base64: '/w==' })
    expect(eventJson({ ...place, event: 'purged', count: 1 })).toEqual({ ...place, event: 'purged', count: 1 })
  })
})
