// The table of options: its spellings, its defaults, and the table in the README that must say the same.

import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { flagOf, keyOf, optionList, options, variablesOf } from '../../src/config/options.ts'
import { configurationTable } from './configuration-table.ts'

describe('the table of options', () => {
  it('spells an option alike as a flag, a variable and a key', () => {
    expect(flagOf(options.maxMessageBytes)).toBe('--max-message-size')
    expect(keyOf(options.maxMessageBytes)).toBe('max_message_size')
    expect(variablesOf(options.maxMessageBytes)).toEqual(['LEVERET_MAX_MESSAGE_SIZE'])
    expect(variablesOf(options.defaultUser)).toEqual([
      'LEVERET_DEFAULT_USER',
      'RABBITMQ_DEFAULT_USER',
      'RABBITMQ_USERNAME',
    ])
  })

  it('gives no name twice', () => {
    const spellings = optionList.flatMap(([, option]) => [option.name, ...variablesOf(option)])
    expect(new Set(spellings).size).toBe(spellings.length)
  })

  it.each(optionList)('has a default for %s that its own kind would take', (_, option) => {
    const initial = typeof option.initial === 'function' ? option.initial({}) : option.initial
    expect(option.kind.read(initial, '/')).toEqual(initial)
  })

  it.each([
    [
      'where systemd says',
      { STATE_DIRECTORY: '/var/lib/leveret:/var/lib/other', XDG_DATA_HOME: '/x' },
      '/var/lib/leveret',
    ],
    ['in the folder for data', { XDG_DATA_HOME: '/x' }, '/x/leveret'],
    ['in the home folder when the folder for data is relative', { XDG_DATA_HOME: 'x' }, undefined],
    ['in the home folder', {}, undefined],
  ])('keeps data %s', (_, env, expected) => {
    const { initial } = options.dataDir
    expect(typeof initial === 'function' && initial(env)).toBe(expected ?? join(homedir(), '.local/share/leveret'))
  })

  it('is the configuration table of the README', () => {
    const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8')
    const [, table = ''] = /<!-- options -->\n([\s\S]*?)<!-- \/options -->/.exec(readme) ?? []
    // When this fails, the expected text is what belongs between the two marks.
    expect(table.trim()).toBe(configurationTable())
  })
})
