// All commands of rabbitmqctl's grammar, by tool, and the help that lists them.

import { nearest } from '../../../config/nearest.ts'
import { accessCommands } from './access.ts'
import { checkCommands } from './checks.ts'
import type { CtlCommand, ToolName } from './command.ts'
import { listCommands } from './listings.ts'
import { nodeCommands } from './node.ts'
import { operationCommands } from './operations.ts'
import { pluginCommands } from './plugins.ts'
import { policyCommands } from './policies.ts'
import { reportCommands } from './reports.ts'
import { statusCommands } from './status.ts'
import { userCommands } from './users.ts'
import { vhostCommands } from './vhosts.ts'

const commands = [
  ...nodeCommands,
  ...userCommands,
  ...accessCommands,
  ...checkCommands,
  ...statusCommands,
  ...reportCommands,
  ...listCommands,
  ...policyCommands,
  ...vhostCommands,
  ...operationCommands,
]

/** The commands of a tool. Which of rabbitmqctl's tools has a command matters to nobody: here, all have all. */
export function commandsOf(tool: ToolName): readonly CtlCommand[] {
  return tool === 'rabbitmq-plugins' ? pluginCommands : commands
}

/** A tool's command of this name. */
export function findCommand(tool: ToolName, name: string): CtlCommand | undefined {
  return commandsOf(tool).find((command) => command.name === name)
}

/** The command that was perhaps meant. */
export function similarCommand(tool: ToolName, name: string): string | undefined {
  return nearest(
    name,
    commandsOf(tool).map((command) => command.name),
  )
}

/** A command's usage, as it stands in help and in complaints. */
export function usageOf(tool: ToolName, { name, usage }: CtlCommand): string {
  const words = `${tool} [--node <node>] [--longnames] [--quiet] ${name} ${usage}`.trimEnd()
  return `${bold('Usage')}\n\n${words}`
}

/** The help of one command. */
export function commandHelp(tool: ToolName, command: CtlCommand): string {
  const columns = command.columns
    ? `\n\n${bold('Arguments and Options')}\n\n<column>\n\tmust be one of ${command.columns.toSorted().join(', ')}`
    : ''
  return `\n${usageOf(tool, command)}\n\n${command.help.replace(/\.$/, '')}.${columns}\n${OPTIONS}`
}

/** The help of a tool: its commands by heading. */
export function toolHelp(tool: ToolName): string {
  const all = commandsOf(tool)
  const groups = [...new Set(all.map(({ group }) => group))]
  const width = Math.max(...all.map(({ name }) => name.length))
  const chapters = groups.map((group) => {
    const lines = all
      .filter((command) => command.group === group)
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .map(({ name, help }) => `   ${name.padEnd(width)}  ${help}`)
    return `${bold(group)}:\n\n${lines.join('\n')}`
  })
  const usage = `${tool} [--node <node>] [--timeout <timeout>] [--longnames] [--quiet] <command> [<command options>]`
  return `\n${bold('Usage')}\n\n${usage}\n\nAvailable commands:\n\n${chapters.join('\n\n')}\n\n${NOTES}\n`
}

const NOTES = `This is Leveret's command line in RabbitMQ's grammar. It talks to the HTTP API at LEVERET_URL
(default: http://localhost:15672) as LEVERET_USER with LEVERET_PASSWORD (default: guest).
Use 'help <command>' to learn more about a command.`

const OPTIONS = `
${bold('General Options')}

short            | long          | description
-----------------|---------------|--------------------------------
-?               | --help        | displays command help
-n <node>        | --node <node> | the host after the @ is where the HTTP API is asked
-l               | --longnames   | accepted
-t               | --timeout <n> | for commands that support it, operation timeout in seconds
-q               | --quiet       | suppress informational messages
-s               | --silent      | suppress informational messages
                                 | and table header row
-p               | --vhost       | for commands that are scoped to a virtual host,
                 |               | virtual host to use
                 | --formatter   | json, json_stream, pretty_table, table, csv, erlang
`

function bold(text: string): string {
  return `\u001b[1m${text}\u001b[0m`
}
