// Revisions and expectations, also of what is accepted and not yet durable.

import { MetaTable } from '../../src/store/meta-table.ts'
import { del, put, putEphemeral } from './contract/trial.ts'

function tableWith(...keys: string[]): MetaTable {
  const table = new MetaTable()
  table.reset(
    keys.map((key, index) => ({ key, value: '{}', rev: index + 1 })),
    10,
  )
  return table
}

describe('MetaTable', () => {
  it('knows absent keys as revision 0', () => {
    const table = tableWith('a', 'b')
    const expectations = [
      ['a', 1],
      ['b', 1],
      ['c', 0],
      ['d', 3],
    ] as const
    expect(table.unmet(expectations)).toEqual(['b', 'd'])
  })

  it('gives one revision to all writes of a transaction, above every former one', () => {
    const table = tableWith('a')
    const first = table.accept([put('a', '1'), del('b')])
    const second = table.accept([put('a', '2')])
    expect(first.changes).toEqual([
      { key: 'a', value: '1', rev: 11 },
      { key: 'b', value: null, rev: 11 },
    ])
    expect(second.rev).toBe(12)
    expect(table.unmet([['a', 12]])).toEqual([])
  })

  it('never goes below the revisions that it is given to start with', () => {
    const table = new MetaTable()
    table.reset([{ key: 'a', value: '{}', rev: 99 }], 3)
    expect(table.accept([put('a', '1')]).rev).toBe(100)
  })

  it('decides by what is stored whether a write concerns the disk', () => {
    const table = tableWith('durable')
    expect(table.accept([putEphemeral('e', '1')]).durable).toEqual([])
    expect(table.accept([del('e')]).durable).toEqual([])
    expect(table.accept([del('absent')]).durable).toEqual([])
    expect(table.accept([putEphemeral('durable', '1')]).durable).toEqual([{ key: 'durable', value: null, rev: 14 }])
    expect(table.accept([put('durable', '2')]).durable).toEqual([{ key: 'durable', value: '2', rev: 15 }])
    expect(table.accept([del('durable', true)]).durable).toEqual([{ key: 'durable', value: null, rev: 16 }])
  })

  it('undoes transactions newest first and does not give their revisions again', () => {
    const table = tableWith('a')
    const first = table.accept([put('a', '1'), put('a', '2'), put('b', '1')])
    const second = table.accept([del('a'), putEphemeral('b', '2')])
    table.undo(second)
    expect(table.unmet([['a', first.rev]])).toEqual([])
    table.undo(first)
    const start = [
      ['a', 1],
      ['b', 0],
    ] as const
    expect(table.unmet(start)).toEqual([])
    expect(table.accept([del('a')])).toMatchObject({ rev: 13, durable: [{ key: 'a', value: null }] })
  })
})
