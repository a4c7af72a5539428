// What rabbitmqadmin cannot do, in its own words: a misuse points to the help, anything else is three stars and a line.
// The exit code of both is 1.

/** A failure that is told in rabbitmqadmin's words. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  readonly isMisuse: boolean

  constructor(message: string, isMisuse = false) {
    super(message)
    this.isMisuse = isMisuse
  }

  /** As it stands on stderr. */
  get text(): string {
    return this.isMisuse ? `\nERROR: ${this.message}\n\nrabbitmqadmin --help for help\n\n` : `*** ${this.message}\n\n`
  }
}

/** A command line that is not understood. */
export function misuse(message: string): AdminError {
  return new AdminError(message, true)
}
