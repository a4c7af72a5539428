// What policies may say, and RabbitMQ's words for what they may not.

import { type PolicyKind, type PolicyRequest, policyOf } from '../../src/broker/policy-rules.ts'
import type { Json } from '../../src/broker/term.ts'

const request = (definition: { readonly [key: string]: Json }): PolicyRequest => ({ pattern: '^q', definition })

describe('a policy', () => {
  it('applies to everything with priority 0 unless it says otherwise (§14)', () => {
    const definition = { 'max-length': 5 }
    expect(policyOf('policy', 'p', { pattern: '^q', definition })).toEqual({
      name: 'p',
      pattern: '^q',
      applyTo: 'all',
      priority: 0,
      definition,
    })
    const whole = { pattern: '', definition, applyTo: 'streams', priority: 9 } as const
    expect(policyOf('policy', 'p', whole)).toEqual({ name: 'p', ...whole })
  })

  it.each<[{ readonly [key: string]: Json }]>([
    [{ 'alternate-exchange': 'ae' }],
    [{ 'dead-letter-exchange': '', 'dead-letter-routing-key': 'k', 'dead-letter-strategy': 'at-least-once' }],
    [{ 'message-ttl': 0, expires: 1, 'max-length': 0, 'max-length-bytes': 0, overflow: 'reject-publish-dlx' }],
    [{ 'max-in-memory-length': 0, 'max-in-memory-bytes': 0, 'queue-mode': 'lazy', 'queue-version': 1 }],
    [{ 'delivery-limit': -1, 'consumer-timeout': 1000, 'target-group-size': 3, 'initial-cluster-size': 3 }],
    [{ 'max-age': '7D', 'stream-max-segment-size-bytes': 1000, 'stream-filter-size-bytes': 16 }],
    [{ 'queue-leader-locator': 'balanced', 'consumer-disconnected-timeout': 1 }],
    [{ 'delayed-retry-type': 'all', 'delayed-retry-min': 1, 'delayed-retry-max': 2 }],
  ])('may say %j', (definition) => {
    expect(policyOf('policy', 'p', request(definition)).definition).toBe(definition)
  })

  it.each<[PolicyKind, { readonly [key: string]: Json }, string]>([
    ['policy', {}, 'no policy provided'],
    ['policy', { bogus: 1 }, '[{<<"bogus">>,1}] are not recognised policy settings'],
    [
      'policy',
      { 'max-priority': 5, a: 'b' },
      '[{<<"a">>,<<"b">>},{<<"max-priority">>,5}] are not recognised policy settings',
    ],
    ['policy', { constructor: 5 }, '[{<<"constructor">>,5}] are not recognised policy settings'],
    ['policy', { 'max-length': -1 }, '-1 is not a valid maximum length'],
    ['policy', { 'max-length-bytes': 1.5 }, '1.5 is not a valid maximum length in bytes'],
    ['policy', { 'message-ttl': 'a' }, '<<"a">> is not a valid message TTL'],
    ['policy', { expires: 0 }, '0 is not a valid queue expiry'],
    ['policy', { overflow: 'x' }, '<<"x">> is not a valid overflow value'],
    ['policy', { 'delivery-limit': 'x' }, '<<"x">> is not a valid delivery limit'],
    ['policy', { 'dead-letter-exchange': 5 }, '5 is not a valid dead letter exchange name'],
    ['policy', { 'alternate-exchange': 5 }, '5 is not a valid alternate exchange name'],
    ['policy', { bogus: 1, 'max-length': -1 }, '-1 is not a valid maximum length'],
    ['policy', { 'max-age': '7x' }, '<<"7x">> is not a valid max age'],
    [
      'operator-policy',
      { 'dead-letter-exchange': 'x' },
      '[{<<"dead-letter-exchange">>,<<"x">>}] are not recognised policy settings',
    ],
  ])('of kind %s may not say %j', (kind, definition, message) => {
    expect(() => policyOf(kind, 'p', request(definition))).toThrow(
      expect.objectContaining({ kind: 'invalid', message }),
    )
  })

  it('of an operator bounds what queues hold, and no more', () => {
    const definition = {
      expires: 1,
      'message-ttl': 1,
      'max-length': 1,
      'max-length-bytes': 1,
      'max-in-memory-length': 1,
      'max-in-memory-bytes': 1,
      'delivery-limit': 1,
      overflow: 'drop-head',
      'queue-version': 2,
      'target-group-size': 1,
    }
    expect(policyOf('operator-policy', 'p', request(definition)).definition).toBe(definition)
  })

  it.each<[Partial<Record<keyof PolicyRequest, unknown>>, string]>([
    [{ pattern: '(' }, 'pattern should be regular expression but is invalid: {"missing )",1}'],
    [{ pattern: 5 }, 'pattern should be a binary but was 5'],
    [
      { applyTo: 'bogus' },
      "apply-to 'bogus' unrecognised; should be one of: 'queues', 'classic_queues',  'quorum_queues', 'streams', 'exchanges', or 'all'",
    ],
    [{ priority: 'high' }, 'priority should be a number, actually was <<"high">>'],
    [{ definition: 'x' }, 'definition must be a dictionary: <<"x">>'],
    [
      { definition: {}, pattern: '[', priority: null },
      'no policy provided\npattern should be regular expression but is invalid: {"missing terminating ] for character class",1}\npriority should be a number, actually was null',
    ],
  ])('cannot be %j', (changed, message) => {
    const asked = { ...request({ 'max-length': 1 }), ...changed } as PolicyRequest
    expect(() => policyOf('policy', 'p', asked)).toThrow(expect.objectContaining({ message }))
  })
})
