// Settings from a configuration file in TOML: flat keys in snake_case, as in rabbitmq.conf. Values stay raw; a key that
// no option has is an error, since a setting that is silently ignored is worse than a broker that does not start.

import { readFileSync } from 'node:fs'
import { ConfigError, shown } from './config-error.ts'
import { nearest } from './nearest.ts'
import { keyOf, optionList } from './options.ts'

/** The raw values of a file under their keys, and the lines that they stand in, from 1. */
export interface FileSettings {
  readonly values: Readonly<Record<string, unknown>>
  readonly lines: ReadonlyMap<string, number>
}

/**
 * Reads a configuration file.
 * @param path absolute path; named in every error
 * @throws ConfigError when the file cannot be read, is not TOML, or has an unknown key
 */
export async function readSettings(path: string): Promise<FileSettings> {
  const { parse } = await import('smol-toml')
  const text = contents(path)
  let values: FileSettings['values']
  try {
    values = parse(text)
  } catch (error) {
    throw new ConfigError('file', path, `is not valid TOML${place(error)}`)
  }
  const known = optionList.map(([, option]) => keyOf(option))
  const lines = linesOf(text)
  const stranger = Object.keys(values).find((key) => !known.includes(key))
  if (stranger !== undefined)
    throw new ConfigError('file', placeIn(path, lines.get(stranger)), unknown(stranger, known))
  return { values, lines }
}

/** How an error names the place of a key. */
export function keyPlace(path: string, key: string, line?: number): string {
  return `${placeIn(path, line)}, key ${key}`
}

function placeIn(path: string, line: number | undefined): string {
  return line === undefined ? path : `${path}, line ${line}`
}

/** Where each key of the first level is set. The parser does not tell; keys here are bare words at the start of a line. */
function linesOf(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  for (const [index, line] of text.split('\n').entries()) {
    const [, key] = /^\s*(?:\[\s*)?["']?([\w-]+)["']?\s*(?:=|\.|\])/.exec(line) ?? []
    if (key !== undefined && !lines.has(key)) lines.set(key, index + 1)
  }
  return lines
}

function contents(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError('file', path, `cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

// The parser's own message quotes the line, which may hold a password: only where it is and what is wrong are told.
function place(error: unknown): string {
  const { line, column, message } = error as { line?: unknown; column?: unknown; message?: string }
  if (typeof line !== 'number' || typeof column !== 'number') return ''
  const reason = /^Invalid TOML document: ([a-z ,-]+)$/im.exec(message?.split('\n')[0] ?? '')?.[1]
  return ` at line ${line}, column ${column}${reason ? `: ${reason}` : ''}`
}

function unknown(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  const hint = meant ? `did you mean ${meant}?` : `the keys are ${known.join(', ')}`
  return `unknown key ${shown(key)}; ${hint}`
}
