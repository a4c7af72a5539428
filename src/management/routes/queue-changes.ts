// What is done to queues over /api/queues: declared, deleted, purged, and taken from. All of it with the caller's own
// permissions, by the rules of AMQP.

import { Type } from '@fastify/type-provider-typebox'
import { checkGet } from '../../broker/queue/consuming.ts'
import type { Queue } from '../../broker/queue/queue.ts'
import type { Vhost } from '../../broker/vhost.ts'
import { type Caller, existingVhost, ownerOf } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { badRequest, objectNotFound } from '../errors.ts'
import { tableOfJson } from '../field-json.ts'
import { isTrue, shortName } from '../fields.ts'
import { ackModes, getMessages } from '../get.ts'
import type { App } from '../route.ts'
import { answers, done } from '../schemas.ts'

const one = Type.Object({ vhost: Type.String(), queue: Type.String() })
const declaration = Type.Object({
  durable: Type.Optional(Type.Boolean()),
  auto_delete: Type.Optional(Type.Boolean()),
  arguments: Type.Optional(Type.Unknown()),
  node: Type.Optional(Type.Unknown({ description: 'Has no effect: there is one node' })),
})
const get = Type.Object({
  count: Type.Integer({ minimum: 0, description: 'Messages, at most' }),
  ackmode: Type.Union(ackModes.map((mode) => Type.Literal(mode))),
  encoding: Type.Union([Type.Literal('auto'), Type.Literal('base64')]),
  truncate: Type.Optional(Type.Integer({ minimum: 0, description: 'Octets of a payload that are shown' })),
})
const got = Type.Array(
  Type.Object({
    payload_bytes: Type.Integer(),
    redelivered: Type.Boolean(),
    exchange: Type.String(),
    routing_key: Type.String(),
    message_count: Type.Integer(),
    properties: Type.Object({}),
    payload: Type.String(),
    payload_encoding: Type.String(),
  }),
)

const config = { access: 'management', vhost: 'login' } as const
const tags = ['queues']

/** Adds what changes queues. */
export function queueChangeRoutes(app: App, context: ManagementContext): void {
  const { broker } = context
  app.put(
    '/api/queues/:vhost/:queue',
    { config, schema: { tags, summary: 'Declare a queue', params: one, body: declaration, response: done } },
    async ({ caller, params, body: asked }, reply) => {
      const vhost = existingVhost(context, params.vhost)
      const { durable = false, auto_delete: autoDelete = false } = asked
      const name = shortName('queue', params.queue)
      const known = vhost.queues.has(name)
      const args = tableOfJson(asked.arguments ?? {}, 'arguments')
      const owner = ownerOf(context, caller, vhost.name)
      const { queue } = await broker
        .topology(vhost)
        .declareQueue({ name, durable, autoDelete, exclusive: false, arguments: args }, owner)
      queue?.used()
      return reply.code(known ? 204 : 201).send()
    },
  )
  const conditions = Type.Object({
    'if-empty': Type.Optional(Type.String()),
    'if-unused': Type.Optional(Type.String()),
  })
  app.delete(
    '/api/queues/:vhost/:queue',
    {
      config,
      schema: { tags, summary: 'Delete a queue', params: one, querystring: conditions, response: done },
    },
    async ({ caller, params, query }, reply) => {
      const vhost = existingVhost(context, params.vhost)
      if (!vhost.queues.has(params.queue)) throw objectNotFound()
      const owner = ownerOf(context, caller, vhost.name)
      const [ifUnused, ifEmpty] = [isTrue(query['if-unused']), isTrue(query['if-empty'])]
      await broker.topology(vhost).deleteQueue(params.queue, owner, ifUnused, ifEmpty)
      return reply.code(204).send()
    },
  )
  contentRoutes(app, context)
}

/** Adds what is done to what is in a queue. */
function contentRoutes(app: App, context: ManagementContext): void {
  app.delete(
    '/api/queues/:vhost/:queue/contents',
    { config, schema: { tags, summary: 'Purge a queue', params: one, response: done } },
    async ({ caller, params: { vhost, queue } }, reply) => {
      await readable(context, caller, existingVhost(context, vhost), queue).purge()
      return reply.code(204).send()
    },
  )
  app.post(
    '/api/queues/:vhost/:queue/get',
    { config, schema: { tags, summary: 'Take messages', params: one, body: get, response: answers(got) } },
    ({ caller, params: { vhost: vhostName, queue: name }, body }) => {
      const vhost = existingVhost(context, vhostName)
      const queue = readable(context, caller, vhost, name)
      checkGet(queue)
      return getMessages(vhost, queue, caller, body)
    },
  )
  app.post(
    '/api/queues/:vhost/:queue/actions',
    {
      config,
      schema: {
        tags,
        summary: 'sync or cancel_sync: of mirrors, of which there are none',
        params: one,
        body: Type.Object({ action: Type.String() }),
        response: done,
      },
    },
    ({ params: { vhost, queue }, body: { action } }, reply) => {
      if (!existingVhost(context, vhost).queues.has(queue)) throw objectNotFound()
      if (action !== 'sync' && action !== 'cancel_sync') {
        throw badRequest(`unknown action '${action}': sync and cancel_sync are known`)
      }
      return reply.code(204).send()
    },
  )
}

/** The queue, for somebody who may read from it. Throws `HttpError` 404, `ChannelError` 403 or 405. */
function readable(context: ManagementContext, caller: Caller, vhost: Vhost, name: string): Queue {
  if (!vhost.queues.has(name)) throw objectNotFound()
  const owner = ownerOf(context, caller, vhost.name)
  owner.access.queue('read', name)
  return context.broker.topology(vhost).queue(name, owner)
}
