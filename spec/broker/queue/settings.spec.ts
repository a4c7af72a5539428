// What arguments make of a queue (behaviour.md §6.5, §9.3, §10), and what it is without them.

import type { PolicyDefinition } from '../../../src/broker/policy.ts'
import { isInteger, policySubjectOf, queueTypeOf, settingsOf } from '../../../src/broker/queue/settings.ts'
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
      requeuesBehind: false,
      delayedRetryType: 'disabled',
      delayedRetryMinMs: null,
      delayedRetryMaxMs: null,
      consumerTimeoutMs: null,
      maxAgeMs: null,
      segmentBytes: null,
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

describe('under a policy', () => {
  const under = (type: string, args: { readonly [name: string]: FieldValue }, policy: PolicyDefinition) =>
    settingsOf(new Map(Object.entries({ 'x-queue-type': S(type), ...args })), policy)

  it('a queue without arguments has what the policy sets', () => {
    const limits = { 'message-ttl': 1, expires: 2, 'max-length': 3, 'max-length-bytes': 4 }
    const letters = { 'dead-letter-exchange': 'x', 'dead-letter-routing-key': 'k', overflow: 'reject-publish' }
    expect(under('classic', {}, { ...limits, ...letters })).toMatchObject({
      messageTtlMs: 1,
      expiresMs: 2,
      maxLength: 3,
      maxLengthBytes: 4,
      deadLetterExchange: 'x',
      deadLetterRoutingKey: 'k',
      overflow: 'reject-publish',
    })
    const retry = { 'delayed-retry-type': 'all', 'delayed-retry-min': 5, 'delayed-retry-max': 6 }
    expect(under('quorum', {}, { ...retry, 'delivery-limit': 7, 'consumer-timeout': 8 })).toMatchObject({
      delayedRetryType: 'all',
      delayedRetryMinMs: 5,
      delayedRetryMaxMs: 6,
      deliveryLimit: 7,
      consumerTimeoutMs: 8,
    })
  })

  it.each([1, 9])('the smaller of two limits holds (§14): 5 and %d', (set) => {
    const args = { 'x-message-ttl': l(5), 'x-expires': l(5), 'x-max-length': l(5), 'x-max-length-bytes': l(5) }
    const policy = { 'message-ttl': set, expires: set, 'max-length': set, 'max-length-bytes': set }
    const least = Math.min(set, 5)
    expect(under('classic', args, policy)).toMatchObject({
      messageTtlMs: least,
      expiresMs: least,
      maxLength: least,
      maxLengthBytes: least,
    })
  })

  it('arguments go before it where there is nothing to bound', () => {
    const args = { 'x-dead-letter-exchange': S('a'), 'x-dead-letter-routing-key': S('b') }
    const policy = { 'dead-letter-exchange': 'x', 'dead-letter-routing-key': 'y' }
    for (const type of ['classic', 'quorum']) {
      expect(under(type, args, policy)).toMatchObject({ deadLetterExchange: 'a', deadLetterRoutingKey: 'b' })
    }
    const strategy = { 'x-dead-letter-strategy': S('at-least-once') }
    expect(under('quorum', strategy, { 'dead-letter-strategy': 'at-most-once' }).deadLetterStrategy).toBe(
      'at-least-once',
    )
  })

  it.each([
    ['classic', 'drop-head'],
    ['quorum', 'reject-publish'],
  ])('what a %s queue does when it is full is %s', (type, expected) => {
    const args = { 'x-overflow': S('drop-head') }
    expect(under(type, args, { overflow: 'reject-publish' }).overflow).toBe(expected)
  })

  it('a stream goes by the policy alone', () => {
    const args = { 'x-max-age': S('1h'), 'x-stream-max-segment-size-bytes': l(5) }
    expect(under('stream', args, {})).toMatchObject({ maxAgeMs: 3_600_000, segmentBytes: 5 })
    const policy = { 'max-age': '1s', 'stream-max-segment-size-bytes': 9 }
    expect(under('stream', args, policy)).toMatchObject({ maxAgeMs: 1000, segmentBytes: 9 })
    expect(under('stream', { 'x-max-length-bytes': l(5) }, { 'max-length-bytes': 9 }).maxLengthBytes).toBe(9)
    expect(under('stream', { 'x-max-length-bytes': l(5) }, {}).maxLengthBytes).toBe(5)
  })

  it.each<[number | null, number | null, number | null]>([
    [null, null, 20],
    [5, null, 5],
    [5, 3, 3],
    [3, 5, 3],
    [-1, 5, 5],
    [5, -1, 5],
    [null, 50, 50],
    [null, -1, null],
    [-1, -1, null],
  ])('deliveries are limited by argument %j and policy %j to %j (§10)', (argument, policy, expected) => {
    const args = argument === null ? {} : { 'x-delivery-limit': l(argument) }
    expect(under('quorum', args, policy === null ? {} : { 'delivery-limit': policy }).deliveryLimit).toBe(expected)
  })

  it('queues are known by what policies call their type', () => {
    const subjects = ['classic', 'quorum', 'stream'].map((type) =>
      policySubjectOf(new Map([['x-queue-type', S(type)]])),
    )
    expect(subjects).toEqual(['classic_queues', 'quorum_queues', 'streams'])
  })
})
