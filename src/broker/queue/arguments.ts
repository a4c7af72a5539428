// Which x-arguments a queue may be declared with, and RabbitMQ's words for those that it may not (behaviour.md §6.1,
// §6.5). Each argument is one row: the types that know it, and what is wrong with a value. What arguments do is told by
// settings.ts.

import { type FieldTable, type FieldValue, fieldType } from '../../protocol/field-table.ts'
import { ConnectionError, preconditionFailed, queueText } from '../../protocol/reply.ts'
import { type Dialect, LEVERET } from '../dialect.ts'
import { checkBeginning } from './period.ts'
import { deadLetterStrategies, isInteger, overflows, type QueueType, queueTypeOf, queueTypes } from './settings.ts'

/** What is wrong with a value, as Erlang prints it; null: nothing. */
type Check = (value: FieldValue, args: FieldTable) => string | null

/** An argument: its name, the types of queues that know it, and its check. */
type Rule = readonly [name: string, types: readonly QueueType[], check: Check]

/** A queue as it is asked for. */
interface Asked {
  readonly durable: boolean
  readonly exclusive: boolean
  readonly autoDelete: boolean
  readonly arguments: FieldTable
}

/** The longest time that an argument may name, milliseconds: ten years of 365 days. */
const MAX_MS = 315_360_000_000n
const MAX_PRIORITY = 255n
const MAX_SEGMENT_BYTES = 3_000_000_000n
const MIN_FILTER_BYTES = 16n
const MAX_FILTER_BYTES = 255n
const leaderLocators = ['client-local', 'balanced', 'random', 'least-leaders'] as const

const all: readonly QueueType[] = queueTypes
const notStream: readonly QueueType[] = ['classic', 'quorum']
const quorum: readonly QueueType[] = ['quorum']
const stream: readonly QueueType[] = ['stream']

const anything: Check = () => null

/** An integer that `check` finds nothing wrong with. */
function integer(check: (value: bigint) => string | null): Check {
  return (value) => {
    if (!isInteger(value)) return `"expected integer, got ${fieldType(value)}"`
    return check(BigInt(value.value as number | bigint))
  }
}

function negative(value: bigint): string | null {
  return value < 0n ? `{value_negative,${value}}` : null
}

function negativeOrZero(value: bigint): string | null {
  return value === 0n ? '{value_zero,0}' : negative(value)
}

function tooLarge(value: bigint): string | null {
  return value > MAX_MS ? `{value_too_large,${value}}` : null
}

function unacceptable(value: FieldValue): string {
  return `{unacceptable_type,${fieldType(value)}}`
}

/** A text that `known` knows; else `complaint`. */
function text(known: (value: string) => boolean, complaint: (value: string) => string): Check {
  return (value) => {
    if (value.tag !== 'S') return unacceptable(value)
    return known(value.value) ? null : complaint(value.value)
  }
}

function oneOf(words: readonly string[], complaint: string): Check {
  return text(
    (value) => words.includes(value),
    () => complaint,
  )
}

/** A routing key is of use only where there is an exchange that it is for. */
function deadLetterRoutingKey(value: FieldValue, args: FieldTable): string | null {
  if (value.tag !== 'S') return unacceptable(value)
  return args.has('x-dead-letter-exchange') ? null : 'routing_key_but_no_dlx_defined'
}

/** Throws `ConnectionError` 541; what else is wrong with a period is said by a rule of its own. */
function beginsWithDigit(value: FieldValue): null {
  if (value.tag === 'S') checkBeginning(value.value)
  return null
}

/** No effect: version 1 is accepted as well (behaviour.md §19). */
function version(value: bigint): string | null {
  return negative(value) ?? (value === 1n || value === 2n ? null : `"unsupported queue version '${value}'"`)
}

/** RabbitMQ 4.3 knows one only. */
function newestVersion(value: bigint): string | null {
  return value === 2n ? null : `"unsupported queue version '${value}'"`
}

const queueType = text(
  (value) => queueTypes.some((known) => known === value),
  (value) => `"unsupported queue type '${value}'"`,
)

