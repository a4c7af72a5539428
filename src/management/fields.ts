// Fields of request bodies that RabbitMQ takes in more than one form. Knows values; not which request they are of.

import { Type } from '@fastify/type-provider-typebox'
import { badRequest } from './errors.ts'

/** Tags: a list, or a text with commas between them. */
export const tagsSchema = Type.Unknown({ description: 'A list of tags, or a text with commas between them' })

/** The tags that a body names. Throws `HttpError` 400 where they are neither list nor text. */
export function tagsOf(value: unknown): readonly string[] {
  const parts = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) {
    throw badRequest('tags: expected a list of texts, or a text with commas between them')
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** The exchange that a path names: the default exchange has no name, so that it goes by another in paths. */
export function exchangeNamed(name: string): string {
  return name === 'amq.default' ? '' : name
}

/** Whether a query says yes. */
export function isTrue(text: string | undefined): boolean {
  return text === 'true'
}

/** Properties of a message; a list without elements stands for none, as RabbitMQ itself answers. */
export const propertiesSchema = Type.Unknown({ description: 'content_type, delivery_mode, headers ...' })

/** `name`, if it fits into AMQP's names. Throws `HttpError` 400. */
export function shortName(what: string, name: string): string {
  if (Buffer.byteLength(name) > 255) throw badRequest(`${what}: 255 octets at most`)
  return name
}
