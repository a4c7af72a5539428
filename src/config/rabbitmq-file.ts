// RabbitMQ's configuration files as text: `key = value` lines, comments, quotes and variables, from one file or a folder of
// them. Knows how lines are written; what the keys mean is in rabbitmq-keys.ts.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from './config-error.ts'
import type { Environment } from './option.ts'

/** One setting of a file. */
export interface Line {
  readonly file: string
  /** From 1. */
  readonly number: number
  readonly key: string
  readonly value: string
}

/** How an error or a notice names the place of a line. */
export function linePlace({ file, number, key }: Line): string {
  return `${file}, line ${number}, key ${key}`
}

/**
 * The files that a path stands for: itself, with or without `.conf`, or all `.conf` files of a folder in the order of their
 * names (`conf.d`, also with a star after it). None where there is nothing.
 */
export function filesAt(path: string): readonly string[] {
  const folder = path.replace(/\/\*(\.conf)?$/, '')
  for (const candidate of [folder, `${folder}.conf`]) {
    const stats = statSync(candidate, { throwIfNoEntry: false })
    if (stats?.isDirectory()) return confFilesIn(candidate)
    if (stats) return [candidate]
  }
  return []
}

/**
 * The lines of a file that set something.
 * @throws ConfigError naming the line that is none, or the variable that is not set
 */
export function readLines(file: string, env: Environment): readonly Line[] {
  const lines: Line[] = []
  for (const [index, text] of contents(file).split(/\r?\n/).entries()) {
    const line = readLine(text, { file, number: index + 1 }, env)
    if (line) lines.push(line)
  }
  return lines
}

function confFilesIn(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.conf'))
  return names.sort().map((name) => join(folder, name))
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError('file', file, `cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

function readLine(text: string, place: Pick<Line, 'file' | 'number'>, env: Environment): Line | null {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.startsWith('#')) return null
  const where = `${place.file}, line ${place.number}`
  const [, key, rest] = /^([A-Za-z0-9_.$&@/\\<>-]+)\s*=\s*(.*)$/.exec(trimmed) ?? []
  // The line itself is not shown: it may hold a password.
  if (key === undefined || rest === undefined) throw new ConfigError('file', where, 'is not of the form key = value')
  const value = expanded(unquoted(rest), where, env)
  if (value === '') throw new ConfigError('file', `${where}, key ${key}`, 'has no value')
  return { ...place, key, value }
}

/** A value in single quotes is taken as it stands; elsewhere a `#` after a space begins a comment. */
function unquoted(rest: string): string {
  const [, quoted] = /^'([^']*)'\s*(#.*)?$/.exec(rest) ?? []
  return quoted ?? rest.replace(/\s+#.*$/, '').trim()
}

/** `$(NAME)` stands for a variable of the environment. */
function expanded(value: string, where: string, env: Environment): string {
  return value.replaceAll(/\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g, (_, name: string) => {
    const found = env[name]
    if (found === undefined) throw new ConfigError('file', where, `the variable ${name} is not set`)
    return found
  })
}
