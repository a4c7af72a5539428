// The one error of administration: what was asked for cannot be. Knows no protocol: who carries it to a person decides
// what it becomes there (HTTP 400 and 404, the exit code of a command).

/** `invalid`: it can never be. `missing`: what it is about does not exist. */
export type AdministrationErrorKind = 'invalid' | 'missing'

/** Why a change was refused; `message` is RabbitMQ's text where RabbitMQ has one. */
export class AdministrationError extends Error {
  override readonly name = 'AdministrationError'
  readonly kind: AdministrationErrorKind

  constructor(kind: AdministrationErrorKind, message: string) {
    super(message)
    this.kind = kind
  }
}

/** What was asked for breaks a rule. */
export const invalid = (message: string): AdministrationError => new AdministrationError('invalid', message)

/** There is no such user, vhost or policy. */
export const missing = (message: string): AdministrationError => new AdministrationError('missing', message)
