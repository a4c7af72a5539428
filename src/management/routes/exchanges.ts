// /api/exchanges: exchanges, and publishing to them. Changes are made with the caller's own permissions, by the rules of
// AMQP; bindings have routes of their own.

import { type Static, Type } from '@fastify/type-provider-typebox'
import type { Exchange } from '../../broker/exchange/exchange.ts'
import type { Vhost } from '../../broker/vhost.ts'
import { existingVhost, ownerOf, visibleVhosts } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { objectNotFound } from '../errors.ts'
import { tableOfJson } from '../field-json.ts'
import { exchangeNamed, isTrue, propertiesSchema, shortName } from '../fields.ts'
import { columnsQuery, listOf, pagedQuery, withColumns } from '../listing.ts'
import { publish } from '../publish.ts'
import type { App } from '../route.ts'
import { answers, done, exchangeSchema, listAnswers } from '../schemas.ts'
import { windowsOf, windowsQuery } from '../statistics/windows.ts'
import { exchangeView, fullExchangeView } from '../views/exchange.ts'

const inVhost = Type.Object({ vhost: Type.String() })
const one = Type.Object({ vhost: Type.String(), exchange: Type.String() })
const body = Type.Object({
  type: Type.Optional(Type.String()),
  durable: Type.Optional(Type.Boolean()),
  auto_delete: Type.Optional(Type.Boolean()),
  internal: Type.Optional(Type.Boolean()),
  arguments: Type.Optional(Type.Unknown()),
})
const message = Type.Object({
  routing_key: Type.String(),
  properties: propertiesSchema,
  payload: Type.Unknown({ description: 'A text' }),
  payload_encoding: Type.String({ description: 'string, or base64' }),
})

const read = { access: 'management', vhost: 'visible' } as const
const write = { access: 'management', vhost: 'login' } as const
const tags = ['exchanges']
const listQuery = Type.Object({ ...pagedQuery.properties, ...windowsQuery.properties })
const oneQuery = Type.Object({ ...columnsQuery.properties, ...windowsQuery.properties })
const list = { querystring: listQuery, response: listAnswers(exchangeSchema) }

type Placed = readonly [exchange: Exchange, vhost: Vhost]

/** Adds /api/exchanges. */
export function exchangeRoutes(app: App, context: ManagementContext): void {
  const listed = (query: Static<typeof listQuery>, vhosts: readonly Vhost[]) =>
    listOf(query, {
      sources: vhosts.flatMap((vhost) => [...vhost.exchanges.values()].map((exchange): Placed => [exchange, vhost])),
      view: ([exchange, vhost]) => exchangeView(context, exchange, vhost, windowsOf(query)),
      brief: ([{ name }, vhost]) => ({ name, vhost: vhost.name }),
    })
  app.get(
    '/api/exchanges',
    { config: { access: 'management' }, schema: { tags, summary: 'Exchanges', ...list } },
    ({ caller, query }) => listed(query, visibleVhosts(context, caller)),
  )
  app.get(
    '/api/exchanges/:vhost',
    { config: read, schema: { tags, summary: 'The exchanges in a vhost', params: inVhost, ...list } },
    ({ params: { vhost }, query }) => listed(query, [existingVhost(context, vhost)]),
  )
  app.get(
    '/api/exchanges/:vhost/:exchange',
    {
      config: read,
      schema: {
        tags,
        summary: 'An exchange',
        params: one,
        querystring: oneQuery,
        response: answers(exchangeSchema),
      },
    },
    ({ params, query }) => {
      const vhost = existingVhost(context, params.vhost)
      const exchange = vhost.exchanges.get(exchangeNamed(params.exchange))
      if (!exchange) throw objectNotFound()
      return withColumns(query, fullExchangeView(context, exchange, vhost, windowsOf(query)))
    },
  )
  exchangeChanges(app, context)
}

function exchangeChanges(app: App, context: ManagementContext): void {
  const { broker } = context
  app.put(
    '/api/exchanges/:vhost/:exchange',
    { config: write, schema: { tags, summary: 'Declare an exchange', params: one, body, response: done } },
    async ({ caller, params, body: asked }, reply) => {
      const vhost = existingVhost(context, params.vhost)
      const name = shortName('exchange', exchangeNamed(params.exchange))
      const { type = 'direct', durable = false, auto_delete: autoDelete = false, internal = false } = asked
      const known = vhost.exchanges.has(name)
      const args = tableOfJson(asked.arguments ?? {}, 'arguments')
      const { access } = ownerOf(context, caller, vhost.name)
      await broker
        .topology(vhost)
        .declareExchange({ name, type, durable, autoDelete, internal, arguments: args }, access)
      return reply.code(known ? 204 : 201).send()
    },
  )
  app.delete(
    '/api/exchanges/:vhost/:exchange',
    {
      config: write,
      schema: {
        tags,
        summary: 'Delete an exchange',
        params: one,
        querystring: Type.Object({ 'if-unused': Type.Optional(Type.String()) }),
        response: done,
      },
    },
    async ({ caller, params, query }, reply) => {
      const vhost = existingVhost(context, params.vhost)
      const name = exchangeNamed(params.exchange)
      if (!vhost.exchanges.has(name)) throw objectNotFound()
      const { access } = ownerOf(context, caller, vhost.name)
      await broker.topology(vhost).deleteExchange(name, isTrue(query['if-unused']), access)
      return reply.code(204).send()
    },
  )
  app.post(
    '/api/exchanges/:vhost/:exchange/publish',
    {
      config: write,
      schema: {
        tags,
        summary: 'Publish a message',
        params: one,
        body: message,
        response: answers(Type.Object({ routed: Type.Boolean() })),
      },
    },
    async ({ caller, params, body: asked }) => {
      const vhost = existingVhost(context, params.vhost)
      return { routed: await publish(context, caller, vhost, { ...asked, exchange: exchangeNamed(params.exchange) }) }
    },
  )
}
