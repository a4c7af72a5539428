// What a command cannot do, told to a person: one line that names what is wrong and what was expected, and the code to
// exit with. Knows no command.

import { exitCode } from './exit-codes.ts'

/** A failure that is told in one line. Anything else that a command throws is a fault of ours. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number
  /** The failure in a word that programs can compare, as the HTTP API's `error`. */
  readonly word: string

  constructor(message: string, code: number = exitCode.usage, word = wordOf(code)) {
    super(message)
    this.exitCode = code
    this.word = word
  }
}

function wordOf(code: number): string {
  const [word = 'failed'] = Object.entries(exitCode).find(([, value]) => value === code) ?? []
  return word.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
