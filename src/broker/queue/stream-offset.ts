// Where in a stream a consumer begins to read: its argument x-stream-offset (behaviour.md §11), what is wrong with one, and
// the message that it means. Knows arguments; not how messages are found by their time.

import { type FieldTable, type FieldValue, fieldType } from '../../protocol/field-table.ts'
import { type Dialect, LEVERET } from '../dialect.ts'
import { checkBeginning, periodMs } from './period.ts'
import { isInteger } from './settings.ts'

/** The argument, and the header of every delivery. */
export const STREAM_OFFSET = 'x-stream-offset'

/** Where a reader begins: at a message, and among those behind it only at one added at `notBefore` or later. */
export interface StreamStart {
  readonly seq: number
  /** Milliseconds since 1970; 0: at any time. */
  readonly notBefore: number
}

/** What a start is found in. */
export interface StreamEnds {
  readonly firstSeq: number
  /** What is added next. */
  readonly nextSeq: number
  /** The first of those that were stored together last. */
  readonly lastCommitSeq: number
  /** The first message of the chunk in which one was added at `time` or later; `nextSeq` where there is none. */
  seqAt(time: number): number
}

/**
 * What is wrong with a value of the argument, as Erlang prints it; null: nothing. Throws `ConnectionError` 541 for what
 * RabbitMQ fails at.
 */
export function streamOffsetComplaint(
  value: FieldValue,
  dialect: Pick<Dialect, 'formerArguments'> = LEVERET,
): string | null {
  if (isOffset(value)) return null
  if (value.tag !== 'S') return `{invalid_stream_offset_arg,{${fieldType(value)},${value.value}}}`
  if (/^(first|last|next)$/.test(value.value) || periodMs(value.value) !== null) return null
  if (dialect.formerArguments) checkBeginning(value.value)
  return `{invalid_stream_offset_arg,{longstr,<<"${value.value}">>}}`
}

/** Whether it names a message or a time without words. */
export function isOffset(value: FieldValue): boolean {
  return isInteger(value) || value.tag === 'T'
}

/** Where a consumer with these arguments, which are right, begins at `now`. */
export function streamStart(args: FieldTable, ends: StreamEnds, now: number): StreamStart {
  const asked = args.get(STREAM_OFFSET)
  if (asked === undefined) return at(ends.nextSeq)
  // Offsets count from 0, sequence numbers from 1.
  if (isInteger(asked)) return at(Math.max(Number(asked.value) + 1, ends.firstSeq))
  if (asked.tag === 'T') return since(Number(asked.value) * 1000, ends)
  if (asked.value === 'first') return at(ends.firstSeq)
  if (asked.value === 'last') return at(ends.lastCommitSeq)
  const period = typeof asked.value === 'string' ? periodMs(asked.value) : null
  return period === null ? at(ends.nextSeq) : since(now - period, ends)
}

/** The offset of a message, as clients see it. */
export function offsetOf(seq: number): number {
  return seq - 1
}

function at(seq: number): StreamStart {
  return { seq, notBefore: 0 }
}

function since(time: number, ends: StreamEnds): StreamStart {
  const seq = ends.seqAt(time)
  // A time that is to come means what comes next, whenever that is (behaviour.md §11).
  return { seq, notBefore: seq === ends.nextSeq ? 0 : time }
}
