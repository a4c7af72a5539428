// What is wrong in a document of definitions, found without a broker: types, names that are missing or there twice, and
// entries that point at nothing. Knows no command.

import type { Row } from '../output/print.ts'
import { type Definitions, entriesOf, keyOf, type Section, sectionNames } from './document.ts'

/** Something that is wrong, and where. */
export interface Problem {
  /** Such as `queues[3].arguments`. */
  readonly place: string
  readonly problem: string
}

type Kind = 'text' | 'flag' | 'object' | 'number' | 'any'

/** Fields that an entry has to have, and of which kind. */
const required: Readonly<Record<Section, Readonly<Record<string, Kind>>>> = {
  users: { name: 'text' },
  vhosts: { name: 'text' },
  permissions: { user: 'text', vhost: 'text', configure: 'text', write: 'text', read: 'text' },
  topic_permissions: { user: 'text', vhost: 'text', exchange: 'text', write: 'text', read: 'text' },
  parameters: { vhost: 'text', component: 'text', name: 'text', value: 'any' },
  global_parameters: { name: 'text', value: 'any' },
  policies: { vhost: 'text', name: 'text', pattern: 'text', definition: 'object' },
  queues: { vhost: 'text', name: 'text' },
  exchanges: { vhost: 'text', name: 'text', type: 'text' },
  bindings: { vhost: 'text', source: 'text', destination: 'text', destination_type: 'text', routing_key: 'text' },
}

const optional: Readonly<Record<string, Kind>> = {
  durable: 'flag',
  auto_delete: 'flag',
  internal: 'flag',
  arguments: 'object',
  priority: 'number',
  limits: 'any',
}

const expected: Readonly<Record<Kind, string>> = {
  text: 'a text',
  flag: 'true or false',
  object: 'an object',
  number: 'a whole number',
  any: 'a value',
}

/** All that is wrong, in the order of the document. */
export function problemsIn(document: Definitions): readonly Problem[] {
  return [
    ...Object.keys(document).flatMap((key) => sectionProblems(document, key)),
    ...sectionNames.flatMap((section) => duplicates(document, section)),
    ...patternProblems(document),
    ...danglingProblems(document),
  ]
}

function sectionProblems(document: Definitions, key: string): readonly Problem[] {
  const section = sectionNames.find((name) => name === key)
  if (!section) return []
  if (!Array.isArray(document[key])) return [{ place: key, problem: 'expected a list' }]
  return entriesOf(document, section).flatMap((entry, index) => entryProblems(section, entry, `${section}[${index}]`))
}

function entryProblems(section: Section, entry: unknown, place: string): readonly Problem[] {
  if (typeof entry !== 'object' || entry === null) return [{ place, problem: 'expected an object' }]
  const row = entry as Row
  const needed = Object.entries(required[section]).flatMap(([key, kind]) => {
    // Exports of one vhost leave the vhost out.
    if (row[key] === undefined)
      return key === 'vhost' ? [] : [{ place: `${place}.${key}`, problem: `is missing, expected ${expected[kind]}` }]
    return kindProblem(row[key], kind, `${place}.${key}`)
  })
  const further = Object.entries(optional).flatMap(([key, kind]) =>
    row[key] === undefined || key in required[section] ? [] : kindProblem(row[key], kind, `${place}.${key}`),
  )
  return [...needed, ...further]
}

function kindProblem(value: unknown, kind: Kind, place: string): readonly Problem[] {
  const fits =
    kind === 'any' ||
    (kind === 'text' && typeof value === 'string') ||
    (kind === 'flag' && typeof value === 'boolean') ||
    (kind === 'number' && Number.isInteger(value)) ||
    (kind === 'object' && typeof value === 'object' && value !== null && !(Array.isArray(value) && value.length > 0))
  return fits ? [] : [{ place, problem: `got ${JSON.stringify(value)}, expected ${expected[kind]}` }]
}

function duplicates(document: Definitions, section: Section): readonly Problem[] {
  const first = new Map<string, number>()
  return entriesOf(document, section).flatMap((entry, index) => {
    if (typeof entry !== 'object' || entry === null) return []
    const key = keyOf(section, entry)
    const before = first.get(key)
    if (before === undefined) first.set(key, index)
    return before === undefined
      ? []
      : [{ place: `${section}[${index}]`, problem: `is the same as ${section}[${before}]` }]
  })
}

const regexFields: readonly (readonly [Section, readonly string[]])[] = [
  ['permissions', ['configure', 'write', 'read']],
  ['topic_permissions', ['write', 'read']],
  ['policies', ['pattern']],
]

function patternProblems(document: Definitions): readonly Problem[] {
  return regexFields.flatMap(([section, keys]) =>
    entriesOf(document, section).flatMap((entry, index) =>
      keys.flatMap((key) => {
        try {
          new RegExp(String(entry?.[key] ?? ''))
          return []
        } catch (error) {
          return [{ place: `${section}[${index}].${key}`, problem: (error as Error).message }]
        }
      }),
    ),
  )
}

/** Entries that name something which the document has a section for, but not in it. */
function danglingProblems(document: Definitions): readonly Problem[] {
  const names = (section: Section, ...keys: readonly string[]) =>
    Array.isArray(document[section])
      ? new Set(entriesOf(document, section).map((entry) => JSON.stringify(keys.map((key) => entry?.[key]))))
      : undefined
  const users = names('users', 'name')
  const vhosts = names('vhosts', 'name')
  const ends = { queue: names('queues', 'vhost', 'name'), exchange: names('exchanges', 'vhost', 'name') }
  const known = (set: ReadonlySet<string> | undefined, ...key: readonly unknown[]) =>
    set === undefined || set.has(JSON.stringify(key))
  const problems: Problem[] = []
  for (const section of ['permissions', 'topic_permissions'] as const) {
    for (const [index, entry] of entriesOf(document, section).entries()) {
      if (!known(users, entry['user']))
        problems.push({ place: `${section}[${index}].user`, problem: `there is no user "${entry['user']}"` })
    }
  }
  for (const section of sectionNames) {
    for (const [index, entry] of entriesOf(document, section).entries()) {
      const vhost = entry?.['vhost']
      if (vhost === undefined || vhost === null || known(vhosts, vhost)) continue
      problems.push({ place: `${section}[${index}].vhost`, problem: `there is no vhost "${vhost}"` })
    }
  }
  for (const [index, { vhost, source, destination, destination_type }] of entriesOf(document, 'bindings').entries()) {
    const standard = (name: unknown) => name === '' || String(name).startsWith('amq.')
    const kind = destination_type === 'exchange' ? 'exchange' : 'queue'
    if (!standard(source) && !known(ends.exchange, vhost, source)) {
      problems.push({ place: `bindings[${index}].source`, problem: `there is no exchange "${source}"` })
    }
    if (!(kind === 'exchange' && standard(destination)) && !known(ends[kind], vhost, destination)) {
      problems.push({ place: `bindings[${index}].destination`, problem: `there is no ${kind} "${destination}"` })
    }
  }
  return problems
}
