// Tables: columns that stand under each other, cut only where there is an end of the line.

import { coloursFor } from '../../../src/cli/output/colour.ts'
import { table } from '../../../src/cli/output/table.ts'

const plain = { colours: coloursFor(false) }

describe('a table', () => {
  it('has columns, numbers to the right, and nothing behind the last', async () => {
    const lines = [
      ['orders', '5', 'running'],
      ['a', '12345', ''],
    ]
    expect(await table(['name', 'messages', 'state'], lines, plain)).toBe(
      ['name    messages  state', 'orders         5  running', 'a          12345', ''].join('\n'),
    )
  })

  it('is drawn without a head, and is nothing without columns', async () => {
    expect(await table(undefined, [['a', 'b']], plain)).toBe('a  b\n')
    expect(await table(undefined, [], plain)).toBe('')
  })

  it('is cut to the width there is, the widest column first', async () => {
    const text = await table(['name', 'n'], [['x'.repeat(50), '1']], { ...plain, width: 20 })
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(20)
    expect(text).toContain('…')
  })

  it('is not cut where nobody looks', async () => {
    expect(await table(['name'], [['x'.repeat(500)]], plain)).toContain('x'.repeat(500))
  })

  it('obeys no control characters of a name', async () => {
    expect(await table(undefined, [['a\u001b[31m\nb']], plain)).toBe('a\\u001b[31m\\nb\n')
  })

  it('has a bold head in colour', async () => {
    expect(await table(['a'], [['b']], { colours: coloursFor(true) })).toBe('\u001b[1ma\u001b[22m\nb\n')
  })
})
