// /api/users: accounts, for administrators. What is granted to them is in permissions.ts; the rules are administration's.

import { type Static, Type } from '@fastify/type-provider-typebox'
import type { Account } from '../../broker/access/users.ts'
import type { UserRequest } from '../../broker/administration.ts'
import type { ManagementContext } from '../context.ts'
import { badRequest, objectNotFound } from '../errors.ts'
import { tagsOf, tagsSchema } from '../fields.ts'
import { columnsQuery, listOf, pagedQuery, withColumns } from '../listing.ts'
import type { App } from '../route.ts'
import { answers, done, listAnswers, userSchema } from '../schemas.ts'
import { hashingNamed, userView } from '../views/user.ts'

const params = Type.Object({ user: Type.String() })
const body = Type.Object({
  password: Type.Optional(Type.String()),
  password_hash: Type.Optional(Type.String({ description: 'Base64 of salt and hash; goes before password' })),
  hashing_algorithm: Type.Optional(Type.String()),
  tags: Type.Optional(tagsSchema),
})

const config = { access: 'administrator' } as const
const tags = ['users']

/** Adds /api/users. */
export function userRoutes(app: App, context: ManagementContext): void {
  const { broker } = context
  const { users, administration } = broker
  const list = (query: Static<typeof pagedQuery>, accounts: readonly Account[]) =>
    listOf(query, {
      sources: accounts,
      view: (account) => userView(account, users),
      brief: ({ name }) => ({ name }),
    })
  const answer = { response: listAnswers(userSchema) }

  app.get('/api/users', { config, schema: { tags, summary: 'All users', querystring: pagedQuery, ...answer } }, (r) =>
    list(r.query, [...users]),
  )
  app.get(
    '/api/users/without-permissions',
    { config, schema: { tags, summary: 'Users without a permission', querystring: pagedQuery, ...answer } },
    ({ query }) =>
      list(
        query,
        [...users].filter(({ name }) => users.permissionsOf(name).size === 0),
      ),
  )
  app.post(
    '/api/users/bulk-delete',
    {
      config,
      schema: {
        tags,
        summary: 'Delete users',
        body: Type.Object({ users: Type.Array(Type.String()) }),
        response: done,
      },
    },
    async ({ body: { users: names } }, reply) => {
      const unknown = names.find((name) => !users.get(name))
      if (unknown !== undefined) throw badRequest(`no_such_user: ${unknown}`)
      for (const name of new Set(names)) await administration.deleteUser(name)
      return reply.code(204).send()
    },
  )
  oneUser(app, context)
}

/** Adds what is about one user. */
function oneUser(app: App, { broker: { users, administration } }: ManagementContext): void {
  app.get(
    '/api/users/:user',
    { config, schema: { tags, summary: 'A user', params, querystring: columnsQuery, response: answers(userSchema) } },
    ({ params: { user }, query }) => {
      const account = users.get(user)
      if (!account) throw objectNotFound()
      return withColumns(query, userView(account, users))
    },
  )
  app.put(
    '/api/users/:user',
    { config, schema: { tags, summary: 'Make or change a user', params, body, response: done } },
    async ({ params: { user }, body: asked }, reply) => {
      const known = users.get(user) !== undefined
      await administration.putUser(user, requestOf(asked))
      return reply.code(known ? 204 : 201).send()
    },
  )
  app.delete(
    '/api/users/:user',
    { config, schema: { tags, summary: 'Delete a user', params, response: done } },
    async ({ params: { user } }, reply) => {
      await administration.deleteUser(user)
      return reply.code(204).send()
    },
  )
}

/** What is asked for. Without a password and a hash, no password opens the account. Throws `HttpError` 400. */
function requestOf({
  password,
  password_hash: hash,
  hashing_algorithm: hashing,
  tags,
}: Static<typeof body>): UserRequest {
  if (tags === undefined) throw badRequest('tags_not_present: the body lacks tags (an empty text where there are none)')
  if (hash !== undefined && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(hash)) {
    throw badRequest(`password_hash '${hash}' is not base64`)
  }
  return {
    tags: tagsOf(tags),
    ...(hash === undefined ? {} : { passwordHash: hash }),
    ...(password === undefined ? {} : { password }),
    ...(hashing === undefined ? {} : { hashing: hashingNamed(hashing) }),
  }
}
