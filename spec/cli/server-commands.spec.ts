// The commands about a broker of one's own: their flags are the options, and each says what it is for.

import { Command } from 'commander'
import { addServerCommands, initially } from '../../src/cli/server-commands.ts'
import { optionList, options } from '../../src/config/options.ts'
import { fakeTerminal } from '../support/terminal.ts'

const never = async () => {
  throw new Error('nothing runs here')
}

describe('the commands of the server', () => {
  const root = new Command('leveret')
  addServerCommands(root, { terminal: fakeTerminal(), serve: never, check: never }, () => {})

  it('are these', () => {
    expect(root.commands.map((command) => command.name())).toEqual(['serve', 'check', 'check-config', 'reload', 'exec'])
    for (const command of root.commands) expect(command.description()).toMatch(/^[A-Z].*\.$/)
  })

  it('take every option where there is a broker to be set up', () => {
    for (const name of ['serve', 'check-config']) {
      const flags = root.commands.find((command) => command.name() === name)?.options.map(({ long }) => long)
      for (const [, option] of optionList) expect(flags).toContain(`--${option.name}`)
    }
  })

  it('show a default as a person would write it', () => {
    expect(initially(options.loopbackUsers)).toBe('guest')
    expect(initially(options.maxMessageBytes)).toBe('16MiB')
  })
})
