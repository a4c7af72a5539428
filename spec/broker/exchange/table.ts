// One table of cases for all exchange types: what is bound, what is published, and the types that let the message pass.
// And one property for all of them: what was taken out again is as if it had never been there.

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { argumentsText, type Binding, type Destination } from '../../../src/broker/binding.ts'
import type { Chance } from '../../../src/broker/chance.ts'
import { Exchange } from '../../../src/broker/exchange/exchange.ts'
import type { ExchangeType } from '../../../src/broker/exchange/types.ts'
import { encodeRouting, type Message } from '../../../src/broker/message.ts'
import { type FieldTable, type FieldValue, type PlainValue, table } from '../../../src/protocol/field-table.ts'
import { encodeHeader } from '../../../src/protocol/properties.ts'
import { cases } from '../../support/arbitraries.ts'
import { messageFrom } from '../../support/message.ts'

/** Fields of a table: plain values, or values of a type that no plain value has. */
export type Fields = { readonly [name: string]: PlainValue | FieldValue }

/** A binding of key `bound` and a message of key `sent`, and what comes of it in an exchange of each type. */
interface Case {
  readonly section: string
  readonly bound: string
  readonly arguments: Fields
  readonly sent: string
  readonly headers: Fields
  readonly passes: readonly ExchangeType[]
}

function isFieldValue(value: PlainValue | FieldValue): value is FieldValue {
  return typeof value === 'object' && value !== null && 'tag' in value
}

/** A field table of these. */
export function tableOf(fields: Fields): FieldTable {
  return new Map(
    Object.entries(fields).flatMap(([name, value]) => {
      return isFieldValue(value) ? [[name, value] as const] : [...table({ [name]: value })]
    }),
  )
}

/** Chance that takes every number in turn. */
export function inTurn(): Chance {
  let turn = 0
  return (limit) => (limit === 0 ? 0 : turn++ % limit)
}

/** An exchange that nothing is bound to. */
export function exchangeOf(type: ExchangeType, name: string = type, args: Fields = {}): Exchange {
  const flags = { durable: false, autoDelete: false, internal: false }
  return new Exchange({ name, type, ...flags, arguments: tableOf(args) }, 1, inTurn())
}

/** A binding from `from` to `to`, not yet known to either. */
export function bindingOf(
  from: Exchange,
  to: Exchange,
  routingKey: string,
  args: FieldTable = new Map(),
  rev = 1,
): Binding {
  const key = `${from.name}/${to.name}/${routingKey}/${argumentsText(args)}`
  const names = { source: from.name, destinationType: 'exchange', destination: to.name } as const
  return { ...names, routingKey, arguments: args, key, rev, from, to }
}

/** A message without body. */
export function messageOf(key: string, headers: FieldTable): Message {
  return messageFrom(encodeRouting('x', key), encodeHeader(headers.size > 0 ? { headers } : {}, 0))
}

/** Where a message goes from `exchange`. */
export function matched(exchange: Exchange, key: string, headers: Fields = {}): Set<Destination> {
  const found = new Set<Destination>()
  exchange.matcher.match([key], messageOf(key, tableOf(headers)), found)
  return found
}

// Without arguments a headers exchange lets everything pass (§5.8), so keys make no difference to it.
const always = ['fanout', 'x-recent-history', 'headers'] as const

function byKey(section: string, bound: string, sent: string, ...passes: readonly ExchangeType[]): Case {
  return { section, bound, arguments: {}, sent, headers: {}, passes: [...always, ...passes] }
}

/** Rows of §5.7: a binding key, what it matches and what it does not; `direct` matches what is the same text. */
function pattern(bound: string, matches: readonly string[], misses: readonly string[]): readonly Case[] {
  const row = (sent: string, topic: boolean): Case => {
    const same = bound === sent ? (['direct'] as const) : []
    return byKey('5.7', bound, sent, ...same, ...(topic ? (['topic'] as const) : []))
  }
  return [...matches.map((sent) => row(sent, true)), ...misses.map((sent) => row(sent, false))]
}

