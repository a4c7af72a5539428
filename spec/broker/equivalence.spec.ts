// Declaring what exists: what counts as the same thing, and RabbitMQ's words where it is not (behaviour.md §5.2, §6.1).

import { ANYTHING } from '../../src/broker/access/access.ts'
import { checkExchangeEquivalent, checkQueueEquivalent } from '../../src/broker/equivalence.ts'
import type { ExchangeSpec } from '../../src/broker/exchange/exchange.ts'
import type { Owner, QueueSpec } from '../../src/broker/queue/queue.ts'
import type { FieldValue } from '../../src/protocol/field-table.ts'
import { channelError } from '../support/errors.ts'
import { type Fields, tableOf } from './exchange/table.ts'

const guest = { user: 'guest', vhost: '/', access: ANYTHING, end: () => {} }
const owner: Owner = { ...guest, id: 1, exclusiveQueues: new Set(), gone: false }

function queueOf(args: Fields = {}, changed: Partial<QueueSpec> = {}): QueueSpec {
  const flags = { durable: true, autoDelete: false, owner: null }
  return { id: 1, name: 'q', vhost: '/', ...flags, arguments: tableOf(args), ...changed }
}

function exchangeOf(args: Fields = {}, changed: Partial<ExchangeSpec> = {}): ExchangeSpec {
  const flags = { durable: true, autoDelete: false, internal: false }
  return { name: 'x', type: 'direct', ...flags, arguments: tableOf(args), ...changed }
}

/** 406 for an argument of the queue or exchange above. */
function inequivalent(name: string, what: 'queue' | 'exchange', received: string, current: string): Error {
  const where = what === 'queue' ? `queue 'q'` : `exchange 'x'`
  return channelError(
    406,
    `inequivalent arg '${name}' for ${where} in vhost '/': received ${received} but current is ${current}`,
  )
}

const long = (value: number | bigint): FieldValue => ({ tag: 'l', value })
const double = (value: number): FieldValue => ({ tag: 'd', value })

describe('a queue declared again', () => {
  const check = (is: QueueSpec, asked: Fields, durable = true, autoDelete = false) =>
    checkQueueEquivalent(is, { durable, autoDelete, arguments: tableOf(asked) })

  it.each<[string, Fields, Fields]>([
    ['nothing said', {}, {}],
    [
      'the same arguments',
      { 'x-max-length': 5, 'x-overflow': 'drop-head' },
      { 'x-max-length': 5, 'x-overflow': 'drop-head' },
    ],
    ['an integer of another width', { 'x-max-length': 10 }, { 'x-max-length': long(10) }],
    [
      'an integer of another width and sign',
      { 'x-expires': { tag: 'B', value: 200 } },
      { 'x-expires': { tag: 's', value: 200 } },
    ],
    ['an integer as a bigint', { 'x-max-length': long(2n ** 60n) }, { 'x-max-length': long(2n ** 60n) }],
    ['arguments that RabbitMQ does not know', { 'x-mine': 1 }, { 'x-yours': 'a' }],
    ['a queue mode', { 'x-queue-mode': 'lazy' }, {}],
    ['the type that it has without one', {}, { 'x-queue-type': 'classic' }],
    ['no type, where it names the usual one', { 'x-queue-type': 'classic' }, {}],
  ])('is equivalent with %s', (_, is, asked) => {
    expect(() => check(queueOf(is), asked)).not.toThrow()
  })

  it.each([
    [true, false],
    [false, true],
  ])('differs where it is durable %j and asked for as %j', (is, asked) => {
    const expected = inequivalent('durable', 'queue', `'${asked}'`, `'${is}'`)
    expect(() => check(queueOf({}, { durable: is }), {}, asked)).toThrow(expected)
  })

  it('differs in auto_delete', () => {
    expect(() => check(queueOf(), {}, true, true)).toThrow(inequivalent('auto_delete', 'queue', `'true'`, `'false'`))
  })

  it('differs in durable first, then in auto_delete, then in arguments', () => {
    const is = queueOf({ 'x-max-length': 1 })
    expect(() => check(is, {}, false, true)).toThrow(`'durable'`)
    expect(() => check(is, {}, true, true)).toThrow(`'auto_delete'`)
    expect(() => check(is, {}, true, false)).toThrow(`'x-max-length'`)
  })

  it('may be durable or not where it is exclusive: it never is', () => {
    const is = queueOf({}, { owner, durable: false })
    for (const durable of [true, false]) expect(() => check(is, {}, durable)).not.toThrow()
    expect(() => check(is, {}, true, true)).toThrow(`'auto_delete'`)
  })

  it.each<[FieldValue, FieldValue, string, string]>([
    [{ tag: 'I', value: 11 }, { tag: 'I', value: 10 }, '11', '10'],
    [double(10), { tag: 'I', value: 10 }, '10.0', '10'],
    [double(10.5), { tag: 'I', value: 10 }, '10.5', '10'],
    [{ tag: 'S', value: 'a' }, { tag: 'I', value: 10 }, 'a', '10'],
    [{ tag: 't', value: true }, { tag: 'I', value: 10 }, 'true', '10'],
    [long(2n ** 60n), long(2n ** 60n + 1n), '1152921504606846976', '1152921504606846977'],
    [{ tag: 'S', value: '10' }, { tag: 'x', value: Buffer.from('10') }, '10', 'binary'],
  ])('differs where it is asked for with %j instead of %j', (asked, is, received, current) => {
    const expected = inequivalent('x-max-length', 'queue', `'${received}'`, `'${current}'`)
    expect(() => check(queueOf({ 'x-max-length': is }), { 'x-max-length': asked })).toThrow(expected)
  })

  it.each<[FieldValue, string, string]>([
    [{ tag: 'I', value: 10 }, '10', 'signedint'],
    [long(10), '10', 'long'],
    [{ tag: 'S', value: 'ttl' }, 'ttl', 'longstr'],
    [double(1), '1.0', 'double'],
    [{ tag: 't', value: false }, 'false', 'bool'],
  ])('differs where one has %j and the other nothing', (value, shown, type) => {
    const described = `the value '${shown}' of type '${type}'`
    const [having, lacking] = [{ 'x-message-ttl': value }, {}]
    expect(() => check(queueOf(lacking), having)).toThrow(inequivalent('x-message-ttl', 'queue', described, 'none'))
    expect(() => check(queueOf(having), lacking)).toThrow(inequivalent('x-message-ttl', 'queue', 'none', described))
  })

  it.each([
    'x-expires',
    'x-message-ttl',
    'x-max-length',
    'x-max-length-bytes',
    'x-overflow',
    'x-dead-letter-exchange',
    'x-dead-letter-routing-key',
    'x-max-priority',
    'x-single-active-consumer',
    'x-queue-type',
  ])('is compared by %s', (name) => {
    expect(() => check(queueOf(), { [name]: 'a' })).toThrow(`'${name}'`)
  })
})

