// /api/topic-permissions: which routing keys users may use on topic exchanges, for administrators; also by vhost and by
// user. The rules are administration's.

import { Type } from '@fastify/type-provider-typebox'
import { existingVhost } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { badRequest, objectNotFound } from '../errors.ts'
import { pagedQuery, plainList } from '../listing.ts'
import type { App } from '../route.ts'
import { done, listAnswers } from '../schemas.ts'
import { type TopicPermissionView, topicPermissionViews } from '../views/user.ts'

const pattern = Type.String({ description: 'A regular expression on routing keys, not anchored' })
const granted = Type.Object({
  exchange: Type.String({ description: 'Which; an empty text is the default exchange' }),
  write: pattern,
  read: pattern,
})
const permission = Type.Object({ user: Type.String(), vhost: Type.String(), ...granted.properties })

const inVhost = Type.Object({ vhost: Type.String() })
const ofUser = Type.Object({ user: Type.String() })
const both = Type.Object({ vhost: Type.String(), user: Type.String() })
const one = Type.Object({ ...both.properties, exchange: Type.String() })

const config = { access: 'administrator' } as const
const tags = ['topic permissions']
const list = { querystring: pagedQuery, response: listAnswers(permission) }

/** Adds /api/topic-permissions. */
export function topicPermissionRoutes(app: App, context: ManagementContext): void {
  const { users, vhosts } = context.broker
  app.get(
    '/api/topic-permissions',
    { config, schema: { tags, summary: 'All topic permissions', ...list } },
    ({ query }) => plainList(query, topicPermissionViews(users, vhosts.keys())),
  )
  app.get(
    '/api/vhosts/:vhost/topic-permissions',
    { config, schema: { tags, summary: 'The topic permissions in a vhost', params: inVhost, ...list } },
    ({ params: { vhost }, query }) =>
      plainList(query, topicPermissionViews(users, [existingVhost(context, vhost).name])),
  )
  app.get(
    '/api/users/:user/topic-permissions',
    { config, schema: { tags, summary: 'The topic permissions of a user', params: ofUser, ...list } },
    ({ params: { user }, query }) => {
      if (!users.get(user)) throw objectNotFound()
      return plainList(query, topicPermissionViews(users, vhosts.keys(), user))
    },
  )
  inOneVhost(app, context)
}

/** Adds what is about one user in one vhost. */
function inOneVhost(app: App, context: ManagementContext): void {
  const { broker } = context
  const { users, administration } = broker
  const found = (vhost: string, user: string): readonly TopicPermissionView[] => {
    const views = topicPermissionViews(users, [existingVhost(context, vhost).name], user)
    if (views.length === 0) throw objectNotFound()
    return views
  }
  app.get(
    '/api/topic-permissions/:vhost/:user',
    { config, schema: { tags, summary: 'The topic permissions of a user in a vhost', params: both, ...list } },
    ({ params: { vhost, user }, query }) => plainList(query, found(vhost, user)),
  )
  app.put(
    '/api/topic-permissions/:vhost/:user',
    { config, schema: { tags, summary: 'Restrict routing keys', params: both, body: granted, response: done } },
    async ({ params: { vhost, user }, body: { exchange, write, read } }, reply) => {
      if (!broker.vhost(vhost) || !users.get(user)) throw badRequest('vhost_or_user_not_found')
      // As in RabbitMQ, what is new is the first restriction of the user in the vhost.
      const known = users.topicPermissions(user, vhost).size > 0
      await administration.setTopicPermission(user, vhost, exchange, { write, read })
      return reply.code(known ? 204 : 201).send()
    },
  )
  app.delete(
    '/api/topic-permissions/:vhost/:user',
    { config, schema: { tags, summary: 'Lift all restrictions', params: both, response: done } },
    async ({ params: { vhost, user } }, reply) => {
      for (const { exchange } of found(vhost, user)) await administration.clearTopicPermission(user, vhost, exchange)
      return reply.code(204).send()
    },
  )
  app.delete(
    '/api/topic-permissions/:vhost/:user/:exchange',
    { config, schema: { tags, summary: 'Lift the restriction on an exchange', params: one, response: done } },
    async ({ params: { vhost, user, exchange } }, reply) => {
      await administration.clearTopicPermission(user, vhost, exchange)
      return reply.code(204).send()
    },
  )
}
