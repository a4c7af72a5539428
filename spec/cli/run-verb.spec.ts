// Running a verb once, and again and again.

import { Given, type Verb } from '../../src/cli/command.ts'
import { readGlobals } from '../../src/cli/globals.ts'
import { runVerb } from '../../src/cli/run-verb.ts'
import { fakeTerminal } from '../support/terminal.ts'

const verb = (given: Partial<Verb> = {}): Verb => ({
  name: 'show',
  summary: 'Show it.',
  reach: 'none',
  looks: true,
  run: async (task) => task.print('text\n'),
  ...given,
})
const given = new Given([], {})

describe('a verb', () => {
  it('exits with what it says, or with 0', async () => {
    expect(await runVerb(verb({ run: async () => 3 }), given, readGlobals({}), fakeTerminal())).toBe(3)
    const terminal = fakeTerminal()
    expect(await runVerb(verb(), given, readGlobals({}), terminal)).toBe(0)
    expect(terminal.out()).toBe('text\n')
  })

  it('is repeated with --watch until Ctrl-C, over what it printed before', async () => {
    const terminal = fakeTerminal({ tty: true })
    await runVerb(verb(), given, readGlobals({ watch: '5' }), terminal)
    expect(terminal.pauses).toEqual([5000, 5000, 5000])
    expect(terminal.out().split('\u001b[H\u001b[J')).toHaveLength(4)
    expect(terminal.out()).toContain('00:00:05 UTC, every 5 s, Ctrl-C ends')
  })

  it('is printed again below where nobody looks', async () => {
    const terminal = fakeTerminal()
    await runVerb(verb(), given, readGlobals({ watch: true }), terminal)
    expect(terminal.out()).toBe('text\ntext\ntext\n')
  })

  it('that changes something is not repeated', async () => {
    const changing = runVerb(verb({ looks: false }), given, readGlobals({ watch: true }), fakeTerminal())
    await expect(changing).rejects.toThrow('--watch: "show" does more than look, so it is not repeated')
  })
})
