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

/** A binding. */
export const bindingSchema = Type.Object({
  source: Type.String(),
  vhost: Type.String(),
  destination: Type.String(),
  destination_type: Type.String(),
  routing_key: Type.String(),
  arguments: Type.Record(Type.String(), Type.Unknown()),
  properties_key: Type.String(),
})

/** An exchange. */
export const exchangeSchema = Type.Object({
  name: Type.String(),
  vhost: Type.String(),
  type: Type.String(),
  durable: Type.Boolean(),
  auto_delete: Type.Boolean(),
  internal: Type.Boolean(),
  arguments: Type.Record(Type.String(), Type.Unknown()),
  policy: Type.Optional(Type.String()),
})

const count = Type.Integer({ minimum: 0 })

/** A queue. */
export const queueSchema = Type.Object({
  name: Type.String(),
  vhost: Type.String(),
  type: Type.String(),
  durable: Type.Boolean(),
  auto_delete: Type.Boolean(),
  exclusive: Type.Boolean(),
  arguments: Type.Record(Type.String(), Type.Unknown()),
  policy: Type.Union([Type.String(), Type.Null()]),
  operator_policy: Type.Union([Type.String(), Type.Null()]),
  effective_policy_definition: Type.Record(Type.String(), Type.Unknown()),
  messages: count,
  messages_ready: count,
  messages_unacknowledged: count,
  consumers: count,
  node: Type.String(),
  state: Type.String(),
})