/** The arguments in the order in which RabbitMQ checks them; those that are not here are accepted and mean nothing. */
const rules: readonly Rule[] = [
  ['x-expires', notStream, integer((value) => negativeOrZero(value) ?? tooLarge(value))],
  ['x-message-ttl', notStream, integer((value) => negative(value) ?? tooLarge(value))],
  ['x-dead-letter-exchange', notStream, (value) => (value.tag === 'S' ? null : unacceptable(value))],
  ['x-dead-letter-routing-key', notStream, deadLetterRoutingKey],
  ['x-dead-letter-strategy', quorum, oneOf(deadLetterStrategies, 'invalid_dlx_strategy')],
  ['x-max-length', notStream, integer(negative)],
  ['x-max-length-bytes', all, integer(negative)],
  ['x-max-in-memory-length', quorum, integer(negative)],
  ['x-max-in-memory-bytes', quorum, integer(negative)],
  [
    'x-max-priority',
    ['classic'],
    integer((value) => negative(value) ?? (value > MAX_PRIORITY ? `{max_value_exceeded,${value}}` : null)),
  ],
  ['x-overflow', notStream, oneOf(overflows, 'invalid_overflow')],
  ['x-queue-version', ['classic'], integer(version)],
  ['x-single-active-consumer', notStream, (value) => (value.tag === 't' ? null : unacceptable(value))],
  ['x-queue-type', all, queueType],
  ['x-quorum-initial-group-size', quorum, integer(negativeOrZero)],
  [
    'x-max-age',
    stream,
    text(
      (value) => /^0*[1-9]\d*[YMDhms]$/.test(value),
      () => 'invalid_max_age',
    ),
  ],
  ['x-stream-max-segment-size-bytes', stream, integer(negative)],
  ['x-stream-filter-size-bytes', stream, integer(negative)],
  ['x-initial-cluster-size', stream, integer(negativeOrZero)],
  ['x-queue-leader-locator', all, oneOf(leaderLocators, 'invalid_queue_locator_arg')],
  ['x-delivery-limit', quorum, anything],
  ['x-consumer-disconnected-timeout', quorum, integer(negative)],
  ['x-delayed-retry-type', quorum, anything],
  ['x-delayed-retry-min', quorum, anything],
  ['x-delayed-retry-max', quorum, anything],
]

/** What of that came with 4. */
const later = ['x-consumer-disconnected-timeout', 'x-delayed-retry-type', 'x-delayed-retry-min', 'x-delayed-retry-max']

const queueMode = text(
  (value) => /^(default|lazy)$/.test(value),
  (value) => `"unsupported queue mode '${value}'"`,
)

/** The arguments before 4. */
const formerRules: readonly Rule[] = rules
  .filter(([name]) => !later.includes(name))
  .flatMap((rule): readonly Rule[] => {
    const [name, types, check] = rule
    if (name === 'x-overflow') return [rule, ['x-queue-mode', ['classic'], queueMode]]
    if (name === 'x-max-age') return [[name, types, (value, args) => beginsWithDigit(value) ?? check(value, args)]]
    return [name === 'x-queue-leader-locator' ? [name, [...quorum, ...stream], check] : rule]
  })

/** Not in the table, because other types accept any value of it and mean nothing by it (behaviour.md §19). */
const CONSUMER_TIMEOUT = 'x-consumer-timeout'
const consumerTimeout = integer(negative)

/** The arguments that a declaration of an existing queue of this type is compared by, its type first (behaviour.md §6.1). */
export function comparedArguments(
  type: QueueType,
  { formerArguments }: Pick<Dialect, 'formerArguments'> = LEVERET,
): readonly string[] {
  const known = (formerArguments ? formerRules : rules)
    .filter(([name, types]) => types.includes(type) && name !== 'x-queue-type')
    .map(([name]) => name)
  return ['x-queue-type', ...known, ...(type === 'quorum' && !formerArguments ? [CONSUMER_TIMEOUT] : [])]
}

/** The first of RabbitMQ's checks of arguments, ahead of permissions. Throws `ChannelError` 406. */
export function checkDeadLetterExchange(name: string, vhost: string, args: FieldTable): void {
  const value = args.get('x-dead-letter-exchange')
  if (value === undefined || value.tag === 'S') return
  const what = queueText(name, vhost)
  throw preconditionFailed(`invalid type '${fieldType(value)}' for arg 'x-dead-letter-exchange' in ${what}`)
}

/**
 * Values of what the type of the queue knows, then whether it knows the argument. Throws `ChannelError` 406, and
 * `ConnectionError` 541 for what is given up.
 */
export function checkQueueArguments(
  name: string,
  vhost: string,
  args: FieldTable,
  {
    refusesIdleArguments: strict,
    formerArguments,
  }: Pick<Dialect, 'refusesIdleArguments' | 'formerArguments'> = LEVERET,
): void {
  const what = queueText(name, vhost)
  const type = queueTypeOf(args)
  const known = formerArguments ? formerRules : rules
  checkArgument('x-queue-type', what, args, queueType)
  for (const [arg, types, check] of known) if (types.includes(type)) checkArgument(arg, what, args, check)
  if (strict && type === 'classic') checkArgument('x-queue-version', what, args, integer(newestVersion))
  if (type === 'quorum' && !formerArguments) checkArgument(CONSUMER_TIMEOUT, what, args, consumerTimeout)
  const [foreign] = known.find(([arg, types]) => args.has(arg) && !types.includes(type)) ?? []
  const idle = strict && type !== 'quorum' && args.has(CONSUMER_TIMEOUT) ? CONSUMER_TIMEOUT : undefined
  const unknown = foreign ?? idle
  if (unknown !== undefined)
    throw preconditionFailed(`invalid arg '${unknown}' for ${what} of queue type ${rabbitType(type)}`)
}

