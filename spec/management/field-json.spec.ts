// Field tables as JSON and back: RabbitMQ's types, and complaints that name the place.

import { jsonOfTable, kindOfJson, tableOfJson, UnfitJson, within } from '../../src/management/field-json.ts'
import { decodeTable, encodeTable, type FieldTable } from '../../src/protocol/field-table.ts'

describe('a JSON object', () => {
  it('becomes a table with the types that RabbitMQ gives', () => {
    const json = {
      text: 'a',
      whole: 5,
      broken: 0.5,
      yes: true,
      nothing: null,
      list: [1, 'b', [false]],
      inner: { a: -1 },
    }
    expect([...tableOfJson(json, 'arguments')]).toEqual([
      ['text', { tag: 'S', value: 'a' }],
      ['whole', { tag: 'l', value: 5 }],
      ['broken', { tag: 'd', value: 0.5 }],
      ['yes', { tag: 't', value: true }],
      ['nothing', { tag: 'V', value: null }],
      [
        'list',
        {
          tag: 'A',
          value: [
            { tag: 'l', value: 1 },
            { tag: 'S', value: 'b' },
            { tag: 'A', value: [{ tag: 't', value: false }] },
          ],
        },
      ],
      ['inner', { tag: 'F', value: new Map([['a', { tag: 'l', value: -1 }]]) }],
    ])
    expect(jsonOfTable(tableOfJson(json, 'arguments'))).toEqual(json)
  })

  it('may hold names that objects have of their own', () => {
    const json = JSON.parse('{"__proto__": 1, "constructor": {"toString": "x"}}')
    expect(JSON.stringify(jsonOfTable(tableOfJson(json, '')))).toBe('{"__proto__":1,"constructor":{"toString":"x"}}')
  })

  it.each([
    [[], 'arguments: expected an object of arguments, not a list'],
    ['x', 'arguments: expected an object of arguments, not a text'],
    [null, 'arguments: expected an object of arguments, not null'],
    [undefined, 'arguments: expected an object of arguments, not nothing'],
    [{ a: [1, { b: 1e300 }] }, 'arguments.a[1].b: 1e+300 does not fit into 64 bits'],
    [{ ['x'.repeat(256)]: 1 }, `arguments.${'x'.repeat(256)}: the name of an argument may have 255 octets at most`],
  ])('that is %j is refused by its place', (json, message) => {
    const refused = () => tableOfJson(json, 'arguments')
    expect(refused).toThrow(UnfitJson)
    expect(refused).toThrow(message)
  })

  it('is no deeper than a table may be', () => {
    const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}[]${'}'.repeat(depth)}`)
    const deepest = tableOfJson(nested(127), '')
    const bytes = encodeTable(deepest).subarray(4)
    expect(decodeTable(bytes, 0, bytes.length)).toEqual(deepest)
    for (const depth of [128, 129, 5000]) expect(() => tableOfJson(nested(depth), '')).toThrow('128 deep')
  })

  it('may hold integers up to 64 bits', () => {
    expect(tableOfJson({ a: 2 ** 60 }, '').get('a')).toEqual({ tag: 'l', value: 2n ** 60n })
    expect(() => tableOfJson({ a: 2 ** 63 }, '')).toThrow('64 bits')
  })
})

it('a table of any types becomes JSON', () => {
  const table: FieldTable = new Map([
    ['D', { tag: 'D', value: { scale: 2, value: 314 } }],
    ['x', { tag: 'x', value: Buffer.from('ab') }],
    ['T', { tag: 'T', value: 5n }],
    ['f', { tag: 'f', value: Number.NaN }],
    ['l', { tag: 'l', value: 2n ** 60n }],
    ['V', { tag: 'V', value: null }],
  ])
  expect(jsonOfTable(table)).toEqual({ D: 3.14, x: 'YWI=', T: 5, f: 'NaN', l: 2 ** 60, V: null })
})

it('places are written as people write them, and values named', () => {
  expect(within(within(within('', 'queues'), 3), 'name')).toBe('queues[3].name')
  expect([{}, [], 'a', 1, true, null, undefined].map(kindOfJson)).toEqual([
    'an object',
    'a list',
    'a text',
    'a number',
    'a boolean',
    'null',
    'nothing',
  ])
})
