// Schemas that more than one route answers with. What they describe is made in views/.

import { type TObject, type TSchema, Type } from '@fastify/type-provider-typebox'

/** What a route answers, by status. What is sent is what a view made: the schemas describe it, and cut nothing off. */
export interface Answers {
  readonly [status: number]: TSchema
}

/** How errors are told. */
export const errorSchema = Type.Object({ error: Type.String(), reason: Type.Unknown() })

const refusals: Answers = { 400: errorSchema, 401: errorSchema, 404: errorSchema }

/** A route that answers with this. */
export function answers(schema: TSchema): Answers {
  return { 200: schema, ...refusals }
}

/** A route that makes or changes something, and has nothing to say but that. */
export const done: Answers = {
  201: Type.Null({ description: 'Made' }),
  204: Type.Null({ description: 'Done' }),
  ...refusals,
}

/** A route that answers with a list, or a page of it. Which fields an item has is for the query to say. */
export function listAnswers(item: TSchema): Answers {
  const items = Type.Array(Type.Partial(item as TObject))
  const count = Type.Integer({ minimum: 0 })
  const page = Type.Object({
    filtered_count: count,
    item_count: count,
    items,
    page: count,
    page_count: count,
    page_size: count,
    total_count: count,
  })
  return answers(Type.Union([items, page]))
}

/** A user. */
export const userSchema = Type.Object({
  name: Type.String(),
  password_hash: Type.String(),
  hashing_algorithm: Type.String(),
  tags: Type.Array(Type.String()),
  limits: Type.Record(Type.String(), Type.Integer()),
})

/** How fast a number changes. */
export const rateSchema = Type.Object({ rate: Type.Number() })

/** A vhost. */
export const vhostSchema = Type.Object({
  name: Type.String(),
  description: Type.String(),
  tags: Type.Array(Type.String()),
  default_queue_type: Type.String({ description: '`undefined` where none is set' }),
  metadata: Type.Object({ description: Type.String(), tags: Type.Array(Type.String()) }),
  protected_from_deletion: Type.Boolean(),
  tracing: Type.Boolean(),
  cluster_state: Type.Record(Type.String(), Type.String()),
  messages: Type.Optional(Type.Integer()),
  messages_ready: Type.Optional(Type.Integer()),
  messages_unacknowledged: Type.Optional(Type.Integer()),
})
