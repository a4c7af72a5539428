// Contexts: brokers with a name, kept in ~/.config/leveret/config.toml for whoever works with several. The file is for
// its owner only, since it holds passwords. Knows the file; not what talks to the brokers.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { nearest } from '../config/nearest.ts'
import type { Environment } from '../config/options.ts'
import { CommandError } from './command-error.ts'
import { exitCode } from './exit-codes.ts'

/** What a context may say, by its key in the file. */
export const contextKeys = ['url', 'amqp_url', 'vhost', 'user', 'password', 'ca_cert', 'insecure'] as const

/** A broker with a name. */
export type Context = Readonly<Partial<Record<(typeof contextKeys)[number], string>>>

/** All of them, and which one is used when none is named. */
export interface Contexts {
  readonly current?: string | undefined
  readonly contexts: Readonly<Record<string, Context>>
}

/** Where the file is. */
export function contextsPath(env: Environment): string {
  const { XDG_CONFIG_HOME, HOME } = env
  return join(XDG_CONFIG_HOME || join(HOME || homedir(), '.config'), 'leveret', 'config.toml')
}

/**
 * Reads the file; no file means no contexts.
 * @throws CommandError when it is not readable, or says something that a context does not have
 */
export async function readContexts(path: string): Promise<Contexts> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { contexts: {} }
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`, exitCode.config)
  }
  const { parse } = await import('smol-toml')
  let table: Readonly<Record<string, unknown>>
  try {
    table = parse(text)
  } catch (error) {
    const [line] = (error as Error).message.split('\n')
    throw new CommandError(`${path} is not TOML: ${line}`, exitCode.config)
  }
  return checked(table, path)
}

function checked(table: Readonly<Record<string, unknown>>, path: string): Contexts {
  const complain = (what: string): never => {
    throw new CommandError(`${path}: ${what}`, exitCode.config)
  }
  for (const key of Object.keys(table)) {
    if (key !== 'current' && key !== 'contexts') complain(`"${key}" is unknown, expected "current" or [contexts.NAME]`)
  }
  const contexts: Record<string, Context> = {}
  for (const [name, entry] of Object.entries((table['contexts'] ?? {}) as object)) {
    if (typeof entry !== 'object' || entry === null) complain(`contexts.${name} is not a table`)
    const unknown = Object.keys(entry).find((key) => !contextKeys.some((known) => known === key))
    if (unknown) complain(`contexts.${name}.${unknown} is unknown, expected one of ${contextKeys.join(', ')}`)
    contexts[name] = Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, String(value)]))
  }
  const { current } = table
  if (current !== undefined && typeof current !== 'string') complain('"current" is not the name of a context')
  return { current: current as string | undefined, contexts }
}

/**
 * The context that a command works in: the one that is named, or the current one.
 * @throws CommandError when the named one does not exist
 */
export async function contextInUse(
  env: Environment,
  named: string | undefined,
): Promise<{ readonly name: string; readonly entry: Context; readonly named: boolean } | undefined> {
  const path = contextsPath(env)
  const { current, contexts } = await readContexts(path)
  const name = named ?? current
  if (name === undefined) return undefined
  const entry = contexts[name]
  if (entry) return { name, entry, named: named !== undefined }
  throw new CommandError(unknownContext(name, contexts, path), named === undefined ? exitCode.config : exitCode.usage)
}

/** There is no such context, and which there are. */
export function unknownContext(name: string, contexts: Contexts['contexts'], path: string): string {
  const names = Object.keys(contexts)
  const meant = nearest(name, names)
  const known = names.length === 0 ? 'there are none yet: leveret contexts add' : `there are ${names.join(', ')}`
  return `no context "${name}" in ${path} (${meant ? `did you mean ${meant}?` : known})`
}

/** Writes the file anew, whole or not at all, readable by its owner only. */
export async function writeContexts(path: string, { current, contexts }: Contexts): Promise<void> {
  const { stringify } = await import('smol-toml')
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const fresh = `${path}.new`
  await writeFile(fresh, stringify({ ...(current === undefined ? {} : { current }), contexts }), { mode: 0o600 })
  await rename(fresh, path)
}
