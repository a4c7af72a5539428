// Definitions as RabbitMQ writes them down (ecosystem.md §2.3), read into what a broker can be told to be. All versions from
// 3.5 to 4.x are understood; what was left out by hand gets the value that RabbitMQ's API would give it. Knows the document;
// whether a broker can be like that is the broker's concern.

import { hashings } from '../../broker/access/passwords.ts'
import type {
  DefinedBinding,
  DefinedExchange,
  DefinedParameter,
  DefinedPermission,
  DefinedPolicy,
  DefinedQueue,
  DefinedTopicPermission,
  DefinedUser,
  DefinedVhost,
  Definitions,
} from '../../broker/adoption/definitions.ts'
import type { UserLimits, VhostLimits } from '../../broker/limits.ts'
import { policyRequest } from '../../broker/parameters.ts'
import { queueTypes } from '../../broker/queue/settings.ts'
import type { VhostSettings } from '../../broker/vhost-settings.ts'
import { kindOfJson } from '../field-json.ts'
import { Complaints, type Fields, isObject, objectsIn } from './fields.ts'

/** The lists that definitions consist of. */
export const sections = [
  'users',
  'vhosts',
  'permissions',
  'topic_permissions',
  'parameters',
  'global_parameters',
  'policies',
  'queues',
  'exchanges',
  'bindings',
] as const

/** What RabbitMQ puts before the names of hash functions. */
export const HASHING_PREFIX = 'rabbit_password_hashing_'
/** Versions that hashed by MD5 and did not say so. */
const MD5_VERSIONS = /^([0-2]\.|3\.[0-5]\.)/

/**
 * Reads definitions. `vhost` names the one that they are for, if they are for one: then nothing is read that is not in a
 * vhost, and what they say of vhosts makes no difference. Throws `AdministrationError` with all that is wrong.
 */
export function readDefinitions(json: unknown, vhost: string | null = null): Definitions {
  const complaints = new Complaints()
  const document = isObject(json) ? json : {}
  if (!isObject(json)) complaints.add('definitions', `expected an object, not ${kindOfJson(json)}`)
  for (const [name, value] of Object.entries(document)) {
    if (Array.isArray(value) && value.length > 0 && !sections.some((known) => known === name)) {
      complaints.add(name, `definitions have no such list; expected one of ${sections.join(', ')}`)
    }
  }
  const all = <Item>(section: (typeof sections)[number], read: (fields: Fields) => Item): readonly Item[] =>
    objectsIn(document, section, complaints).map(read)
  const whole = <Item>(section: (typeof sections)[number], read: (fields: Fields) => Item): readonly Item[] =>
    vhost === null ? all(section, read) : []
  const version = document['rabbitmq_version'] ?? document['rabbit_version']
  const hashing = typeof version === 'string' && MD5_VERSIONS.test(version) ? 'md5' : 'sha256'
  const vhostOf = (fields: Fields): string => vhost ?? fields.text('vhost')
  const definitions: Definitions = {
    users: whole('users', (fields) => userOf(fields, hashing)),
    vhosts: whole('vhosts', definedVhost),
    permissions: whole('permissions', permissionOf),
    topicPermissions: whole('topic_permissions', topicPermissionOf),
    parameters: all('parameters', (fields) => parameterOf(fields, vhostOf(fields))),
    globalParameters: whole('global_parameters', (fields) => ({
      place: fields.place,
      name: fields.text('name'),
      value: fields.json('value'),
    })),
    policies: all('policies', (fields) => policyOf(fields, vhostOf(fields))),
    exchanges: all('exchanges', (fields) => exchangeOf(fields, vhostOf(fields))),
    queues: all('queues', (fields) => queueOf(fields, vhostOf(fields))),
    bindings: all('bindings', (fields) => bindingOf(fields, vhostOf(fields))),
  }
  if (complaints.refusal) throw complaints.refusal
  return definitions
}

