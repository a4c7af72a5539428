// rabbitmqadmin's lists, as the Python program prints them.

import { printList, pythonJson } from '../../../../src/cli/compat/admin/lister.ts'

const items = [
  { name: 'q1', vhost: '/', messages: 1, durable: true, arguments: { 'x-max-length': 5 }, members: ['a', 'b'] },
  { name: 'queue2', vhost: '/', messages: 10, durable: false, arguments: {}, members: [] },
]
const print = (format: string, columns: readonly string[] = ['name', 'messages'], more = {}) =>
  printList(items, { format, columns, depth: 1, quiet: false, json: [], ...more })

describe('lists', () => {
  it('are tables', () => {
    expect(print('table')).toBe(`+--------+----------+
|  name  | messages |
+--------+----------+
| q1     | 1        |
| queue2 | 10       |
+--------+----------+
`)
  })

  it('have all columns down to a depth, the important ones first', () => {
    expect(print('tsv', []).split('\n')[0]).toBe('vhost\tname\tdurable\tmembers\tmessages')
    expect(print('tsv', [], { depth: 2 }).split('\n').slice(0, 2)).toEqual([
      'vhost\tname\targuments.x-max-length\tdurable\tmembers\tmessages',
      '/\tq1\t5\tTrue\ta b\t1',
    ])
  })

  it('print objects as JSON where they are values', () => {
    expect(print('tsv', ['arguments'], { json: ['arguments'] })).toBe('arguments\n{"x-max-length": 5}\n{}\n')
  })

  it('are lines of other kinds', () => {
    expect(print('kvp')).toBe('name="q1" messages="1"\nname="queue2" messages="10"\n')
    expect(print('bash')).toBe('q1 queue2\n')
    expect(print('bash', ['messages'])).toBe('')
    expect(print('tsv', ['name'], { quiet: true })).toBe('q1\nqueue2\n')
    const bar = `\n${'-'.repeat(80)}\n\n`
    expect(print('long')).toBe(`${bar}    name: q1\nmessages: 1\n${bar}    name: queue2\nmessages: 10\n${bar}`)
  })

  it('are JSON', () => {
    expect(JSON.parse(print('raw_json'))).toEqual(items)
    const keys = print('pretty_json').match(/^ {4}"(\w+)"/gm)
    expect(keys?.slice(0, 3)).toEqual(['    "arguments"', '    "durable"', '    "members"'])
  })

  it('say when there is nothing', () => {
    const nothing = { format: 'table', columns: [], depth: 1, quiet: false, json: [] }
    expect(printList([], nothing)).toBe('No items\n')
    expect(printList([], { ...nothing, quiet: true })).toBe('')
  })

  it('know no other formats', () => {
    expect(() => print('nosuch')).toThrow('Format nosuch not recognised')
  })
})

describe('JSON of Python', () => {
  it('has spaces and escapes', () => {
    expect(pythonJson({ a: [1, 'é', null], b: true })).toBe('{"a": [1, "\\u00e9", null], "b": true}')
  })
})
