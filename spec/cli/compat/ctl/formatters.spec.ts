// The formatters against what a live RabbitMQ 3.10 printed of the same queues.

import { formatRows, formatText, isForMachines } from '../../../../src/cli/compat/ctl/formatters.ts'

const listing = {
  columns: ['name', 'messages', 'arguments'],
  rows: [
    { name: 'qq', messages: 0, arguments: { 'x-queue-type': 'quorum' } },
    { name: 'q1', messages: 1, arguments: { 'x-dead-letter-exchange': 'dlx', 'x-message-ttl': 60000 } },
    { name: 'aliveness-test', messages: 0, arguments: {} },
  ],
}

describe('rows', () => {
  it('are lines with tabs', () => {
    const lines = [
      'name\tmessages\targuments',
      'qq\t0\t[{"x-queue-type","quorum"}]',
      'q1\t1\t[{"x-dead-letter-exchange","dlx"},{"x-message-ttl",60000}]',
    ]
    expect(formatRows('table', listing, true)).toContain(`${lines.join('\n')}\n`)
    expect(formatRows('table', { columns: ['a'], rows: [{ a: 1 }] }, false)).toBe('1\n')
  })

  it('have no header when there are none, and an empty line when they came in one piece', () => {
    expect(formatRows('table', { columns: ['a'], rows: [] }, true)).toBe('')
    expect(formatRows('table', { columns: ['a'], rows: [], isWhole: true }, true)).toBe('\n')
    expect(formatRows('csv', { columns: ['a'], rows: [] }, true)).toBe('')
    expect(formatRows('pretty_table', { columns: ['a'], rows: [] }, true)).toBe('')
  })

  it('are CSV with everything in quotes', () => {
    const lines = [
      '"name","messages","arguments"',
      '"qq","0","[{""x-queue-type"",""quorum""}]"',
      '"q1","1","[{""x-dead-letter-exchange"",""dlx""},{""x-message-ttl"",60000}]"',
      '"aliveness-test","0","[]"',
    ]
    expect(formatRows('csv', listing, true)).toBe(`${lines.join('\n')}\n`)
  })

  it('are JSON in which arguments are objects', () => {
    const text = formatRows('json', listing, true)
    expect(text.split('\n')[1]).toBe('{"name":"qq","messages":0,"arguments":{"x-queue-type":"quorum"}}')
    expect(JSON.parse(text)).toEqual(listing.rows)
    expect(formatRows('json', { columns: ['a'], rows: [] }, true)).toBe('[\n]\n')
    expect(formatRows('json_stream', { columns: ['a'], rows: [{ a: 1 }, {}] }, true)).toBe('{"a":1}\n\n{"a":""}\n\n')
  })

  it('are drawn with the lines of a terminal', () => {
    const bar = '\u001b(0x\u001b(B'
    expect(formatRows('pretty_table', { columns: ['user', 'tags'], rows: [{ user: 'u1', tags: ['a'] }] }, true)).toBe(
      [
        '\u001b(0lqqqqqqwqqqqqqk\u001b(B',
        `${bar} \u001b[1muser\u001b[0m ${bar} \u001b[1mtags\u001b[0m ${bar}`,
        '\u001b(0tqqqqqqnqqqqqqu\u001b(B',
        `${bar} u1   ${bar} a    ${bar}`,
        '\u001b(0mqqqqqqvqqqqqqj\u001b(B',
        '',
      ].join('\n'),
    )
  })

  it('are Erlang terms', () => {
    expect(formatRows('erlang', { columns: ['name', 'apply-to'], rows: [{ name: 'a' }] }, true)).toBe(
      `[[{name,<<"a">>},{'apply-to',<<"">>}]]\n`,
    )
  })
})

describe('a text', () => {
  it('ends in one newline', () => {
    expect(formatText('table', 'a', undefined)).toBe('a\n')
    expect(formatText('table', 'a\n', undefined)).toBe('a\n')
    expect(formatText('table', '', undefined)).toBe('')
  })

  it('is an object to machines', () => {
    expect(formatText('json', 'a', undefined)).toBe('{"message":"a","result":"ok"}\n')
    expect(formatText('json', 'a', { b: 1 })).toBe('{"b":1}\n')
  })
})

describe('formatters', () => {
  it('for machines have no line of words before them', () => {
    expect(
      ['table', 'pretty_table', 'csv', 'json', 'json_stream', 'erlang'].map((name) => isForMachines(name as 'csv')),
    ).toEqual([false, false, true, true, true, false])
  })
})
