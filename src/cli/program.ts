// The command line of `leveret`, as commander has it, and what becomes of one that makes no sense. Only the command that
// is asked for is loaded.

import { Command, CommanderError, Option as Flag } from 'commander'
import { VERSION } from '../version.ts'
import { catalogue, type Entry, entryOf } from './catalogue.ts'
import { attachNoun, attachVerb, type RunVerb } from './command.ts'
import { CommandError } from './command-error.ts'
import type { CommandTree } from './completion.ts'
import { exitCode } from './exit-codes.ts'
import { flagsWithValue, globalFlags, readGlobals } from './globals.ts'
import { runVerb } from './run-verb.ts'
import type { Server } from './server-commands.ts'
import type { Terminal } from './terminal.ts'

/** The process around the program, and what its two commands do that hold a broker's data themselves. */
export type Program = Server

/** The commands that ask no broker, so that the flags of those that do are none of theirs. */
const serverCommands: readonly string[] = ['serve', 'check', 'check-config', 'reload']

/**
 * Runs a command line.
 * @param argv the arguments after the program's name
 * @returns the exit code; undefined when serve or check ran, which set it themselves
 */
export async function run(argv: readonly string[], program: Program): Promise<number | undefined> {
  let code: number | undefined
  const runHere: RunVerb = async (verb, given, values) => {
    code = await runVerb(verb, given, readGlobals(values), program.terminal, () => commandTree(program.terminal))
  }
  const words = normalised(argv)
  try {
    const root = await commands(words, program, runHere, (ended) => {
      code = ended
    })
    await root.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage
    if (!(error instanceof CommandError)) throw error
    program.terminal.stderr.write(told(error, words))
    return error.exitCode
  }
}

/** A failure as it is printed: a line for people, JSON for programs that asked for it. */
function told({ message, word }: CommandError, argv: readonly string[]): string {
  const asJson = argv.some(
    (each, index) =>
      /^(-o|--output=?)?(nd)?json$/.test(each) && (each[0] === '-' || /^(-o|--output)$/.test(argv[index - 1] ?? '')),
  )
  return asJson ? `${JSON.stringify({ error: word, reason: message })}\n` : `leveret: ${message}\n`
}

// An optional value would swallow the command after it: `--watch queues list`.
function normalised(argv: readonly string[]): readonly string[] {
  return argv.map((word, index) => (word === '--watch' && !/^\d/.test(argv[index + 1] ?? '') ? '--watch=2' : word))
}

/** The words that are neither flags nor their values, as far as the global flags tell. */
export function operandsOf(argv: readonly string[]): readonly string[] {
  const taking = flagsWithValue()
  const operands: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (!word.startsWith('-')) operands.push(word)
    else if (taking.has(word)) at++
  }
  return operands
}

/** The commander program: with the whole of the command that is asked for, and the names of all when none is. */
export async function commands(
  argv: readonly string[],
  program: Program,
  runHere: RunVerb,
  ended: (code: number) => void,
): Promise<Command> {
  const root = rootFor(program.terminal)
  const [first = '', second = ''] = operandsOf(argv)
  const name = first === 'help' ? second : first
  const entry = entryOf(name)
  if (entry) {
    await attach(root, entry, runHere)
    return withGlobals(root)
  }
  const { addServerCommands } = await import('./server-commands.ts')
  addServerCommands(root, program, ended)
  if (serverCommands.includes(name)) return root
  for (const each of catalogue) addStub(root, each)
  return withGlobals(root)
}

/** All commands, loaded: what completion and the documentation are made of. */
export async function commandTree(terminal: Terminal): Promise<CommandTree> {
  const never = async (): Promise<void> => {}
  const root = rootFor(terminal)
  const { addServerCommands } = await import('./server-commands.ts')
  addServerCommands(root, { terminal, serve: never, check: never }, () => {})
  for (const entry of catalogue) await attach(root, entry, never)
  return treeOf(withGlobals(root))
}

function treeOf(command: Command): CommandTree {
  const options = [...command.options, ...(command.parent ? [] : [new Flag('-h, --help', 'print help')])]
  return {
    name: command.name(),
    summary: command.description(),
    flags: options
      .filter(({ hidden }) => !hidden)
      .map(({ short, long, required, description }) => ({
        names: [short, long].filter((name) => name !== undefined),
        takesValue: required,
        help: description,
      })),
    commands: command.commands.map(treeOf),
  }
}

async function attach(root: Command, entry: Entry, runHere: RunVerb): Promise<void> {
  const loaded = await entry.load()
  const command = root.command(entry.name).helpGroup(entry.group)
  if (entry.aliases) command.aliases(entry.aliases)
  if ('verbs' in loaded) attachNoun(command, loaded, runHere)
  else attachVerb(command, loaded, runHere)
}

function addStub(root: Command, { name, aliases, group, summary }: Entry): void {
  const command = root.command(name).description(summary).helpGroup(group)
  if (aliases) command.aliases(aliases)
}

function rootFor({ stdout, stderr }: Terminal): Command {
  return new Command('leveret')
    .description('A message broker that speaks AMQP 0-9-1 as RabbitMQ does, and what administers it or any RabbitMQ.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(`${oneLine(text)}\n`),
      getOutHelpWidth: () => stdout.columns ?? 120,
      getErrHelpWidth: () => stderr.columns ?? 120,
    })
}

function withGlobals(root: Command): Command {
  for (const { flags, help } of globalFlags) root.addOption(new Flag(flags, help).helpGroup('Flags of every command:'))
  return root
}

// commander puts its "Did you mean" on a second line, in brackets.
function oneLine(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
  return `leveret: ${line.replace('(Did you mean', '(did you mean')}`
}
