// What requests to the control API say, read: matches with their patterns, and events as JSON. The rules of matching are
// match.ts', those of faults are faults/'.

import { type Static, Type } from '@fastify/type-provider-typebox'
import type { BrokerEvent } from '../events.ts'
import type { MessageMatch, TextMatch } from '../match.ts'
import type { SeenMessage } from '../seen-message.ts'

/** A text or a pattern, as JSON. */
export const textMatch = Type.Union([
  Type.String(),
  Type.Object({ pattern: Type.String({ description: 'A regular expression of JavaScript' }) }),
])
const anything = Type.Record(Type.String(), Type.Unknown())

/** A match, as JSON. */
export const matchSchema = Type.Object(
  {
    exchange: Type.Optional(textMatch),
    key: Type.Optional(textMatch),
    queue: Type.Optional(textMatch),
    body: Type.Optional(Type.Unknown({ description: 'Of an object, the fields that are named' })),
    headers: Type.Optional(anything),
    properties: Type.Optional(anything),
  },
  { additionalProperties: false },
)

/** The match that a request asks for. Throws `RangeError` where a pattern is none. */
export function matchOf({ exchange, key, queue, ...rest }: Static<typeof matchSchema>): MessageMatch {
  return {
    ...(exchange === undefined ? {} : { exchange: textOf(exchange, 'exchange') }),
    ...(key === undefined ? {} : { key: textOf(key, 'key') }),
    ...(queue === undefined ? {} : { queue: textOf(queue, 'queue') }),
    ...rest,
  }
}

/** `options` of a fault, with those patterns that JSON can say read. Throws `RangeError` where a pattern is none. */
export function withPatterns(options: object): object {
  const read = Object.entries(options).map(([name, value]) => {
    return [name, isPattern(value) ? textOf(value, name) : value] as const
  })
  return Object.fromEntries(read)
}

/** An event as JSON. */
export function eventJson(event: BrokerEvent): Record<string, unknown> {
  if (!('message' in event) || event.message === null) return { ...event }
  return { ...event, message: messageJson(event.message) }
}

/** A message as JSON: octets in base64, only where the body says too little. */
export function messageJson({ octets, propertyOctets: _, body, ...message }: SeenMessage): Record<string, unknown> {
  const shown = Buffer.isBuffer(body) ? { body: null, base64: octets.toString('base64') } : { body }
  return { ...message, ...shown }
}

/** What `match` means; `name` is how a complaint calls it. Throws `RangeError` where its pattern is none. */
export function textOf(match: Static<typeof textMatch>, name: string): TextMatch {
  if (typeof match === 'string') return match
  try {
    return new RegExp(match.pattern)
  } catch (error) {
    throw new RangeError(`the pattern of ${name} is none: ${error instanceof Error ? error.message : error}`)
  }
}

function isPattern(value: unknown): value is { readonly pattern: string } {
  return typeof value === 'object' && value !== null && 'pattern' in value && typeof value.pattern === 'string'
}
