// /api/permissions and /api/topic-permissions: what users may do in vhosts, for administrators; also by vhost and by user.
// The rules are administration's.

import { Type } from '@fastify/type-provider-typebox'
import { existingVhost } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { badRequest, objectNotFound } from '../errors.ts'
import { pagedQuery, plainList } from '../listing.ts'
import type { App } from '../route.ts'
import { answers, done, listAnswers } from '../schemas.ts'
import { permissionView, permissionViews } from '../views/user.ts'

const pattern = Type.String({ description: 'A regular expression, not anchored; empty: nothing' })
const granted = Type.Object({ configure: pattern, write: pattern, read: pattern })
const permission = Type.Object({ user: Type.String(), vhost: Type.String(), ...granted.properties })

const inVhost = Type.Object({ vhost: Type.String() })
const ofUser = Type.Object({ user: Type.String() })
const both = Type.Object({ vhost: Type.String(), user: Type.String() })

const config = { access: 'administrator' } as const
const tags = ['permissions']

/** Adds /api/permissions. */
export function permissionRoutes(app: App, context: ManagementContext): void {
  const { users } = context.broker
  const list = { querystring: pagedQuery, response: listAnswers(permission) }
  app.get('/api/permissions', { config, schema: { tags, summary: 'All permissions', ...list } }, ({ query }) =>
    plainList(query, permissionViews(users)),
  )
  app.get(
    '/api/vhosts/:vhost/permissions',
    { config, schema: { tags, summary: 'The permissions in a vhost', params: inVhost, ...list } },
    ({ params, query }) => {
      const { name } = existingVhost(context, params.vhost)
      return plainList(
        query,
        permissionViews(users).filter(({ vhost }) => vhost === name),
      )
    },
  )
  app.get(
    '/api/users/:user/permissions',
    { config, schema: { tags, summary: 'The permissions of a user', params: ofUser, ...list } },
    ({ params: { user }, query }) => {
      if (!users.get(user)) throw objectNotFound()
      return plainList(query, permissionViews(users, user))
    },
  )
  onePermission(app, context)
}

function onePermission(app: App, { broker }: ManagementContext): void {
  const { users, administration } = broker
  app.get(
    '/api/permissions/:vhost/:user',
    { config, schema: { tags, summary: 'A permission', params: both, response: answers(permission) } },
    ({ params: { vhost, user } }) => {
      const found = users.permission(user, vhost)
      if (!found) throw objectNotFound()
      return permissionView(user, vhost, found)
    },
  )
  app.put(
    '/api/permissions/:vhost/:user',
    { config, schema: { tags, summary: 'Grant a permission', params: both, body: granted, response: done } },
    async ({ params: { vhost, user }, body: { configure, write, read } }, reply) => {
      if (!broker.vhost(vhost) || !users.get(user)) throw badRequest('vhost_or_user_not_found')
      const known = users.permission(user, vhost) !== undefined
      await administration.setPermission(user, vhost, { configure, write, read })
      return reply.code(known ? 204 : 201).send()
    },
  )
  app.delete(
    '/api/permissions/:vhost/:user',
    { config, schema: { tags, summary: 'Take a permission away', params: both, response: done } },
    async ({ params: { vhost, user } }, reply) => {
      if (!users.permission(user, vhost)) throw objectNotFound()
      await administration.clearPermission(user, vhost)
      return reply.code(204).send()
    },
  )
}
