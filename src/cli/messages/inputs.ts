// The bodies that a command publishes: from the command line, a file or standard input, whole or a line each. Knows no
// broker.

import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import type { Terminal } from '../terminal.ts'

/** Where bodies come from. */
export interface InputFlags {
  /** The body itself. */
  readonly body: string | undefined
  /** A file; `-` is standard input. */
  readonly file: string | undefined
  /** One body a line, of text or of JSON; undefined takes the input as one body. */
  readonly lines: 'text' | 'json' | undefined
}

/** The octets of a file, or of standard input. Throws `CommandError` when it cannot be read. */
export async function readWhole(file: string | undefined, terminal: Terminal): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of checked(openInput(file, terminal), file)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The lines of a file, or of standard input, without empty ones, as they come; each with its number. */
export async function* readLines(
  file: string | undefined,
  terminal: Terminal,
): AsyncGenerator<{ readonly line: string; readonly number: number }> {
  let rest = ''
  let number = 0
  const decoder = new TextDecoder()
  for await (const chunk of checked(openInput(file, terminal), file)) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = pieces.pop() ?? ''
    for (const piece of pieces) {
      number++
      const line = piece.replace(/\r$/, '')
      if (line !== '') yield { line, number }
    }
  }
  if (rest !== '') yield { line: rest, number: number + 1 }
}

/** The bodies to publish. */
export async function* bodies({ body, file, lines }: InputFlags, terminal: Terminal): AsyncGenerator<Buffer> {
  if (body !== undefined && (file !== undefined || lines)) {
    throw new CommandError('expected a body on the command line, or --file, --lines or --ndjson, not both')
  }
  if (!lines) {
    yield body === undefined ? await readWhole(file, terminal) : Buffer.from(body)
    return
  }
  for await (const { line, number } of readLines(file, terminal)) {
    if (lines === 'json') assertJson(line, number, file)
    yield Buffer.from(line)
  }
}

function assertJson(line: string, number: number, file: string | undefined): void {
  try {
    JSON.parse(line)
  } catch (error) {
    throw new CommandError(`${nameOf(file)}, line ${number}: ${(error as Error).message}`, exitCode.data)
  }
}

/** A file as it is told of. */
export function nameOf(file: string | undefined): string {
  return file === undefined || file === '-' ? 'standard input' : file
}

function openInput(file: string | undefined, terminal: Terminal): Readable {
  return file === undefined || file === '-' ? terminal.stdin : createReadStream(resolve(terminal.cwd, file))
}

async function* checked(stream: Readable, file: string | undefined): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CommandError(
      `${nameOf(file)} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : message}`,
      exitCode.noInput,
    )
  }
}
