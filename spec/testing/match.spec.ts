// Which messages a test means.

import { type Match, matches, matchText } from '../../src/testing/match.ts'
import { messageOf } from '../../src/testing/publish.ts'
import { seen } from '../../src/testing/seen-message.ts'

const message = seen(
  messageOf('orders', 'created.eu', { id: 1, of: { who: 'me', age: 3 } }, { headers: { a: 1 }, type: 'order' }),
)

describe('a match', () => {
  const fitting: readonly Match[] = [
    {},
    { exchange: 'orders', key: /^created/, queue: 'q1' },
    { key: (key) => key.endsWith('.eu') },
    { body: { id: 1 } },
    { body: { of: { who: /^m/ } } },
    { headers: { a: 1 }, properties: { type: 'order' } },
    (seen) => seen.exchange === 'orders',
    { body: { id: expect.any(Number), of: expect.objectContaining({ age: 3 }) } },
    { body: expect.anything() },
  ]
  const other: readonly Match[] = [
    { exchange: 'order' },
    { key: /^deleted/ },
    { queue: 'q2' },
    { body: { id: 2 } },
    { body: { id: 1, more: true } },
    { body: 'text' },
    { body: undefined },
    { headers: { b: 1 } },
    { properties: { type: 'other' } },
    () => false,
    { body: { id: expect.any(String) } },
  ]

  it.each(fitting.map((match) => [matchText(match), match] as const))('takes %s', (_, match) => {
    expect(matches(match, message, ['q1'])).toBe(true)
  })

  it.each(other.map((match) => [matchText(match), match] as const))('does not take %s', (_, match) => {
    expect(matches(match, message, ['q1'])).toBe(false)
  })

  it('compares octets', () => {
    const octets = seen(messageOf('', 'q', Buffer.from([0xff])))
    expect(matches({ body: Buffer.from([0xff]) }, octets)).toBe(true)
    expect(matches({ body: Buffer.from([0xfe]) }, octets)).toBe(false)
  })

  it('looks into arrays', () => {
    const lines = seen(messageOf('', 'q', { lines: [{ id: 1, of: 'a' }, { id: 2 }] }))
    expect(matches({ body: { lines: [{ id: 1 }, { id: expect.any(Number) }] } }, lines)).toBe(true)
    expect(matches({ body: { lines: [{ id: 1 }] } }, lines)).toBe(false)
    expect(matches({ body: { lines: {} } }, lines)).toBe(false)
  })

  it('takes a pattern that keeps its place for one that does not', () => {
    const key = /created/g
    expect([matches({ key }, message), matches({ key }, message)]).toEqual([true, true])
  })

  it('refuses what no message is asked for: it would mean all', () => {
    const wrong = { routingKey: 'created' } as Match
    expect(() => matches(wrong, message)).toThrow(
      "a match has 'routingKey', which is nothing that it can have: expected",
    )
    expect(() => matchText(wrong)).toThrow(RangeError)
    expect(() => matches({ key: { pattern: 'x' } } as never, message)).toThrow(
      'key of a match is {"pattern":"x"}, expected a text, a pattern or a function',
    )
  })

  it('is told in words', () => {
    expect(matchText({ body: { id: expect.any(Number), who: /me/ } })).toBe(
      'a message with body {"id":"Any<Number>","who":"/me/"}',
    )
    expect(matchText({ exchange: 'e', key: /k/, body: { id: 1 } })).toBe(
      'a message with exchange "e", key /k/, body {"id":1}',
    )
    expect(matchText({})).toBe('any message')
    expect(matchText({ key: () => true })).toBe('a message with key that the function takes')
  })
})
