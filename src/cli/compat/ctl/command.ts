// What a command of rabbitmqctl's grammar is to the tools that run it: its words of help, what it takes, what it does.
// Knows no command.

import { exitCode } from '../../exit-codes.ts'
import type { Row as Body } from '../../http.ts'
import type { Broker } from './broker.ts'
import { ArgumentError, CtlError } from './ctl-error.ts'
import type { Listing } from './formatters.ts'

/** The tools whose grammar this is. */
export type ToolName =
  | 'rabbitmqctl'
  | 'rabbitmq-diagnostics'
  | 'rabbitmq-plugins'
  | 'rabbitmq-queues'
  | 'rabbitmq-streams'

/** What was asked of a command. */
export interface Given {
  readonly tool: ToolName
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string | true>>
  /** `/` unless one was named. */
  readonly vhost: string
}

/** The process around a command. */
export interface CtlWorld {
  /** All of standard input, as text. */
  readonly readInput: () => Promise<string>
  readonly readFile: (path: string) => Promise<Buffer>
  readonly writeFile: (path: string, text: string) => Promise<void>
  readonly pause: (ms: number) => Promise<void>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Resolves once something accepts a TCP connection there; rejects otherwise. */
  readonly dial: (host: string, port: number) => Promise<void>
  /** Random octets, for salts. */
  readonly random: (count: number) => Buffer
}

/** What a command answers: nothing, rows, or a text (and what a machine is told instead). */
export type Answered = undefined | Listing | { readonly text: string; readonly value?: unknown }

/** A command. */
export interface CtlCommand {
  readonly name: string
  /** The heading under which help shows it. */
  readonly group: string
  readonly help: string
  /** What may follow its name. */
  readonly usage: string
  /** How many arguments it takes. */
  readonly takes: readonly [least: number, most: number]
  /** The columns that its arguments may name. */
  readonly columns?: readonly string[]
  /** Complains before anything is said, of what the arguments name and is not there. */
  readonly check?: (given: Given, world: CtlWorld) => Promise<unknown>
  /** The line of words before the answer, where there is one. */
  readonly banner?: (given: Given, broker: Broker) => string | undefined | Promise<string>
  readonly run: (given: Given, broker: Broker, world: CtlWorld) => Promise<Answered>
}

/** As many arguments as fit; for commands that take columns or a list. */
export const ANY = Number.POSITIVE_INFINITY

/** An argument that the command has checked to be there. */
export function arg({ args }: Given, at: number): string {
  return args[at] ?? ''
}

/** The text of an option; undefined where it was not given. */
export function option({ options }: Given, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** An argument that is to be JSON. Throws `CtlError` as rabbitmqctl does. */
export function jsonArgument(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CtlError(`JSON decoding error. Reason: ${(error as Error).message}`)
  }
}

/** An argument that is to be a JSON object. */
export function objectArgument(text: string): Body {
  const value = jsonArgument(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body
  throw new CtlError(`got ${text}, expected a JSON object such as {"max-length":100}`, exitCode.data)
}

/**
 * The columns to print.
 * @param initial those of a command line that names none
 * @throws ArgumentError for a name that is none of the command's
 */
export function columnsOf(
  command: Pick<CtlCommand, 'columns'>,
  given: Given,
  initial: readonly string[],
): readonly string[] {
  const known = command.columns ?? []
  // Both "name messages" and "name,messages" are in use.
  const named = given.args.flatMap((arg) => arg.split(',')).map((name) => name.trim())
  const unknown = named.filter((name) => name !== '' && !known.includes(name))
  if (unknown.length > 0) throw new ArgumentError(`Info key(s) ${unknown.join(',')} are not supported`)
  const columns = named.filter((name) => name !== '')
  return columns.length > 0 ? columns : initial
}
