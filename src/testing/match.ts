// Which messages a test means: by exchange, key, headers, properties and body. Pure.

import { isDeepStrictEqual, types } from 'node:util'
import { checkNames, type Known } from './known.ts'
import type { SeenMessage } from './seen-message.ts'

/** Texts that are meant: one, all that fit a pattern, or all that a function takes. */
export type TextMatch = string | RegExp | ((text: string) => boolean)

/** Messages that are meant: those that fit all that is said. */
export interface MessageMatch {
  readonly exchange?: TextMatch
  /** The routing key. */
  readonly key?: TextMatch
  /** Of objects those fields count that are named here; patterns, and `expect.any` and its like, say what fits. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, unknown>>
  readonly properties?: Readonly<Record<string, unknown>>
  /** The queue that it came to, was delivered from or died in. */
  readonly queue?: TextMatch
}

/** Messages that are meant, or a function that knows. */
export type Match = MessageMatch | ((message: SeenMessage) => boolean)

const names: Known<Required<MessageMatch>> = {
  exchange: true,
  key: true,
  queue: true,
  body: true,
  headers: true,
  properties: true,
}

/** Whether `message`, which is about `queues`, is meant. */
export function matches(match: Match, message: SeenMessage, queues: readonly string[] = []): boolean {
  if (typeof match === 'function') return match(message)
  checkMatch(match)
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

/** Throws `RangeError` where a match says what no message is asked for: it would mean more than it seems to. */
export function checkMatch(match: Match): void {
  if (typeof match === 'function') return
  checkNames('a match', match, names)
  for (const name of ['exchange', 'key', 'queue'] as const) checkText(match[name], `${name} of a match`)
}

/** Throws `RangeError` where `match` is neither a text, nor a pattern, nor a function, nor left out. */
export function checkText(match: unknown, what: string): void {
  if (match === undefined || typeof match === 'string' || typeof match === 'function' || isPattern(match)) return
  throw new RangeError(`${what} is ${shown(match)}, expected a text, a pattern or a function`)
}

/** What is meant, in words. */
export function matchText(match: Match): string {
  if (typeof match === 'function') return 'a message that the function takes'
  checkMatch(match)
  const said = Object.entries(match).map(([name, value]) => `${name} ${shown(value)}`)
  return said.length === 0 ? 'any message' : `a message with ${said.join(', ')}`
}

/** Whether `text` is meant. */
export function fits(match: TextMatch, text: string): boolean {
  if (typeof match === 'string') return match === text
  return typeof match === 'function' ? match(text) : matchesPattern(match, text)
}

/** A pattern that is global or sticky begins where it ended the last time: not here. */
function matchesPattern(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0
  return pattern.test(text)
}

/** In the worlds that runners make for tests, `RegExp` is another one. */
function isPattern(value: unknown): value is RegExp {
  return types.isRegExp(value)
}

/** What `expect.any(Number)`, `expect.objectContaining({})` and their like are. */
interface Asymmetric {
  asymmetricMatch(found: unknown): boolean
  toAsymmetricMatcher?(): string
}

function isAsymmetric(value: unknown): value is Asymmetric {
  return typeof value === 'object' && value !== null && typeof (value as Asymmetric).asymmetricMatch === 'function'
}

/** Whether `found` has all that `wanted` says. */
function contains(found: unknown, wanted: unknown): boolean {
  if (isPattern(wanted)) return typeof found === 'string' && matchesPattern(wanted, found)
  if (isAsymmetric(wanted)) return wanted.asymmetricMatch(found)
  if (Buffer.isBuffer(wanted)) return Buffer.isBuffer(found) && wanted.equals(found)
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) && found.length === wanted.length && wanted.every((each, at) => contains(found[at], each))
    )
  }
  if (!isPlain(wanted)) return isDeepStrictEqual(found, wanted)
  if (!isPlain(found)) return false
  return Object.entries(wanted).every(([name, value]) => contains(found[name], value))
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
}

function shown(value: unknown): string {
  if (typeof value === 'function') return 'that the function takes'
  if (isPattern(value)) return String(value)
  return JSON.stringify(value, inWords) ?? 'undefined'
}

/** Patterns and what `expect` offers in their stead have no form in JSON. */
function inWords(_: string, value: unknown): unknown {
  if (isPattern(value)) return String(value)
  return isAsymmetric(value) ? (value.toAsymmetricMatcher?.() ?? String(value)) : value
}
