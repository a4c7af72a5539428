// Messages as JSON: properties by RabbitMQ's names, and payloads as text or base64. Knows messages; not where they come
// from or go to.

import { isUtf8 } from 'node:buffer'
import type { Properties } from '../protocol/properties.ts'
import { badRequest } from './errors.ts'
import { jsonOfTable, kindOfJson, tableOfJson } from './field-json.ts'

/** What a property is: a text of up to 255 octets, a number of so many bits, or a table. */
type Kind = 'text' | 'octet' | 'time' | 'table'

const known = {
  content_type: ['contentType', 'text'],
  content_encoding: ['contentEncoding', 'text'],
  headers: ['headers', 'table'],
  delivery_mode: ['deliveryMode', 'octet'],
  priority: ['priority', 'octet'],
  correlation_id: ['correlationId', 'text'],
  reply_to: ['replyTo', 'text'],
  expiration: ['expiration', 'text'],
  message_id: ['messageId', 'text'],
  timestamp: ['timestamp', 'time'],
  type: ['type', 'text'],
  user_id: ['userId', 'text'],
  app_id: ['appId', 'text'],
  cluster_id: ['clusterId', 'text'],
} as const satisfies { readonly [name: string]: readonly [keyof Properties, Kind] }

/** Payloads as people ask for them: `auto` is text where that is possible. */
export type Encoding = 'auto' | 'base64'

/** Properties by RabbitMQ's names; those that are absent are left out. */
export function jsonOfProperties(properties: Properties): object {
  const entries = Object.entries(known).map(([name, [property]]) => {
    const value = properties[property]
    return [name, typeof value === 'object' ? jsonOfTable(value) : value] as const
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** The properties that a JSON object names; what is not a property is not looked at. Throws `HttpError` 400. */
export function propertiesOfJson(json: unknown): Properties {
  if (Array.isArray(json) && json.length === 0) return {}
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw badRequest(`properties: expected an object, not ${kindOfJson(json)}`)
  }
  const found: { [name: string]: unknown } = {}
  for (const [name, value] of Object.entries(json)) {
    if (!Object.hasOwn(known, name)) continue
    const [property, kind] = known[name as keyof typeof known]
    found[property] = propertyOf(`properties.${name}`, kind, value)
  }
  return found as Properties
}

function propertyOf(place: string, kind: Kind, value: unknown): unknown {
  if (kind === 'table') return tableOfJson(value, place)
  if (kind === 'text') {
    if (typeof value !== 'string') throw badRequest(`${place}: expected a text, not ${kindOfJson(value)}`)
    if (Buffer.byteLength(value) > 255) throw badRequest(`${place}: 255 octets at most`)
    return value
  }
  const most = kind === 'octet' ? 255 : Number.MAX_SAFE_INTEGER
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most) {
    throw badRequest(`${place}: expected a whole number from 0 to ${most}`)
  }
  return value
}

/** A body of `octets` as JSON has it, cut after so many octets. */
export function jsonOfPayload(octets: Buffer, encoding: Encoding, truncate = Number.POSITIVE_INFINITY) {
  const shown = octets.length > truncate ? octets.subarray(0, truncate) : octets
  if (encoding === 'auto' && isUtf8(shown)) return { payload: shown.toString('utf8'), payload_encoding: 'string' }
  return { payload: shown.toString('base64'), payload_encoding: 'base64' }
}

/** The octets that a payload stands for. Throws `HttpError` 400. */
export function payloadOfJson(payload: unknown, encoding: string): Buffer {
  if (typeof payload !== 'string') throw badRequest(`payload_not_string: payload is ${kindOfJson(payload)}`)
  if (encoding === 'string') return Buffer.from(payload, 'utf8')
  if (encoding !== 'base64') throw badRequest(`unsupported_encoding: '${encoding}' is neither string nor base64`)
  const octets = Buffer.from(payload, 'base64')
  // What Node skips is not base64.
  if (withoutPadding(octets.toString('base64')) !== withoutPadding(payload.replaceAll(/\s/g, ''))) {
    throw badRequest('not_base64: payload is not base64')
  }
  return octets
}

/** Without a pattern: one that looks for the end from everywhere takes hours on a payload of `=`. */
function withoutPadding(base64: string): string {
  let end = base64.length
  while (base64[end - 1] === '=') end--
  return base64.slice(0, end)
}