describe('an exchange declared again', () => {
  const check = (asked: Partial<ExchangeSpec>, is = exchangeOf()) =>
    checkExchangeEquivalent(exchangeOf({}, asked), is, '/')
  const ae = 'alternate-exchange'

  it('is equivalent with the same flags, whatever other arguments it has', () => {
    expect(() => check({ arguments: tableOf({ 'x-mine': 1 }) }, exchangeOf({ 'x-yours': 2 }))).not.toThrow()
    expect(() => check({ arguments: tableOf({ [ae]: 'a' }) }, exchangeOf({ [ae]: 'a' }))).not.toThrow()
  })

  it.each<[string, Partial<ExchangeSpec>, string, string]>([
    ['type', { type: 'topic' }, 'topic', 'direct'],
    ['durable', { durable: false }, 'false', 'true'],
    ['auto_delete', { autoDelete: true }, 'true', 'false'],
    ['internal', { internal: true }, 'true', 'false'],
  ])('differs in %s', (name, asked, received, current) => {
    expect(() => check(asked)).toThrow(inequivalent(name, 'exchange', `'${received}'`, `'${current}'`))
  })

  it('differs in type first, then durable, auto_delete, internal, arguments', () => {
    const asked: Partial<ExchangeSpec>[] = [
      { type: 'topic' },
      { durable: false },
      { autoDelete: true },
      { internal: true },
      { arguments: tableOf({ [ae]: 'a' }) },
    ]
    const names = ['type', 'durable', 'auto_delete', 'internal', ae]
    names.forEach((name, first) => {
      expect(() => check(Object.assign({}, ...asked.slice(first)))).toThrow(`inequivalent arg '${name}'`)
    })
  })

  // As RabbitMQ 3.10.8 says it.
  it.each<[Fields, Fields, string, string]>([
    [{ [ae]: 'b' }, { [ae]: 'a' }, `'b'`, `'a'`],
    [{ [ae]: 5 }, { [ae]: 'a' }, `'5'`, `'a'`],
    [{}, { [ae]: 'a' }, 'none', `the value 'a' of type 'longstr'`],
    [{ [ae]: 'b' }, {}, `the value 'b' of type 'longstr'`, 'none'],
  ])('differs where it is asked for with %j instead of %j', (asked, is, received, current) => {
    const expected = inequivalent(ae, 'exchange', received, current)
    expect(() => check({ arguments: tableOf(asked) }, exchangeOf(is))).toThrow(expected)
  })
})
