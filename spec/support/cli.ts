// Runs a command line in this process, against a scripted API and a terminal that is none.

import { run } from '../../src/cli/program.ts'
import { type FakeTerminal, type FakeTerminalOptions, fakeTerminal } from './terminal.ts'

/** How a command ended and what it wrote. */
export interface Ran {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly terminal: FakeTerminal
}

/** Runs `leveret` with these words. */
export async function leveret(words: readonly string[], options: FakeTerminalOptions = {}): Promise<Ran> {
  const terminal = fakeTerminal(options)
  const never = async () => {
    throw new Error('no broker is started here')
  }
  const code = await run(words, { terminal, serve: never, check: never })
  return { code, stdout: terminal.out(), stderr: terminal.err(), terminal }
}
