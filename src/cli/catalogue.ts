// All commands by name, in the groups that help shows them in. A command's own file is imported when it is wanted, so that
// adding one costs the others nothing. Knows names and summaries only.

import type { Noun, Verb } from './command.ts'
import { compatNames } from './compat/names.ts'

/** A command that is one, before it is loaded. */
export interface Entry {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly group: string
  readonly summary: string
  readonly load: () => Promise<Noun | Verb>
}

const TOPOLOGY = 'What there is:'
const TOOLS = 'This command line:'
const COMPATIBLE = "RabbitMQ's own command lines:"

/** The commands beside `serve` and `check`, in the order of help. */
export const catalogue: readonly Entry[] = [
  {
    name: 'queues',
    aliases: ['queue'],
    group: TOPOLOGY,
    summary: 'list, show, declare, delete and purge queues',
    load: async () => (await import('./nouns/queues.ts')).queues,
  },
  {
    name: 'contexts',
    aliases: ['context'],
    group: TOOLS,
    summary: 'brokers with a name, for --context',
    load: async () => (await import('./nouns/contexts.ts')).contexts,
  },
  ...compatNames.map((name) => ({
    name,
    group: COMPATIBLE,
    summary: `in the grammar of RabbitMQ's ${name}`,
    load: async () => (await import('./compat/verb.ts')).compatVerb(name),
  })),
]

/** The entry of a name or alias. */
export function entryOf(name: string): Entry | undefined {
  return catalogue.find((entry) => entry.name === name || entry.aliases?.includes(name))
}
