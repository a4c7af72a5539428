// rabbitmqctl's command lines: switches before and after the command's name, a value behind a space or an equals sign,
// and what else is given as arguments. Knows the names of switches, not what they are for.

import { ArgumentError } from './ctl-error.ts'

/** A command line, taken apart. */
export interface CtlLine {
  /** Undefined when there is none. */
  readonly command: string | undefined
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string | true>>
  /** The arguments as given, for complaints. */
  readonly given: string
}

/** Switches that are there or not. */
const flags = new Set([
  'quiet',
  'silent',
  'longnames',
  'help',
  'dry-run',
  'no-table-headers',
  'print-stacktrace',
  'online',
  'offline',
  'local',
  'all',
  'by-source',
  'global',
  'if-empty',
  'if-unused',
  'skip-if-unchanged',
  'verbose',
  'minimal',
  'enabled',
  'implicitly-enabled',
  'pre-hashed-password',
])

/** Switches that a value follows. */
const valued = new Set([
  'node',
  'timeout',
  'vhost',
  'formatter',
  'printer',
  'file',
  'script-name',
  'rabbitmq-home',
  'erlang-cookie',
  'priority',
  'apply-to',
  'description',
  'tags',
  'default-queue-type',
  'user',
  'limit',
  'per-connection-delay',
  'format',
  'pid',
  'within',
  'unit',
  'address-family',
])

const letters: Readonly<Record<string, string>> = {
  n: 'node',
  q: 'quiet',
  s: 'silent',
  t: 'timeout',
  l: 'longnames',
  p: 'vhost',
  '?': 'help',
  h: 'help',
  e: 'if-empty',
  u: 'if-unused',
  v: 'verbose',
  m: 'minimal',
  E: 'enabled',
  P: 'pid',
}

/** Takes a command line apart. Throws `ArgumentError` for a switch that no command has. */
export function parseCtl(argv: readonly string[]): CtlLine {
  const words: string[] = []
  const options: Record<string, string | true> = {}
  const unknown: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const arg = argv[at] ?? ''
    if (arg === '--') {
      words.push(...argv.slice(at + 1))
      break
    }
    if (!isSwitch(arg)) {
      words.push(arg)
      continue
    }
    const { name, value } = switchOf(arg)
    if (flags.has(name)) options[name] = true
    else if (!valued.has(name)) unknown.push(arg)
    else if (value !== undefined) options[name] = value
    else if (at + 1 < argv.length) options[name] = argv[++at] ?? ''
    else unknown.push(arg)
  }
  const given = argv.join(' ')
  const [command, ...args] = words
  const line = { command: command?.replaceAll('-', '_'), args, options, given }
  if (unknown.length > 0) throw new UnknownSwitch(line, unknown)
  return line
}

/** A switch that no command has, or that lacks its value. */
export class UnknownSwitch extends ArgumentError {
  readonly line: CtlLine

  constructor(line: CtlLine, unknown: readonly string[]) {
    super(`Invalid options for this command:\n${unknown.map((each) => `${each} : `).join('\n')}`)
    this.line = line
  }
}

// A lone dash is standard input, and a negative number is an argument.
function isSwitch(arg: string): boolean {
  return /^-(-\w|[a-zA-Z?])/.test(arg)
}

function switchOf(arg: string): { readonly name: string; readonly value?: string } {
  if (!arg.startsWith('--')) {
    const letter = arg[1] ?? ''
    const name = letters[letter] ?? letter
    return arg.length === 2 ? { name } : { name, value: arg.slice(2).replace(/^=/, '') }
  }
  const equals = arg.indexOf('=')
  const name = (equals === -1 ? arg : arg.slice(0, equals)).slice(2).replaceAll('_', '-')
  return equals === -1 ? { name } : { name, value: arg.slice(equals + 1) }
}
