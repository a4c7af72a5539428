// The headers exchange: a binding's arguments are compared with the message's headers.

import type { FieldTable, FieldValue } from '../../protocol/field-table.ts'
import { encodeTable, fieldType } from '../../protocol/field-table.ts'
import { preconditionFailed, renderBytes } from '../../protocol/reply.ts'
import type { Binding, Destination } from '../binding.ts'
import type { Matcher } from './exchange.ts'

const modes = ['all', 'any', 'all-with-x', 'any-with-x'] as const
type Mode = (typeof modes)[number]

/** Where the value lies in what `encoded` returns: behind the table's size, the empty name and the tag. */
const VALUE_AT = 6

/** A binding's arguments, read once. */
interface Condition {
  readonly any: boolean
  readonly fields: readonly (readonly [name: string, value: FieldValue])[]
}

/** Matches by headers (behaviour.md §5.8). */
export class HeadersMatcher implements Matcher {
  readonly needsHeaders = true
  readonly #conditions = new Map<Binding, Condition>()

  add(binding: Binding): void {
    this.#conditions.set(binding, conditionOf(binding.arguments))
  }

  remove(binding: Binding): void {
    this.#conditions.delete(binding)
  }

  match(_routingKey: string, headers: FieldTable, found: Set<Destination>): void {
    for (const [binding, condition] of this.#conditions) {
      if (!found.has(binding.to) && holds(condition, headers)) found.add(binding.to)
    }
  }
}

/** Throws `ChannelError` 406 unless `x-match` is absent or one of the four modes. */
export function checkHeadersArguments(args: FieldTable): void {
  const match = args.get('x-match')
  if (match === undefined) return
  if (match.tag !== 'S') {
    throw preconditionFailed(`Invalid x-match field type ${fieldType(match)} (value ${shown(match)}); expected longstr`)
  }
  if (isMode(match.value)) return
  const text = Buffer.from(match.value, 'utf8')
  throw preconditionFailed(
    `Invalid x-match field value ${renderBytes(text, 0, text.length)}; expected all, any, all-with-x, or any-with-x`,
  )
}

function isMode(text: string): text is Mode {
  return (modes as readonly string[]).includes(text)
}

function conditionOf(args: FieldTable): Condition {
  const match = args.get('x-match')
  const mode: Mode = match?.tag === 'S' && isMode(match.value) ? match.value : 'all'
  const withX = mode.endsWith('-with-x')
  const fields = [...args].filter(([name]) => (withX ? name !== 'x-match' : !name.startsWith('x-')))
  return { any: mode.startsWith('any'), fields }
}

function holds({ any, fields }: Condition, headers: FieldTable): boolean {
  const matches = ([name, wanted]: readonly [string, FieldValue]): boolean => {
    const value = headers.get(name)
    return value !== undefined && (wanted.tag === 'V' || equal(wanted, value))
  }
  return any ? fields.some(matches) : fields.every(matches)
}

/** Types whose values are compared with each other; the names are ours. */
function classOf(value: FieldValue): string {
  if ('bBsuIilL'.includes(value.tag)) return 'integer'
  if ('fd'.includes(value.tag)) return 'float'
  return value.tag === 'x' ? 'S' : value.tag
}

/** Equality as headers exchanges see it: across integer widths, across float and double, S and x by their octets. */
function equal(a: FieldValue, b: FieldValue): boolean {
  if (classOf(a) !== classOf(b)) return false
  if (a.tag === 'S' && b.tag === 'S') return a.value === b.value
  if (classOf(a) === 'S') return encoded(a).subarray(VALUE_AT).equals(encoded(b).subarray(VALUE_AT))
  if (a.tag === 'F' || a.tag === 'A' || a.tag === 'D') return encoded(a).equals(encoded(b))
  return Number(a.value) === Number(b.value) && String(a.value) === String(b.value)
}

function encoded(value: FieldValue): Buffer {
  return encodeTable(new Map([['', value]]))
}

/** A value as RabbitMQ prints it; what would be a list of terms, by its type. */
function shown(value: FieldValue): string {
  if (value.tag === 'V') return 'undefined'
  if (value.tag === 'x') return renderBytes(value.value, 0, value.value.length)
  return typeof value.value === 'object' ? fieldType(value) : String(value.value)
}
