// /api/auth/attempts: how often somebody logged in, or could not, by protocol. Where they came from is not kept, as in a
// RabbitMQ that was not told to.

import { Type } from '@fastify/type-provider-typebox'
import { attemptsOf } from '../attempts.ts'
import type { ManagementContext } from '../context.ts'
import { objectNotFound } from '../errors.ts'
import type { App } from '../route.ts'
import { answers, done } from '../schemas.ts'

const count = Type.Integer({ minimum: 0 })
const attempts = Type.Array(
  Type.Object({
    protocol: Type.String(),
    auth_attempts: count,
    auth_attempts_failed: count,
    auth_attempts_succeeded: count,
  }),
)
const params = Type.Object({ node: Type.String() })
const config = { access: 'administrator' } as const
const tags = ['logins']

/** Adds /api/auth/attempts. */
export function attemptRoutes(app: App, context: ManagementContext): void {
  const { broker } = context
  const check = (node: string): void => {
    if (node !== context.node.name) throw objectNotFound()
  }
  const view = (protocol: string, succeeded: number, failed: number) => ({
    protocol,
    auth_attempts: succeeded + failed,
    auth_attempts_failed: failed,
    auth_attempts_succeeded: succeeded,
  })
  app.get(
    '/api/auth/attempts/:node',
    { config, schema: { tags, summary: 'Logins by protocol', params, response: answers(attempts) } },
    ({ params: { node } }) => {
      check(node)
      const { succeeded, failed } = attemptsOf(context)
      const { loginsAccepted, loginsRefused } = broker.census
      return [view('amqp091', loginsAccepted, loginsRefused), view('http', succeeded, failed)].filter(
        ({ auth_attempts: all }) => all > 0,
      )
    },
  )
  app.get(
    '/api/auth/attempts/:node/source',
    {
      config,
      schema: {
        tags,
        summary: 'Logins by address: none are kept',
        params,
        response: answers(Type.Array(Type.Unknown())),
      },
    },
    ({ params: { node } }) => {
      check(node)
      return []
    },
  )
  forgetting(app, context, check)
}

function forgetting(app: App, context: ManagementContext, check: (node: string) => void): void {
  const reset = (node: string): void => {
    check(node)
    Object.assign(attemptsOf(context), { succeeded: 0, failed: 0 })
    Object.assign(context.broker.census, { loginsAccepted: 0, loginsRefused: 0 })
  }
  app.delete(
    '/api/auth/attempts/:node',
    { config, schema: { tags, summary: 'Count from zero', params, response: done } },
    ({ params: { node } }, reply) => {
      reset(node)
      return reply.code(204).send()
    },
  )
  app.delete(
    '/api/auth/attempts/:node/source',
    { config, schema: { tags, summary: 'Nothing to forget', params, response: done } },
    ({ params: { node } }, reply) => {
      check(node)
      return reply.code(204).send()
    },
  )
}
