// What a queue of each type lets its consumers ask for (behaviour.md §7.1 to §7.3, §19), and RabbitMQ's words where it does
// not. Who is delivered to is dispatch.ts's concern.

import { type FieldTable, type FieldValue, fieldType } from '../../protocol/field-table.ts'
import { ChannelError, ConnectionError, NO_METHOD, preconditionFailed, queueText } from '../../protocol/reply.ts'
import type { ConsumerOptions } from '../consumer.ts'
import { type Dialect, LEVERET } from '../dialect.ts'
import type { Queue } from './queue.ts'
import { isInteger, type QueueType } from './settings.ts'
import { SingleActive } from './single-active.ts'
import { isOffset, STREAM_OFFSET, streamOffsetComplaint } from './stream-offset.ts'

/** What basic.consume asks of a queue. */
export interface Consumption {
  readonly noAck: boolean
  readonly exclusive: boolean
  /** What basic.qos said; 0: nothing, or no limit. */
  readonly prefetch: number
  /** Whether the channel has a limit that its consumers share. */
  readonly shared: boolean
  readonly arguments: FieldTable
}

/** Unacked deliveries that a consumer of a quorum queue may hold where nothing else was said (behaviour.md §7.3). */
const QUORUM_PREFETCH = 2000
/** How long a delivery of a quorum queue may be out where nothing else was said (behaviour.md §7.7). */
const QUORUM_TIMEOUT_MS = 1_800_000
/** Arguments of consumers that only streams know, and those that they do not know. */
const streamArguments = ['x-stream-offset', 'x-stream-filter', 'x-stream-match-unfiltered'] as const
const CONSUMER_TIMEOUT = 'x-consumer-timeout'
const notForStreams = ['x-priority'] as const

type ConsumptionDialect = Pick<Dialect, 'refusesIdleArguments' | 'formerArguments' | 'fatalOffsetTypes' | 'formerTexts'>

/**
 * Throws `ChannelError` 406 for arguments that are wrong, `ConnectionError` 540 for a shared limit on a quorum queue or a
 * stream, and what else a stream asks for (§11); in RabbitMQ's order. Returns what the queue makes of the rest.
 */
export function checkConsumption(
  queue: Queue,
  asked: Consumption,
  dialect: ConsumptionDialect = LEVERET,
): Pick<ConsumerOptions, 'exclusive' | 'prefetch' | 'shares'> {
  const { type } = queue.settings
  const what = queueText(queue.name, queue.vhost)
  checkArguments(what, type, asked.arguments, dialect)
  if (type === 'classic') return { exclusive: asked.exclusive, prefetch: asked.prefetch }
  if (type === 'stream') checkReading(what, asked, dialect)
  if (asked.shared) throw new ConnectionError(540, `${what} does not support global qos`)
  // The flag is accepted there and means nothing (§7.1).
  return { exclusive: false, prefetch: asked.prefetch === 0 ? QUORUM_PREFETCH : asked.prefetch, shares: false }
}

/** Who reads a stream says how much it can hold, and acks. Throws `ChannelError` 406, `ConnectionError` 540, 541. */
function checkReading(
  what: string,
  { prefetch, noAck, arguments: args }: Consumption,
  { formerTexts, fatalOffsetTypes }: ConsumptionDialect,
): void {
  const [reader, stream] = formerTexts ? [`'${what}'`, `stream queues ${what}`] : [`stream ${what}`, `stream ${what}`]
  if (prefetch === 0) throw preconditionFailed(`consumer prefetch count is not set for ${reader}`)
  if (noAck) throw new ConnectionError(540, `automatic acknowledgement not supported by ${stream}`)
  const offset = args.get(STREAM_OFFSET)
  if (fatalOffsetTypes && offset !== undefined && offset.tag !== 'S' && !isOffset(offset)) {
    throw new ConnectionError(541, '', NO_METHOD)
  }
}

/** Throws `ChannelError` 405 where basic.get would pass over the single active consumer of a quorum queue (§7.2). */
export function checkGet({ name, vhost, settings }: Queue): void {
  if (settings.type !== 'quorum' || !settings.singleActiveConsumer) return
  const why = 'basic.get operations are not supported by quorum queues with single active consumer'
  throw new ChannelError(405, `cannot obtain access to locked ${queueText(name, vhost)}. ${why}`)
}

/**
 * How long a delivery to a consumer with these arguments (null: to basic.get) may be out, milliseconds; 0: for any time.
 * The consumer's own time goes before the queue's, that before `setting`. Classic queues have none of their own (§7.7).
 */
export function deliveryTimeoutMs({ settings }: Queue, args: FieldTable | null, setting: number | null): number {
  // Nothing returns to a stream, and whoever reads it keeps nobody waiting.
  if (settings.type === 'stream') return 0
  const own = args?.get(CONSUMER_TIMEOUT)
  if (own !== undefined && isInteger(own)) return Number(own.value)
  return settings.consumerTimeoutMs ?? setting ?? (settings.type === 'quorum' ? QUORUM_TIMEOUT_MS : 0)
}

/** The rule by which one consumer is active; null: all are. */
export function singleActive(
  { singleActiveConsumer, type }: Queue['settings'],
  { quorumPriorities }: Pick<Dialect, 'quorumPriorities'> = LEVERET,
): SingleActive | null {
  return singleActiveConsumer ? new SingleActive(type === 'quorum' && quorumPriorities) : null
}

/** Values of what the type of the queue knows, then whether it knows the argument. Those that nobody knows are accepted. */
function checkArguments(what: string, type: QueueType, args: FieldTable, dialect: ConsumptionDialect): void {
  if (type !== 'stream') checkArgument(what, args, 'x-priority', checkInteger)
  else checkArgument(what, args, STREAM_OFFSET, (value) => offsetComplaint(value, dialect))
  // Elsewhere any value of it is accepted (§19).
  if (type === 'quorum') checkArgument(what, args, CONSUMER_TIMEOUT, checkInteger)
  const onlyStreams = dialect.formerArguments ? [STREAM_OFFSET] : streamArguments
  const notForType: readonly string[] = type === 'stream' ? notForStreams : onlyStreams
  const idle = dialect.refusesIdleArguments && type !== 'quorum' ? [CONSUMER_TIMEOUT] : []
  const foreign = [...notForType, ...idle].find((name) => args.has(name))
  if (foreign === undefined) return
  throw preconditionFailed(`invalid arg '${foreign}' for ${what} of queue type rabbit_${type}_queue`)
}

function checkArgument(
  what: string,
  args: FieldTable,
  name: string,
  check: (value: FieldValue) => string | null,
): void {
  const value = args.get(name)
  const complaint = value === undefined ? null : check(value)
  if (complaint !== null) throw preconditionFailed(`invalid arg '${name}' for ${what}: ${complaint}`)
}

/** A value of a wrong type that is fatal is so last of all (`checkReading`). */
function offsetComplaint(value: FieldValue, dialect: ConsumptionDialect): string | null {
  return dialect.fatalOffsetTypes && value.tag !== 'S' ? null : streamOffsetComplaint(value, dialect)
}

function checkInteger(value: FieldValue): string | null {
  return isInteger(value) ? null : `"expected integer, got ${fieldType(value)}"`
}
