// Deletes what a document of definitions does not have, one by one, in the order in which nothing stands in the way.
// Knows the API's paths of each section.

import { path } from '../http.ts'
import { toEach } from '../nouns/support.ts'
import type { Row } from '../output/print.ts'
import type { Task } from '../task.ts'
import type { Change } from './diff.ts'
import type { Section } from './document.ts'

/** Last come those that others depend on. */
const order: readonly Section[] = [
  'bindings',
  'policies',
  'parameters',
  'queues',
  'exchanges',
  'topic_permissions',
  'permissions',
  'users',
  'vhosts',
]

/** Deletes what has gone; resolves with how much of it. */
export async function removeAll(task: Task, removed: readonly Change[]): Promise<number> {
  let count = 0
  for (const section of order) {
    const entries = removed.filter((each) => each.section === section).flatMap(({ before }) => (before ? [before] : []))
    const paths = await Promise.all(entries.map((entry) => pathOf(task, section, entry)))
    await toEach(
      task,
      `deleting ${section}`,
      paths,
      async (each) => {
        await (await task.api()).delete(each)
        count++
      },
      false,
    )
  }
  return count
}

async function pathOf(task: Task, section: Section, entry: Row): Promise<string> {
  const text = (key: string) => String(entry[key] ?? '')
  const vhost = text('vhost')
  switch (section) {
    case 'bindings':
      return bindingPath(task, entry)
    case 'parameters':
      return path('parameters', text('component'), vhost, text('name'))
    case 'permissions':
      return path('permissions', vhost, text('user'))
    case 'topic_permissions':
      return path('topic-permissions', vhost, text('user'), text('exchange'))
    case 'users':
    case 'vhosts':
      return path(section, text('name'))
    default:
      return path(section, vhost, text('name'))
  }
}

/** The key that a binding has in the API is the broker's to say. */
async function bindingPath(task: Task, entry: Row): Promise<string> {
  const text = (key: string) => String(entry[key] ?? '')
  const kind = text('destination_type') === 'exchange' ? 'e' : 'q'
  const base = path('bindings', text('vhost'), 'e', text('source'), kind, text('destination'))
  const rows = await (await task.api()).list(base)
  const args = JSON.stringify(entry['arguments'] ?? {})
  const found = rows.find(
    (row) => row['routing_key'] === text('routing_key') && JSON.stringify(row['arguments'] ?? {}) === args,
  )
  return `${base}/${encodeURIComponent(String(found?.['properties_key'] ?? (text('routing_key') || '~')))}`
}
