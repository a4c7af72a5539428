// What a command of rabbitmqctl's grammar cannot do, in rabbitmqctl's own words and with its exit code. Knows no command.

import { exitCode } from '../../exit-codes.ts'

/** A failure that is told as rabbitmqctl tells it: `Error:` on a line, then the text. */
export class CtlError extends Error {
  override readonly name = 'CtlError'
  readonly exitCode: number

  constructor(message: string, code: number = exitCode.unavailable) {
    super(message)
    this.exitCode = code
  }
}

/** A command line that is not understood: told together with the arguments and the command's usage, exit code 64. */
export class ArgumentError extends CtlError {
  constructor(message: string, code: number = exitCode.usage) {
    super(message, code)
  }
}
