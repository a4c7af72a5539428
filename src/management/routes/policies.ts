// /api/policies and /api/operator-policies: settings for many queues and exchanges at once. Users' policies are for
// policymakers, those of operators for administrators to change. The rules, and their words, are administration's.

import { type Static, Type } from '@fastify/type-provider-typebox'
import type { Policy } from '../../broker/policy.ts'
import type { PolicyRequest } from '../../broker/policy-rules.ts'
import type { Vhost } from '../../broker/vhost.ts'
import { existingVhost, visibleVhosts } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { badRequest, objectNotFound } from '../errors.ts'
import { columnsQuery, listOf, pagedQuery, withColumns } from '../listing.ts'
import type { App } from '../route.ts'
import { answers, done, listAnswers } from '../schemas.ts'

const inVhost = Type.Object({ vhost: Type.String() })
const one = Type.Object({ vhost: Type.String(), name: Type.String() })
// What is wrong with them is for administration to say, all of it at once.
const body = Type.Object({
  pattern: Type.Optional(Type.Unknown({ description: 'A regular expression on names, not anchored' })),
  definition: Type.Optional(Type.Unknown({ description: 'Settings, as in {"max-length": 1000}' })),
  priority: Type.Optional(Type.Unknown({ description: 'The highest that matches wins; 0 where it is not said' })),
  'apply-to': Type.Optional(
    Type.Unknown({ description: 'all, queues, classic_queues, quorum_queues, streams or exchanges' }),
  ),
})
const policySchema = Type.Object({
  vhost: Type.String(),
  name: Type.String(),
  pattern: Type.String(),
  'apply-to': Type.String(),
  definition: Type.Record(Type.String(), Type.Unknown()),
  priority: Type.Number(),
})

/** A policy as RabbitMQ's API shows it. */
export function policyView({ name, pattern, applyTo, definition, priority }: Policy, vhost: string) {
  return { vhost, name, pattern, 'apply-to': applyTo, definition, priority }
}

/** One of the two kinds. */
interface Kind {
  readonly path: string
  readonly what: string
  readonly of: (vhost: Vhost) => { get(name: string): Policy | undefined } & Iterable<Policy>
  readonly put: (vhost: string, name: string, request: PolicyRequest) => Promise<void>
  readonly remove: (vhost: string, name: string) => Promise<void>
  /** What it takes to change one. */
  readonly write: 'policymaker' | 'administrator'
}

/** Adds /api/policies and /api/operator-policies. */
export function policyRoutes(app: App, context: ManagementContext): void {
  const { administration } = context.broker
  addKind(app, context, {
    path: '/api/policies',
    what: 'policies',
    of: (vhost) => vhost.policies,
    put: (vhost, name, request) => administration.putPolicy(vhost, name, request),
    remove: (vhost, name) => administration.deletePolicy(vhost, name),
    write: 'policymaker',
  })
  addKind(app, context, {
    path: '/api/operator-policies',
    what: 'operator policies',
    of: (vhost) => vhost.operatorPolicies,
    put: (vhost, name, request) => administration.putOperatorPolicy(vhost, name, request),
    remove: (vhost, name) => administration.deleteOperatorPolicy(vhost, name),
    write: 'administrator',
  })
}

function addKind(app: App, context: ManagementContext, kind: Kind): void {
  const tags = [kind.what]
  const list = { querystring: pagedQuery, response: listAnswers(policySchema) }
  const listed = (query: Static<typeof pagedQuery>, vhosts: readonly Vhost[]) =>
    listOf(query, {
      sources: vhosts.flatMap((vhost) => [...kind.of(vhost)].map((policy) => policyView(policy, vhost.name))),
      view: (view) => view,
      brief: ({ name, vhost }) => ({ name, vhost }),
    })
  app.get(
    kind.path,
    { config: { access: 'management' }, schema: { tags, summary: `The ${kind.what}`, ...list } },
    ({ caller, query }) => listed(query, visibleVhosts(context, caller)),
  )
  app.get(
    `${kind.path}/:vhost`,
    {
      config: { access: 'management', vhost: 'visible' },
      schema: { tags, summary: `The ${kind.what} of a vhost`, params: inVhost, ...list },
    },
    ({ params, query }) => listed(query, [existingVhost(context, params.vhost)]),
  )
  app.get(
    `${kind.path}/:vhost/:name`,
    {
      config: { access: 'management', vhost: 'visible' },
      schema: {
        tags,
        summary: `One of the ${kind.what}`,
        params: one,
        querystring: columnsQuery,
        response: answers(policySchema),
      },
    },
    ({ params, query }) => {
      const vhost = existingVhost(context, params.vhost)
      const policy = kind.of(vhost).get(params.name)
      if (!policy) throw objectNotFound()
      return withColumns(query, policyView(policy, vhost.name))
    },
  )
  changeKind(app, context, kind)
}

function changeKind(app: App, context: ManagementContext, kind: Kind): void {
  const tags = [kind.what]
  const config = { access: kind.write, vhost: 'login' } as const
  app.put(
    `${kind.path}/:vhost/:name`,
    { config, schema: { tags, summary: 'Set it', params: one, body, response: done } },
    async ({ params: { vhost, name }, body: asked }, reply) => {
      const known = kind.of(existingVhost(context, vhost)).get(name) !== undefined
      await kind.put(vhost, name, requestOf(asked))
      return reply.code(known ? 204 : 201).send()
    },
  )
  app.delete(
    `${kind.path}/:vhost/:name`,
    { config, schema: { tags, summary: 'Delete it, and undo it', params: one, response: done } },
    async ({ params: { vhost, name } }, reply) => {
      await kind.remove(existingVhost(context, vhost).name, name)
      return reply.code(204).send()
    },
  )
}

/** What is asked for, as it came: nothing of it is sure to be what its type says. */
function requestOf({ pattern, definition, priority, 'apply-to': applyTo }: Static<typeof body>): PolicyRequest {
  const missing = Object.entries({ pattern, definition }).filter(([, value]) => value === undefined)
  if (missing.length > 0) throw badRequest(`key_missing: ${missing.map(([name]) => name).join(', ')}`)
  const given = {
    pattern,
    definition,
    ...(priority === undefined || priority === null ? {} : { priority }),
    ...(applyTo === undefined || applyTo === null ? {} : { applyTo }),
  }
  return given as PolicyRequest
}