const keys: readonly Case[] = [
  byKey('5.6', 'key', 'key', 'direct', 'topic'),
  byKey('5.6', 'key', 'Key'),
  byKey('5.6', 'key', 'ke'),
  byKey('5.6', '', '', 'direct', 'topic'),
  byKey('5.6', 'key', ''),
  byKey('5.6', 'ключ', 'ключ', 'direct', 'topic'),
  byKey('5.6', '__proto__', '__proto__', 'direct', 'topic'),
  byKey('5.6', 'constructor', 'toString'),
  ...pattern('#', ['', 'a', 'a.b.c', '#', '.'], []),
  ...pattern('*', ['a', '*', '#'], ['', 'a.b', '.']),
  ...pattern('a.#', ['a', 'a.b', 'a.', 'a.b.c'], ['ab', '', 'b.a']),
  ...pattern('#.a', ['a', 'b.c.a', '.a'], ['a.b', 'ba']),
  ...pattern('*.#', ['a', 'a.b', '.'], ['']),
  ...pattern('#.*', ['a', 'a.b', '.'], ['']),
  ...pattern('a.*.c', ['a.b.c', 'a..c', 'a.*.c', 'a.#.c'], ['a.c', 'a.b.b.c']),
  ...pattern('a.#.c', ['a.c', 'a.b.b.c', 'a..c'], ['a', 'c', 'a.b']),
  ...pattern('#.#', ['', 'a.b', 'a'], []),
  ...pattern('*.*', ['.', 'a.b'], ['a', '', 'a.b.c']),
  ...pattern('', [''], ['a', '.']),
  ...pattern('a.b', ['a.b'], ['a.b.', 'A.b', 'a', 'a.*', '*.*', '#']),
  ...pattern('a*', ['a*'], ['ab', 'a']),
  ...pattern('#a', ['#a'], ['xa', 'a']),
  ...pattern('a.**', ['a.**'], ['a.b', 'a.b.c']),
  ...pattern('a.b.*', ['a.b.c', 'a.b.'], ['a.b', 'a.b.c.d']),
  ...pattern('#.b.#', ['a.b.c', 'b', 'b.b', 'a.b'], ['a', 'a.c', '']),
  ...pattern('*.#.*', ['a.b', 'a.b.c', '.'], ['a', '']),
  ...pattern('.', ['.'], ['', 'a.', '.a', '..']),
  ...pattern('a.', ['a.'], ['a', 'a..']),
]

/** A binding with arguments; its key and the message's differ, so that direct and topic exchanges hold it back. */
function byHeaders(args: Fields, headers: Fields, passes: boolean): Case {
  const types: readonly ExchangeType[] = passes
    ? ['fanout', 'x-recent-history', 'headers']
    : ['fanout', 'x-recent-history']
  return { section: '5.8', bound: 'bound', arguments: args, sent: 'sent', headers, passes: types }
}

/** What is compared with what: the value of an argument, and values of the header that match it or do not. */
function compared(
  argument: FieldValue,
  matches: readonly FieldValue[],
  misses: readonly FieldValue[],
): readonly Case[] {
  return [
    ...matches.map((value) => byHeaders({ h: argument }, { h: value }, true)),
    ...misses.map((value) => byHeaders({ h: argument }, { h: value }, false)),
  ]
}

const S = (value: string): FieldValue => ({ tag: 'S', value })
const x = (value: string): FieldValue => ({ tag: 'x', value: Buffer.from(value, 'latin1') })
const int = (tag: 'b' | 'B' | 's' | 'u' | 'I' | 'i', value: number): FieldValue => ({ tag, value })
const long = (tag: 'l' | 'L' | 'T', value: number | bigint): FieldValue => ({ tag, value })
const float = (tag: 'f' | 'd', value: number): FieldValue => ({ tag, value })
const bool = (value: boolean): FieldValue => ({ tag: 't', value })
const D = (scale: number, value: number): FieldValue => ({ tag: 'D', value: { scale, value } })
const F = (fields: Fields): FieldValue => ({ tag: 'F', value: tableOf(fields) })
const A = (...value: readonly FieldValue[]): FieldValue => ({ tag: 'A', value })
const V: FieldValue = { tag: 'V', value: null }

const integers = [int('b', 5), int('B', 5), int('s', 5), int('u', 5), int('I', 5), int('i', 5)]
const longs = [long('l', 5), long('L', 5), long('l', 5n)]
const large = 2n ** 62n

