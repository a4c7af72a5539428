// Arguments of queues, exchanges and bindings as a person types them: `x-max-length=1000` and `x-any:={"json":true}`.
// Knows no command.

import { CommandError } from './command-error.ts'

/**
 * A table from `key=value` words. A value that reads as a number, true, false or null is one; in quotes it is text;
 * after `:=` it is JSON of any kind.
 * @throws CommandError when a word has no value, or one that is no JSON where it has to be
 */
export function readArguments(flag: string, words: readonly string[], json?: string): Record<string, unknown> {
  const table: Record<string, unknown> = json === undefined ? {} : readJsonObject(`${flag}s`, json)
  for (const word of words) {
    const [, key, sign, value = ''] = /^([^=:]+|[^=]+?)(:=|=)(.*)$/s.exec(word) ?? []
    if (key === undefined) {
      throw new CommandError(`${flag}: got "${word}", expected key=value, or key:=json`)
    }
    table[key] = sign === ':=' ? readJson(flag, value) : scalar(value)
  }
  return table
}

/** A JSON object. Throws `CommandError` for anything else. */
export function readJsonObject(flag: string, text: string): Record<string, unknown> {
  const value = readJson(flag, text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandError(`${flag}: got ${text}, expected a JSON object such as {"key": 1}`)
  }
  return value as Record<string, unknown>
}

/** JSON. Throws `CommandError` for what is none. */
export function readJson(flag: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new CommandError(`${flag}: got ${text}, which is not JSON: ${(error as Error).message}`)
  }
}

/** Text, unless it reads as a number, a truth value or null; quotes keep it text. */
export function scalar(text: string): unknown {
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text)
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  return /^"(.*)"$/s.test(text) ? text.slice(1, -1) : text
}
