// What commands share: their arguments, options, JSON and columns.

import {
  arg,
  columnsOf,
  type Given,
  jsonArgument,
  objectArgument,
  option,
} from '../../../../src/cli/compat/ctl/command.ts'
import { ArgumentError, CtlError } from '../../../../src/cli/compat/ctl/ctl-error.ts'

const given = (args: readonly string[], options: Given['options'] = {}): Given => ({
  tool: 'rabbitmqctl',
  args,
  options,
  vhost: '/',
})

describe('arguments', () => {
  it('are empty where there are none', () => {
    expect(arg(given(['a']), 0)).toBe('a')
    expect(arg(given(['a']), 1)).toBe('')
  })

  it('are JSON where they have to be, as rabbitmqctl complains', () => {
    expect(jsonArgument('[1]')).toEqual([1])
    expect(() => jsonArgument('{bad')).toThrow(/^JSON decoding error\. Reason: /)
    expect(objectArgument('{"a":1}')).toEqual({ a: 1 })
    expect(() => objectArgument('[1]')).toThrow(CtlError)
  })
})

describe('options', () => {
  it('have a text unless they are flags', () => {
    expect(option(given([], { priority: '1' }), 'priority')).toBe('1')
    expect(option(given([], { quiet: true }), 'quiet')).toBeUndefined()
  })
})

describe('columns', () => {
  const command = { columns: ['name', 'messages'] }

  it('are those that are named, with spaces or commas, else the usual ones', () => {
    expect(columnsOf(command, given([]), ['name'])).toEqual(['name'])
    expect(columnsOf(command, given(['messages', 'name']), ['name'])).toEqual(['messages', 'name'])
    expect(columnsOf(command, given(['messages,name']), ['name'])).toEqual(['messages', 'name'])
  })

  it('that are not there are refused', () => {
    expect(() => columnsOf(command, given(['nosuch']), ['name'])).toThrow(
      new ArgumentError('Info key(s) nosuch are not supported'),
    )
  })
})
