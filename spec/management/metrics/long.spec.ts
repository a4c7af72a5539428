// Families with many samples: the same text as the client library's, in pieces.

import { type Metric, Registry } from 'prom-client'
import { type Family, labelled, Table } from '../../../src/management/metrics/family.ts'
import { pieces } from '../../../src/management/metrics/long.ts'

const family = (count: number): Family => ({
  ...{ name: 'f', help: 'A family', type: 'gauge' },
  samples: Array.from({ length: count }, (_, index) => ({
    labels: { queue: `"q"\\${index}\n`, vhost: '/' },
    value: index / 2,
  })),
})

it('is what the library would write', async () => {
  const { name, help, type, samples } = family(3)
  const registry = new Registry()
  registry.registerMetric({ name, get: async () => ({ name, help, type, values: samples }) } as unknown as Metric)
  expect([...pieces(family(3))].join('').trim()).toBe((await registry.metrics()).trim())
})

it('is the same of a table, whose samples need not be made', () => {
  const { samples, ...head } = family(3)
  const things = labelled([1, 2, 3], (id) => ({ queue: `"q"\\${id}`, vhost: '/' }))
  const columns = ['a\n', 'b'].map((kind) => ({ labels: { kind }, value: (id: number) => id / 2 }))
  const table = new Table({ ...head, type: 'gauge' }, things, columns, samples)
  expect([...pieces(table)]).toEqual([...pieces({ ...head, samples: table.samples })])
  expect(table.samples).toHaveLength(9)
})

it('comes in pieces', () => {
  const text = [...pieces(family(1200))]
  expect(text).toHaveLength(3)
  expect(
    text
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('f{')),
  ).toHaveLength(1200)
})
