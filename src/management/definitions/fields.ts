// Reading what somebody wrote by hand, or another broker by rote: fields of objects in a JSON document, with a complaint
// that names the place for each that is not what it has to be. All complaints are gathered, so that one look at the
// document tells everything that is wrong with it. Knows no definitions.

import { type AdministrationError, invalid } from '../../broker/administration-error.ts'
import type { Json } from '../../broker/term.ts'
import type { FieldTable } from '../../protocol/field-table.ts'
import { type JsonObject, kindOfJson, tableOfJson, UnfitJson, within } from '../field-json.ts'

/** Complaints that are told at once. */
const TOLD = 50
const NO_FIELDS: FieldTable = new Map()

/** What is wrong with a document. */
export class Complaints {
  readonly #lines: string[] = []

  add(place: string, what: string): void {
    this.#lines.push(`${place}: ${what}`)
  }

  /** Runs `read`; a complaint of it is added, and `otherwise` stands for what it would have been. */
  gather<Result>(otherwise: Result, read: () => Result): Result {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof UnfitJson)) throw error
      this.#lines.push(error.message)
      return otherwise
    }
  }

  /** All of them in one; null: nothing is wrong. */
  get refusal(): AdministrationError | null {
    const lines = this.#lines
    if (lines.length === 0) return null
    const more = lines.length > TOLD ? [`and ${lines.length - TOLD} more`] : []
    return invalid([...lines.slice(0, TOLD), ...more].join('\n'))
  }
}

/** One object of a document. A field is absent where it is not there, or null. */
export class Fields {
  readonly place: string
  readonly #object: JsonObject
  readonly #complaints: Complaints

  constructor(place: string, object: JsonObject, complaints: Complaints) {
    this.place = place
    this.#object = object
    this.#complaints = complaints
  }

  has(name: string): boolean {
    return this.json(name) !== null
  }

  /** The value as it stands there; null where it is absent. */
  json(name: string): Json {
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? null) : null
  }

  /** A text. Without `otherwise` it has to be there. */
  text(name: string, otherwise?: string): string {
    return this.#value(name, 'a text', otherwise, (value) => (typeof value === 'string' ? value : undefined))
  }

  /** true or false. */
  flag(name: string, otherwise?: boolean): boolean {
    return this.#value(name, 'true or false', otherwise, (value) => (typeof value === 'boolean' ? value : undefined))
  }

  /** One of several texts. */
  choice<Word extends string>(name: string, words: readonly Word[], otherwise?: Word): Word {
    const what = `one of ${words.join(', ')}`
    return this.#value(name, what, otherwise, (value) => words.find((word) => word === value))
  }

  /** A list of texts, or a text with commas between them. */
  texts(name: string): readonly string[] {
    return this.#value(name, 'a list of texts', [], (value) => {
      const parts = typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value
      if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined
      return parts.filter((part) => part !== '')
    })
  }

  /** An object; an empty list stands for one without fields, as Erlang's empty list may. */
  object(name: string): JsonObject {
    return this.#value(name, 'an object', {}, (value) => {
      if (Array.isArray(value) && value.length === 0) return {}
      return isObject(value) ? value : undefined
    })
  }

  /** The fields of an object. */
  inner(name: string): Fields {
    return new Fields(within(this.place, name), this.object(name), this.#complaints)
  }

  /** A table of arguments. */
  table(name: string): FieldTable {
    const object = this.object(name)
    return this.#complaints.gather(NO_FIELDS, () => tableOfJson(object, within(this.place, name)))
  }

  complain(name: string, what: string): void {
    this.#complaints.add(within(this.place, name), what)
  }

  #value<Value>(
    name: string,
    what: string,
    otherwise: Value | undefined,
    read: (value: Json) => Value | undefined,
  ): Value {
    const json = this.json(name)
    const value = json === null ? otherwise : read(json)
    if (value !== undefined) return value
    this.complain(name, json === null ? `is missing; expected ${what}` : `expected ${what}, not ${shown(json)}`)
    // Nothing is done with it: complaints are told before.
    return (otherwise ?? '') as Value
  }
}

/** The objects of a list in `document`; none where it has no such list. */
export function objectsIn(document: JsonObject, name: string, complaints: Complaints): readonly Fields[] {
  const list = Object.hasOwn(document, name) ? (document[name] ?? []) : []
  if (!Array.isArray(list)) {
    complaints.add(name, `expected a list of objects, not ${shown(list as Json)}`)
    return []
  }
  return list.flatMap((each: Json, index) => {
    const place = within(name, index)
    if (isObject(each)) return [new Fields(place, each, complaints)]
    complaints.add(place, `expected an object, not ${shown(each)}`)
    return []
  })
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as complaints show it: short ones as they are. */
function shown(value: Json): string {
  const text = JSON.stringify(value)
  return typeof value !== 'object' && text.length <= 60 ? text : kindOfJson(value)
}
