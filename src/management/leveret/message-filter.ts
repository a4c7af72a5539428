// Which messages are meant: by exchange, routing key, headers, and text in the body. Knows messages; not where they are.

import { PatternError } from '../../broker/access/pattern.ts'
import type { Message } from '../../broker/message.ts'
import type { FieldValue } from '../../protocol/field-table.ts'
import { boundedPattern } from '../bounded-pattern.ts'
import { badRequest } from '../errors.ts'

/** What is asked of a message; what is absent is not asked. */
export interface MessageFilter {
  readonly exchange?: string
  /** A regular expression. */
  readonly routing_key?: string
  /** A text that the body has somewhere, octet by octet. */
  readonly body?: string
  /** `name` or `name=value`: a header is there, or has that value as a text. */
  readonly header?: string | readonly string[]
}

/** Whether a message is meant. */
export type Wants = (message: Message) => boolean

/** The filter as a question. Throws `HttpError` 400 where its pattern cannot be read. */
export function wantsOf({ exchange, routing_key: key, body, header = [] }: MessageFilter): Wants {
  const questions: Wants[] = []
  if (exchange !== undefined) questions.push((message) => message.exchange === exchange)
  if (key !== undefined) {
    const pattern = patternOf(key)
    questions.push((message) => pattern.matches(message.routingKey))
  }
  const headers = typeof header === 'string' ? [header] : header
  if (headers.length > 0) {
    const asked = headers.map(headerOf)
    questions.push(({ headers: found }) => asked.every(([name, value]) => isThere(found.get(name), value)))
  }
  if (body !== undefined) {
    const text = Buffer.from(body, 'utf8')
    questions.push((message) => message.body.subarray(message.bodyStart, message.bodyEnd).includes(text))
  }
  return (message) => questions.every((question) => question(message))
}

function patternOf(source: string) {
  try {
    return boundedPattern(source)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw badRequest(`routing_key: ${source} is not a regular expression: ${error.message}`)
  }
}

function headerOf(asked: string): readonly [name: string, value: string | null] {
  const at = asked.indexOf('=')
  return at < 0 ? [asked, null] : [asked.slice(0, at), asked.slice(at + 1)]
}

function isThere(field: FieldValue | undefined, value: string | null): boolean {
  if (field === undefined) return false
  return value === null || (typeof field.value !== 'object' && String(field.value) === value)
}
