// The table of options as the README prints it, in Markdown.

import { initially } from '../../src/cli/server-commands.ts'
import { flagOf, type Option, optionList, variablesOf } from '../../src/config/options.ts'

/** Renders one line for each option. */
export function configurationTable(): string {
  const rows = optionList.map(([, option]) => row(option))
  return ['| Flag | Variable | Default | Meaning |', '|---|---|---|---|', ...rows].join('\n')
}

function row(option: Option<unknown>): string {
  // What is on by default is only ever turned off.
  const flag = option.initial === true ? `--no-${option.name}` : flagOf(option)
  const cells = [
    `\`${flag}${option.placeholder ? ` <${option.placeholder}>` : ''}\``,
    variablesOf(option)
      .map((name) => `\`${name}\``)
      .join(', '),
    `\`${initially(option)}\``,
    option.help,
  ]
  return `| ${cells.join(' | ')} |`
}
