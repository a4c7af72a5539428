// RabbitMQ's tools as commands of this command line, for its help and for flags before their name. As a rule the
// executable runs them without asking commander, whose grammar is another.

import type { Verb } from '../command.ts'
import { hostOf, runCompat } from './compat.ts'
import type { CompatName } from './names.ts'

/** A tool as a command. */
export function compatVerb(name: CompatName): Verb {
  return {
    name,
    operands: '[arguments...]',
    summary: `RabbitMQ's ${name}, in its own grammar: \`leveret ${name} help\` shows it.`,
    notes: `It talks to the HTTP API, so that it works with any broker: LEVERET_URL says where (default: http://localhost:15672),
LEVERET_USER and LEVERET_PASSWORD who asks (default: guest).`,
    reach: 'any broker',
    run: ({ terminal }, { operands }) => runCompat(name, operands, hostOf(terminal)),
  }
}
