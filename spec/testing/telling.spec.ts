// Events in words, one line for each.

import type { BrokerEvent } from '../../src/testing/events.ts'
import { messageOf } from '../../src/testing/publish.ts'
import { seen } from '../../src/testing/seen-message.ts'
import { line, messageText } from '../../src/testing/telling.ts'

const message = seen(messageOf('e', 'k', 'hello'))
const noted = { number: 1, at: 0, vhost: 'v' }
const done = { ...noted, connection: 2, channel: 3 }
const published = { ...done, event: 'published', user: 'u', message, mandatory: false, confirm: true } as const
const delivered = {
  ...done,
  event: 'delivered',
  queue: 'q',
  sequence: 7,
  deliveryTag: 1,
  noAck: false,
  message,
} as const
const settled = { ...done, event: 'settled', queue: 'q', sequence: 7, deliveryTag: 1, consumer: 'c', message } as const
const asked = { method: 'queue.declare', confirm: false } as const

describe('an event in words', () => {
  const lines: readonly (readonly [string, BrokerEvent])[] = [
    [`channel 2/3 published 'e' 'k' "hello", routed to q, r`, { ...published, routed: ['q', 'r'], outcome: 'routed' }],
    [`channel 2/3 published 'e' 'k' "hello", returned`, { ...published, routed: [], outcome: 'returned' }],
    [
      `the test published 'e' 'k' "hello", dropped`,
      { ...published, connection: 0, channel: 0, routed: [], outcome: 'dropped' },
    ],
    ['q has it as message 7', { ...noted, event: 'queued', queue: 'q', sequence: 7 }],
    [
      `q delivered message 7 to consumer c of channel 2/3: 'e' 'k' "hello"`,
      { ...delivered, consumer: 'c', redelivered: false },
    ],
    [
      `q delivered message 7 again to basic.get of channel 2/3: 'e' 'k' "hello"`,
      { ...delivered, consumer: null, redelivered: true },
    ],
    ['channel 2/3 acked message 7 of q', { ...settled, how: 'acked' }],
    [
      `q dead-lettered (expired) 'e' 'k' "hello" to r`,
      { ...noted, event: 'dead-lettered', queue: 'q', reason: 'expired', message, routed: ['r'] },
    ],
    ['q dropped message 7 (maxlen)', { ...noted, event: 'dropped', queue: 'q', sequence: 7, reason: 'maxlen' }],
    ['q was purged of 3 messages', { ...noted, event: 'purged', queue: 'q', count: 3 }],
    ['consumer c began on q', { ...noted, event: 'consuming', queue: 'q', consumer: 'c', noAck: false, prefetch: 1 }],
    ['consumer c ended on q', { ...noted, event: 'cancelled', queue: 'q', consumer: 'c', noAck: false, prefetch: 1 }],
    ['connection 2 of u began', { ...noted, event: 'connected', connection: 2, user: 'u' }],
    ['connection 2 of u ended', { ...noted, event: 'disconnected', connection: 2, user: 'u' }],
    ['channel 2/3 was closed: 404 gone', { ...done, event: 'failed', code: 404, text: 'gone', ...asked }],
    ['connection 2 was closed: 320 bye', { ...done, channel: 0, event: 'failed', code: 320, text: 'bye', ...asked }],
  ]

  it.each(lines)('is: %s', (text, event) => {
    expect(line(event)).toBe(text)
  })

  it('shows the beginning of a long body, and how long octets are', () => {
    expect(messageText(seen(messageOf('', 'q', 'x'.repeat(200))))).toBe(`'' 'q' "${'x'.repeat(79)}...`)
    expect(messageText(seen(messageOf('', 'q', Buffer.from([0xff, 0xff]))))).toBe(`'' 'q' 2 octets`)
  })
})
