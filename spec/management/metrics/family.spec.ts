// Families of metrics: of one number, of a number for each object, and of their sums.

import { aggregated, counter, each, gauge, labelled, single, Table } from '../../../src/management/metrics/family.ts'

interface Thing {
  readonly id: string
  readonly size: number
}

const rows = [gauge<Thing>('size', 'Size', ({ size }) => size), counter<Thing>('one_total', 'One', () => 1)]
const things = [
  { id: 'a', size: 2 },
  { id: 'b', size: Number.NaN },
  { id: 'c', size: 5 },
]

describe('families', () => {
  it('are of one number', () => {
    expect(single('a', 'A', 'gauge', 7)).toEqual({
      ...{ name: 'a', help: 'A', type: 'gauge' },
      samples: [{ labels: {}, value: 7 }],
    })
  })

  it('are sums, of what is a number', () => {
    expect(aggregated('p_', rows, things)).toMatchObject([
      { name: 'p_size', type: 'gauge', samples: [{ value: 7 }] },
      { name: 'p_one_total', type: 'counter', samples: [{ value: 3 }] },
    ])
  })

  it('are of each object, with its labels', () => {
    const [sizes] = each(
      'p_',
      rows,
      labelled(things, ({ id }) => ({ id })),
    )
    expect(sizes?.samples.map(({ labels, value }) => [labels['id'], value])).toEqual([
      ['a', 2],
      ['b', Number.NaN],
      ['c', 5],
    ])
  })

  it('are of each object several times, beside samples of no object', () => {
    const columns = [
      { labels: { kind: 'x' }, value: ({ size }: Thing) => size },
      { labels: { kind: 'y' }, value: () => 1 },
    ]
    const of = labelled(things.slice(2), ({ id }) => ({ id }))
    const other = { labels: { id: '', kind: 'z' }, value: 3 }
    const table = new Table({ name: 't', help: 'T', type: 'gauge' }, of, columns, [other])
    expect(table.size).toBe(3)
    expect(table.samples).toEqual([
      other,
      { labels: { id: 'c', kind: 'x' }, value: 5 },
      { labels: { id: 'c', kind: 'y' }, value: 1 },
    ])
  })
})
