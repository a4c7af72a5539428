// What the broker and its sessions say to the operator, as an interface: pino satisfies it, a spec gives its own.

/** Structured logging: fields first, then a sentence. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
