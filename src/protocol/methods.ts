// The grammar of AMQP 0-9-1 as RabbitMQ speaks it: every method of both directions in one table, from which the method
// types here and the readers and writers of method-codec.ts derive. scripts/check-grammar.mjs holds it against an
// official grammar. Knows names, ids and the order of fields; nothing of what a method does.

import type { FieldTable } from './field-table.ts'

/**
 * A field's type on the wire (AMQP 0-9-1 §4.2.1). Consecutive bits share an octet, the first in its lowest bit.
 */
export type Domain = 'octet' | 'short' | 'long' | 'longlong' | 'shortstr' | 'longstr' | 'timestamp' | 'table' | 'bit'

/** One method: its ids, its fields in wire order, and whether a content (header and body) follows it. */
export type Rule = {
  readonly class: number
  readonly method: number
  readonly fields: { readonly [field: string]: Domain }
  readonly content?: true
}

/**
 * Every method by its AMQP name. Fields called `reserved1`, `reserved2` are those that AMQP 0-9-1 retired: their octets
 * are still sent, their values mean nothing. Beyond the standard: RabbitMQ's connection.blocked, unblocked and
 * update-secret, exchange.bind and unbind, basic.nack, confirm.select, and access.request of AMQP 0-8.
 */
export const methods = {
  'connection.start': {
    class: 10,
    method: 10,
    fields: {
      versionMajor: 'octet',
      versionMinor: 'octet',
      serverProperties: 'table',
      mechanisms: 'longstr',
      locales: 'longstr',
    },
  },
  'connection.start-ok': {
    class: 10,
    method: 11,
    fields: { clientProperties: 'table', mechanism: 'shortstr', response: 'longstr', locale: 'shortstr' },
  },
  'connection.secure': { class: 10, method: 20, fields: { challenge: 'longstr' } },
  'connection.secure-ok': { class: 10, method: 21, fields: { response: 'longstr' } },
  'connection.tune': { class: 10, method: 30, fields: { channelMax: 'short', frameMax: 'long', heartbeat: 'short' } },
  'connection.tune-ok': {
    class: 10,
    method: 31,
    fields: { channelMax: 'short', frameMax: 'long', heartbeat: 'short' },
  },
  'connection.open': {
    class: 10,
    method: 40,
    fields: { virtualHost: 'shortstr', reserved1: 'shortstr', reserved2: 'bit' },
  },
  'connection.open-ok': { class: 10, method: 41, fields: { reserved1: 'shortstr' } },
  'connection.close': {
    class: 10,
    method: 50,
    fields: { replyCode: 'short', replyText: 'shortstr', classId: 'short', methodId: 'short' },
  },
  'connection.close-ok': { class: 10, method: 51, fields: {} },
  'connection.blocked': { class: 10, method: 60, fields: { reason: 'shortstr' } },
  'connection.unblocked': { class: 10, method: 61, fields: {} },
  'connection.update-secret': { class: 10, method: 70, fields: { newSecret: 'longstr', reason: 'shortstr' } },
  'connection.update-secret-ok': { class: 10, method: 71, fields: {} },

  'channel.open': { class: 20, method: 10, fields: { reserved1: 'shortstr' } },
  'channel.open-ok': { class: 20, method: 11, fields: { reserved1: 'longstr' } },
  'channel.flow': { class: 20, method: 20, fields: { active: 'bit' } },
  'channel.flow-ok': { class: 20, method: 21, fields: { active: 'bit' } },
  'channel.close': {
    class: 20,
    method: 40,
    fields: { replyCode: 'short', replyText: 'shortstr', classId: 'short', methodId: 'short' },
  },
  'channel.close-ok': { class: 20, method: 41, fields: {} },

  'access.request': {
    class: 30,
    method: 10,
    fields: { realm: 'shortstr', exclusive: 'bit', passive: 'bit', active: 'bit', write: 'bit', read: 'bit' },
  },
  'access.request-ok': { class: 30, method: 11, fields: { ticket: 'short' } },

  'exchange.declare': {
    class: 40,
    method: 10,
    fields: {
      reserved1: 'short',
      exchange: 'shortstr',
      type: 'shortstr',
      passive: 'bit',
      durable: 'bit',
      autoDelete: 'bit',
      internal: 'bit',
      noWait: 'bit',
      arguments: 'table',
    },
  },
  'exchange.declare-ok': { class: 40, method: 11, fields: {} },
  'exchange.delete': {
    class: 40,
    method: 20,
    fields: { reserved1: 'short', exchange: 'shortstr', ifUnused: 'bit', noWait: 'bit' },
  },
  'exchange.delete-ok': { class: 40, method: 21, fields: {} },
  'exchange.bind': {
    class: 40,
    method: 30,
    fields: {
      reserved1: 'short',
      destination: 'shortstr',
      source: 'shortstr',
      routingKey: 'shortstr',
      noWait: 'bit',
      arguments: 'table',
    },
  },
  'exchange.bind-ok': { class: 40, method: 31, fields: {} },
  'exchange.unbind': {
    class: 40,
    method: 40,
    fields: {
      reserved1: 'short',
      destination: 'shortstr',
      source: 'shortstr',
      routingKey: 'shortstr',
      noWait: 'bit',
      arguments: 'table',
    },
  },
  'exchange.unbind-ok': { class: 40, method: 51, fields: {} },

  'queue.declare': {
    class: 50,
    method: 10,
    fields: {
      reserved1: 'short',
      queue: 'shortstr',
      passive: 'bit',
      durable: 'bit',
      exclusive: 'bit',
      autoDelete: 'bit',
      noWait: 'bit',
      arguments: 'table',
    },
  },
  'queue.declare-ok': {
    class: 50,
    method: 11,
    fields: { queue: 'shortstr', messageCount: 'long', consumerCount: 'long' },
  },
  'queue.bind': {
    class: 50,
    method: 20,
    fields: {
      reserved1: 'short',
      queue: 'shortstr',
      exchange: 'shortstr',
      routingKey: 'shortstr',
      noWait: 'bit',
      arguments: 'table',
    },
  },
  'queue.bind-ok': { class: 50, method: 21, fields: {} },
  'queue.purge': { class: 50, method: 30, fields: { reserved1: 'short', queue: 'shortstr', noWait: 'bit' } },
  'queue.purge-ok': { class: 50, method: 31, fields: { messageCount: 'long' } },
  'queue.delete': {
    class: 50,
    method: 40,
    fields: { reserved1: 'short', queue: 'shortstr', ifUnused: 'bit', ifEmpty: 'bit', noWait: 'bit' },
  },
  'queue.delete-ok': { class: 50, method: 41, fields: { messageCount: 'long' } },
  'queue.unbind': {
    class: 50,
    method: 50,
    fields: {
      reserved1: 'short',
      queue: 'shortstr',
      exchange: 'shortstr',
      routingKey: 'shortstr',
      arguments: 'table',
    },
  },
  'queue.unbind-ok': { class: 50, method: 51, fields: {} },

  'basic.qos': { class: 60, method: 10, fields: { prefetchSize: 'long', prefetchCount: 'short', global: 'bit' } },
  'basic.qos-ok': { class: 60, method: 11, fields: {} },
  'basic.consume': {
    class: 60,
    method: 20,
    fields: {
      reserved1: 'short',
      queue: 'shortstr',
      consumerTag: 'shortstr',
      noLocal: 'bit',
      noAck: 'bit',
      exclusive: 'bit',
      noWait: 'bit',
      arguments: 'table',
    },
  },
  'basic.consume-ok': { class: 60, method: 21, fields: { consumerTag: 'shortstr' } },
  'basic.cancel': { class: 60, method: 30, fields: { consumerTag: 'shortstr', noWait: 'bit' } },
  'basic.cancel-ok': { class: 60, method: 31, fields: { consumerTag: 'shortstr' } },
  'basic.publish': {
    class: 60,
    method: 40,
    content: true,
    fields: {
      reserved1: 'short',
      exchange: 'shortstr',
      routingKey: 'shortstr',
      mandatory: 'bit',
      immediate: 'bit',
    },
  },
  'basic.return': {
    class: 60,
    method: 50,
    content: true,
    fields: { replyCode: 'short', replyText: 'shortstr', exchange: 'shortstr', routingKey: 'shortstr' },
  },
  'basic.deliver': {
    class: 60,
    method: 60,
    content: true,
    fields: {
      consumerTag: 'shortstr',
      deliveryTag: 'longlong',
      redelivered: 'bit',
      exchange: 'shortstr',
      routingKey: 'shortstr',
    },
  },
  'basic.get': { class: 60, method: 70, fields: { reserved1: 'short', queue: 'shortstr', noAck: 'bit' } },
  'basic.get-ok': {
    class: 60,
    method: 71,
    content: true,
    fields: {
      deliveryTag: 'longlong',
      redelivered: 'bit',
      exchange: 'shortstr',
      routingKey: 'shortstr',
      messageCount: 'long',
    },
  },
  'basic.get-empty': { class: 60, method: 72, fields: { reserved1: 'shortstr' } },
  'basic.ack': { class: 60, method: 80, fields: { deliveryTag: 'longlong', multiple: 'bit' } },
  'basic.reject': { class: 60, method: 90, fields: { deliveryTag: 'longlong', requeue: 'bit' } },
  'basic.recover-async': { class: 60, method: 100, fields: { requeue: 'bit' } },
  'basic.recover': { class: 60, method: 110, fields: { requeue: 'bit' } },
  'basic.recover-ok': { class: 60, method: 111, fields: {} },
  'basic.nack': { class: 60, method: 120, fields: { deliveryTag: 'longlong', multiple: 'bit', requeue: 'bit' } },

  'confirm.select': { class: 85, method: 10, fields: { noWait: 'bit' } },
  'confirm.select-ok': { class: 85, method: 11, fields: {} },

  'tx.select': { class: 90, method: 10, fields: {} },
  'tx.select-ok': { class: 90, method: 11, fields: {} },
  'tx.commit': { class: 90, method: 20, fields: {} },
  'tx.commit-ok': { class: 90, method: 21, fields: {} },
  'tx.rollback': { class: 90, method: 30, fields: {} },
  'tx.rollback-ok': { class: 90, method: 31, fields: {} },
} as const satisfies { readonly [name: string]: Rule }

