// Which messages a test means: by exchange, key, headers, properties and body. Pure.

import { isDeepStrictEqual } from 'node:util'
import type { SeenMessage } from './seen-message.ts'

/** Texts that are meant: one, all that fit a pattern, or all that a function takes. */
export type TextMatch = string | RegExp | ((text: string) => boolean)

/** Messages that are meant: those that fit all that is said. */
export interface MessageMatch {
  readonly exchange?: TextMatch
  /** The routing key. */
  readonly key?: TextMatch
  /** Of an object those fields count that are named here; anything else has to be equal. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, unknown>>
  readonly properties?: Readonly<Record<string, unknown>>
  /** The queue that it came to, was delivered from or died in. */
  readonly queue?: TextMatch
}

/** Messages that are meant, or a function that knows. */
export type Match = MessageMatch | ((message: SeenMessage) => boolean)

/** Whether `message`, which is about `queues`, is meant. */
export function matches(match: Match, message: SeenMessage, queues: readonly string[] = []): boolean {
  if (typeof match === 'function') return match(message)
  const { exchange, key, queue, body, headers = {}, properties = {} } = match
  return (
    (exchange === undefined || fits(exchange, message.exchange)) &&
    (key === undefined || fits(key, message.routingKey)) &&
    (queue === undefined || queues.some((name) => fits(queue, name))) &&
    (!('body' in match) || contains(message.body, body)) &&
    contains(message.headers, headers) &&
    contains(message.properties, properties)
  )
}

/** What is meant, in words. */
export function matchText(match: Match): string {
  if (typeof match === 'function') return 'a message that the function takes'
  const said = Object.entries(match).map(([name, value]) => `${name} ${shown(value)}`)
  return said.length === 0 ? 'any message' : `a message with ${said.join(', ')}`
}

/** Whether `text` is meant. */
export function fits(match: TextMatch, text: string): boolean {
  if (typeof match === 'string') return match === text
  return typeof match === 'function' ? match(text) : match.test(text)
}

/** Whether `found` has all that `wanted` says. */
function contains(found: unknown, wanted: unknown): boolean {
  if (wanted instanceof RegExp) return typeof found === 'string' && wanted.test(found)
  if (Buffer.isBuffer(wanted)) return Buffer.isBuffer(found) && wanted.equals(found)
  if (!isPlain(wanted)) return isDeepStrictEqual(found, wanted)
  if (!isPlain(found)) return false
  return Object.entries(wanted).every(([name, value]) => contains(found[name], value))
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
}

function shown(value: unknown): string {
  if (typeof value === 'function') return 'that the function takes'
  return value instanceof RegExp ? String(value) : (JSON.stringify(value) ?? 'undefined')
}
