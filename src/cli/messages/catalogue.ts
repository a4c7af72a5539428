// The commands about messages by name, as the catalogue of all commands wants them. Knows names and summaries only.

import type { Noun, Verb } from '../command.ts'

const group = 'Messages:'

/** The commands about messages, in the order of help. */
export const messageCommands: readonly {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly group: string
  readonly summary: string
  readonly load: () => Promise<Noun | Verb>
}[] = [
  {
    name: 'publish',
    group,
    summary: 'publish messages, confirmed',
    load: async () => (await import('./publish.ts')).publish,
  },
  {
    name: 'get',
    group,
    summary: 'take messages from a queue',
    load: async () => (await import('./get.ts')).get,
  },
  {
    name: 'peek',
    aliases: ['browse'],
    group,
    summary: 'look at messages of a queue',
    load: async () => (await import('./get.ts')).peek,
  },
  {
    name: 'consume',
    group,
    summary: 'take messages as they come',
    load: async () => (await import('./consume.ts')).consume,
  },
  {
    name: 'tail',
    group,
    summary: 'print what comes to a queue, without taking it',
    load: async () => (await import('./consume.ts')).tail,
  },
  {
    name: 'tap',
    group,
    summary: 'print what goes through exchanges',
    load: async () => (await import('./consume.ts')).tap,
  },
  {
    name: 'move',
    group,
    summary: 'move messages to another queue or exchange',
    load: async () => (await import('./move.ts')).move,
  },
  {
    name: 'copy',
    group,
    summary: 'copy messages to another queue or exchange',
    load: async () => (await import('./move.ts')).copy,
  },
  {
    name: 'drop',
    group,
    summary: 'delete some messages of a queue',
    load: async () => (await import('./drop.ts')).drop,
  },
  {
    name: 'dlq',
    group,
    summary: 'dead-letter queues: list, inspect',
    load: async () => (await import('./dlq.ts')).dlq,
  },
  {
    name: 'redrive',
    group,
    summary: 'send dead letters back to where they came from',
    load: async () => (await import('./dlq.ts')).redrive,
  },
  {
    name: 'record',
    group,
    summary: 'write what goes through exchanges to a file',
    load: async () => (await import('./record.ts')).record,
  },
  {
    name: 'replay',
    group,
    summary: 'publish what was recorded, at its pace',
    load: async () => (await import('./record.ts')).replay,
  },
  {
    name: 'export-messages',
    group,
    summary: 'write the messages of a queue to a file',
    load: async () => (await import('./record.ts')).exportMessages,
  },
  {
    name: 'import-messages',
    group,
    summary: 'publish the messages of a file',
    load: async () => (await import('./record.ts')).importMessages,
  },
  {
    name: 'perf',
    group,
    summary: 'measure a broker with producers and consumers',
    load: async () => (await import('./perf.ts')).perf,
  },
]
