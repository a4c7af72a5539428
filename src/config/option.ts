// What an option is, and how its one name is spelled as a flag, a key and a variable. Knows no option.

import type { ValueKind } from './values.ts'

/** Environment variables as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What is known of one option. */
export interface Option<T> {
  /** In kebab-case: `data-dir` is `--data-dir`, `LEVERET_DATA_DIR` and the file's `data_dir`. */
  readonly name: string
  readonly kind: ValueKind<T>
  /** What the value is when nobody gives one. */
  readonly initial: T | ((env: Environment) => T)
  /** The initial value in words, where its own spelling says too little. */
  readonly initially?: string
  /** What stands for the value in the help text; absent when the kind is yes or no. */
  readonly placeholder?: string
  readonly help: string
  /** Variables of RabbitMQ that mean the same; Leveret's own goes before them. */
  readonly variables?: readonly string[]
  /** Whether each variable may also come as `..._FILE`, naming a file that holds the value. */
  readonly fromFile?: boolean
  /** Whether the value must never be shown. */
  readonly secret?: boolean
}

/** A row of the table: gives it its type, no more. */
export function option<const T>(row: Option<T>): Option<T> {
  return row
}

/** How the option is spelled on the command line. */
export function flagOf(of: Pick<Option<unknown>, 'name'>): string {
  return `--${of.name}`
}

/** How the option is spelled in a configuration file. */
export function keyOf(of: Pick<Option<unknown>, 'name'>): string {
  return of.name.replaceAll('-', '_')
}

/** The environment variables that set the option, the one that counts most first. */
export function variablesOf(of: Pick<Option<unknown>, 'name' | 'variables'>): readonly string[] {
  return [`LEVERET_${keyOf(of).toUpperCase()}`, ...(of.variables ?? [])]
}
