// What an export can have done to it on the way out, by the names that rabbitmqadmin gives these. Knows no command.

import { CommandError } from '../command-error.ts'
import type { Row } from '../output/print.ts'
import { type Definitions, entriesOf, type Section } from './document.ts'

type Transform = (document: Definitions) => Definitions

/** Settings of classic mirroring, which RabbitMQ 4 has no more. */
const mirroring = [
  'ha-mode',
  'ha-params',
  'ha-promote-on-shutdown',
  'ha-promote-on-failure',
  'ha-sync-mode',
  'ha-sync-batch-size',
]

const without =
  (...names: readonly Section[]): Transform =>
  (document) =>
    Object.fromEntries(Object.entries(document).filter(([key]) => !names.some((name) => name === key)))

/** All of them, by name. */
export const transforms: Readonly<Record<string, Transform>> = {
  no_op: (document) => document,
  exclude_users: without('users'),
  exclude_permissions: without('permissions', 'topic_permissions'),
  exclude_runtime_parameters: without('parameters'),
  exclude_policies: without('policies'),
  strip_cmq_keys_from_policies: (document) => ({
    ...document,
    policies: entriesOf(document, 'policies').map(unmirrored),
  }),
  drop_empty_policies: (document) => ({ ...document, policies: entriesOf(document, 'policies').filter(saysSomething) }),
  obfuscate_usernames: obfuscated,
}

function unmirrored(policy: Row): Row {
  const definition = Object.entries((policy['definition'] ?? {}) as object).filter(([key]) => !mirroring.includes(key))
  return { ...policy, definition: Object.fromEntries(definition) }
}

function saysSomething(policy: Row): boolean {
  return Object.keys((policy['definition'] ?? {}) as object).length > 0
}

/** Users keep their tags and permissions under names that say nothing, without a password that anybody has. */
function obfuscated(document: Definitions): Definitions {
  const names = new Map(entriesOf(document, 'users').map((user, index) => [user['name'], `user-${index + 1}`]))
  const renamed = (section: Section, key: string) =>
    entriesOf(document, section).map((entry) => ({ ...entry, [key]: names.get(entry[key]) ?? entry[key] }))
  const users = renamed('users', 'name').map((user) => ({ ...user, password_hash: '' }))
  const sections = {
    users,
    permissions: renamed('permissions', 'user'),
    topic_permissions: renamed('topic_permissions', 'user'),
  }
  return { ...document, ...Object.fromEntries(Object.entries(sections).filter(([key]) => key in document)) }
}

/** Applies transforms in the order they are named. Throws `CommandError` for a name that is unknown. */
export function transformed(document: Definitions, names: readonly string[]): Definitions {
  return names.reduce((current, name) => {
    const transform = transforms[name.replaceAll('-', '_')]
    if (!transform) {
      throw new CommandError(`--transform: got "${name}", expected some of ${Object.keys(transforms).join(', ')}`)
    }
    return transform(current)
  }, document)
}
