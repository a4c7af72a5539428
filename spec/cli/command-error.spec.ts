// A failure has a line, an exit code and a word for programs.

import { CommandError } from '../../src/cli/command-error.ts'
import { exitCode } from '../../src/cli/exit-codes.ts'

describe('a failure of a command', () => {
  it('is a misuse unless said otherwise', () => {
    expect(new CommandError('no')).toMatchObject({ message: 'no', exitCode: 64, word: 'usage' })
  })

  it('has the word of its code, or its own', () => {
    expect(new CommandError('no', exitCode.noPermission).word).toBe('no_permission')
    expect(new CommandError('no', exitCode.data, 'not_found').word).toBe('not_found')
  })
})
