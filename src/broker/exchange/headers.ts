// The headers exchange: a binding's arguments are compared with the message's headers. Bindings are indexed by what they
// ask for. What equal means is equality.ts's concern.

import { type FieldTable, type FieldValue, fieldType } from '../../protocol/field-table.ts'
import { preconditionFailed } from '../../protocol/reply.ts'
import type { Binding, Destination } from '../binding.ts'
import type { Message } from '../message.ts'
import { equalityText, numberedText } from './equality.ts'
import type { Matcher } from './exchange.ts'
import { shown } from './shown.ts'

const modes = ['all', 'any', 'all-with-x', 'any-with-x'] as const
type Mode = (typeof modes)[number]

/** A binding's arguments, read once. `text` is the equality text of the value, null where any value will do. */
interface Condition {
  readonly binding: Binding
  readonly any: boolean
  readonly fields: readonly Field[]
}

type Field = readonly [name: string, text: string | null]

/**
 * Matches by headers (behaviour.md §5.8). Conditions are found by a field that they ask for: with `any` by each of them,
 * with `all` by the one that the fewest others are found by. So what a message costs grows with its headers and with the
 * conditions that share one of them, not with the number of bindings.
 */
export class HeadersMatcher implements Matcher {
  readonly byKeyOnly = false
  readonly #valueText: (value: FieldValue) => string | null
  readonly #equalTimestamps: boolean
  /** Conditions that any message fulfils. */
  readonly #always = new Set<Condition>()
  readonly #names = new Map<string, Map<string | null, Set<Condition>>>()
  /** Where each binding's condition is found. */
  readonly #placed = new Map<Binding, { readonly condition: Condition; readonly fields: readonly Field[] }>()

  /** @param equalTimestamps a timestamp equals the same timestamp; else it counts as a number (dialect.ts) */
  constructor(equalTimestamps = true) {
    this.#equalTimestamps = equalTimestamps
    this.#valueText = equalTimestamps ? equalityText : numberedText
  }

  add(binding: Binding): void {
    this.remove(binding)
    const condition = conditionOf(binding, this.#equalTimestamps)
    if (condition === null) return
    if (!condition.any && condition.fields.length === 0) this.#always.add(condition)
    const fields = condition.any ? condition.fields : this.#rarest(condition.fields)
    for (const field of fields) this.#found(field).add(condition)
    this.#placed.set(binding, { condition, fields })
  }

  remove(binding: Binding): void {
    const placed = this.#placed.get(binding)
    if (!placed) return
    this.#placed.delete(binding)
    this.#always.delete(placed.condition)
    for (const field of placed.fields) this.#take(field, placed.condition)
  }

  match(_keys: readonly string[], message: Message, found: Set<Destination>): void {
    for (const { binding } of this.#always) found.add(binding.to)
    if (this.#names.size === 0) return
    const { headers } = message
    for (const [name, value] of headers) {
      const texts = this.#names.get(name)
      if (!texts) continue
      const present = texts.get(null)
      if (present) this.#addFulfilled(present, headers, found)
      const text = this.#valueText(value)
      const same = text === null ? undefined : texts.get(text)
      if (same) this.#addFulfilled(same, headers, found)
    }
  }

  #addFulfilled(conditions: Set<Condition>, headers: FieldTable, found: Set<Destination>): void {
    for (const { binding, any, fields } of conditions) {
      if (!found.has(binding.to) && (any || fields.every((field) => this.#holds(field, headers)))) found.add(binding.to)
    }
  }

  #holds([name, text]: Field, headers: FieldTable): boolean {
    const value = headers.get(name)
    return value !== undefined && (text === null || this.#valueText(value) === text)
  }

  /** The field that the fewest conditions are found by, as a list; empty where there is none. */
  #rarest(fields: readonly Field[]): readonly Field[] {
    let rarest: readonly Field[] = []
    let fewest = Number.POSITIVE_INFINITY
    for (const field of fields) {
      const count = this.#names.get(field[0])?.get(field[1])?.size ?? 0
      if (count >= fewest) continue
      fewest = count
      rarest = [field]
    }
    return rarest
  }

  #found([name, text]: Field): Set<Condition> {
    const texts = this.#names.get(name) ?? new Map<string | null, Set<Condition>>()
    const conditions = texts.get(text) ?? new Set<Condition>()
    this.#names.set(name, texts)
    texts.set(text, conditions)
    return conditions
  }

  #take([name, text]: Field, condition: Condition): void {
    const texts = this.#names.get(name)
    const conditions = texts?.get(text)
    if (!conditions?.delete(condition) || conditions.size > 0) return
    texts?.delete(text)
    if (texts?.size === 0) this.#names.delete(name)
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
  throw preconditionFailed(`Invalid x-match field value ${shown(match)}; expected all, any, all-with-x, or any-with-x`)
}

function isMode(text: string): text is Mode {
  return (modes as readonly string[]).includes(text)
}

/** What `binding` asks for; null where nothing can fulfil it. */
function conditionOf(binding: Binding, equalTimestamps: boolean): Condition | null {
  const match = binding.arguments.get('x-match')
  const mode: Mode = match?.tag === 'S' && isMode(match.value) ? match.value : 'all'
  const any = mode.startsWith('any')
  const withX = mode.endsWith('-with-x')
  const fields: Field[] = []
  for (const [name, value] of binding.arguments) {
    if (withX ? name === 'x-match' : name.startsWith('x-')) continue
    const text = equalTimestamps || value.tag !== 'T' ? equalityText(value) : equalityText({ ...value, tag: 'l' })
    if (text !== null || value.tag === 'V') fields.push([name, text])
    else if (!any) return null
  }
  return { binding, any, fields }
}