const modes: readonly Case[] = [
  byHeaders({ a: 1, b: 2 }, { a: 1, b: 2 }, true),
  byHeaders({ a: 1, b: 2 }, { a: 1, b: 2, c: 3 }, true),
  byHeaders({ a: 1, b: 2 }, { a: 1 }, false),
  byHeaders({ 'x-match': 'all', a: 1, b: 2 }, { a: 1, b: 3 }, false),
  byHeaders({ 'x-match': 'all', a: 1, b: 2 }, { a: 1, b: 2 }, true),
  byHeaders({ 'x-match': 'any', a: 1, b: 2 }, { b: 2 }, true),
  byHeaders({ 'x-match': 'any', a: 1, b: 2 }, { a: 2, b: 1 }, false),
  byHeaders({ 'x-match': 'any', a: 1, b: 2 }, {}, false),
  // Names beginning with x-: for `all` and `any` they are not there.
  byHeaders({ 'x-match': 'all', 'x-a': 1 }, {}, true),
  byHeaders({ 'x-a': 1 }, { 'x-a': 2 }, true),
  byHeaders({ 'x-match': 'any', 'x-a': 1 }, { 'x-a': 1 }, false),
  byHeaders({ 'x-match': 'any', 'x-a': 1, b: 2 }, { b: 2 }, true),
  byHeaders({ 'x-match': 'all-with-x', 'x-a': 1 }, {}, false),
  byHeaders({ 'x-match': 'all-with-x', 'x-a': 1 }, { 'x-a': 1 }, true),
  byHeaders({ 'x-match': 'any-with-x', 'x-a': 1, b: 2 }, { 'x-a': 1 }, true),
  byHeaders({ 'x-match': 'any-with-x', 'x-a': 1 }, { 'x-match': 'any-with-x' }, false),
  byHeaders({ 'X-a': 1 }, {}, false),
  // No arguments that count.
  byHeaders({}, { a: 1 }, true),
  byHeaders({ 'x-match': 'all' }, {}, true),
  byHeaders({ 'x-match': 'any' }, { a: 1 }, false),
  byHeaders({ 'x-match': 'all-with-x' }, { a: 1 }, true),
  byHeaders({ 'x-match': 'any-with-x' }, { a: 1 }, false),
  // Names are compared as they are.
  byHeaders({ a: 1 }, { A: 1 }, false),
  byHeaders({ h: V }, { H: 1 }, false),
]

const values: readonly Case[] = [
  ...compared(V, [V, S(''), int('I', 0), bool(false)], []),
  byHeaders({ h: V }, {}, false),
  ...compared(S('a'), [S('a'), x('a')], [S('A'), S('a '), S(''), V, A(S('a'))]),
  ...compared(S('5'), [S('5')], [...integers, float('d', 5)]),
  ...compared(x('é'), [x('é'), S('\udce9')], [S('é'), S('\ufffd'), x('e')]),
  ...compared(S('\udcff'), [S('\udcff')], [S('\udcfe'), S('\ufffd')]),
  ...integers.flatMap((argument) => compared(argument, [...integers, ...longs], [int('I', 6), S('5')])),
  ...compared(long('l', large), [long('L', large)], [long('l', large + 1n), float('d', Number(large))]),
  ...compared(int('I', -1), [int('b', -1), long('l', -1)], [int('B', 255), int('i', 0xffffffff)]),
  ...compared(float('d', 5), [float('f', 5), float('d', 5)], [...integers, ...longs, S('5'), D(0, 5)]),
  ...compared(float('d', 0.1), [float('d', 0.1)], [float('f', Math.fround(0.1))]),
  ...compared(float('f', 0.5), [float('f', 0.5), float('d', 0.5)], [float('d', 0.25)]),
  ...compared(long('T', 5), [long('T', 5)], [...integers, ...longs, long('T', 6)]),
  ...compared(bool(true), [bool(true)], [bool(false), int('I', 1), S('true')]),
  ...compared(bool(false), [bool(false)], [bool(true), int('I', 0), V]),
  ...compared(D(1, 50), [D(1, 50)], [D(1, 51), D(2, 50), float('d', 5)]),
  ...compared(
    A(int('I', 1), S('a')),
    [A(int('I', 1), S('a'))],
    [A(S('a'), int('I', 1)), A(long('l', 1), S('a')), A(int('I', 1)), A(), F({ a: 1 })],
  ),
  ...compared(
    F({ a: 1, b: 'x' }),
    [F({ a: 1, b: 'x' })],
    [F({ b: 'x', a: 1 }), F({ a: long('l', 1), b: 'x' }), F({ a: 1 }), F({}), A()],
  ),
]

const rows: readonly Case[] = [...keys, ...modes, ...values]

function textOf(_: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value)
  return typeof value === 'bigint' ? `${value}n` : value
}

function described({ section, bound, arguments: args, sent, headers }: Case): string {
  const binding = JSON.stringify([bound, tableOf(args)], textOf)
  return `§${section}: bound by ${binding}, sent with ${JSON.stringify([sent, tableOf(headers)], textOf)}`
}

