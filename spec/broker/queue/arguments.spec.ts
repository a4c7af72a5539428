// Every argument of a queue: which type knows it, which values it may have, and RabbitMQ's words (behaviour.md §6.5).

import {
  checkDeadLetterExchange,
  checkQueueArguments,
  checkQueueProperties,
  checkServerNamed,
  comparedArguments,
  withQueueType,
} from '../../../src/broker/queue/arguments.ts'
import type { QueueType } from '../../../src/broker/queue/settings.ts'
import type { FieldValue } from '../../../src/protocol/field-table.ts'
import { channelError } from '../../support/errors.ts'
import { type Fields, tableOf } from '../exchange/table.ts'

const long = (value: number | bigint): FieldValue => ({ tag: 'l', value })
const check = (fields: Fields) => checkQueueArguments('q', '/', tableOf(fields))
const durable = { durable: true, exclusive: false, autoDelete: false }

describe('an argument', () => {
  it.each<[QueueType, string, FieldValue | number | string | boolean, string]>([
    ['classic', 'x-expires', 0, '{value_zero,0}'],
    ['classic', 'x-expires', -1, '{value_negative,-1}'],
    ['classic', 'x-expires', long(315360000001), '{value_too_large,315360000001}'],
    ['classic', 'x-expires', '10', '"expected integer, got longstr"'],
    ['classic', 'x-message-ttl', -1, '{value_negative,-1}'],
    ['classic', 'x-message-ttl', long(315360000001n), '{value_too_large,315360000001}'],
    ['classic', 'x-message-ttl', { tag: 'd', value: 10 }, '"expected integer, got double"'],
    ['classic', 'x-max-length', -1, '{value_negative,-1}'],
    ['classic', 'x-max-length', { tag: 'V', value: null }, '"expected integer, got void"'],
    ['classic', 'x-max-length-bytes', -1, '{value_negative,-1}'],
    ['classic', 'x-overflow', 'bogus', 'invalid_overflow'],
    ['classic', 'x-overflow', 5, '{unacceptable_type,signedint}'],
    ['classic', 'x-dead-letter-routing-key', 'k', 'routing_key_but_no_dlx_defined'],
    ['classic', 'x-dead-letter-routing-key', 5, '{unacceptable_type,signedint}'],
    ['classic', 'x-dead-letter-exchange', 5, '{unacceptable_type,signedint}'],
    ['classic', 'x-max-priority', 256, '{max_value_exceeded,256}'],
    ['classic', 'x-max-priority', -1, '{value_negative,-1}'],
    ['classic', 'x-single-active-consumer', 'true', '{unacceptable_type,longstr}'],
    ['classic', 'x-queue-version', 3, `"unsupported queue version '3'"`],
    ['classic', 'x-queue-version', -3, '{value_negative,-3}'],
    ['classic', 'x-queue-leader-locator', 'here', 'invalid_queue_locator_arg'],
    ['quorum', 'x-dead-letter-strategy', 'never', 'invalid_dlx_strategy'],
    ['quorum', 'x-quorum-initial-group-size', 0, '{value_zero,0}'],
    ['quorum', 'x-max-in-memory-length', -1, '{value_negative,-1}'],
    ['quorum', 'x-max-in-memory-bytes', -1, '{value_negative,-1}'],
    ['quorum', 'x-consumer-timeout', -1, '{value_negative,-1}'],
    ['quorum', 'x-consumer-timeout', 'a', '"expected integer, got longstr"'],
    ['stream', 'x-max-age', '0D', 'invalid_max_age'],
    ['stream', 'x-max-age', '1w', 'invalid_max_age'],
    ['stream', 'x-max-age', 5, '{unacceptable_type,signedint}'],
    ['stream', 'x-initial-cluster-size', 0, '{value_zero,0}'],
  ])('of a %s queue: %s is refused with %j', (type, name, value, reason) => {
    const text = `invalid arg '${name}' for queue 'q' in vhost '/': ${reason}`
    expect(() => check({ 'x-queue-type': type, [name]: value })).toThrow(channelError(406, text))
  })

  it.each<[FieldValue | number | string, string]>([
    ['bogus', `"unsupported queue type 'bogus'"`],
    ['Classic', `"unsupported queue type 'Classic'"`],
    [5, '{unacceptable_type,signedint}'],
  ])('x-queue-type is refused with %j', (type, reason) => {
    const text = `invalid arg 'x-queue-type' for queue 'q' in vhost '/': ${reason}`
    expect(() => check({ 'x-queue-type': type })).toThrow(channelError(406, text))
  })

  it.each<[QueueType, Fields]>([
    ['classic', { 'x-expires': 1, 'x-message-ttl': 0, 'x-max-length': 0, 'x-max-length-bytes': long(2n ** 40n) }],
    ['classic', { 'x-expires': long(315360000000), 'x-message-ttl': long(315360000000) }],
    ['classic', { 'x-max-priority': 0, 'x-queue-version': 1, 'x-queue-leader-locator': 'balanced' }],
    ['classic', { 'x-max-priority': 255, 'x-queue-version': 2, 'x-overflow': 'reject-publish-dlx' }],
    ['classic', { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'k', 'x-single-active-consumer': true }],
    ['classic', { 'x-queue-mode': 'bogus', 'x-anything': 1, 'x-ha-policy': 'all', 'x-queue-master-locator': 'x' }],
    ['classic', { 'x-consumer-timeout': 'any' }],
    ['quorum', { 'x-delivery-limit': 'any', 'x-dead-letter-strategy': 'at-least-once', 'x-consumer-timeout': 0 }],
    ['quorum', { 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 'any', 'x-delayed-retry-max': 1 }],
    ['stream', { 'x-max-age': '12D', 'x-max-length-bytes': 5, 'x-initial-cluster-size': 3 }],
  ])('of a %s queue is accepted: %j', (type, fields) => {
    expect(() => check({ 'x-queue-type': type, ...fields })).not.toThrow()
  })

  it.each<[QueueType, string, FieldValue | number | string | boolean]>([
    ['classic', 'x-max-age', '1h'],
    ['classic', 'x-delivery-limit', 5],
    ['classic', 'x-dead-letter-strategy', 'at-least-once'],
    ['classic', 'x-delayed-retry-min', 5],
    ['classic', 'x-stream-filter-size-bytes', 20],
    ['quorum', 'x-max-priority', 5],
    ['quorum', 'x-queue-version', 2],
    ['stream', 'x-message-ttl', 5],
    ['stream', 'x-max-length', 5],
    ['stream', 'x-single-active-consumer', true],
  ])('of another type than %s is refused: %s', (type, name, value) => {
    const text = `invalid arg '${name}' for queue 'q' in vhost '/' of queue type rabbit_${type}_queue`
    expect(() => check({ 'x-queue-type': type, [name]: value })).toThrow(channelError(406, text))
  })

  it('is looked at for its value before it is asked whether the type knows it', () => {
    expect(() => check({ 'x-delivery-limit': 1, 'x-expires': 0 })).toThrow(`'x-expires'`)
  })

  it('x-dead-letter-exchange has words of its own for its type', () => {
    const refused = channelError(
      406,
      `invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue 'q' in vhost '/'`,
    )
    const dlx = (value: FieldValue | number | string) => () =>
      checkDeadLetterExchange('q', '/', tableOf({ 'x-dead-letter-exchange': value }))
    expect(dlx(5)).toThrow(refused)
    expect(dlx('')).not.toThrow()
    expect(() => checkDeadLetterExchange('q', '/', new Map())).not.toThrow()
  })
})

