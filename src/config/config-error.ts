// The one error of configuration: something that a person gave is wrong. It says what, where it came from and what was
// expected, in a line. Secrets are never part of it.

/** Where a value came from; `caller` is a program that embeds the broker. */
export type Origin = 'flag' | 'environment' | 'file' | 'caller'

/** A setting that cannot be used. The message is one line, fit for a person, and holds no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly origin: Origin

  /** @param where how the person would name the place: `--port`, `LEVERET_PORT`, `broker.toml, key port` */
  constructor(origin: Origin, where: string, problem: string) {
    super(`${where}: ${problem}`.replaceAll(/\s+/g, ' '))
    this.origin = origin
  }
}

/** Shows a value as it was given, short and on one line, for use in a message. */
export function shown(raw: unknown): string {
  const text = JSON.stringify(raw) ?? String(raw)
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`
}
