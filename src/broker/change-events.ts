// What changes of the meta store are called as events, under the names that RabbitMQ has for them. Knows entries, and what
// there was before; not who listens.

import type { Account, Users } from './access/users.ts'
import { accountEntry, exchangeEntry, keyNames, queueEntry } from './entries.ts'
import type { EventFields, EventName, Events } from './events.ts'
import type { MetaChange } from './store.ts'

/** What is looked at, as it was before the changes. */
export interface Before {
  readonly events: Events
  readonly users: Pick<Users, 'get'>
  readonly vhosts: ReadonlyMap<string, unknown>
}

/** Tells of changes that are about to be true. Costs nothing where nobody listens. */
export function tellChanges(before: Before, changes: readonly MetaChange[]): void {
  if (!before.events.heard) return
  for (const change of changes)
    for (const [name, fields] of eventsOf(before, change)) before.events.tell(name, () => fields)
}

type Told = readonly [EventName, EventFields]

function eventsOf({ users, vhosts }: Before, { key, value }: MetaChange): readonly Told[] {
  const { kind, names } = keyNames(key)
  const [first = '', second = '', third = ''] = names
  const gone = value === null
  switch (kind) {
    case 'vhost':
      return !gone && vhosts.has(first)
        ? []
        : [[gone ? 'vhost.deleted' : 'vhost.created', { name: first, vhost: first }]]
    case 'vhost-limits':
      return [[gone ? 'vhost.limits.cleared' : 'vhost.limits.set', { vhost: first, ...fieldsOf(value) }]]
    case 'policy':
    case 'operator-policy':
      return [[gone ? 'policy.cleared' : 'policy.set', { vhost: first, name: second, kind, ...fieldsOf(value) }]]
    case 'parameter':
      return [[gone ? 'parameter.cleared' : 'parameter.set', { vhost: first, component: second, name: third }]]
    case 'global-parameter':
      return [[gone ? 'parameter.cleared' : 'parameter.set', { name: first }]]
    case 'user':
      return userEvents(users.get(first), first, value)
    case 'user-limits':
      return [[gone ? 'user.limits.cleared' : 'user.limits.set', { name: first, ...fieldsOf(value) }]]
    case 'permission':
      return [[gone ? 'permission.deleted' : 'permission.created', { user: first, vhost: second, ...fieldsOf(value) }]]
    case 'topic-permission': {
      const fields = { user: first, vhost: second, exchange: third, ...fieldsOf(value) }
      return [[gone ? 'topic.permission.deleted' : 'topic.permission.created', fields]]
    }
    case 'exchange':
      return [
        [gone ? 'exchange.deleted' : 'exchange.created', { vhost: first, name: second, ...exchangeFields(value) }],
      ]
    case 'queue':
      return [[gone ? 'queue.deleted' : 'queue.created', { vhost: first, name: second, ...queueFields(value) }]]
    case 'binding': {
      const [, source, destinationKind, destination, routingKey] = names
      const ends = { source_name: source, destination_name: destination, destination_kind: destinationKind }
      return [[gone ? 'binding.deleted' : 'binding.created', { vhost: first, ...ends, routing_key: routingKey }]]
    }
    default:
      // What the broker notes for itself is nobody's event.
      return []
  }
}

function userEvents(before: Account | undefined, name: string, value: string | null): readonly Told[] {
  if (value === null) return [['user.deleted', { name }]]
  const account = accountEntry.read(name, value)
  if (!before) return [['user.created', { name, tags: account.tags }]]
  const told: Told[] = []
  if (before.passwordHash !== account.passwordHash) told.push(['user.password.changed', { name }])
  if (before.tags.join() !== account.tags.join()) told.push(['user.tags.set', { name, tags: account.tags }])
  return told
}

function fieldsOf(value: string | null): EventFields {
  return value === null ? {} : JSON.parse(value)
}

function exchangeFields(value: string | null): EventFields {
  if (value === null) return {}
  const { type, durable, autoDelete, internal } = exchangeEntry.read('', value)
  return { type, durable, auto_delete: autoDelete, internal }
}

function queueFields(value: string | null): EventFields {
  if (value === null) return {}
  const { durable, autoDelete, owner } = queueEntry.read(value)
  return { durable, auto_delete: autoDelete, exclusive: owner !== 0 }
}
