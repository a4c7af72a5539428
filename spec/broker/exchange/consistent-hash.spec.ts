// The consistent-hash exchange: what all that choose one have in common, weights, what is hashed, and what it refuses.

import type { Binding } from '../../../src/broker/binding.ts'
import { checkHashArguments, checkWeight } from '../../../src/broker/exchange/consistent-hash.ts'
import type { Exchange } from '../../../src/broker/exchange/exchange.ts'
import { type FieldValue, table } from '../../../src/protocol/field-table.ts'
import type { Properties } from '../../../src/protocol/properties.ts'
import { channelError } from '../../support/errors.ts'
import { bindingSpec, published } from '../../support/site.ts'
import { bindingOf, choosesOne, exchangeOf, type Fields, matched, tableOf } from './table.ts'

const MESSAGES = 4000

/** An exchange with destinations of these weights, bound in this order. */
function weighted(weights: readonly (readonly [name: string, weight: string])[], args: Fields = {}): Exchange {
  const from = exchangeOf('x-consistent-hash', 'x', args)
  const destinations = new Map(weights.map(([name]) => [name, exchangeOf('fanout', name)]))
  for (const [index, [name, weight]] of weights.entries()) {
    from.add(bindingOf(from, destinations.get(name)!, weight, new Map(), index))
  }
  return from
}

const goesTo = (from: Exchange, key: string): string => [...matched(from, key)].map(({ name }) => name).join()

