// What arguments make of a queue (behaviour.md §6.5, §9.3, §10), and what it is without them.

import { isInteger, queueTypeOf, settingsOf } from '../../../src/broker/queue/settings.ts'
import type { FieldTable, FieldValue } from '../../../src/protocol/field-table.ts'

const none: FieldTable = new Map()

function S(value: string): FieldValue {
  return { tag: 'S', value }
}

function l(value: number | bigint): FieldValue {
  return { tag: 'l', value }
}

describe('settings', () => {
  it('of a queue without arguments are those of a plain classic queue', () => {
    expect(settingsOf(none)).toEqual({
      type: 'classic',
      messageTtlMs: null,
      expiresMs: null,
      maxLength: null,
      maxLengthBytes: null,
      overflow: 'drop-head',
      deadLetterExchange: null,
      deadLetterRoutingKey: null,
      deadLetterStrategy: 'at-most-once',
      maxPriority: null,
      defaultPriority: 0,
      singleActiveConsumer: false,
      deliveryLimit: null,
      delayedRetryType: 'disabled',
      delayedRetryMinMs: null,
      delayedRetryMaxMs: null,
      consumerTimeoutMs: null,
    })
  })

  it('are read from integers of any type, words and texts', () => {
    const args: FieldTable = new Map<string, FieldValue>([
      ['x-message-ttl', { tag: 'I', value: 1 }],
      ['x-expires', l(2)],
      ['x-max-length', { tag: 'B', value: 3 }],
      ['x-max-length-bytes', l(4n)],
      ['x-overflow', S('reject-publish')],
      ['x-dead-letter-exchange', S('')],
      ['x-dead-letter-routing-key', S('k')],
      ['x-single-active-consumer', { tag: 't', value: true }],
    ])
    expect(settingsOf(args)).toMatchObject({
      ...{ messageTtlMs: 1, expiresMs: 2, maxLength: 3, maxLengthBytes: 4, overflow: 'reject-publish' },
      ...{ deadLetterExchange: '', deadLetterRoutingKey: 'k', singleActiveConsumer: true },
    })
  })

  it.each([
    [0, 1],
    [1, 1],
    [255, 255],
  ])('take x-max-priority %i of a classic queue for %i', (asked, is) => {
    expect(settingsOf(new Map([['x-max-priority', l(asked)]])).maxPriority).toBe(is)
  })

  it('of a quorum queue have its priorities and its delivery limit', () => {
    const quorum = settingsOf(new Map([['x-queue-type', S('quorum')]]))
    expect(quorum).toMatchObject({ type: 'quorum', maxPriority: 31, defaultPriority: 4, deliveryLimit: 20 })
  })

  it.each([
    [l(3), 3],
    [l(0), 0],
    [l(-1), null],
    [S('three'), 20],
  ])('take x-delivery-limit %j for %s', (asked, is) => {
    const args: FieldTable = new Map([
      ['x-queue-type', S('quorum')],
      ['x-delivery-limit', asked],
    ])
    expect(settingsOf(args).deliveryLimit).toBe(is)
  })

  it('know the type, and words that they do not know as the default', () => {
    expect(queueTypeOf(new Map([['x-queue-type', S('stream')]]))).toBe('stream')
    expect(queueTypeOf(new Map([['x-queue-type', S('')]]))).toBe('classic')
    expect(settingsOf(new Map([['x-delayed-retry-type', S('sometimes')]])).delayedRetryType).toBe('disabled')
  })

  it('count the eight integer types as one', () => {
    for (const tag of ['b', 'B', 's', 'u', 'I', 'i', 'l', 'L'] as const) expect(isInteger({ tag, value: 1 })).toBe(true)
    expect(isInteger({ tag: 'd', value: 1 })).toBe(false)
  })
})
