// /api/vhosts: virtual hosts, and what is set for them. What is declared in them has routes of its own; the rules are
// administration's.

import { type Static, Type } from '@fastify/type-provider-typebox'
import { FULL_PERMISSION } from '../../broker/access/users.ts'
import { countsByVhost } from '../../broker/census.ts'
import { Firehose } from '../../broker/firehose.ts'
import type { Vhost } from '../../broker/vhost.ts'
import type { VhostSettings } from '../../broker/vhost-settings.ts'
import { existingVhost, visibleVhosts } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { badRequest, HttpError } from '../errors.ts'
import { tagsOf, tagsSchema } from '../fields.ts'
import { columnsQuery, listOfLater, pagedQuery, withColumns } from '../listing.ts'
import type { App } from '../route.ts'
import { answers, done, listAnswers, vhostSchema } from '../schemas.ts'
import { windowsOf, windowsQuery } from '../statistics/windows.ts'
import { vhostView } from '../views/vhost.ts'

const params = Type.Object({ vhost: Type.String() })
const body = Type.Object({
  description: Type.Optional(Type.String()),
  tags: Type.Optional(tagsSchema),
  default_queue_type: Type.Optional(Type.String()),
  protected_from_deletion: Type.Optional(Type.Boolean()),
  tracing: Type.Optional(
    Type.Boolean({ description: 'Whether copies of messages go to amq.rabbitmq.trace, until a restart' }),
  ),
})
const oneQuery = Type.Object({ ...columnsQuery.properties, ...windowsQuery.properties })
const listQuery = Type.Object({ ...pagedQuery.properties, ...windowsQuery.properties })
const tags = ['vhosts']
const admin = { access: 'administrator' } as const

/** Adds /api/vhosts. */
export function vhostRoutes(app: App, context: ManagementContext): void {
  const { broker } = context
  const viewOf = (vhost: Vhost, query: Static<typeof windowsQuery>): Promise<object> => {
    const counts = countsByVhost([vhost], broker.connections).get(vhost.name)
    return vhostView(context, vhost, counts, windowsOf(query))
  }
  app.get(
    '/api/vhosts',
    {
      config: { access: 'management' },
      schema: { tags, summary: 'Vhosts', querystring: listQuery, response: listAnswers(vhostSchema) },
    },
    async ({ caller, query }) =>
      listOfLater(query, {
        sources: visibleVhosts(context, caller),
        brief: ({ name }) => ({ name }),
        turn: () => new Promise((resolve) => context.clock.soon(resolve)),
        view: (vhost) => viewOf(vhost, query),
      }),
  )
  app.get(
    '/api/vhosts/:vhost',
    {
      config: { access: 'management', vhost: 'visible' },
      schema: { tags, summary: 'A vhost', params, querystring: oneQuery, response: answers(vhostSchema) },
    },
    async ({ params: { vhost }, query }) => withColumns(query, await viewOf(existingVhost(context, vhost), query)),
  )
  app.put(
    '/api/vhosts/:vhost',
    { config: admin, schema: { tags, summary: 'Make or change a vhost', params, body, response: done } },
    async ({ caller, params: { vhost }, body: asked }, reply) => {
      const known = broker.vhost(vhost) !== undefined
      await broker.administration.putVhost(vhost, settingsOf(asked))
      if (asked.tracing !== undefined) trace(context, existingVhost(context, vhost), asked.tracing)
      // Who makes a vhost may use it, as in RabbitMQ.
      if (!known) await broker.administration.setPermission(caller.name, vhost, FULL_PERMISSION)
      return reply.code(known ? 204 : 201).send()
    },
  )
  app.delete(
    '/api/vhosts/:vhost',
    { config: admin, schema: { tags, summary: 'Delete a vhost with all that is in it', params, response: done } },
    async ({ params: { vhost } }, reply) => {
      if (existingVhost(context, vhost).settings.protectedFromDeletion) {
        const why = `Cannot delete protected vhost '${vhost}': lift its deletion protection first`
        throw new HttpError(412, 'precondition_failed', why)
      }
      await broker.administration.deleteVhost(vhost)
      return reply.code(204).send()
    },
  )
  protectionRoutes(app, context)
}

/** Adds what is set, or done, by asking for a path. */
function protectionRoutes(app: App, context: ManagementContext): void {
  const protect = (vhost: string, protectedFromDeletion: boolean): Promise<void> => {
    existingVhost(context, vhost)
    return context.broker.administration.putVhost(vhost, { protectedFromDeletion })
  }
  app.post(
    '/api/vhosts/:vhost/deletion/protection',
    { config: admin, schema: { tags, summary: 'Protect a vhost from being deleted', params, response: done } },
    async ({ params: { vhost } }, reply) => {
      await protect(vhost, true)
      return reply.code(204).send()
    },
  )
  app.delete(
    '/api/vhosts/:vhost/deletion/protection',
    { config: admin, schema: { tags, summary: 'Lift that protection', params, response: done } },
    async ({ params: { vhost } }, reply) => {
      await protect(vhost, false)
      return reply.code(204).send()
    },
  )
  app.post(
    '/api/vhosts/:vhost/start/:node',
    {
      config: admin,
      schema: {
        tags,
        summary: 'Start a vhost, which here always runs',
        params: Type.Object({ vhost: Type.String(), node: Type.String() }),
        response: done,
      },
    },
    ({ params: { vhost, node } }, reply) => {
      existingVhost(context, vhost)
      if (node !== context.node.name) throw badRequest(`Request to node ${node} failed with nodedown`)
      return reply.code(204).send()
    },
  )
}

/** Begins or ends the tracing of a vhost; does nothing where it is as asked. */
function trace({ broker, clock, logger, node }: ManagementContext, vhost: Vhost, on: boolean): void {
  if (on === (vhost.firehose !== null)) return
  logger.info({ vhost: vhost.name }, on ? 'the vhost is traced from now on' : 'the vhost is traced no more')
  broker.connections.trace(vhost, on ? new Firehose(vhost, { clock, logger, node: node.name }) : null)
}

function settingsOf(asked: Static<typeof body>): Partial<VhostSettings> {
  const { description, tags: named, default_queue_type: type, protected_from_deletion: isProtected } = asked
  const defaultQueueType = type === '' || type === 'undefined' ? null : type
  return {
    ...(description === undefined ? {} : { description }),
    ...(named === undefined ? {} : { tags: tagsOf(named) }),
    // Which types there are is for administration to say.
    ...(defaultQueueType === undefined
      ? {}
      : { defaultQueueType: defaultQueueType as VhostSettings['defaultQueueType'] }),
    ...(isProtected === undefined ? {} : { protectedFromDeletion: isProtected }),
  }
}
