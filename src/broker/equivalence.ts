// Whether a declaration of something that exists asks for the same thing, and RabbitMQ's words for where it does not
// (behaviour.md §5.2 and §6.1).

import type { FieldTable, FieldValue } from '../protocol/field-table.ts'
import { encodeTable, fieldType } from '../protocol/field-table.ts'
import { type ChannelError, exchangeText, preconditionFailed, queueText } from '../protocol/reply.ts'
import { type Dialect, LEVERET } from './dialect.ts'
import type { ExchangeSpec } from './exchange/exchange.ts'
import { comparedArguments } from './queue/arguments.ts'
import type { QueueSpec } from './queue/queue.ts'
import { isInteger, queueTypeOf } from './queue/settings.ts'

/** Throws `ChannelError` 406 unless a declaration with these properties is equivalent to `queue`. */
export function checkQueueEquivalent(
  queue: QueueSpec,
  { durable, autoDelete, arguments: received }: Pick<QueueSpec, 'durable' | 'autoDelete' | 'arguments'>,
  dialect: Pick<Dialect, 'formerArguments'> = LEVERET,
): void {
  const what = queueText(queue.name, queue.vhost)
  // An exclusive queue is never durable, whatever was asked for: that makes no difference (§6.1).
  if (queue.owner === null) checkFlag('durable', what, durable, queue.durable)
  checkFlag('auto_delete', what, autoDelete, queue.autoDelete)
  for (const name of comparedArguments(queueTypeOf(queue.arguments), dialect)) {
    const [asked, is] = [compared(name, received), compared(name, queue.arguments)]
    if (dialect.formerArguments && !sameValue(asked, is))
      checkArgument(name, what, received.get(name), queue.arguments.get(name))
    checkArgument(name, what, asked, is)
  }
}

/** A queue that names no type is a classic one: so brokers before 4.0 export it (behaviour.md §6.1, "stored arguments"). */
function compared(name: string, args: FieldTable): FieldValue | undefined {
  return args.get(name) ?? (name === 'x-queue-type' ? CLASSIC : undefined)
}

const CLASSIC: FieldValue = { tag: 'S', value: 'classic' }

/** Throws `ChannelError` 406 unless `received` is equivalent to `current`; in RabbitMQ's order. */
export function checkExchangeEquivalent(received: ExchangeSpec, current: ExchangeSpec, vhost: string): void {
  const what = exchangeText(current.name, vhost)
  checkFlag('type', what, received.type, current.type)
  checkFlag('durable', what, received.durable, current.durable)
  checkFlag('auto_delete', what, received.autoDelete, current.autoDelete)
  checkFlag('internal', what, received.internal, current.internal)
  const name = 'alternate-exchange'
  checkArgument(name, what, received.arguments.get(name), current.arguments.get(name))
}

function checkFlag(name: string, what: string, received: boolean | string, current: boolean | string): void {
  if (received !== current) throw inequivalent(name, what, `'${received}'`, `'${current}'`)
}

function checkArgument(name: string, what: string, asked: FieldValue | undefined, is: FieldValue | undefined): void {
  if (sameValue(asked, is)) return
  if (asked && is) throw inequivalent(name, what, `'${plain(asked)}'`, `'${plain(is)}'`)
  throw inequivalent(name, what, described(asked), described(is))
}

/** `received` and `current` as they are to be printed. */
function inequivalent(name: string, what: string, received: string, current: string): ChannelError {
  return preconditionFailed(`inequivalent arg '${name}' for ${what}: received ${received} but current is ${current}`)
}

/** A value whose counterpart is absent, or the absent one. */
function described(value: FieldValue | undefined): string {
  return value ? `the value '${plain(value)}' of type '${fieldType(value)}'` : 'none'
}

function plain(value: FieldValue): string {
  if (value.tag === 'd' || value.tag === 'f')
    return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value)
  return typeof value.value === 'object' ? fieldType(value) : String(value.value)
}

/** All integer types are one class; otherwise the type counts. */
function sameValue(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if (isInteger(a) && isInteger(b)) return BigInt(a.value as number) === BigInt(b.value as number)
  return encodeTable(new Map([['', a]])).equals(encodeTable(new Map([['', b]])))
}