/** How many of `MESSAGES` keys go where. */
function shares(from: Exchange): { [name: string]: number } {
  const counts: { [name: string]: number } = {}
  for (let i = 0; i < MESSAGES; i += 1) {
    const name = goesTo(from, `key ${i}`)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('the x-consistent-hash exchange', () => {
  choosesOne('x-consistent-hash')

  it('gives each destination a share as its weight says', () => {
    const counts = shares(
      weighted([
        ['one', '1'],
        ['two', '2'],
        ['five', '+05'],
      ]),
    )
    expect(Object.keys(counts).sort()).toEqual(['five', 'one', 'two'])
    expect(Math.abs((counts['one'] ?? 0) - MESSAGES / 8)).toBeLessThan(80)
    expect(Math.abs((counts['two'] ?? 0) - MESSAGES / 4)).toBeLessThan(120)
  })

  it('goes to the same place again, also where bindings are reported in another order', () => {
    const from = weighted([
      ['a', '3'],
      ['b', '4'],
      ['c', '2'],
    ])
    const later = exchangeOf('x-consistent-hash', 'x')
    for (const binding of [...from.bindings.values()].reverse()) later.add(binding as Binding)
    for (let i = 0; i < 200; i += 1) expect(goesTo(later, `${i}`)).toBe(goesTo(from, `${i}`))
  })

  it('moves no more than its share to a destination that is added', () => {
    const before = weighted([
      ['a', '10'],
      ['b', '10'],
    ])
    const after = weighted([
      ['a', '10'],
      ['b', '10'],
      ['c', '5'],
    ])
    let moved = 0
    for (let i = 0; i < MESSAGES; i += 1) {
      const [old, now] = [goesTo(before, `${i}`), goesTo(after, `${i}`)]
      if (old === now) continue
      expect(now).toBe('c')
      moved += 1
    }
    expect(Math.abs(moved - MESSAGES / 5)).toBeLessThan(120)
  })

  // As RabbitMQ 3.10.8 does.
  it('counts the first binding of a destination only', () => {
    const counts = shares(
      weighted([
        ['a', '1'],
        ['a', '9'],
        ['b', '1'],
      ]),
    )
    expect(Math.abs((counts['a'] ?? 0) - MESSAGES / 2)).toBeLessThan(150)
  })

  it('takes all keys together', () => {
    const from = weighted([
      ['a', '1'],
      ['b', '1'],
      ['c', '1'],
    ])
    const found = new Set<unknown>()
    for (let i = 0; i < 60; i += 1) {
      const destinations = new Set<never>()
      from.matcher.match(['key', `copy ${i}`], published('x', 'key'), destinations)
      expect(destinations.size).toBe(1)
      for (const to of destinations) found.add(to)
    }
    expect(found.size).toBe(3)
  })
})

describe('what is hashed', () => {
  const weights = ['a', 'b', 'c', 'd'].map((name) => [name, '1'] as const)
  const places = (from: Exchange, messages: readonly Properties[]): number => {
    const found = new Set<unknown>()
    for (const [index, properties] of messages.entries()) {
      const destinations = new Set<never>()
      from.matcher.match([`key ${index}`], published('x', `key ${index}`, '', properties), destinations)
      for (const to of destinations) found.add(to)
    }
    return found.size
  }
  const numbers = Array.from({ length: 60 }, (_, i) => i)

  it.each<[string, (i: number) => Properties]>([
    ['message_id', (i) => ({ messageId: `m${i}` })],
    ['correlation_id', (i) => ({ correlationId: `m${i}` })],
    ['timestamp', (i) => ({ timestamp: i })],
  ])('is the property %s, where the exchange says so', (property, properties) => {
    const from = weighted(weights, { 'hash-property': property })
    expect(from.matcher.byKeyOnly).toBe(false)
    expect(places(from, numbers.map(properties))).toBe(4)
    expect(
      places(
        from,
        numbers.map(() => properties(1)),
      ),
    ).toBe(1)
    expect(
      places(
        from,
        numbers.map(() => ({})),
      ),
    ).toBe(1)
  })

  it('is a header, by value and type, where the exchange says so', () => {
    const from = weighted(weights, { 'hash-header': 'id' })
    expect(from.matcher.byKeyOnly).toBe(false)
    for (const value of [(i: number) => i, (i: number) => `${i}`, (i: number) => [i]]) {
      expect(
        places(
          from,
          numbers.map((i) => ({ headers: table({ id: value(i) }) })),
        ),
      ).toBe(4)
    }
    expect(
      places(
        from,
        numbers.map((i) => ({ headers: table({ id: 'same', other: i }) })),
      ),
    ).toBe(1)
    expect(
      places(
        from,
        numbers.map((i) => ({ headers: table({ other: i }) })),
      ),
    ).toBe(1)
    expect(
      places(
        from,
        numbers.map(() => ({})),
      ),
    ).toBe(1)
  })

  it('is the key otherwise', () => expect(weighted(weights).matcher.byKeyOnly).toBe(true))
})

describe('a weight (§5.6)', () => {
  it.each(['1', '+2', '01', '10000'])('may be %j', (key) => {
    expect(() => checkWeight(bindingSpec('x', 'q', key), 10_000)).not.toThrow()
  })

  it.each([
    ['abc', 'The binding key must be an integer: <<"abc">>'],
    ['', 'The binding key must be an integer: <<>>'],
    [' 1', 'The binding key must be an integer: <<" 1">>'],
    ['1.5', 'The binding key must be an integer: <<"1.5">>'],
    ['0', 'The binding key must be greater than 0'],
    ['-1', 'The binding key must be greater than 0'],
    ['10001', 'The binding key must not exceed 10000'],
  ])('may not be %j', (key, text) => {
    expect(() => checkWeight(bindingSpec('x', 'q', key), 10_000)).toThrow(channelError(406, text))
  })
})

it('a weight is limited by whoever asks', () => {
  const binding = bindingSpec('x', 'q', '10001')
  expect(() => checkWeight(binding, Number.POSITIVE_INFINITY)).not.toThrow()
  expect(() => checkWeight(binding, 5)).toThrow(channelError(406, 'The binding key must not exceed 5'))
})

describe('the arguments of a consistent-hash exchange (§5.6)', () => {
  it.each<Fields>([{}, { 'hash-header': 'a' }, { 'hash-property': 'timestamp' }, { other: 1 }])('may be %j', (args) => {
    expect(() => checkHashArguments(tableOf(args))).not.toThrow()
  })

  it.each<[Fields, string]>([
    [{ 'hash-header': 'a', 'hash-property': 'message_id' }, 'hash-header and hash-property are mutually exclusive'],
    [{ 'hash-property': 'reply_to' }, 'Unsupported property: reply_to'],
    [{ 'hash-property': { tag: 'I', value: 5 } satisfies FieldValue }, 'Unsupported property: 5'],
  ])('may not be %j', (args, text) => {
    expect(() => checkHashArguments(tableOf(args))).toThrow(channelError(406, text))
  })
})
