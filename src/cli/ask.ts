// Questions to the person at the terminal, asked on stderr so that standard output stays data. Knows no command.

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Input, Output } from './terminal.ts'

/** Where questions are asked and answered. */
export interface Person {
  readonly stdin: Input
  readonly stderr: Output
}

/** Asks for a line; the empty text when input ends instead. */
export async function asked(question: string, { stdin, stderr }: Person): Promise<string> {
  stderr.write(question)
  return nextLine(stdin, false)
}

/** Asks for a secret: what is typed is not shown. */
export async function askedSecretly(question: string, { stdin, stderr }: Person): Promise<string> {
  stderr.write(question)
  const line = await nextLine(stdin, stdin.isTTY === true)
  stderr.write('\n')
  return line
}

function nextLine(input: Input, hidden: boolean): Promise<string> {
  // readline echoes only with an output; one that swallows everything makes the terminal silent.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, ...(hidden ? { output, terminal: true } : {}) })
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('close', () => resolve(''))
  })
}
