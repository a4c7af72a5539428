// What rabbitmqadmin can list, show, declare, delete, close, purge, publish and get: which arguments each takes, which of
// them are JSON, and the path of the HTTP API that it stands for.

import { AdminError, misuse } from './admin-error.ts'

/** What lists and shows of a kind look like. */
export interface Listed {
  /** Whether the path may end in a vhost. */
  readonly vhost: boolean
  /** The columns when none is named. */
  readonly cols?: readonly string[]
  /** Columns whose objects are printed as JSON. */
  readonly json?: readonly string[]
}

/** What can be listed. */
export const listable: Readonly<Record<string, Listed>> = {
  connections: { vhost: false, cols: ['name', 'user', 'channels'] },
  channels: { vhost: false, cols: ['name', 'user'] },
  consumers: { vhost: true },
  exchanges: { vhost: true, cols: ['name', 'type'] },
  queues: { vhost: true, cols: ['name', 'messages'] },
  bindings: { vhost: true, cols: ['source', 'destination', 'routing_key'] },
  users: { vhost: false },
  vhosts: { vhost: false, cols: ['name', 'messages'] },
  permissions: { vhost: false },
  nodes: { vhost: false, cols: ['name', 'type', 'mem_used'] },
  parameters: { vhost: false, json: ['value'] },
  policies: { vhost: false, json: ['definition'] },
  operator_policies: { vhost: false, json: ['definition'] },
  vhost_limits: { vhost: false, json: ['value'] },
}

/** What can be shown. */
export const showable: Readonly<Record<string, Listed>> = {
  overview: {
    vhost: false,
    cols: ['rabbitmq_version', 'cluster_name', 'queue_totals.messages', 'object_totals.queues'],
  },
}

/** A thing that is named by arguments. */
export interface Named {
  /** Each has to be there; of a list of names, one has. */
  readonly mandatory: readonly (string | readonly string[])[]
  /** What may be there, and its initial value; null is none. */
  readonly optional: Readonly<Record<string, unknown>>
  readonly json?: readonly string[]
  readonly uri: string
}

const uris = {
  exchange: '/exchanges/{vhost}/{name}',
  queue: '/queues/{vhost}/{name}',
  binding: '/bindings/{vhost}/e/{source}/{destination_char}/{destination}',
  vhost: '/vhosts/{name}',
  user: '/users/{name}',
  permission: '/permissions/{vhost}/{user}',
  parameter: '/parameters/{component}/{vhost}/{name}',
  policy: '/policies/{vhost}/{name}',
  operator_policy: '/operator-policies/{vhost}/{name}',
  vhost_limit: '/vhost-limits/{vhost}/{name}',
} as const

const policy = {
  mandatory: ['name', 'pattern', 'definition'],
  optional: { priority: 0, 'apply-to': null },
  json: ['definition', 'priority'],
} as const

/** What can be declared. */
export const declarable: Readonly<Record<string, Named>> = {
  exchange: {
    mandatory: ['name', 'type'],
    optional: { auto_delete: 'false', durable: 'true', internal: 'false', arguments: {} },
    json: ['arguments'],
    uri: uris.exchange,
  },
  queue: {
    mandatory: ['name'],
    optional: { auto_delete: 'false', durable: 'true', arguments: {}, node: null, queue_type: null },
    json: ['arguments'],
    uri: uris.queue,
  },
  binding: {
    mandatory: ['source', 'destination'],
    optional: { destination_type: 'queue', routing_key: '', arguments: {} },
    json: ['arguments'],
    uri: uris.binding,
  },
  vhost: { mandatory: ['name'], optional: { tracing: null, description: null, tags: null }, uri: uris.vhost },
  user: {
    mandatory: ['name', ['password', 'password_hash'], 'tags'],
    optional: { hashing_algorithm: null },
    uri: uris.user,
  },
  permission: { mandatory: ['vhost', 'user', 'configure', 'write', 'read'], optional: {}, uri: uris.permission },
  parameter: { mandatory: ['component', 'name', 'value'], optional: {}, json: ['value'], uri: uris.parameter },
  policy: { ...policy, uri: uris.policy },
  operator_policy: { ...policy, uri: uris.operator_policy },
  vhost_limit: { mandatory: ['vhost', 'name', 'value'], optional: {}, json: ['value'], uri: uris.vhost_limit },
}

