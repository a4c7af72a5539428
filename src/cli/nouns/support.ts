// What nouns share: finding the thing that is named, complaining that it is not there, doing the same to many. Knows no
// single noun.

import { nearest } from '../../config/nearest.ts'
import type { VerbFlag } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import { type Asked, path } from '../http.ts'
import type { Row } from '../output/print.ts'
import { short } from '../progress.ts'
import type { Task } from '../task.ts'

/** A kind of thing with a name, by what the API calls them. */
export type Kind = 'queues' | 'exchanges' | 'users' | 'vhosts' | 'policies' | 'operator-policies' | 'connections'

/** Kinds that stand in a vhost. */
const inVhosts: readonly Kind[] = ['queues', 'exchanges', 'policies', 'operator-policies']

/** In the singular, as people say it. */
export const singular: Readonly<Record<Kind, string>> = {
  queues: 'queue',
  exchanges: 'exchange',
  users: 'user',
  vhosts: 'vhost',
  policies: 'policy',
  'operator-policies': 'operator policy',
  connections: 'connection',
}

/** The path of a thing: in its vhost, where it stands in one. */
export async function pathTo(task: Task, kind: Kind, name: string): Promise<string> {
  return inVhosts.includes(kind) ? path(kind, await task.vhost(), name) : path(kind, name)
}

/** The thing of this name. Throws `CommandError` when there is none. */
export async function existing(task: Task, kind: Kind, name: string, query?: Asked['query']): Promise<Row> {
  const api = await task.api()
  const found = await api.find(await pathTo(task, kind, name), query)
  return found ?? Promise.reject(await missing(task, kind, name))
}

/** Removes a thing. Throws `CommandError` when there is none. */
export async function remove(task: Task, kind: Kind, name: string, asked: Asked = {}): Promise<void> {
  const api = await task.api()
  try {
    await api.delete(await pathTo(task, kind, name), asked)
  } catch (error) {
    throw isMissing(error) ? await missing(task, kind, name) : error
  }
}

/** Waits for what is made in the task's vhost. Throws `CommandError` that says so when there is no such vhost. */
export async function inVhost<T>(task: Task, request: Promise<T>): Promise<T> {
  try {
    return await request
  } catch (error) {
    throw isMissing(error) ? await missing(task, 'vhosts', await task.vhost()) : error
  }
}

/** Whether the API has said that something is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof CommandError && error.word === 'not_found'
}

/** The complaint that something is not there, with the name that was perhaps meant. */
export async function missing(task: Task, kind: Kind, name: string): Promise<CommandError> {
  const vhost = await task.vhost()
  const where = inVhosts.includes(kind) ? ` in vhost "${vhost}"` : ''
  const names = await namesOf(task, kind).catch(() => [])
  const meant = nearest(name, names)
  const line = `there is no ${singular[kind]} "${name}"${where}${meant ? ` (did you mean "${meant}"?)` : ''}`
  return new CommandError(line, kind === 'users' ? exitCode.noUser : exitCode.data, 'not_found')
}

/** The names of all things of a kind; in the task's vhost, where they stand in one. */
export async function namesOf(task: Task, kind: Kind): Promise<readonly string[]> {
  const api = await task.api()
  const from = inVhosts.includes(kind) ? path(kind, await task.vhost()) : path(kind)
  const rows = await api.list(from, { columns: 'name', ...(kind === 'queues' ? { disable_stats: true } : {}) })
  return rows.map((row) => String(row['name'])).filter((name) => name !== '')
}

/** The names that were given, or those that match a pattern. Throws `CommandError` when it is neither, or both. */
export async function chosen(
  task: Task,
  kind: Kind,
  given: readonly string[],
  pattern: string | undefined,
): Promise<readonly string[]> {
  if (given.length > 0 === (pattern !== undefined)) {
    throw new CommandError(`expected names of ${kind}, or --pattern with a regular expression`)
  }
  if (pattern === undefined) return given
  let regex: RegExp
  try {
    regex = new RegExp(pattern)
  } catch (error) {
    throw new CommandError(
      `--pattern: got "${pattern}", which is not a regular expression: ${(error as Error).message}`,
    )
  }
  return (await namesOf(task, kind)).filter((name) => regex.test(name))
}

/** What `readArguments` reads, where something is declared. */
export const argumentFlags: readonly VerbFlag[] = [
  { flags: '--argument <key=value>', help: 'an argument, key:=json for other types', repeats: true },
  { flags: '--arguments <json>', help: 'all arguments, as JSON' },
]

/** Whether `toEach` says that it worked for some only. */
export function detailedFlag(kind: Kind): VerbFlag {
  return { flags: '--detailed-exit-codes', help: `exit with 3 when it worked for some ${kind} only` }
}

/** How many requests of a bulk command are under way at once. */
const AT_ONCE = 8

/**
 * Does the same to many, with a bar on a terminal. One failure does not stop the others: each is told.
 * @returns the exit code: that of the first failure, or, with `detailed`, 3 when only some failed
 */
export async function toEach(
  task: Task,
  label: string,
  names: readonly string[],
  act: (name: string) => Promise<void>,
  detailed: boolean,
): Promise<number> {
  const bar = names.length > 1 ? await task.progress(label, names.length) : undefined
  const failures: CommandError[] = []
  let next = 0
  let finished = 0
  const worker = async (): Promise<void> => {
    for (let name = names[next++]; name !== undefined; name = names[next++]) {
      try {
        await act(name)
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
        failures.push(error)
      }
      bar?.update(++finished)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, names.length) }, worker))
  bar?.stop()
  const [first] = failures
  if (names.length === 1 && first) throw first
  for (const { message } of failures) task.warn(message)
  if (!first) return exitCode.ok
  return detailed && failures.length < names.length ? exitCode.partial : first.exitCode
}

/** Numbers for people: 950, 1.2k, 10M; nothing where there is none. */
export function count(value: unknown): string {
  return typeof value === 'number' ? short(value) : ''
}

/** `1 queue`, `2 queues`. */
export function many(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

/** Octets for people, in units of 1024. */
export function octets(value: unknown): string {
  if (typeof value !== 'number') return ''
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let amount = value
  let unit = 0
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024
    unit++
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`
}

/** A rate for people: 0, 0.4, 1.2k. */
export function rate(value: unknown): string {
  if (typeof value !== 'number') return ''
  return value > 0 && value < 10 ? value.toFixed(1) : short(value)
}
