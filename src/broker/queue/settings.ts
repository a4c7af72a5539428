// What a queue's arguments (and policies) make of it: the effective values, in plain numbers and words, that the rest of
// the broker asks for. Knows names of arguments and what is the default; not whether a declaration is allowed to carry
// them (arguments.ts), nor what a setting does.

import type { FieldTable, FieldValue } from '../../protocol/field-table.ts'
import { type Dialect, LEVERET } from '../dialect.ts'
import { type PolicyDefinition, type PolicySubject, strictest } from '../policy.ts'
import type { Json } from '../term.ts'
import { periodMs } from './period.ts'

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
  /** What clients give back goes behind those that wait. */
  readonly requeuesBehind: boolean
  readonly delayedRetryType: DelayedRetryType
  readonly delayedRetryMinMs: number | null
  readonly delayedRetryMaxMs: number | null
  readonly consumerTimeoutMs: number | null
  /** How long a stream keeps messages, and in segments of which size (behaviour.md §11). */
  readonly maxAgeMs: number | null
  readonly segmentBytes: number | null
}

/** Where settings come from. */
interface Sources {
  readonly args: FieldTable
  readonly policy: PolicyDefinition
  /** Whether the policy wins where both say something and neither is a limit (behaviour.md §14, "merge"). */
  readonly policyWins: boolean
}

type SettingsDialect = Pick<
  Dialect,
  'deliveryLimit' | 'negativeLimitIsNone' | 'requeuesBehind' | 'quorumPriorities' | 'formerArguments'
>

/**
 * The settings of a queue that was declared with these arguments, under a policy (and an operator policy, combined). Both
 * are valid. Of limits that both set the smaller one holds (behaviour.md §14).
 */
export function settingsOf(
  args: FieldTable,
  policy: PolicyDefinition = NO_POLICY,
  dialect: SettingsDialect = LEVERET,
): QueueSettings {
  const type = queueTypeOf(args)
  const quorum = type === 'quorum'
  const prioritised = quorum && dialect.quorumPriorities
  const plain: Sources = { args, policy, policyWins: type === 'stream' }
  const limited = quorum ? deliveryLimit(plain, dialect) : null
  const own: Sources = { args, policy, policyWins: type !== 'classic' }
  return {
    type,
    messageTtlMs: limit(plain, 'message-ttl'),
    expiresMs: limit(plain, 'expires'),
    maxLength: limit(plain, 'max-length'),
    maxLengthBytes: limit(plain, 'max-length-bytes'),
    overflow: word(own, 'overflow', overflows, 'drop-head'),
    deadLetterExchange: text(plain, 'dead-letter-exchange'),
    deadLetterRoutingKey: text(plain, 'dead-letter-routing-key'),
    deadLetterStrategy: word(plain, 'dead-letter-strategy', deadLetterStrategies, 'at-most-once'),
    maxPriority: prioritised ? QUORUM_MAX_PRIORITY : classicMaxPriority(args),
    defaultPriority: prioritised ? QUORUM_DEFAULT_PRIORITY : 0,
    singleActiveConsumer: args.get('x-single-active-consumer')?.value === true,
    deliveryLimit: limited,
    requeuesBehind: quorum && limited === null && dialect.requeuesBehind,
    delayedRetryType: dialect.formerArguments
      ? 'disabled'
      : word(own, 'delayed-retry-type', delayedRetryTypes, 'disabled'),
    delayedRetryMinMs: chosen(own, 'delayed-retry-min'),
    delayedRetryMaxMs: chosen(own, 'delayed-retry-max'),
    consumerTimeoutMs: limit(plain, 'consumer-timeout'),
    maxAgeMs: periodMs(text(plain, 'max-age') ?? ''),
    segmentBytes: chosen(plain, 'stream-max-segment-size-bytes'),
  }
}

/** The type that the arguments of a queue name; classic where they name none. */
export function queueTypeOf(args: FieldTable): QueueType {
  return word({ args, policy: NO_POLICY, policyWins: false }, 'queue-type', queueTypes, 'classic')
}

/** What policies call queues of the type that the arguments name. */
export function policySubjectOf(args: FieldTable): PolicySubject {
  return subjects[queueTypeOf(args)]
}

const subjects: { readonly [type in QueueType]: PolicySubject } = {
  classic: 'classic_queues',
  quorum: 'quorum_queues',
  stream: 'streams',
}

/** Whether a field value is one of the integer types, which are one class to RabbitMQ. */
export function isInteger(value: FieldValue): boolean {
  return 'bBsuIilL'.includes(value.tag)
}

/** None counts as one: n = 0 behaves as 1 (behaviour.md §9.3). */
function classicMaxPriority(args: FieldTable): number | null {
  const asked = integer(args.get('x-max-priority'))
  return asked === null ? null : Math.max(asked, 1)
}

function deliveryLimit(from: Sources, dialect: SettingsDialect): number | null {
  const limit = limitOrNegative(from, 'delivery-limit') ?? dialect.deliveryLimit
  return limit === null || (limit < 0 && dialect.negativeLimitIsNone) ? null : limit
}

/** A number of which the smaller holds; where the policy wins, its own. */
function limit(from: Sources, name: string): number | null {
  return from.policyWins ? chosen(from, name) : limitOrNegative(from, name)
}

function limitOrNegative({ args, policy }: Sources, name: string): number | null {
  const [asked, set] = [integer(args.get(`x-${name}`)), numberOf(policy[name])]
  return asked === null || set === null ? (asked ?? set) : strictest(asked, set)
}

/** A number of which one holds, whatever the other is. */
function chosen({ args, policy, policyWins }: Sources, name: string): number | null {
  const [asked, set] = [integer(args.get(`x-${name}`)), numberOf(policy[name])]
  return policyWins ? (set ?? asked) : (asked ?? set)
}

function text({ args, policy, policyWins }: Sources, name: string): string | null {
  const [value, set] = [args.get(`x-${name}`), policy[name]]
  const asked = value?.tag === 'S' ? value.value : null
  const said = typeof set === 'string' ? set : null
  return policyWins ? (said ?? asked) : (asked ?? said)
}

function integer(value: FieldValue | undefined): number | null {
  return value !== undefined && isInteger(value) ? Number(value.value) : null
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : null
}

function word<Word extends string>(from: Sources, name: string, words: readonly Word[], otherwise: Word): Word {
  const value = text(from, name)
  return words.find((known) => known === value) ?? otherwise
}

const NO_POLICY: PolicyDefinition = {}
