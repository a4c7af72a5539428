// Field tables as JSON, and JSON as field tables, with the types that RabbitMQ gives to what comes in by HTTP: texts,
// 64-bit integers, doubles, booleans, tables and arrays. Knows neither what the fields mean nor who asks.

import type { Json } from '../broker/term.ts'
import { type FieldTable, type FieldValue, TABLE_DEPTH } from '../protocol/field-table.ts'

/** A JSON object. */
export type JsonObject = { readonly [name: string]: Json }

/** Something in a JSON document that cannot be what it is: `place` names it, `message` begins with the place. */
export class UnfitJson extends Error {
  override readonly name = 'UnfitJson'
  readonly place: string

  constructor(place: string, what: string) {
    super(`${place}: ${what}`)
    this.place = place
  }
}

/** `table` as a JSON object; integers beyond 2^53 lose their last digits, octets become base64. */
export function jsonOfTable(table: FieldTable): JsonObject {
  // Without a prototype: a field may be called `__proto__`.
  const json: Record<string, Json> = Object.create(null)
  for (const [name, value] of table) if (!(name in json)) json[name] = jsonOfValue(value)
  return json
}

function jsonOfValue(field: FieldValue): Json {
  switch (field.tag) {
    case 'F':
      return jsonOfTable(field.value)
    case 'A':
      return field.value.map(jsonOfValue)
    case 'D':
      return field.value.value / 10 ** field.value.scale
    case 'x':
      return Buffer.from(field.value).toString('base64')
    case 'l':
    case 'L':
    case 'T':
      return Number(field.value)
    case 'f':
    case 'd':
      // JSON has no word for these.
      return Number.isFinite(field.value) ? field.value : String(field.value)
    default:
      return field.value
  }
}

/**
 * The field table that a JSON object stands for. `place` is what it is called in complaints.
 * @throws UnfitJson naming the field that cannot be one
 */
export function tableOfJson(json: unknown, place: string): FieldTable {
  return tableOf(json, place, 1)
}

/** The names of what lies within each other, as people write them: `queues[3].arguments.x-message-ttl`. */
export function within(place: string, name: string | number): string {
  if (typeof name === 'number') return `${place}[${name}]`
  return place === '' ? name : `${place}.${name}`
}

/** What a JSON value is, for complaints. */
export function kindOfJson(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return { string: 'a text', number: 'a number', boolean: 'a boolean' }[typeof value as string] ?? 'an object'
}

function tableOf(json: unknown, place: string, depth: number): FieldTable {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UnfitJson(place, `expected an object of arguments, not ${kindOfJson(json)}`)
  }
  if (depth > TABLE_DEPTH) throw new UnfitJson(place, `tables may not lie in each other more than ${TABLE_DEPTH} deep`)
  const fields = new Map<string, FieldValue>()
  for (const [name, value] of Object.entries(json)) {
    const at = within(place, name)
    if (Buffer.byteLength(name) > 255) throw new UnfitJson(at, 'the name of an argument may have 255 octets at most')
    fields.set(name, fieldOf(value, at, depth))
  }
  return fields
}

function fieldOf(value: unknown, place: string, depth: number): FieldValue {
  if (typeof value === 'string') return { tag: 'S', value }
  if (typeof value === 'boolean') return { tag: 't', value }
  if (typeof value === 'number') return numberOf(value, place)
  if (value === null) return { tag: 'V', value }
  if (!Array.isArray(value)) return { tag: 'F', value: tableOf(value, place, depth + 1) }
  if (depth >= TABLE_DEPTH) throw new UnfitJson(place, `tables may not lie in each other more than ${TABLE_DEPTH} deep`)
  return { tag: 'A', value: value.map((each, index) => fieldOf(each, within(place, index), depth + 1)) }
}

/** Integers are 64 bits wide, as RabbitMQ makes them, whatever their size. */
function numberOf(value: number, place: string): FieldValue {
  if (!Number.isInteger(value)) return { tag: 'd', value }
  if (Number.isSafeInteger(value)) return { tag: 'l', value }
  const whole = BigInt(value)
  if (BigInt.asIntN(64, whole) !== whole) throw new UnfitJson(place, `${value} does not fit into 64 bits`)
  return { tag: 'l', value: whole }
}
