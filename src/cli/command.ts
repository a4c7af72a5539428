// What a command is made of. A noun (`queues`) is one small file that holds a table of verbs; a verb says what it takes,
// what it is for and what it does. Turned into commander's commands here, so that nothing else needs to know commander.

import { type Command, Option as Flag } from 'commander'
import { nearest } from '../config/nearest.ts'
import { CommandError } from './command-error.ts'
import type { RawValues } from './globals.ts'
import type { Task } from './task.ts'

/** A flag of a verb. */
export interface VerbFlag {
  /** As commander writes it: `--limit <number>`. */
  readonly flags: string
  readonly help: string
  /** Whether it may be given several times; its value is then a list. */
  readonly repeats?: boolean
}

/** With which brokers a verb works. `none` asks no broker. */
export type Reach = 'any broker' | 'leveret' | 'none'

/** Something that can be done. */
export interface Verb {
  readonly name: string
  /** Operands, as commander writes them: `<queue>`, `[queues...]`. */
  readonly operands?: string
  readonly summary: string
  readonly flags?: readonly VerbFlag[]
  /** Printed after the help: examples, exit codes, what to beware of. */
  readonly notes?: string
  readonly reach: Reach
  readonly aliases?: readonly string[]
  /** Whether `--watch` makes sense: it only looks. */
  readonly looks?: boolean
  /** Does it; the exit code, where it is not 0. */
  readonly run: (task: Task, given: Given) => Promise<number> | Promise<void>
}

/** A thing, and what can be done with it. */
export interface Noun {
  readonly name: string
  readonly summary: string
  readonly verbs: readonly Verb[]
  /** The verb that is meant when none is said; default: `list`. */
  readonly unsaid?: string
}

/** What was given to a verb: operands and its own flags. */
export class Given {
  readonly operands: readonly string[]
  readonly #values: RawValues

  constructor(operands: readonly string[], values: RawValues) {
    this.operands = operands
    this.#values = values
  }

  /** An operand that commander has made sure of. */
  operand(index: number): string {
    return this.operands[index] ?? ''
  }

  /** Whether a flag without a value was given; for `--no-x`, ask for `x`: undefined when neither was. */
  flag(name: string): boolean | undefined {
    const value = this.#values[camelCase(name)]
    return value === undefined ? undefined : value !== false
  }

  /** The value of a flag. */
  text(name: string): string | undefined {
    const value = this.#values[camelCase(name)]
    return typeof value === 'string' ? value : undefined
  }

  /** The values of a flag that repeats. */
  texts(name: string): readonly string[] {
    const value = this.#values[camelCase(name)]
    return Array.isArray(value) ? (value as readonly string[]) : []
  }

  /** A whole number. Throws `CommandError` for anything else. */
  number(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    if (!/^-?\d+$/.test(text)) throw new CommandError(`--${name}: got "${text}", expected a whole number`)
    return Number(text)
  }

  /** One of these words. Throws `CommandError` for anything else. */
  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const text = this.text(name)
    const found = words.find((word) => word === text)
    if (text !== undefined && found === undefined) {
      throw new CommandError(`--${name}: got "${text}", expected one of ${words.join(', ')}`)
    }
    return found
  }
}

/** Runs a verb with what commander read: `values` are those of all flags, global ones too. */
export type RunVerb = (verb: Verb, given: Given, values: RawValues) => Promise<void>

/** Gives a commander command the verbs of a noun. */
export function attachNoun(command: Command, noun: Noun, run: RunVerb): void {
  command.description(noun.summary)
  for (const verb of noun.verbs) attachVerb(command.command(verb.name), verb, run)
  const listing = noun.verbs.find(({ name }) => name === (noun.unsaid ?? 'list'))
  command.allowExcessArguments(true).action(async (values: RawValues, self: Command) => {
    const [word] = self.args
    if (word === undefined && listing) return run(listing, new Given([], values), self.optsWithGlobals())
    const meant =
      word === undefined
        ? undefined
        : nearest(
            word,
            noun.verbs.map(({ name }) => name),
          )
    const names = noun.verbs.map(({ name }) => name).join(', ')
    throw new CommandError(
      word === undefined
        ? `${noun.name}: say what to do: ${names}`
        : `${noun.name}: unknown command "${word}"${meant ? ` (did you mean ${meant}?)` : `, expected one of ${names}`}`,
    )
  })
}

/** Gives a commander command the operands, flags and help of a verb. */
export function attachVerb(command: Command, verb: Verb, run: RunVerb): void {
  command.description(verb.summary)
  if (verb.aliases) command.aliases(verb.aliases)
  if (verb.operands) command.arguments(verb.operands)
  for (const flag of verb.flags ?? []) command.addOption(flagOf(flag))
  command.addHelpText('after', notesOf(verb))
  command.action((...all: unknown[]) => {
    const self = all.at(-1) as Command
    const operands = all
      .slice(0, -2)
      .flat()
      .filter((each): each is string => typeof each === 'string')
    return run(verb, new Given(operands, self.opts()), self.optsWithGlobals())
  })
}

function flagOf({ flags, help, repeats }: VerbFlag): Flag {
  const flag = new Flag(flags, help)
  if (!repeats) return flag
  return flag.argParser((value: string, before: unknown) => [...(Array.isArray(before) ? before : []), value])
}

const reaches: Readonly<Record<Reach, string>> = {
  'any broker': 'Works with Leveret and with RabbitMQ.',
  leveret: 'Works with Leveret only.',
  none: 'Asks no broker.',
}

function notesOf({ notes, reach }: Verb): string {
  const flags =
    reach === 'none' ? '' : '\nFlags that every command has (where the broker is, how to print): leveret --help'
  return `\n${notes ? `${notes.trim()}\n\n` : ''}${reaches[reach]}${flags}`
}

/** The name under which commander keeps a flag's value. */
export function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
