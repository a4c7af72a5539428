// How declared things are written in the meta store: their keys, and their values as JSON. Field tables stay in AMQP's
// own encoding (base64), which keeps every type. Knows no tables of live objects.

import { decodeTable, type FieldTable } from '../protocol/field-table.ts'
import type { Account, Permission, TopicPermission } from './access/users.ts'
import { argumentsText, type BindingSpec, type DestinationType } from './binding.ts'
import type { ExchangeSpec } from './exchange/exchange.ts'
import type { ExchangeType } from './exchange/types.ts'
import type { UserLimits, VhostLimits } from './limits.ts'
import type { Policy } from './policy.ts'
import type { Json } from './term.ts'
import { PLAIN_VHOST, type VhostSettings } from './vhost-settings.ts'

/** The kinds of entries, first part of each key. Loading goes in this order. */
export const kinds = [
  'vhost',
  'vhost-limits',
  'policy',
  'operator-policy',
  'parameter',
  'global-parameter',
  'user',
  'user-limits',
  'permission',
  'topic-permission',
  'exchange',
  'queue',
  'binding',
] as const
/** One of them. */
export type Kind = (typeof kinds)[number]

/** A key: the kind and the names that identify the entry, escaped so that `/` only separates. */
export function entryKey(kind: Kind, ...names: readonly string[]): string {
  return [kind, ...names].map(encodeURIComponent).join('/')
}

/** The parts of a key that `entryKey` made. */
export function keyNames(key: string): { readonly kind: Kind; readonly names: readonly string[] } {
  const [kind, ...names] = key.split('/').map(decodeURIComponent)
  return { kind: kind as Kind, names }
}

/** The key of a binding in `vhost`; the order of its arguments makes no difference, as in RabbitMQ. */
export function bindingKey(vhost: string, spec: BindingSpec): string {
  const { source, destinationType, destination, routingKey } = spec
  const sorted = new Map([...spec.arguments].sort(([one], [other]) => (one < other ? -1 : 1)))
  return entryKey('binding', vhost, source, destinationType, destination, routingKey, argumentsText(sorted))
}

/** What a queue's entry says beside its name and vhost. `owner` is the owning connection's number, 0 for none. */
export interface QueueEntry {
  readonly id: number
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly owner: number
  readonly arguments: FieldTable
}

export const queueEntry = {
  write: (entry: QueueEntry): string => JSON.stringify({ ...entry, arguments: argumentsText(entry.arguments) }),
  read: (text: string): QueueEntry => {
    const entry = JSON.parse(text)
    return { ...entry, arguments: textTable(entry.arguments) }
  },
}

export const exchangeEntry = {
  write: ({ type, durable, autoDelete, internal, arguments: args, logId }: ExchangeSpec): string =>
    JSON.stringify({ type, durable, autoDelete, internal, arguments: argumentsText(args), logId }),
  read: (name: string, text: string): ExchangeSpec => {
    const entry = JSON.parse(text)
    return { ...entry, name, type: entry.type as ExchangeType, arguments: textTable(entry.arguments) }
  },
}

export const bindingEntry = {
  /** All of a binding is in its key. */
  write: (): string => '{}',
  read: (names: readonly string[]): BindingSpec => {
    const [, source = '', destinationType = '', destination = '', routingKey = '', args = ''] = names
    return {
      source,
      destinationType: destinationType as DestinationType,
      destination,
      routingKey,
      arguments: textTable(args),
    }
  },
}

export const accountEntry = {
  write: ({ passwordHash, hashing, tags }: Account): string => JSON.stringify({ passwordHash, hashing, tags }),
  read: (name: string, text: string): Account => ({ name, ...JSON.parse(text) }),
}

export const permissionEntry = {
  write: ({ configure, write, read }: Permission): string => JSON.stringify({ configure, write, read }),
  read: (text: string): Permission => JSON.parse(text),
}

export const topicPermissionEntry = {
  write: ({ write, read }: TopicPermission): string => JSON.stringify({ write, read }),
  read: (text: string): TopicPermission => JSON.parse(text),
}

export const limitsEntry = {
  write: (limits: VhostLimits | UserLimits): string => JSON.stringify(limits),
  read: (text: string): VhostLimits & UserLimits => JSON.parse(text),
}

export const policyEntry = {
  write: ({ pattern, applyTo, priority, definition }: Policy): string =>
    JSON.stringify({ pattern, applyTo, priority, definition }),
  read: (name: string, text: string): Policy => ({ name, ...JSON.parse(text) }),
}

/** Of a parameter, and of a global one. */
export const parameterEntry = {
  write: (value: Json): string => JSON.stringify(value),
  read: (text: string): Json => JSON.parse(text),
}

export const vhostEntry = {
  write: ({ defaultQueueType, description, tags, protectedFromDeletion }: VhostSettings): string =>
    JSON.stringify({ defaultQueueType, description, tags, protectedFromDeletion }),
  read: (text: string): VhostSettings => ({ ...PLAIN_VHOST, ...JSON.parse(text) }),
}

function textTable(text: string): FieldTable {
  if (text === '') return new Map()
  const bytes = Buffer.from(text, 'base64')
  return decodeTable(bytes, 0, bytes.length)
}
