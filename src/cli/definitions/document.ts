// A document of definitions as RabbitMQ exports it: its sections, and what makes an entry of each the one that it is.
// Knows no command.

import { CommandError } from '../command-error.ts'
import { exitCode } from '../exit-codes.ts'
import type { Row } from '../output/print.ts'

/** The sections that hold entries, in the order in which they depend on each other, and the keys that identify an entry. */
export const sections = {
  users: ['name'],
  vhosts: ['name'],
  permissions: ['vhost', 'user'],
  topic_permissions: ['vhost', 'user', 'exchange'],
  parameters: ['vhost', 'component', 'name'],
  global_parameters: ['name'],
  policies: ['vhost', 'name'],
  queues: ['vhost', 'name'],
  exchanges: ['vhost', 'name'],
  bindings: ['vhost', 'source', 'destination_type', 'destination', 'routing_key', 'arguments'],
} as const

/** A section's name. */
export type Section = keyof typeof sections

/** Names of the sections. */
export const sectionNames = Object.keys(sections) as readonly Section[]

/** A document; sections that are not there are left alone by an import. */
export type Definitions = Readonly<Record<string, unknown>>

/** The entries of a section; none where it is not there. */
export function entriesOf(document: Definitions, section: Section): readonly Row[] {
  const entries = document[section]
  return Array.isArray(entries) ? (entries as readonly Row[]) : []
}

/** What an entry is told apart by, as one text. */
export function keyOf(section: Section, entry: Row): string {
  return JSON.stringify(sections[section].map((key) => canonical(entry[key] ?? (key === 'arguments' ? {} : null))))
}

/** A value with the keys of its objects in order, so that equal ones have equal texts. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([key, inner]) => [key, canonical(inner)]))
}

/** Reads a document. Throws `CommandError` for what is none. */
export function parseDefinitions(text: string, from: string): Definitions {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new CommandError(`${from} is not JSON: ${(error as Error).message}`, exitCode.data)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandError(
      `${from} holds no definitions: expected a JSON object with "queues", "exchanges" ...`,
      exitCode.data,
    )
  }
  return value as Definitions
}

/** The same document with its vhost written into each entry, as exports of one vhost leave it out. */
export function withVhost(document: Definitions, vhost: string): Definitions {
  const inVhosts = sectionNames.filter((section) => (sections[section] as readonly string[]).includes('vhost'))
  const added = inVhosts
    .filter((section) => Array.isArray(document[section]))
    .map((section) => [section, entriesOf(document, section).map((entry) => ({ vhost, ...entry }))])
  return { ...document, ...Object.fromEntries(added) }
}