/** Runs the whole table against exchanges of one type. */
export function agreesWithTheTable(type: ExchangeType): void {
  const [passing, held] = [true, false].map((wanted) =>
    rows.filter(({ passes }) => passes.includes(type) === wanted).map((row) => [described(row), row] as const),
  )
  const [to, other] = [exchangeOf('fanout', 'destination'), exchangeOf('fanout', 'other')]
  const found = ({ bound, arguments: args, sent, headers }: Case): readonly string[] => {
    const from = exchangeOf(type)
    from.add(bindingOf(from, to, bound, tableOf(args)))
    const alone = matched(from, sent, headers)
    // A second binding changes nothing about the first.
    from.add(bindingOf(from, other, `${bound}.other`, tableOf({ ...args, other: 'o' })))
    expect(matched(from, sent, headers).has(to)).toBe(alone.has(to))
    return [...alone].map(({ name }) => name)
  }
  if (passing?.length) it.each(passing)('lets pass %s', (_, row) => expect(found(row)).toEqual([to.name]))
  if (held?.length) it.each(held)('holds back %s', (_, row) => expect(found(row)).toEqual([]))
}

/** What all types that choose one of their bindings have in common. */
export function choosesOne(type: ExchangeType): void {
  const keys = Array.from({ length: 200 }, (_, i) => `key ${i}`)
  const chosen = (from: Exchange): readonly (readonly string[])[] =>
    keys.map((key) => [...matched(from, key)].map(({ name }) => name))

  it('chooses none where nothing is bound', () => {
    expect(chosen(exchangeOf(type)).flat()).toEqual([])
  })

  it('chooses exactly one destination, and all of them in the course of time', () => {
    const from = exchangeOf(type)
    const names = ['one', 'two', 'three']
    for (const name of names) from.add(bindingOf(from, exchangeOf('fanout', name), '1'))
    const found = chosen(from)
    expect(found.every(({ length }) => length === 1)).toBe(true)
    expect(new Set(found.flat())).toEqual(new Set(names))
  })

  it('does not choose what was removed', () => {
    const from = exchangeOf(type)
    const bindings = ['one', 'two', 'three'].map((name) => bindingOf(from, exchangeOf('fanout', name), '1'))
    for (const binding of bindings) from.add(binding)
    from.remove(bindings[1] as Binding)
    expect(new Set(chosen(from).flat())).toEqual(new Set(['one', 'three']))
    for (const binding of bindings) from.remove(binding)
    expect(chosen(from).flat()).toEqual([])
  })
}

/** A binding of a random life, by its parts. */
export interface Loose {
  readonly to: number
  readonly key: string
  readonly arguments: FieldTable
}

/** Where a message goes from each of two exchanges. */
function both(one: Exchange, other: Exchange, key: string, headers: FieldTable): [Set<unknown>, Set<unknown>] {
  const found = [one, other].map((exchange) => {
    const destinations = new Set<Destination>()
    exchange.matcher.match([key], messageOf(key, headers), destinations)
    return destinations
  })
  return found as [Set<unknown>, Set<unknown>]
}

/** Adds and removes bindings in any order, and compares with an exchange that only ever had those that are left. */
export function forgetsWhatWasRemoved(
  type: ExchangeType,
  bindings: fc.Arbitrary<Loose>,
  messages: fc.Arbitrary<{ readonly key: string; readonly headers: FieldTable }>,
): void {
  const destinations = [0, 1, 2].map((n) => exchangeOf('fanout', `to ${n}`))
  const make = (from: Exchange, loose: Loose) =>
    bindingOf(from, destinations[loose.to] as Exchange, loose.key, loose.arguments)
  // A few bindings, and a long life of them: so that what is removed was mostly there.
  const pool = fc.array(bindings, { minLength: 1, maxLength: 6 })
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(5)), { minLength: 8, maxLength: 20 })
  it('forgets what was removed, and nothing else', () => {
    let removals = 0
    fc.assert(
      fc.property(pool, steps, fc.array(messages, { minLength: 1, maxLength: 6 }), (loose, life, sent) => {
        const lived = exchangeOf(type)
        const left = new Map<string, Loose>()
        for (const [adds, which] of life) {
          const one = loose[which % loose.length] as Loose
          const made = make(lived, one)
          const binding = lived.bindings.get(made.key) ?? made
          if (adds) {
            lived.add(binding)
            left.set(binding.key, one)
          } else {
            lived.remove(binding)
            if (left.delete(binding.key)) removals += 1
          }
        }
        const fresh = exchangeOf(type)
        for (const loose of left.values()) fresh.add(make(fresh, loose))
        if (!isDeepStrictEqual(new Set(lived.bindings.keys()), new Set(left.keys()))) return false
        return sent.every(({ key, headers }) => isDeepStrictEqual(...both(lived, fresh, key, headers)))
      }),
      cases(400),
    )
    expect(removals).toBeGreaterThan(600)
  })
}
