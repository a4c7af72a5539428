// How messages leave on standard output, one by one as they come or all at once: blocks for people, bodies alone, or the
// formats that every command has. Knows no broker.

import type { Message } from '../amqp.ts'
import type { Given, VerbFlag } from '../command.ts'
import { parseFilter } from '../output/filter.ts'
import { printRows, type Row } from '../output/print.ts'
import type { Task } from '../task.ts'
import { type Decoding, decodings } from './decode.ts'
import { bodyText, messageBlock, messageRow, messageShape } from './message.ts'

/** The flags of every command that prints messages. */
export const printingFlags: readonly VerbFlag[] = [
  {
    flags: '--decode <how>',
    help: `bodies: ${decodings.join(', ')} (default: auto, which unpacks gzip, deflate and br)`,
  },
  { flags: '--body', help: 'print the bodies alone, each on a line' },
]

/** Prints messages as they come. */
export class MessagePrinter {
  readonly #task: Task
  readonly #decoding: Decoding
  readonly #bodiesOnly: boolean
  readonly #wanted: (row: Row) => boolean
  #printed = 0

  constructor(task: Task, given: Given) {
    this.#task = task
    this.#decoding = given.oneOf('decode', decodings) ?? 'auto'
    this.#bodiesOnly = given.flag('body') === true
    const { filter } = task.globals
    this.#wanted = filter === undefined ? () => true : parseFilter(filter).matches
  }

  /** How many have been printed. */
  get printed(): number {
    return this.#printed
  }

  /** Whether `--filter` wants a message. */
  wants(message: Message): boolean {
    return this.#wanted(messageRow(message, this.#decoding))
  }

  /** Prints a message, unless `--filter` does not want it; whether it did. */
  async print(message: Message, more: Row = {}): Promise<boolean> {
    const row = { ...messageRow(message, this.#decoding), ...more }
    if (!this.#wanted(row)) return false
    this.#printed++
    this.#task.print(await this.#text(row))
    return true
  }

  /** Prints what is there already; formats that make a whole of it can. */
  async printAll(messages: readonly Message[]): Promise<void> {
    if (this.#bodiesOnly || this.#format === 'blocks' || this.#format === 'ndjson') {
      for (const message of messages) await this.print(message)
      return
    }
    const rows = messages.map((message) => messageRow(message, this.#decoding))
    this.#printed = rows.length
    await this.#task.list(rows, messageShape)
  }

  // People read blocks; programs that ask for nothing get a line of JSON for each message, since bodies have lines.
  get #format(): string {
    const { output } = this.#task.globals
    return output ?? (this.#task.terminal.stdout.isTTY ? 'blocks' : 'ndjson')
  }

  async #text(row: Row): Promise<string> {
    if (this.#bodiesOnly) return `${bodyText(row)}\n`
    if (this.#format === 'blocks') return messageBlock(row, `#${this.#printed}`, this.#task.colours)
    // A list that goes on has no end to close: a line each.
    const format = this.#format === 'json' || this.#format === 'ndjson' ? 'ndjson' : this.#task.format
    const headers = this.#task.globals.headers && this.#printed === 1
    return printRows([row], messageShape, { ...this.#task.style, format, headers, filter: undefined, sort: undefined })
  }
}
