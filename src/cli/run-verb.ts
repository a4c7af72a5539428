// Runs a verb: once, or again and again with `--watch`. Knows no single command.

import type { Given, Verb } from './command.ts'
import { CommandError } from './command-error.ts'
import type { CommandTree } from './completion.ts'
import { exitCode } from './exit-codes.ts'
import type { Globals } from './globals.ts'
import { Task } from './task.ts'
import type { Terminal } from './terminal.ts'

/** Runs a verb; resolves with the exit code. Throws `CommandError` for what cannot be done. */
export async function runVerb(
  verb: Verb,
  given: Given,
  globals: Globals,
  terminal: Terminal,
  commandTree?: () => Promise<CommandTree>,
): Promise<number> {
  const task = new Task(terminal, globals, commandTree)
  try {
    if (globals.watchMs === undefined) return (await verb.run(task, given)) ?? exitCode.ok
    if (!verb.looks) throw new CommandError(`--watch: "${verb.name}" does more than look, so it is not repeated`)
    return await watch(verb, given, task, globals.watchMs)
  } finally {
    task.close()
  }
}

/** Home, and nothing from there to the end of the screen. */
const CLEAR = '\u001b[H\u001b[J'

/** On a terminal each print replaces the last, in one write, so that nothing flickers. */
async function watch(verb: Verb, given: Given, task: Task, everyMs: number): Promise<number> {
  const { terminal } = task
  const signal = terminal.interrupted()
  let code: number = exitCode.ok
  while (!signal.aborted) {
    let text = ''
    task.printInto((piece) => {
      text += piece
    })
    code = (await verb.run(task, given)) ?? exitCode.ok
    const at = new Date(terminal.now()).toISOString().slice(11, 19)
    const screen = `${CLEAR}${task.colours.dim(`${at} UTC, every ${everyMs / 1000} s, Ctrl-C ends`)}\n\n${text}`
    terminal.stdout.write(terminal.stdout.isTTY ? screen : text)
    await terminal.pause(everyMs)
  }
  return code
}
