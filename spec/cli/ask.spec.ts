// Questions go to stderr, and a secret is not shown.

import { asked, askedSecretly } from '../../src/cli/ask.ts'
import { fakeTerminal } from '../support/terminal.ts'

it('asks on stderr and takes a line', async () => {
  const terminal = fakeTerminal({ typed: 'yes\nno\n' })
  expect(await asked('sure? ', terminal)).toBe('yes')
  expect({ out: terminal.out(), err: terminal.err() }).toEqual({ out: '', err: 'sure? ' })
})

it('takes nothing for an answer when input ends', async () => {
  expect(await asked('sure? ', fakeTerminal())).toBe('')
})

it.each([true, false])('does not show a secret (terminal: %s)', async (tty) => {
  const terminal = fakeTerminal({ typed: 'secret\n', tty })
  expect(await askedSecretly('password: ', terminal)).toBe('secret')
  expect(terminal.out() + terminal.err()).toBe('password: \n')
})
