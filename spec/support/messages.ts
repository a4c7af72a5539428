// Runs commands about messages in this process. The spec puts fake-amqplib.ts in amqplib's place.

import { leveret, type Ran } from './cli.ts'
import type { FakeTerminalOptions } from './terminal.ts'

/** Runs `leveret` with AMQP at an address that nobody has to have, and an HTTP API that is not there unless one is named. */
export function messages(words: readonly string[], options: FakeTerminalOptions = {}): Promise<Ran> {
  const elsewhere = words.includes('--url') ? [] : ['--url', 'http://127.0.0.1:1']
  return leveret([...words, ...elsewhere, '--amqp-url', 'amqp://broker'], options)
}

/** The lines of an output. */
export function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
