// Command lines as rabbitmqctl reads them.

import { ArgumentError } from '../../../../src/cli/compat/ctl/ctl-error.ts'
import { parseCtl, UnknownSwitch } from '../../../../src/cli/compat/ctl/grammar.ts'

const parse = (line: string) => {
  const { command, args, options } = parseCtl(line.split(' '))
  return { command, args, options }
}

describe('command lines', () => {
  it.each([
    ['list_queues', { command: 'list_queues', args: [], options: {} }],
    [
      '-q -n rabbit@a list_queues name',
      { command: 'list_queues', args: ['name'], options: { quiet: true, node: 'rabbit@a' } },
    ],
    [
      'list_queues -p v --formatter=json',
      { command: 'list_queues', args: [], options: { vhost: 'v', formatter: 'json' } },
    ],
    ['list-queues --no-table-headers', { command: 'list_queues', args: [], options: { 'no-table-headers': true } }],
    [
      'delete_queue a -e -u',
      { command: 'delete_queue', args: ['a'], options: { 'if-empty': true, 'if-unused': true } },
    ],
    [
      'set_policy p ^q {} --apply-to queues --priority -1',
      {
        command: 'set_policy',
        args: ['p', '^q', '{}'],
        options: { 'apply-to': 'queues', priority: '-1' },
      },
    ],
    ['export_definitions -', { command: 'export_definitions', args: ['-'], options: {} }],
    ['add_user -- -a -b', { command: 'add_user', args: ['-a', '-b'], options: {} }],
    ['-nrabbit@a status', { command: 'status', args: [], options: { node: 'rabbit@a' } }],
    ['set_disk_free_limit -5', { command: 'set_disk_free_limit', args: ['-5'], options: {} }],
  ])('reads %s', (line, expected) => {
    expect(parse(line)).toEqual(expected)
  })

  it.each(['--badflag list_queues', 'list_queues -z', 'list_queues --vhost'])('refuses %s', (line) => {
    expect(() => parse(line)).toThrow(UnknownSwitch)
    expect(() => parse(line)).toThrow(ArgumentError)
  })
})
