// The difference between two documents of definitions, entry by entry. Knows neither files nor brokers.

import type { Row } from '../output/print.ts'
import { canonical, type Definitions, entriesOf, keyOf, type Section, sectionNames, sections } from './document.ts'

/** One difference: what has come, what has gone, what is now otherwise. */
export interface Change {
  readonly change: 'added' | 'removed' | 'changed'
  readonly section: Section
  readonly vhost: string
  readonly name: string
  /** What is different, for people. */
  readonly detail: string
  readonly before?: Row
  readonly after?: Row
}

/**
 * What has to happen to `before` so that it becomes `after`.
 * @param only sections to look at; default: all that `after` has
 */
export function difference(before: Definitions, after: Definitions, only?: readonly Section[]): readonly Change[] {
  const looked = only ?? sectionNames.filter((section) => Array.isArray(after[section]))
  return looked.flatMap((section) => {
    const old = new Map(entriesOf(before, section).map((entry) => [keyOf(section, entry), entry]))
    const changes: Change[] = []
    for (const entry of entriesOf(after, section)) {
      const key = keyOf(section, entry)
      const was = old.get(key)
      old.delete(key)
      const detail = was ? detailOf(was, entry) : summary(section, entry)
      if (!was) changes.push({ change: 'added', section, ...title(section, entry), detail, after: entry })
      else if (detail !== '')
        changes.push({ change: 'changed', section, ...title(section, entry), detail, before: was, after: entry })
    }
    for (const entry of old.values()) {
      changes.push({
        change: 'removed',
        section,
        ...title(section, entry),
        detail: summary(section, entry),
        before: entry,
      })
    }
    return changes
  })
}

function title(section: Section, entry: Row): { readonly vhost: string; readonly name: string } {
  const vhost = String(entry['vhost'] ?? '')
  switch (section) {
    case 'bindings':
      return { vhost, name: `${entry['source']} -> ${entry['destination']} (${entry['routing_key'] ?? ''})` }
    case 'permissions':
      return { vhost, name: String(entry['user']) }
    case 'topic_permissions':
      return { vhost, name: `${entry['user']} at ${entry['exchange']}` }
    case 'parameters':
      return { vhost, name: `${entry['component']}/${entry['name']}` }
    default:
      return { vhost, name: String(entry['name']) }
  }
}

/** Fields that an older broker leaves out, with what their absence means. */
const absent: Readonly<Record<string, unknown>> = {
  arguments: {},
  limits: {},
  metadata: {},
  tags: [],
  durable: true,
  auto_delete: false,
  internal: false,
  priority: 0,
  'apply-to': 'all',
}

/** Fields that say who an entry is, and those that must not be printed. */
const secret = ['password_hash']

function detailOf(before: Row, after: Row): string {
  const keys = Object.keys(after).filter((key) => !same(fieldOf(before, key), fieldOf(after, key)))
  return keys
    .map((key) =>
      secret.includes(key) ? `${key} differs` : `${key}: ${text(fieldOf(before, key))} -> ${text(fieldOf(after, key))}`,
    )
    .join(', ')
}

function summary(section: Section, entry: Row): string {
  const hidden: readonly string[] = [...sections[section], ...secret, 'hashing_algorithm']
  return Object.entries(entry)
    .filter(([key, value]) => !hidden.includes(key) && value !== undefined && !same(value, absent[key]))
    .map(([key, value]) => `${key}: ${text(value)}`)
    .join(', ')
}

function fieldOf(entry: Row, key: string): unknown {
  const value = entry[key]
  if (key === 'tags' && typeof value === 'string') return value === '' ? [] : value.split(',')
  return value ?? absent[key]
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(canonical(one)) === JSON.stringify(canonical(other))
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
}
