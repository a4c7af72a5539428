// The commands and flags of `leveret`, as commander has them, and what becomes of a command line that makes no sense.
// The flags of serve derive from the table of options; each command's own code is loaded when the command runs.

import { Command, CommanderError, Option as Flag } from 'commander'
import { CONFIG_VARIABLE } from '../config/environment.ts'
import { flagOf, keyOf, type Option, type OptionField, optionList, options, variablesOf } from '../config/options.ts'
import { VERSION } from '../version.ts'
import type { CheckFlags } from './check.ts'
import { exitCode } from './failure.ts'
import type { ServeFlags } from './serve.ts'

/** Where the program writes, and what its commands do. */
export interface Program {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  readonly serve: (flags: ServeFlags) => Promise<void>
  readonly check: (flags: CheckFlags) => Promise<void>
}

/**
 * Runs a command line.
 * @param argv the arguments after the program's name
 * @returns the exit code for a command line that ended here (help, version, misuse); undefined when a command ran
 */
export async function run(argv: readonly string[], program: Program): Promise<number | undefined> {
  try {
    await commands(program).parseAsync(argv, { from: 'user' })
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCode.ok : exitCode.usage
  }
}

function commands(program: Program): Command {
  const root = new Command('leveret')
    .description('A message broker that speaks AMQP 0-9-1 as RabbitMQ does.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => program.stdout.write(text),
      writeErr: (text) => program.stderr.write(text),
      outputError: (text, write) => write(`${oneLine(text)}\n`),
    })
  const serve = root
    .command('serve')
    .description('Run a broker until SIGTERM or SIGINT; a second signal ends it at once.')
    .option('--config <file>', `configuration file in TOML (${CONFIG_VARIABLE})`)
  for (const [, option] of optionList) for (const flag of flagsOf(option)) serve.addOption(flag)
  serve.addHelpText('after', SERVE_NOTES)
  serve.action((values: Values) => program.serve({ flags: given(values), configFile: values['config'] as string }))
  const check = root
    .command('check')
    .description('Verify a data directory that no broker has open. Nothing in it is changed.')
    .option('--config <file>', `configuration file in TOML (${CONFIG_VARIABLE})`)
  for (const flag of flagsOf(options.dataDir)) check.addOption(flag)
  check.addHelpText('after', CHECK_NOTES)
  check.action((values: Values) => program.check({ flags: given(values), configFile: values['config'] as string }))
  return root
}

type Values = Readonly<Record<string, string | boolean | undefined>>

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

function given(values: Values): ServeFlags['flags'] {
  const flags: Partial<Record<OptionField, string | boolean>> = {}
  for (const [field, option] of optionList) {
    const value = values[camelCase(keyOf(option))]
    if (value !== undefined) flags[field] = value
  }
  return flags
}

/** The name under which commander keeps a flag's value. */
function camelCase(key: string): string {
  return key.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

// commander puts its "Did you mean" on a second line, in brackets.
function oneLine(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
  return `leveret: ${line.replace('(Did you mean', '(did you mean')}`
}