/** What can be deleted. */
export const deletable: Readonly<Record<string, Named>> = {
  exchange: { mandatory: ['name'], optional: {}, uri: uris.exchange },
  queue: { mandatory: ['name'], optional: {}, uri: uris.queue },
  binding: {
    mandatory: ['source', 'destination_type', 'destination'],
    optional: { properties_key: '~' },
    uri: `${uris.binding}/{properties_key}`,
  },
  vhost: { mandatory: ['name'], optional: {}, uri: uris.vhost },
  user: { mandatory: ['name'], optional: {}, uri: uris.user },
  permission: { mandatory: ['vhost', 'user'], optional: {}, uri: uris.permission },
  parameter: { mandatory: ['component', 'name'], optional: {}, uri: uris.parameter },
  policy: { mandatory: ['name'], optional: {}, uri: uris.policy },
  operator_policy: { mandatory: ['name'], optional: {}, uri: uris.operator_policy },
  vhost_limit: { mandatory: ['vhost', 'name'], optional: {}, uri: uris.vhost_limit },
}

/** What can be closed. */
export const closable: Readonly<Record<string, Named>> = {
  connection: { mandatory: ['name'], optional: {}, uri: '/connections/{name}' },
}

/** What can be purged. */
export const purgable: Readonly<Record<string, Named>> = {
  queue: { mandatory: ['name'], optional: {}, uri: '/queues/{vhost}/{name}/contents' },
}

/** What stands by itself. */
export const verbs: Readonly<Record<'publish' | 'get', Named>> = {
  publish: {
    mandatory: ['routing_key'],
    optional: { payload: null, properties: {}, exchange: 'amq.default', payload_encoding: 'string' },
    json: ['properties'],
    uri: '/exchanges/{vhost}/{exchange}/publish',
  },
  get: {
    mandatory: ['queue'],
    optional: { count: '1', ackmode: 'ack_requeue_true', payload_file: null, encoding: 'auto' },
    uri: '/queues/{vhost}/{queue}/get',
  },
}

/** What a thing's arguments come to. */
export interface Read {
  readonly uri: string
  readonly upload: Readonly<Record<string, unknown>>
}

/**
 * Reads `name=value` arguments.
 * @param vhost the one that is meant when the arguments name none
 */
export function readNamed(args: readonly string[], thing: Named, vhost: string): Read {
  const mandatory = thing.mandatory.flat()
  const upload: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(thing.optional)) if (value !== null) upload[key] = value
  for (const arg of args) {
    const equals = arg.indexOf('=')
    if (equals === -1) throw misuse(`Argument "${arg}" not in the name=value format`)
    const name = arg.slice(0, equals)
    if (!mandatory.includes(name) && !(name in thing.optional)) throw misuse(`Argument "${name}" is not recognised`)
    upload[name] = thing.json?.includes(name) ? parseJson(arg.slice(equals + 1)) : arg.slice(equals + 1)
  }
  for (const wanted of thing.mandatory) {
    if (typeof wanted === 'string' ? !(wanted in upload) : !wanted.some((name) => name in upload)) throw missing(wanted)
  }
  if (!mandatory.includes('vhost')) upload['vhost'] = vhost
  const uri = thing.uri.replaceAll(/\{(\w+)\}/g, (_, key: string) => uriPart(key, upload))
  if (typeof upload['queue_type'] === 'string') {
    upload['arguments'] = { ...(upload['arguments'] as object), 'x-queue-type': upload['queue_type'] }
  }
  return { uri, upload }
}

function missing(wanted: string | readonly string[]): AdminError {
  return typeof wanted === 'string'
    ? misuse(`mandatory argument "${wanted}" is required`)
    : misuse(`one of mandatory arguments "[${wanted.map((name) => `'${name}'`).join(', ')}]" is required`)
}

function uriPart(key: string, upload: Readonly<Record<string, unknown>>): string {
  if (key === 'destination_char') return String(upload['destination_type']).slice(0, 1)
  const value = upload[key]
  // The default exchange goes by this name in the API.
  if (value === '' && (key === 'exchange' || key === 'source')) return 'amq.default'
  if (typeof value !== 'string' || value === '') throw misuse(`argument "${key}" must not be empty`)
  return encodeURIComponent(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AdminError(`Could not parse JSON:\n  ${text}`)
  }
}