type Methods = typeof methods

/** AMQP's name of a method: `queue.declare`, `basic.consume-ok`. */
export type MethodName = keyof Methods

type Value = {
  octet: number
  short: number
  long: number
  longlong: number
  timestamp: number
  shortstr: string
  longstr: Uint8Array
  table: FieldTable
  bit: boolean
}
type Fields<Name extends MethodName> = Methods[Name]['fields']
type Reserved<Name extends MethodName> = Extract<keyof Fields<Name>, `reserved${number}`>
type Meaningful<Name extends MethodName> = Exclude<keyof Fields<Name>, Reserved<Name>>
type ValueOf<Name extends MethodName, Field extends keyof Fields<Name>> = Fields<Name>[Field] extends Domain
  ? Value[Fields<Name>[Field]]
  : never
type Flatten<Type> = { readonly [Key in keyof Type]: Type[Key] }

/**
 * One method with its arguments. Longlong and timestamp are numbers: safe integers, or Infinity when a peer sent more.
 * Reserved fields are present in decoded methods, and zero (empty, false) where a method to be written leaves them out.
 */
export type MethodOf<Name extends MethodName> = Name extends MethodName
  ? Flatten<
      { readonly name: Name } & { readonly [Field in Meaningful<Name>]: ValueOf<Name, Field> } & {
        readonly [Field in Reserved<Name>]?: ValueOf<Name, Field>
      }
    >
  : never

/** Any method, told apart by `name`. */
export type Method = MethodOf<MethodName>

/** The number that a method frame begins with, as one unsigned 32-bit integer: class id, then method id. */
export const methodId = (name: MethodName): number => methods[name].class * 65536 + methods[name].method

const names: ReadonlyMap<number, MethodName> = new Map(
  (Object.keys(methods) as MethodName[]).map((name) => [methodId(name), name]),
)

/** The method of an id as `methodId` gives it, or undefined: no such method. */
export const methodName = (id: number): MethodName | undefined => names.get(id)

export const BASIC_PUBLISH = methodId('basic.publish')
export const BASIC_DELIVER = methodId('basic.deliver')
export const BASIC_RETURN = methodId('basic.return')
export const BASIC_GET_OK = methodId('basic.get-ok')
export const BASIC_ACK = methodId('basic.ack')
export const BASIC_NACK = methodId('basic.nack')
export const BASIC_REJECT = methodId('basic.reject')
