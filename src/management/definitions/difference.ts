// What an import changes, in words for people and programs: which things are new, which are different in what, and which
// stay as they are though the definitions say otherwise. No secret is shown. Knows plans; not how they come about.

import type { Change, Difference } from '../../broker/adoption/plan.ts'
import type { Kind } from '../../broker/entries.ts'
import type { Json } from '../../broker/term.ts'
import type { JsonObject } from '../field-json.ts'

/** What the names of an entry are, by its kind; of a binding the last one is in no form for people. */
const names: { readonly [kind in Kind]: readonly string[] } = {
  vhost: ['name'],
  'vhost-limits': ['vhost'],
  policy: ['vhost', 'name'],
  'operator-policy': ['vhost', 'name'],
  parameter: ['vhost', 'component', 'name'],
  'global-parameter': ['name'],
  user: ['name'],
  'user-limits': ['user'],
  permission: ['user', 'vhost'],
  'topic-permission': ['user', 'vhost', 'exchange'],
  exchange: ['vhost', 'name'],
  queue: ['vhost', 'name'],
  binding: ['vhost', 'source', 'destination_type', 'destination', 'routing_key'],
}

/** Fields whose values are nobody's business. */
const SECRETS = ['passwordHash']

/** The difference as the API answers it. */
export function differenceView({ changes, ignored, unchanged }: Difference): JsonObject {
  const created = changes.filter(({ before }) => before === null)
  const changed = changes.filter(({ before }) => before !== null)
  return {
    created: created.map((change) => ({ ...named(change), place: change.place })),
    changed: changed.map((change) => ({ ...named(change), place: change.place, fields: fieldsOf(change) })),
    ignored: ignored.map((each) => ({ ...named(each), place: each.place, reason: each.why })),
    unchanged,
  }
}

function named({ kind, names: values }: { readonly kind: Kind; readonly names: readonly string[] }): JsonObject {
  return { kind, ...Object.fromEntries(names[kind].map((name, at) => [name, values[at] ?? ''])) }
}

/** The fields that differ, each with what it was and what it is to be. */
function fieldsOf({ before, value }: Change): JsonObject {
  const [was, is] = [JSON.parse(before ?? 'null') as Json, JSON.parse(value) as Json]
  if (!isFields(was) || !isFields(is)) return { value: { from: was, to: is } }
  const differing = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]),
  )
  const shown = (name: string, value: Json | undefined): Json => (SECRETS.includes(name) ? '***' : (value ?? null))
  return Object.fromEntries(
    differing.map((name) => [name, { from: shown(name, was[name]), to: shown(name, is[name]) }]),
  )
}

function isFields(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
