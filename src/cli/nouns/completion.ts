// `leveret completion`: a script that lets a shell complete commands and flags. Made of the commands themselves, so that
// it never knows others than there are.

import type { Given, Verb } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { scripts, shells } from '../completion.ts'
import type { Task } from '../task.ts'

/** A completion script. */
export const completion: Verb = {
  name: 'completion',
  operands: '<shell>',
  summary: `Print a completion script for ${shells.join(', ')}.`,
  notes: `  source <(leveret completion bash)                                    # in ~/.bashrc
  leveret completion zsh > "\${fpath[1]}/_leveret"                       # then start a new shell
  leveret completion fish > ~/.config/fish/completions/leveret.fish
  leveret completion pwsh | Out-String | Invoke-Expression             # in $PROFILE`,
  reach: 'none',
  run,
}

async function run(task: Task, given: Given): Promise<void> {
  const shell = shells.find((name) => name === given.operand(0))
  if (!shell) throw new CommandError(`completion: got "${given.operand(0)}", expected one of ${shells.join(', ')}`)
  task.print(scripts[shell](await task.commandTree()))
}
