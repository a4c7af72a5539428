// What the delayed exchange (x-delayed-message) reads and writes: the type that it stands for, and the header x-delay.
// Keeping messages until their time is delay.ts's concern.

import type { FieldTable, FieldValue } from '../../protocol/field-table.ts'
import { HEADERS, locateProperties, propertyOffsets, replaceHeaders } from '../../protocol/properties.ts'
import { preconditionFailed } from '../../protocol/reply.ts'
import type { Message } from '../message.ts'

/** The type's name. */
export const DELAYED = 'x-delayed-message'
const TYPE = 'x-delayed-type'
const DELAY = 'x-delay'

const offsets = propertyOffsets()

/** The type that an exchange's bindings follow: its own, or the one that a delayed exchange was declared with. */
export function bindingType(type: string, args: FieldTable): string {
  if (type !== DELAYED) return type
  const wrapped = args.get(TYPE)
  return wrapped?.tag === 'S' ? wrapped.value : ''
}

/** Throws `ChannelError` 406 unless a delayed exchange says what type it is else (behaviour.md §5.9). */
export function checkDelayedType(args: FieldTable): void {
  const wrapped = args.get(TYPE)
  if (wrapped?.tag !== 'S') throw preconditionFailed(`Invalid argument, '${TYPE}' must be an existing exchange type`)
  if (wrapped.value === DELAYED) throw preconditionFailed(`Invalid argument, '${DELAYED}' can't be used for '${TYPE}'`)
}

/** How long a message is to wait, milliseconds: its header x-delay as an integer, a float or a text; 0 where it is not. */
export function delayMs(message: Message): number {
  const ms = Math.trunc(numberIn(message.headers.get(DELAY)))
  return ms > 0 && Number.isFinite(ms) ? ms : 0
}

/** Makes the header x-delay negative: the message has waited (behaviour.md §5.9). */
export function markWaited(message: Message): void {
  const { headers } = message
  const asked = headers.get(DELAY)
  if (!asked) return
  locateProperties(message.header, message.headerStart, message.headerEnd, offsets)
  const waited = new Map([...headers, [DELAY, negated(asked)] as const])
  const at = offsets[HEADERS] as number
  const header = replaceHeaders(message.header, message.headerStart, message.headerEnd, at, waited)
  message.setHeader(header, 0, header.length)
}

function numberIn(value: FieldValue | undefined): number {
  if (value === undefined) return 0
  if ('bBsuIilLfd'.includes(value.tag)) return Number(value.value)
  return value.tag === 'S' && /^\+?\d+(\.\d+)?$/.test(value.value) ? Number(value.value) : 0
}

/** The same type where it has negative numbers. */
function negated(value: FieldValue): FieldValue {
  const ms = Math.trunc(numberIn(value))
  switch (value.tag) {
    case 'b':
    case 's':
    case 'I':
    case 'f':
    case 'd':
      return { tag: value.tag, value: -ms }
    case 'l':
    case 'L':
      return { tag: value.tag, value: -value.value }
    default:
      return { tag: 'l', value: -ms }
  }
}
