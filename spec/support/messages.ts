// Runs commands about messages in this process. The spec puts fake-amqplib.ts in amqplib's place.

import { leveret, type Ran } from './cli.ts'
import type { FakeTerminalOptions } from './terminal.ts'

/** Runs `leveret` with AMQP at an address that nobody has to have. */
export function messages(words: readonly string[], options: FakeTerminalOptions = {}): Promise<Ran> {
  return leveret([...words, '--amqp-url', 'amqp://broker'], options)
}

/** The lines of an output. */
export function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
