// /api/vhost-limits and /api/user-limits: how many connections, queues and channels there may be. The rules are
// administration's.

import { Type } from '@fastify/type-provider-typebox'
import type { UserLimits, VhostLimits } from '../../broker/limits.ts'
import { existingVhost, visibleVhosts } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { objectNotFound } from '../errors.ts'
import { pagedQuery, plainList } from '../listing.ts'
import type { App } from '../route.ts'
import { done, listAnswers } from '../schemas.ts'

const limits = Type.Record(Type.String(), Type.Integer())
const body = Type.Object({ value: Type.Integer({ description: 'A negative number stands for no limit' }) })
const list = { querystring: pagedQuery }

/** Adds both. */
export function limitRoutes(app: App, context: ManagementContext): void {
  vhostLimits(app, context)
  userLimits(app, context)
}

function vhostLimits(app: App, context: ManagementContext): void {
  const { administration } = context.broker
  const tags = ['vhost limits']
  const answered = { response: listAnswers(Type.Object({ vhost: Type.String(), value: limits })) }
  const params = Type.Object({ vhost: Type.String() })
  const one = Type.Object({ vhost: Type.String(), name: Type.String() })
  const viewOf = (vhost: { readonly name: string; readonly limits: VhostLimits }) =>
    isEmpty(vhost.limits) ? [] : [{ vhost: vhost.name, value: vhost.limits }]
  app.get(
    '/api/vhost-limits',
    { config: { access: 'management' }, schema: { tags, summary: 'The limits of vhosts', ...list, ...answered } },
    ({ caller, query }) => plainList(query, visibleVhosts(context, caller).flatMap(viewOf)),
  )
  app.get(
    '/api/vhost-limits/:vhost',
    {
      config: { access: 'management', vhost: 'visible' },
      schema: { tags, summary: 'The limits of a vhost', params, ...list, ...answered },
    },
    ({ params: { vhost }, query }) => plainList(query, viewOf(existingVhost(context, vhost))),
  )
  const config = { access: 'administrator' } as const
  app.put(
    '/api/vhost-limits/:vhost/:name',
    { config, schema: { tags, summary: 'Set a limit', params: one, body, response: done } },
    async ({ params: { vhost, name }, body: { value } }, reply) => {
      await administration.setVhostLimits(vhost, { ...existingVhost(context, vhost).limits, [name]: value })
      return reply.code(204).send()
    },
  )
  app.delete(
    '/api/vhost-limits/:vhost/:name',
    { config, schema: { tags, summary: 'Lift a limit', params: one, response: done } },
    async ({ params: { vhost, name } }, reply) => {
      await administration.setVhostLimits(vhost, without(existingVhost(context, vhost).limits, name))
      return reply.code(204).send()
    },
  )
}

function userLimits(app: App, context: ManagementContext): void {
  const { administration, users } = context.broker
  const tags = ['user limits']
  const answered = { response: listAnswers(Type.Object({ user: Type.String(), value: limits })) }
  const params = Type.Object({ user: Type.String() })
  const one = Type.Object({ user: Type.String(), name: Type.String() })
  const config = { access: 'administrator' } as const
  const limitsOf = (user: string): UserLimits => {
    if (!users.get(user)) throw objectNotFound()
    return users.limits(user)
  }
  const viewOf = (user: string) => {
    const value = limitsOf(user)
    return isEmpty(value) ? [] : [{ user, value }]
  }
  const listed = { tags, ...list, ...answered }
  app.get('/api/user-limits', { config, schema: { ...listed, summary: 'The limits of users' } }, ({ query }) =>
    plainList(
      query,
      [...users].flatMap(({ name }) => viewOf(name)),
    ),
  )
  app.get(
    '/api/user-limits/:user',
    { config, schema: { ...listed, summary: 'The limits of a user', params } },
    ({ params: { user }, query }) => plainList(query, viewOf(user)),
  )
  app.put(
    '/api/user-limits/:user/:name',
    { config, schema: { tags, summary: 'Set a limit', params: one, body, response: done } },
    async ({ params: { user, name }, body: { value } }, reply) => {
      await administration.setUserLimits(user, { ...limitsOf(user), [name]: value })
      return reply.code(204).send()
    },
  )
  app.delete(
    '/api/user-limits/:user/:name',
    { config, schema: { tags, summary: 'Lift a limit', params: one, response: done } },
    async ({ params: { user, name } }, reply) => {
      await administration.setUserLimits(user, without(limitsOf(user), name))
      return reply.code(204).send()
    },
  )
}

function isEmpty(limits: object): boolean {
  return Object.keys(limits).length === 0
}

function without<T extends object>(limits: T, name: string): T {
  return Object.fromEntries(Object.entries(limits).filter(([each]) => each !== name)) as T
}
