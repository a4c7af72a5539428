// What JSON says with a word of its own is not made into another: ajv would take null for 0, '' or false, and true for 1.
// Knows schemas and values; no routes.

import { badRequest } from './errors.ts'

/** As much of a JSON schema as is looked at. */
interface Schema {
  readonly type?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

const numbers: readonly unknown[] = ['integer', 'number']
const scalars: readonly unknown[] = [...numbers, 'boolean', 'string']
/** Where RabbitMQ takes null for no text as well. */
const mayBeNull: readonly string[] = ['description', 'routing_key']

/** Throws `HttpError` 400 where a body has null for a text, a number or a truth, or a truth for a number. */
export function checkWords(schema: unknown, body: unknown): void {
  check((schema ?? {}) as Schema, body, [])
}

function check({ type, properties = {}, items }: Schema, value: unknown, place: readonly string[]): void {
  const isWrong = value === null ? scalars.includes(type) : typeof value === 'boolean' && numbers.includes(type)
  if (isWrong) throw badRequest(`${placeOf(place)} must be ${type}, not ${value}`)
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    if (items) for (const [index, item] of value.entries()) check(items, item, [...place, String(index)])
    return
  }
  for (const [name, of] of Object.entries(properties)) {
    const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
    if (given !== null || !mayBeNull.includes(name)) check(of, given, [...place, name])
  }
}

function placeOf(place: readonly string[]): string {
  return place.length === 0 ? 'the body' : `'${place.join('.')}' in the body`
}
