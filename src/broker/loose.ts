// Stored entries that hang on nothing: a binding with an end missing, and whatever belongs to a vhost or a user that is not
// there. They lead nowhere, and would be in the way of new ones of the same names. Knows keys; not why a part is missing.

import { type Kind, keyNames } from './entries.ts'
import type { MetaEntry } from './store.ts'

/** What there is. */
export interface Recovered {
  readonly vhosts: ReadonlyMap<string, { readonly bindings: ReadonlyMap<string, unknown> }>
  readonly users: { get(name: string): unknown }
}

/** At which of a key's names the vhost stands, and the user. */
const places: { readonly [kind in Kind]?: { readonly vhost?: number; readonly user?: number } } = {
  'vhost-limits': { vhost: 0 },
  policy: { vhost: 0 },
  'operator-policy': { vhost: 0 },
  parameter: { vhost: 0 },
  exchange: { vhost: 0 },
  queue: { vhost: 0 },
  binding: { vhost: 0 },
  'user-limits': { user: 0 },
  permission: { user: 0, vhost: 1 },
  'topic-permission': { user: 0, vhost: 1 },
}

/** The keys among `entries` that hang on nothing of `recovered`. */
export function looseKeys(entries: Iterable<MetaEntry>, { vhosts, users }: Recovered): readonly string[] {
  const isLoose = (key: string): boolean => {
    const { kind, names } = keyNames(key)
    const { vhost: vhostAt, user: userAt } = places[kind] ?? {}
    if (userAt !== undefined && users.get(names[userAt] ?? '') === undefined) return true
    if (vhostAt === undefined) return false
    const vhost = vhosts.get(names[vhostAt] ?? '')
    return vhost === undefined || (kind === 'binding' && !vhost.bindings.has(key))
  }
  return [...entries].map(({ key }) => key).filter(isLoose)
}
