// Which messages a filter lets through (behaviour.md §11, "filtering").

import { StreamFilter } from '../../../src/broker/queue/stream-filter.ts'
import { type FieldValue, table } from '../../../src/protocol/field-table.ts'
import { messageOf } from './trial/stream-scene.ts'

const texts = (...values: readonly string[]): FieldValue => ({
  tag: 'A',
  value: values.map((value) => ({ tag: 'S', value })),
})
const withValue = (value: FieldValue | string) =>
  messageOf('m', {
    headers: new Map([['x-stream-filter-value', typeof value === 'string' ? { tag: 'S', value } : value]]),
  })

describe('a filter', () => {
  it.each<[string, FieldValue | undefined]>([
    ['nothing', undefined],
    ['a number', { tag: 'l', value: 5 }],
    ['no values', texts()],
    ['values that are no texts', { tag: 'A', value: [{ tag: 'l', value: 5 }] }],
  ])('is none where %s is asked for', (_, value) => {
    expect(StreamFilter.of(new Map(value === undefined ? [] : [['x-stream-filter', value]]))).toBeNull()
  })

  it('wants one value, or any of several', () => {
    const one = StreamFilter.of(table({ 'x-stream-filter': 'red' }))
    const several = StreamFilter.of(new Map([['x-stream-filter', texts('red', 'blue')]]))
    const wanted = ['red', 'blue', 'green', ''].map((value) => [one, several].map((f) => f?.wants(withValue(value))))
    expect(wanted).toEqual([
      [true, true],
      [false, true],
      [false, false],
      [false, false],
    ])
  })

  it('wants messages without a value only where that is said', () => {
    const plain = [messageOf('m'), messageOf('m', { contentType: 'a/b', headers: table({ k: 'v' }) })]
    const odd = withValue({ tag: 'l', value: 5 })
    const without = StreamFilter.of(table({ 'x-stream-filter': 'red' }))
    const unfiltered = StreamFilter.of(table({ 'x-stream-filter': 'red', 'x-stream-match-unfiltered': true }))
    expect([...plain, odd].map((message) => without?.wants(message))).toEqual([false, false, false])
    expect([...plain, odd].map((message) => unfiltered?.wants(message))).toEqual([true, true, true])
    expect(unfiltered?.wants(withValue('blue'))).toBe(false)
  })
})
