// The commands of `leveret` about a broker of one's own: serve, check, check-config, reload; and exec, by name. Their flags derive from the
// table of options, which is loaded with them and with nothing else. Each command's own code is loaded when it runs.

import { type Command, Option as Flag } from 'commander'
import { CONFIG_VARIABLE, RABBITMQ_CONF_VARIABLE, RABBITMQ_CONF_VARIABLES } from '../config/environment.ts'
import { flagOf, keyOf, type Option, type OptionField, optionList, options, variablesOf } from '../config/options.ts'
import type { CheckFlags } from './check.ts'
import { camelCase } from './command.ts'
import type { RawValues } from './globals.ts'
import type { ServeFlags } from './serve.ts'
import type { Terminal } from './terminal.ts'

const BROKER = 'The broker:'

/** What the commands of the server are run with: `serve` and `check` hold a broker's data themselves. */
export interface Server {
  readonly terminal: Terminal
  readonly serve: (flags: ServeFlags) => Promise<void>
  readonly check: (flags: CheckFlags) => Promise<void>
}

/**
 * Gives the program its commands about a broker of one's own.
 * @param ended told the exit code of a command that sets none itself
 */
export function addServerCommands(root: Command, server: Server, ended: (code: number) => void): void {
  addServe(root, server)
  addCheck(root, server)
  addCheckConfig(root, server.terminal, ended)
  addReload(root, server.terminal, ended)
  addExec(root)
}

/** main.ts runs it, without commander; here it is for help and completion. */
function addExec(root: Command): void {
  root
    .command('exec')
    .usage('[options] -- <command> [arguments]')
    .helpGroup(BROKER)
    .description('Run a command with a broker of its own, for tests in any language.')
}

const RABBITMQ_CONF_HELP = `configuration in RabbitMQ's format, a file or a folder (${[RABBITMQ_CONF_VARIABLE, ...RABBITMQ_CONF_VARIABLES].join(', ')})`

function addServe(root: Command, server: Server): void {
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
    return server.serve({ ...given(values), ...(places.readyFile || places.readyFd ? places : {}) })
  })
}

function addCheck(root: Command, server: Server): void {
  const check = root
    .command('check')
    .helpGroup(BROKER)
    .description('Verify a data directory that no broker has open. Nothing in it is changed.')
    .option('--config <file>', `configuration file in TOML (${CONFIG_VARIABLE})`)
    .option('--rabbitmq-conf <path>', RABBITMQ_CONF_HELP)
  for (const flag of flagsOf(options.dataDir)) check.addOption(flag)
  check.addHelpText('after', CHECK_NOTES)
  check.action((values: RawValues) => server.check(given(values)))
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

function addReload(root: Command, terminal: Terminal, ended: (code: number) => void): void {
  const command = root
    .command('reload')
    .helpGroup(BROKER)
    .description('Have a broker on this machine read its settings and certificates again; its log says what changed.')
    .option('--pid <number>', 'the process (default: the one that holds the data directory)')
    .option('--config <file>', `configuration file in TOML (${CONFIG_VARIABLE})`)
  for (const flag of flagsOf(options.dataDir)) command.addOption(flag)
  command.action(async (values: RawValues) => {
    const { hangUp } = await import('./hang-up.ts')
    ended(await hangUp({ ...given(values), pid: values['pid'] as string | undefined }, terminal))
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
