// /api/parameters and /api/global-parameters: what is set for components of the broker. Limits of vhosts and operator
// policies are among them; the rules are administration's.

import { Type } from '@fastify/type-provider-typebox'
import { OPERATOR_POLICY, type Parameter, parametersOf, VHOST_LIMITS } from '../../broker/parameters.ts'
import type { Json } from '../../broker/term.ts'
import type { Vhost } from '../../broker/vhost.ts'
import { type Caller, existingVhost, opens, visibleVhosts } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { notAuthorised, objectNotFound } from '../errors.ts'
import { listQuery, plainList } from '../listing.ts'
import type { App } from '../route.ts'
import { answers, done } from '../schemas.ts'

const tags = ['parameters']
const anyone = { access: 'policymaker' } as const
const here = { access: 'policymaker', vhost: 'login' } as const
const inComponent = Type.Object({ component: Type.String() })
const inVhost = Type.Object({ component: Type.String(), vhost: Type.String() })
const named = Type.Object({ component: Type.String(), vhost: Type.String(), name: Type.String() })
const globallyNamed = Type.Object({ name: Type.String() })
const body = Type.Object({ value: Type.Unknown({ description: 'Any JSON value' }) })
const parameterSchema = Type.Object({
  value: Type.Unknown(),
  vhost: Type.String(),
  component: Type.String(),
  name: Type.String(),
})
const globalSchema = Type.Object({ name: Type.String(), value: Type.Unknown() })
const list = answers(Type.Array(parameterSchema))

/** Adds /api/parameters and /api/global-parameters. */
export function parameterRoutes(app: App, context: ManagementContext): void {
  listRoutes(app, context)
  const { parameters } = context.broker.administration
  const found = (vhost: string, component: string, name: string): object | undefined =>
    views(existingVhost(context, vhost), component).find((each) => each.name === name)
  app.get(
    '/api/parameters/:component/:vhost/:name',
    { config: here, schema: { tags, summary: 'A parameter', params: named, response: answers(parameterSchema) } },
    ({ params: { component, vhost, name } }) => {
      const parameter = found(vhost, component, name)
      if (!parameter) throw objectNotFound()
      return parameter
    },
  )
  app.put(
    '/api/parameters/:component/:vhost/:name',
    { config: here, schema: { tags, summary: 'Set a parameter', params: named, body, response: done } },
    async ({ caller, params: { component, vhost, name }, body: { value } }, reply) => {
      checkChange(caller, component)
      const known = found(vhost, component, name) !== undefined
      await parameters.set(vhost, component, name, value as Json)
      return reply.code(known ? 204 : 201).send()
    },
  )
  app.delete(
    '/api/parameters/:component/:vhost/:name',
    { config: here, schema: { tags, summary: 'Unset a parameter', params: named, response: done } },
    async ({ caller, params: { component, vhost, name } }, reply) => {
      checkChange(caller, component)
      await parameters.clear(vhost, component, name)
      return reply.code(204).send()
    },
  )
  globalRoutes(app, context)
}

function listRoutes(app: App, context: ManagementContext): void {
  app.get(
    '/api/parameters',
    { config: anyone, schema: { tags, summary: 'Parameters', querystring: listQuery, response: list } },
    ({ caller, query }) =>
      plainList(
        query,
        visibleVhosts(context, caller).flatMap((vhost) => views(vhost)),
      ),
  )
  app.get(
    '/api/parameters/:component',
    {
      config: anyone,
      schema: {
        tags,
        summary: 'Parameters of a component',
        params: inComponent,
        querystring: listQuery,
        response: list,
      },
    },
    ({ caller, query, params: { component } }) =>
      plainList(
        query,
        visibleVhosts(context, caller).flatMap((vhost) => views(vhost, component)),
      ),
  )
  app.get(
    '/api/parameters/:component/:vhost',
    {
      config: here,
      schema: {
        tags,
        summary: 'Parameters of a component in a vhost',
        params: inVhost,
        querystring: listQuery,
        response: list,
      },
    },
    ({ query, params: { component, vhost } }) => plainList(query, views(existingVhost(context, vhost), component)),
  )
}

function globalRoutes(app: App, { broker }: ManagementContext): void {
  const { parameters } = broker.administration
  app.get(
    '/api/global-parameters',
    {
      config: anyone,
      schema: {
        tags,
        summary: 'Global parameters',
        querystring: listQuery,
        response: answers(Type.Array(globalSchema)),
      },
    },
    ({ query }) =>
      plainList(
        query,
        [...broker.globalParameters].map(([name, value]) => ({ name, value })),
      ),
  )
  app.get(
    '/api/global-parameters/:name',
    {
      config: anyone,
      schema: { tags, summary: 'A global parameter', params: globallyNamed, response: answers(globalSchema) },
    },
    ({ params: { name } }) => {
      const value = broker.globalParameters.get(name)
      if (value === undefined) throw objectNotFound()
      return { name, value }
    },
  )
  app.put(
    '/api/global-parameters/:name',
    {
      config: anyone,
      schema: { tags, summary: 'Set a global parameter', params: globallyNamed, body, response: done },
    },
    async ({ params: { name }, body: { value } }, reply) => {
      const known = broker.globalParameters.has(name)
      await parameters.setGlobal(name, value as Json)
      return reply.code(known ? 204 : 201).send()
    },
  )
  app.delete(
    '/api/global-parameters/:name',
    { config: anyone, schema: { tags, summary: 'Unset a global parameter', params: globallyNamed, response: done } },
    async ({ params: { name } }, reply) => {
      await parameters.clearGlobal(name)
      return reply.code(204).send()
    },
  )
}

/** What only administrators may change elsewhere, they alone may change here. Throws `HttpError` 401. */
function checkChange(caller: Caller, component: string): void {
  const isOperators = component === OPERATOR_POLICY || component === VHOST_LIMITS
  if (isOperators && !opens(caller, 'administrator')) throw notAuthorised('Not administrator user')
}

/** The parameters of a vhost; those of one component where it is named. */
function views(vhost: Vhost, component?: string): readonly ({ readonly vhost: string } & Parameter)[] {
  return parametersOf(vhost)
    .filter((parameter) => component === undefined || parameter.component === component)
    .map(({ value, ...rest }) => ({ value, vhost: vhost.name, ...rest }))
}