function checkArgument(arg: string, what: string, args: FieldTable, check: Check): void {
  const value = args.get(arg)
  const complaint = value === undefined ? null : check(value, args)
  if (complaint !== null) throw preconditionFailed(`invalid arg '${arg}' for ${what}: ${complaint}`)
}

/**
 * The last of the checks: what a queue of its type cannot be. Throws `ChannelError` 406, `ConnectionError` 541 for what is
 * given up.
 */
export function checkQueueProperties(
  name: string,
  vhost: string,
  asked: Asked,
  { transientQueues, refusesIdleArguments }: Pick<Dialect, 'transientQueues' | 'refusesIdleArguments'> = LEVERET,
): void {
  const type = queueTypeOf(asked.arguments)
  if (type === 'classic') {
    if (refusesIdleArguments && asked.arguments.has('x-queue-master-locator')) throw givenUp('queue_master_locator')
    if (!transientQueues && !asked.durable && !asked.exclusive) throw givenUp('transient_nonexcl_queues')
    return
  }
  const what = queueText(name, vhost)
  if (!asked.durable) throw preconditionFailed(`invalid property 'non-durable' for ${what}`)
  if (asked.autoDelete) throw preconditionFailed(`invalid property 'auto-delete' for ${what}`)
  if (asked.exclusive) throw preconditionFailed(`invalid property 'exclusive-owner' for ${what}`)
  if (type === 'stream') checkStream(asked.arguments)
}

/** RabbitMQ's words for a feature that has to be permitted (behaviour.md §16). */
function givenUp(feature: string): ConnectionError {
  const lines = [
    `Feature \`${feature}\` is deprecated.`,
    'By default, this feature is not permitted anymore.',
    'The feature will be removed from a future major RabbitMQ version, regardless of the configuration; actual version to be determined.',
    'To continue using this feature when it is not permitted by default, set the following parameter in your configuration:',
    `    "deprecated_features.permit.${feature} = true"`,
  ]
  return new ConnectionError(541, lines.join('\n'))
}

function checkStream(args: FieldTable): void {
  const segment = integerValue(args, 'x-stream-max-segment-size-bytes')
  if (segment !== null && segment > MAX_SEGMENT_BYTES) {
    throw preconditionFailed('Exceeded max value for x-stream-max-segment-size-bytes')
  }
  const filter = integerValue(args, 'x-stream-filter-size-bytes')
  if (filter !== null && (filter < MIN_FILTER_BYTES || filter > MAX_FILTER_BYTES)) {
    throw preconditionFailed('Invalid value for x-stream-filter-size-bytes')
  }
}

function integerValue(args: FieldTable, name: string): bigint | null {
  const value = args.get(name)
  return value !== undefined && isInteger(value) ? BigInt(value.value as number | bigint) : null
}

/** Names that the server makes up are for classic queues only (behaviour.md §6.1). Throws `ChannelError` 406. */
export function checkServerNamed(args: FieldTable): void {
  const type = queueTypeOf(args)
  if (type === 'classic') return
  throw preconditionFailed(`Cannot declare a server-named queue for type ${rabbitType(type)}`)
}

/**
 * The arguments of a declaration with its type among them, as they are kept since 4.0 (behaviour.md §6.1, "stored
 * arguments"). Without a type, or with an empty one, it is `defaultType` where such a queue can be what is asked for.
 */
export function withQueueType(
  asked: Asked,
  defaultType: QueueType,
  { formerArguments }: Pick<Dialect, 'formerArguments'> = LEVERET,
): FieldTable {
  const named = asked.arguments.get('x-queue-type')
  if (named !== undefined && (named.value !== '' || formerArguments)) return asked.arguments
  if (formerArguments && defaultType === 'classic') return asked.arguments
  const fits = asked.durable && !asked.exclusive && !asked.autoDelete
  return new Map([...asked.arguments, ['x-queue-type', { tag: 'S', value: fits ? defaultType : 'classic' }]])
}

function rabbitType(type: QueueType): string {
  return `rabbit_${type}_queue`
}
