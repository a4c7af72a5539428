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
