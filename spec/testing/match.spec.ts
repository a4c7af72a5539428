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

  it('is told in words', () => {
    expect(matchText({ exchange: 'e', key: /k/, body: { id: 1 } })).toBe(
      'a message with exchange "e", key /k/, body {"id":1}',
    )
    expect(matchText({})).toBe('any message')
    expect(matchText({ key: () => true })).toBe('a message with key that the function takes')
  })
})
