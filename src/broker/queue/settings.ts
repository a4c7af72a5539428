// What a queue's arguments (and policies) make of it: the effective values, in plain numbers and words, that the rest of
// the broker asks for. Knows names of arguments and what is the default; not whether a declaration is allowed to carry
// them (arguments.ts), nor what a setting does.

import type { FieldTable, FieldValue } from '../../protocol/field-table.ts'

/** What kinds of queues there are (behaviour.md §6.5, x-queue-type). */
export const queueTypes = ['classic', 'quorum', 'stream'] as const
/** One of them. */
export type QueueType = (typeof queueTypes)[number]

/** What a queue does with a message that it has no room for (behaviour.md §9.2). */
export const overflows = ['drop-head', 'reject-publish', 'reject-publish-dlx'] as const
/** One of them. */
export type Overflow = (typeof overflows)[number]

/** How sure a dead letter is (behaviour.md §9.4). */
export const deadLetterStrategies = ['at-most-once', 'at-least-once'] as const
/** One of them. */
export type DeadLetterStrategy = (typeof deadLetterStrategies)[number]

/** Which returned messages of a quorum queue stay away for a while (behaviour.md §10, delayed retry). */
export const delayedRetryTypes = ['disabled', 'all', 'failed', 'returned'] as const
/** One of them. */
export type DelayedRetryType = (typeof delayedRetryTypes)[number]

/** Deliveries that fail before a quorum queue gives a message up (behaviour.md §10). */
const QUORUM_DELIVERY_LIMIT = 20
/** The priorities of a quorum queue are 0 to 31 (behaviour.md §9.3). */
const QUORUM_MAX_PRIORITY = 31
const QUORUM_DEFAULT_PRIORITY = 4

/** The effective settings of a queue; null: not set. */
export interface QueueSettings {
  readonly type: QueueType
  readonly messageTtlMs: number | null
  readonly expiresMs: number | null
  readonly maxLength: number | null
  readonly maxLengthBytes: number | null
  readonly overflow: Overflow
  readonly deadLetterExchange: string | null
  readonly deadLetterRoutingKey: string | null
  readonly deadLetterStrategy: DeadLetterStrategy
  /** The highest priority told apart; null: the property means nothing here. */
  readonly maxPriority: number | null
  /** The priority of a message that has none. */
  readonly defaultPriority: number
  readonly singleActiveConsumer: boolean
  /** Failed deliveries that a message survives; null: any number. */
  readonly deliveryLimit: number | null
  readonly delayedRetryType: DelayedRetryType
  readonly delayedRetryMinMs: number | null
  readonly delayedRetryMaxMs: number | null
  readonly consumerTimeoutMs: number | null
}

/** The settings of a queue that was declared with these arguments, which are valid. */
export function settingsOf(args: FieldTable): QueueSettings {
  const type = queueTypeOf(args)
  const quorum = type === 'quorum'
  return {
    type,
    messageTtlMs: integer(args, 'x-message-ttl'),
    expiresMs: integer(args, 'x-expires'),
    maxLength: integer(args, 'x-max-length'),
    maxLengthBytes: integer(args, 'x-max-length-bytes'),
    overflow: word(args, 'x-overflow', overflows, 'drop-head'),
    deadLetterExchange: text(args, 'x-dead-letter-exchange'),
    deadLetterRoutingKey: text(args, 'x-dead-letter-routing-key'),
    deadLetterStrategy: word(args, 'x-dead-letter-strategy', deadLetterStrategies, 'at-most-once'),
    maxPriority: quorum ? QUORUM_MAX_PRIORITY : classicMaxPriority(args),
    defaultPriority: quorum ? QUORUM_DEFAULT_PRIORITY : 0,
    singleActiveConsumer: args.get('x-single-active-consumer')?.value === true,
    deliveryLimit: quorum ? deliveryLimit(args) : null,
    delayedRetryType: word(args, 'x-delayed-retry-type', delayedRetryTypes, 'disabled'),
    delayedRetryMinMs: integer(args, 'x-delayed-retry-min'),
    delayedRetryMaxMs: integer(args, 'x-delayed-retry-max'),
    consumerTimeoutMs: integer(args, 'x-consumer-timeout'),
  }
}

/** The type that the arguments of a queue name; classic where they name none. */
export function queueTypeOf(args: FieldTable): QueueType {
  return word(args, 'x-queue-type', queueTypes, 'classic')
}

/** Whether a field value is one of the integer types, which are one class to RabbitMQ. */
export function isInteger(value: FieldValue): boolean {
  return 'bBsuIilL'.includes(value.tag)
}

/** None counts as one: n = 0 behaves as 1 (behaviour.md §9.3). */
function classicMaxPriority(args: FieldTable): number | null {
  const asked = integer(args, 'x-max-priority')
  return asked === null ? null : Math.max(asked, 1)
}

function deliveryLimit(args: FieldTable): number | null {
  const limit = integer(args, 'x-delivery-limit') ?? QUORUM_DELIVERY_LIMIT
  return limit < 0 ? null : limit
}

function integer(args: FieldTable, name: string): number | null {
  const value = args.get(name)
  return value !== undefined && isInteger(value) ? Number(value.value) : null
}

function text(args: FieldTable, name: string): string | null {
  const value = args.get(name)
  return value?.tag === 'S' ? value.value : null
}

function word<Word extends string>(args: FieldTable, name: string, words: readonly Word[], otherwise: Word): Word {
  const value = text(args, name)
  return words.find((known) => known === value) ?? otherwise
}