function userOf(fields: Fields, usual: DefinedUser['hashing']): DefinedUser {
  const given = fields.has('password_hash') ? fields.text('password_hash') : null
  const words = hashings.map((name) => `${HASHING_PREFIX}${name}` as const)
  const algorithm = fields.choice('hashing_algorithm', words, `${HASHING_PREFIX}${usual}`)
  const hashing = algorithm.slice(HASHING_PREFIX.length) as DefinedUser['hashing']
  if (given !== null && !isHash(given, hashing)) {
    fields.complain('password_hash', `is not what ${algorithm} makes of a password: base64 of four octets and a hash`)
  }
  return {
    place: fields.place,
    name: fields.text('name'),
    tags: fields.texts('tags'),
    password: fields.has('password') ? fields.text('password') : null,
    passwordHash: given,
    hashing,
    limits: fields.has('limits') ? (fields.object('limits') as UserLimits) : null,
  }
}

/** Whether it can be the hash of a password; an empty one stands for none. */
function isHash(text: string, hashing: DefinedUser['hashing']): boolean {
  const bytes: { readonly [name: string]: number } = { sha256: 36, sha512: 68, md5: 20 }
  const expected = bytes[hashing]
  if (text === '' || expected === undefined) return true
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && Buffer.from(text, 'base64').length === expected
}

function definedVhost(fields: Fields): DefinedVhost {
  const from = (name: string): Fields | null =>
    [fields, fields.inner('metadata')].find((each) => each.has(name)) ?? null
  const type = from('default_queue_type')
  const settings: { -readonly [key in keyof VhostSettings]?: VhostSettings[key] } = {}
  const [described, tagged] = [from('description'), from('tags')]
  if (described) settings.description = described.text('description')
  if (tagged) settings.tags = tagged.texts('tags')
  if (type && type.json('default_queue_type') !== 'undefined') {
    settings.defaultQueueType = type.choice('default_queue_type', queueTypes)
  }
  const limits = fields.has('limits') ? (fields.object('limits') as VhostLimits) : null
  return { place: fields.place, name: fields.text('name'), settings, limits }
}

function permissionOf(fields: Fields): DefinedPermission {
  return {
    place: fields.place,
    user: fields.text('user'),
    vhost: fields.text('vhost'),
    configure: fields.text('configure'),
    write: fields.text('write'),
    read: fields.text('read'),
  }
}

function topicPermissionOf(fields: Fields): DefinedTopicPermission {
  return {
    place: fields.place,
    user: fields.text('user'),
    vhost: fields.text('vhost'),
    exchange: fields.text('exchange'),
    write: fields.text('write'),
    read: fields.text('read'),
  }
}

function parameterOf(fields: Fields, vhost: string): DefinedParameter {
  return {
    place: fields.place,
    vhost,
    component: fields.text('component'),
    name: fields.text('name'),
    value: fields.json('value'),
  }
}

function policyOf(fields: Fields, vhost: string): DefinedPolicy {
  // What is wrong with any of these is for the broker to say, in the words of policies.
  const { place } = fields
  const asked = ['pattern', 'definition', 'priority', 'apply-to'].filter((name) => fields.has(name))
  const request = policyRequest(Object.fromEntries(asked.map((name) => [name, fields.json(name)])))
  return { place, vhost, name: fields.text('name'), ...request }
}

function exchangeOf(fields: Fields, vhost: string): DefinedExchange {
  return {
    ...declared(fields),
    vhost,
    type: fields.text('type'),
    internal: fields.flag('internal', false),
  }
}

function queueOf(fields: Fields, vhost: string): DefinedQueue {
  return { ...declared(fields), vhost }
}

/** What queues and exchanges have in common. */
function declared(fields: Fields): Omit<DefinedQueue, 'vhost'> {
  return {
    place: fields.place,
    name: fields.text('name'),
    durable: fields.flag('durable', true),
    autoDelete: fields.flag('auto_delete', false),
    arguments: fields.table('arguments'),
  }
}

function bindingOf(fields: Fields, vhost: string): DefinedBinding {
  return {
    place: fields.place,
    vhost,
    source: fields.text('source'),
    destinationType: fields.choice('destination_type', ['queue', 'exchange'], 'queue'),
    destination: fields.text('destination'),
    routingKey: fields.text('routing_key', ''),
    arguments: fields.table('arguments'),
  }
}
