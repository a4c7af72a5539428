// rabbitmqctl and its kin: a command line in, text and an exit code out. Which broker is asked, and over what, is passed
// in; what commands do is theirs.

import { CommandError } from '../../command-error.ts'
import { exitCode } from '../../exit-codes.ts'
import { type Asking, Broker } from './broker.ts'
import type { Answered, CtlCommand, CtlWorld, Given, ToolName } from './command.ts'
import { commandHelp, findCommand, similarCommand, toolHelp, usageOf } from './commands.ts'
import { ArgumentError, CtlError } from './ctl-error.ts'
import { type FormatterName, formatRows, formatText, formatterNames, isForMachines } from './formatters.ts'
import { type CtlLine, parseCtl, UnknownSwitch } from './grammar.ts'

/** What a tool runs in. */
export interface Tool extends CtlWorld {
  readonly name: ToolName
  readonly version: string
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  /**
   * A client of the broker.
   * @param node as it was given with -n, if it was
   * @param timeoutMs as it was given with -t, if it was
   */
  readonly connect: (node: string | undefined, timeoutMs: number | undefined) => Promise<Asking>
}

/** Runs a command line; resolves with the exit code. */
export async function runTool(argv: readonly string[], tool: Tool): Promise<number> {
  let line: CtlLine
  try {
    line = parseCtl(argv)
  } catch (error) {
    if (!(error instanceof UnknownSwitch)) throw error
    const command = findCommand(tool.name, error.line.command ?? '')
    return complain(error, error.line, command, tool)
  }
  const { command: name, options } = line
  if (name === undefined) return help(tool, undefined, options['help'] === true ? exitCode.ok : exitCode.usage)
  if (name === 'help') return help(tool, line.args[0], exitCode.ok)
  if (name === 'version') {
    tool.stdout.write(`${tool.version}\n`)
    return exitCode.ok
  }
  const command = findCommand(tool.name, name)
  if (!command) return unknown(tool, name)
  if (options['help'] === true) return help(tool, name, exitCode.ok)
  try {
    await perform(command, line, tool)
    return exitCode.ok
  } catch (error) {
    return complain(error, line, command, tool)
  }
}

async function perform(command: CtlCommand, { args, options }: CtlLine, tool: Tool): Promise<void> {
  const [least, most] = command.takes
  if (args.length < least) throw new ArgumentError('not enough arguments.')
  if (args.length > most) throw new ArgumentError('too many arguments.')
  const formatter = formatterOf(options['formatter'])
  const node = typeof options['node'] === 'string' ? options['node'] : undefined
  const broker = new Broker(await tool.connect(node, timeoutOf(options['timeout'])), node ?? 'rabbit@localhost')
  const vhost = typeof options['vhost'] === 'string' ? options['vhost'] : '/'
  const given: Given = { tool: tool.name, args, options, vhost }
  const silent = options['silent'] === true
  const isQuiet = silent || options['quiet'] === true || isForMachines(formatter)
  assertColumns(command, given)
  await command.check?.(given, tool)
  const banner = isQuiet ? undefined : await command.banner?.(given, broker)
  if (banner !== undefined) tool.stdout.write(`${preamble(command)}${banner}\n`)
  const answer = await command.run(given, broker, tool)
  const headers = !silent && options['no-table-headers'] !== true
  await print(rendered(answer, formatter, headers), options, tool)
}

function assertColumns(command: CtlCommand, { args }: Given): void {
  const { columns } = command
  if (!columns) return
  const unknown = args
    .flatMap((arg) => arg.split(','))
    .filter((name) => name.trim() !== '' && !columns.includes(name.trim()))
  if (unknown.length > 0) throw new ArgumentError(`Info key(s) ${unknown.join(',')} are not supported`)
}

// Only what walks through queues tells its patience.
function preamble({ name }: CtlCommand): string {
  return name === 'list_queues' ? 'Timeout: 60.0 seconds ...\n' : ''
}

function rendered(answer: Answered, formatter: FormatterName, headers: boolean): string {
  if (answer === undefined) return formatter.startsWith('json') ? formatText(formatter, '', { result: 'ok' }) : ''
  if ('rows' in answer) return formatRows(formatter, answer, headers)
  return formatText(formatter, answer.text, answer.value)
}

async function print(text: string, options: CtlLine['options'], tool: Tool): Promise<void> {
  const { file } = options
  if (options['printer'] === 'file' && typeof file === 'string') return tool.writeFile(file, text)
  if (text !== '') tool.stdout.write(text)
}

function formatterOf(value: string | true | undefined): FormatterName {
  if (value === undefined) return 'table'
  const known = formatterNames.find((name) => name === value)
  if (known) return known
  throw new ArgumentError(`formatter "${value}" is not known, expected one of ${formatterNames.join(', ')}`)
}

function timeoutOf(value: string | true | undefined): number | undefined {
  if (value === undefined || value === 'infinity') return undefined
  const seconds = Number(value)
  if (seconds > 0) return seconds * 1000
  throw new ArgumentError(`--timeout: got "${value}", expected a number of seconds above 0, or infinity`)
}

function help(tool: Tool, name: string | undefined, code: number): number {
  const command = name === undefined ? undefined : findCommand(tool.name, name.replaceAll('-', '_'))
  if (name !== undefined && !command) return unknown(tool, name)
  const text = command ? commandHelp(tool.name, command) : toolHelp(tool.name)
  ;(code === exitCode.ok ? tool.stdout : tool.stderr).write(`${text}\n`)
  return code
}

function unknown(tool: Tool, name: string): number {
  const meant = similarCommand(tool.name, name)
  const rest = meant === undefined ? toolHelp(tool.name) : `Did you mean '${meant}'? \n`
  tool.stderr.write(`\nCommand '${name}' not found. \n${rest}\n`)
  return exitCode.usage
}

function complain(error: unknown, line: CtlLine, command: CtlCommand | undefined, tool: Tool): number {
  if (error instanceof ArgumentError) {
    const usage = command ? usageOf(tool.name, command) : toolHelp(tool.name)
    tool.stderr.write(`Error (argument validation): ${error.message}\nArguments given:\n\t${line.given}\n\n${usage}\n`)
    return error.exitCode
  }
  if (error instanceof CtlError) {
    tool.stderr.write(`Error:\n${error.message}\n`)
    return error.exitCode
  }
  // The client's own words for a broker that does not answer.
  if (error instanceof CommandError) {
    tool.stderr.write(`Error: unable to perform an operation on the broker: ${error.message}\n`)
    return error.exitCode
  }
  throw error
}