describe('a quorum queue or stream', () => {
  const properties =
    (type: QueueType, changed: Partial<typeof durable>, fields: Fields = {}) =>
    () =>
      checkQueueProperties('q', '/', {
        ...durable,
        ...changed,
        arguments: tableOf({ 'x-queue-type': type, ...fields }),
      })

  it.each([
    ['non-durable', { durable: false }],
    ['exclusive-owner', { exclusive: true }],
    ['auto-delete', { autoDelete: true }],
  ])('cannot be %s', (what, changed) => {
    const refused = channelError(406, `invalid property '${what}' for queue 'q' in vhost '/'`)
    for (const type of ['quorum', 'stream'] as const) expect(properties(type, changed)).toThrow(refused)
    expect(properties('classic', changed)).not.toThrow()
  })

  it('is otherwise fine', () => {
    expect(properties('quorum', {})).not.toThrow()
    expect(properties('stream', {})).not.toThrow()
  })

  it.each<[Fields, string]>([
    [{ 'x-stream-max-segment-size-bytes': long(3000000001) }, 'Exceeded max value for x-stream-max-segment-size-bytes'],
    [{ 'x-stream-filter-size-bytes': 15 }, 'Invalid value for x-stream-filter-size-bytes'],
    [{ 'x-stream-filter-size-bytes': 256 }, 'Invalid value for x-stream-filter-size-bytes'],
  ])('that is a stream is refused with %j', (fields, text) => {
    expect(properties('stream', {}, fields)).toThrow(channelError(406, text))
  })

  it('cannot be named by the server', () => {
    const refused = channelError(406, 'Cannot declare a server-named queue for type rabbit_quorum_queue')
    expect(() => checkServerNamed(tableOf({ 'x-queue-type': 'quorum' }))).toThrow(refused)
    expect(() => checkServerNamed(new Map())).not.toThrow()
  })
})

describe('the type that is filled in', () => {
  const filled = (changed: Partial<typeof durable>, fields: Fields = {}) =>
    withQueueType({ ...durable, ...changed, arguments: tableOf(fields) }, 'quorum').get('x-queue-type')?.value

  it('is the default, where none is named and also for an empty one', () => {
    expect(filled({})).toBe('quorum')
    expect(filled({}, { 'x-queue-type': '' })).toBe('quorum')
    expect(filled({}, { 'x-queue-type': 'classic' })).toBe('classic')
  })

  it.each([{ durable: false }, { exclusive: true }, { autoDelete: true }])(
    'is classic where the default cannot be %j',
    (changed) => {
      expect(filled(changed)).toBe('classic')
    },
  )
})

describe('a queue that exists', () => {
  it('is compared by its type first, and by what its type knows', () => {
    expect(comparedArguments('classic')[0]).toBe('x-queue-type')
    expect(comparedArguments('classic')).toContain('x-max-priority')
    expect(comparedArguments('classic')).not.toContain('x-delivery-limit')
    expect(comparedArguments('quorum')).toEqual(expect.arrayContaining(['x-delivery-limit', 'x-consumer-timeout']))
    expect(comparedArguments('quorum')).not.toContain('x-max-priority')
  })
})
