// The header x-delay and the argument x-delayed-type (behaviour.md §5.9).

import { bindingType, checkDelayedType, delayMs, markWaited } from '../../../src/broker/exchange/delayed.ts'
import { checkExchangeArguments } from '../../../src/broker/exchange/types.ts'
import { type FieldValue, table } from '../../../src/protocol/field-table.ts'
import { channelError } from '../../support/errors.ts'
import { published } from '../../support/site.ts'
import { type Fields, tableOf } from './table.ts'

const messageWith = (value: FieldValue) =>
  published('x', 'k', 'body', {
    messageId: 'id',
    deliveryMode: 2,
    headers: new Map([
      ['a', { tag: 'S', value: 'b' }],
      ['x-delay', value],
      ['z', { tag: 'V', value: null }],
    ]),
  })

const S = (value: string): FieldValue => ({ tag: 'S', value })

describe('x-delay', () => {
  // What it asks for, and what it is when the message has waited.
  it.each<[FieldValue, number, FieldValue]>([
    [{ tag: 'I', value: 5000 }, 5000, { tag: 'I', value: -5000 }],
    [{ tag: 'b', value: 5 }, 5, { tag: 'b', value: -5 }],
    [{ tag: 'B', value: 200 }, 200, { tag: 'l', value: -200 }],
    [{ tag: 's', value: 5 }, 5, { tag: 's', value: -5 }],
    [{ tag: 'u', value: 50_000 }, 50_000, { tag: 'l', value: -50_000 }],
    [{ tag: 'i', value: 4_294_967_295 }, 4_294_967_295, { tag: 'l', value: -4_294_967_295 }],
    [{ tag: 'l', value: 4_294_967_296 }, 4_294_967_296, { tag: 'l', value: -4_294_967_296 }],
    [{ tag: 'l', value: 2n ** 62n }, 2 ** 62, { tag: 'l', value: -(2n ** 62n) }],
    [{ tag: 'd', value: 1500.9 }, 1500, { tag: 'd', value: -1500 }],
    [{ tag: 'f', value: 2.5 }, 2, { tag: 'f', value: -2 }],
    [S('1500'), 1500, { tag: 'l', value: -1500 }],
    [S('1500.5'), 1500, { tag: 'l', value: -1500 }],
  ])('%p delays by %d', (value, ms, waited) => {
    const message = messageWith(value)
    expect(delayMs(message)).toBe(ms)
    markWaited(message)
    expect([...message.headers]).toEqual([
      ['a', S('b')],
      ['x-delay', waited],
      ['z', { tag: 'V', value: null }],
    ])
    expect(message.propertyBytes(8)?.toString()).toBe('id')
    expect(delayMs(message)).toBe(0)
  })

  it.each<FieldValue>([
    { tag: 'I', value: 0 },
    { tag: 'I', value: -5000 },
    { tag: 'd', value: 0.9 },
    { tag: 'd', value: Number.NaN },
    { tag: 'd', value: Number.POSITIVE_INFINITY },
    S(''),
    S('soon'),
    S('-5'),
    S('5 s'),
    { tag: 't', value: true },
    { tag: 'T', value: 5 },
    { tag: 'V', value: null },
    { tag: 'F', value: table({}) },
  ])('%p does not', (value) => expect(delayMs(messageWith(value))).toBe(0))

  it('may be missing', () => {
    const message = published('x', 'k')
    markWaited(message)
    expect([delayMs(message), message.headers.size]).toEqual([0, 0])
  })
})

describe('x-delayed-type', () => {
  it('is the type whose bindings count', () => {
    expect(bindingType('topic', tableOf({ 'x-delayed-type': 'direct' }))).toBe('topic')
    expect(bindingType('x-delayed-message', tableOf({ 'x-delayed-type': 'direct' }))).toBe('direct')
    expect(bindingType('x-delayed-message', tableOf({}))).toBe('')
  })

  it.each<[Fields, string]>([
    [{}, `Invalid argument, 'x-delayed-type' must be an existing exchange type`],
    [{ 'x-delayed-type': 5 }, `Invalid argument, 'x-delayed-type' must be an existing exchange type`],
    [
      { 'x-delayed-type': 'x-delayed-message' },
      `Invalid argument, 'x-delayed-message' can't be used for 'x-delayed-type'`,
    ],
  ])('is refused as in %j', (args, text) => {
    expect(() => checkDelayedType(tableOf(args))).toThrow(channelError(406, text))
  })

  it('has to be there, and its own arguments have to be right', () => {
    const check = (args: Fields) => () => checkExchangeArguments('x-delayed-message', tableOf(args))
    expect(check({ 'x-delayed-type': 'topic' })).not.toThrow()
    expect(check({})).toThrow('must be an existing exchange type')
    expect(check({ 'x-delayed-type': 'nonsense' })).toThrow(channelError(406, `unknown exchange type 'nonsense'`))
    expect(check({ 'x-delayed-type': 'x-consistent-hash', 'hash-property': 'x' })).toThrow('Unsupported property: x')
  })
})
