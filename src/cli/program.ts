// The command line of `leveret`, as commander has it, and what becomes of one that makes no sense. Only the command that
// is asked for is loaded; the flags of serve derive from the table of options.

import { Command, CommanderError, Option as Flag } from 'commander'
import { CONFIG_VARIABLE, RABBITMQ_CONF_VARIABLE, RABBITMQ_CONF_VARIABLES } from '../config/environment.ts'
import { flagOf, keyOf, type Option, type OptionField, optionList, options, variablesOf } from '../config/options.ts'
import { VERSION } from '../version.ts'
import { catalogue, type Entry, entryOf } from './catalogue.ts'
import type { CheckFlags } from './check.ts'
import { attachNoun, attachVerb, camelCase, type RunVerb } from './command.ts'
import { CommandError } from './command-error.ts'
import type { CommandTree } from './completion.ts'
import { exitCode } from './exit-codes.ts'
import { flagsWithValue, globalFlags, type RawValues, readGlobals } from './globals.ts'
import { runVerb } from './run-verb.ts'
import type { ServeFlags } from './serve.ts'
import type { Terminal } from './terminal.ts'

/** The process around the program, and what its two commands do that hold a broker's data themselves. */
export interface Program {
  readonly terminal: Terminal
  readonly serve: (flags: ServeFlags) => Promise<void>
  readonly check: (flags: CheckFlags) => Promise<void>
}

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
  addServerCommands(root, program, ended)
  if (serverCommands.includes(name)) return root
  for (const each of catalogue) addStub(root, each)
  return withGlobals(root)
}

/** All commands, loaded: what completion and the documentation are made of. */
export async function commandTree(terminal: Terminal): Promise<CommandTree> {
  const never = async (): Promise<void> => {}
  const root = rootFor(terminal)
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

const BROKER = 'The broker:'
/** The commands that ask no broker, so that the flags of those that do are none of theirs. */
const serverCommands: readonly string[] = ['serve', 'check', 'check-config']

function addServerCommands(root: Command, program: Program, ended: (code: number) => void): void {
  addServe(root, program)
  addCheck(root, program)
  addCheckConfig(root, program.terminal, ended)
}

const RABBITMQ_CONF_HELP = `configuration in RabbitMQ's format, a file or a folder (${[RABBITMQ_CONF_VARIABLE, ...RABBITMQ_CONF_VARIABLES].join(', ')})`

function addServe(root: Command, program: Program): void {
  const serve = root
    .command('serve')
    .helpGroup(BROKER)
    .description('Run a broker until SIGTERM or SIGINT; a second signal ends it at once.')
    .option('--config <file>', `configuration file in TOML (${CONFIG_VARIABLE})`)
    .option('--rabbitmq-conf <path>', RABBITMQ_CONF_HELP)
  for (const [, option] of optionList) for (const flag of flagsOf(option)) serve.addOption(flag)
  serve.option('--ready-file <file>', 'write a line of JSON with all URLs there once it is ready')
  serve.option('--ready-fd <number>', 'the same on a descriptor that it inherited')
  serve.addHelpText('after', SERVE_NOTES)
  serve.action((values: RawValues) => {
    const places = { readyFile: values['readyFile'], readyFd: values['readyFd'] } as Pick<
      ServeFlags,
      'readyFile' | 'readyFd'
    >
    return program.serve({ ...given(values), ...(places.readyFile || places.readyFd ? places : {}) })
  })
}

function addCheck(root: Command, program: Program): void {
  const check = root
    .command('check')
    .helpGroup(BROKER)
    .description('Verify a data directory that no broker has open. Nothing in it is changed.')
    .option('--config <file>', `configuration file in TOML (${CONFIG_VARIABLE})`)
    .option('--rabbitmq-conf <path>', RABBITMQ_CONF_HELP)
  for (const flag of flagsOf(options.dataDir)) check.addOption(flag)
  check.addHelpText('after', CHECK_NOTES)
  check.action((values: RawValues) => program.check(given(values)))
}

function addCheckConfig(root: Command, terminal: Terminal, ended: (code: number) => void): void {
  const check = root
    .command('check-config')
    .helpGroup(BROKER)
    .description('Print the settings that serve would have, or what is wrong with them. No broker is started.')
    .option('--config <file>', `configuration file in TOML (${CONFIG_VARIABLE})`)
    .option('--rabbitmq-conf <path>', RABBITMQ_CONF_HELP)
  for (const [, option] of optionList) for (const flag of flagsOf(option)) check.addOption(flag)
  check.action(async (values: RawValues) => {
    const { checkConfig } = await import('./check-config.ts')
    ended(await checkConfig(given(values), terminal))
  })
}

const SERVE_NOTES = `
A flag goes before its environment variable, that before the configuration file, that before the default.
In the file, an option has its flag's name with underscores: data_dir, log_level.`

const CHECK_NOTES = `
Prints a line for each thing that is damaged and one for what there is. The exit code is 0 when nothing is damaged,
65 when something is, 69 when a broker has it open, 74 when the folder holds no store.`

function flagsOf(option: Option<unknown>): readonly Flag[] {
  const sources = variablesOf(option).join(', ')
  const help = `${option.help} (default: ${initially(option)}; ${sources})`
  if (option.placeholder !== undefined) return [new Flag(`${flagOf(option)} <${option.placeholder}>`, help)]
  // Both ways round, so that a flag can also undo what the environment or the file says.
  const opposite = new Flag(`--no-${option.name}`, `the opposite of ${flagOf(option)}`)
  return [new Flag(flagOf(option), help), option.initial === true ? opposite : opposite.hideHelp()]
}

/** The initial value as a person would write it. */
export function initially(option: Option<unknown>): string {
  if (option.initially !== undefined) return option.initially
  return Array.isArray(option.initial) ? option.initial.join(',') : String(option.initial)
}

function given(values: RawValues): ServeFlags {
  const flags: Partial<Record<OptionField, string | boolean>> = {}
  for (const [field, option] of optionList) {
    const value = values[camelCase(keyOf(option).replaceAll('_', '-'))]
    if (typeof value === 'string' || typeof value === 'boolean') flags[field] = value
  }
  const paths = { configFile: values['config'], rabbitmqConf: values['rabbitmqConf'] }
  return { flags, ...(paths as Pick<ServeFlags, 'configFile' | 'rabbitmqConf'>) }
}

// commander puts its "Did you mean" on a second line, in brackets.
function oneLine(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
  return `leveret: ${line.replace('(Did you mean', '(did you mean')}`
}
