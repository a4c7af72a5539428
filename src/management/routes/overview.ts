// /api/overview and /api/nodes: the broker as a whole, and the one node that it is.

import { Type } from '@fastify/type-provider-typebox'
import type { ManagementContext } from '../context.ts'
import { objectNotFound } from '../errors.ts'
import { columnsQuery, pagedQuery, plainList, withColumns } from '../listing.ts'
import type { App } from '../route.ts'
import { answers, listAnswers } from '../schemas.ts'
import { endStatistics } from '../statistics/shown.ts'
import { windowsOf, windowsQuery } from '../statistics/windows.ts'
import { memoryView, NO_FACTS, nodeView, overviewView } from '../views/node.ts'

const text = Type.String()
const counts = Type.Record(text, Type.Unknown())
const overviewSchema = Type.Object({
  ...{ management_version: text, rates_mode: text, product_version: text, product_name: text, rabbitmq_version: text },
  ...{ cluster_name: Type.Unknown(), node: text, message_stats: counts, churn_rates: counts, queue_totals: counts },
  object_totals: Type.Record(text, Type.Integer()),
  listeners: Type.Array(Type.Object({ node: text, protocol: text, ip_address: text, port: Type.Integer() })),
  exchange_types: Type.Array(Type.Object({ name: text, description: text, enabled: Type.Boolean() })),
})
const nodeSchema = Type.Object({
  ...{ name: text, running: Type.Boolean(), uptime: Type.Number(), mem_used: Type.Number(), mem_limit: Type.Number() },
  ...{ mem_alarm: Type.Boolean(), disk_free: Type.Number(), disk_free_limit: Type.Number() },
  ...{ disk_free_alarm: Type.Boolean(), fd_used: Type.Number(), fd_total: Type.Number(), sockets_used: Type.Number() },
})
const memorySchema = Type.Object({ memory: Type.Unknown() })
const windowed = Type.Object({ ...columnsQuery.properties, ...windowsQuery.properties })
const config = { access: 'monitoring' } as const
const tags = ['cluster']

/** Adds both. */
export function overviewRoutes(app: App, context: ManagementContext): void {
  const { node } = context
  app.addHook('onClose', (_, closed) => {
    endStatistics(context)
    closed()
  })
  const facts = () => context.facts?.() ?? Promise.resolve(NO_FACTS)
  const params = Type.Object({ node: Type.String() })
  const checked = (name: string): void => {
    if (name !== node.name) throw objectNotFound()
  }
  app.get(
    '/api/overview',
    {
      config: { access: 'management' },
      schema: { tags, summary: 'The broker as a whole', querystring: windowed, response: answers(overviewSchema) },
    },
    async ({ query }) => withColumns(query, await overviewView(context, windowsOf(query))),
  )
  app.get(
    '/api/nodes',
    { config, schema: { tags, summary: 'Nodes', querystring: pagedQuery, response: listAnswers(nodeSchema) } },
    async ({ query }) => plainList(query, [nodeView(context, await facts())]),
  )
  app.get(
    '/api/nodes/:node',
    {
      config,
      schema: { tags, summary: 'A node', params, querystring: windowed, response: answers(nodeSchema) },
    },
    async ({ params: { node: name }, query }) => {
      checked(name)
      return withColumns(query, nodeView(context, await facts(), windowsOf(query)))
    },
  )
  app.get(
    '/api/nodes/:node/memory',
    { config, schema: { tags, summary: 'What its memory goes to', params, response: answers(memorySchema) } },
    ({ params: { node: name } }) => {
      checked(name)
      return { memory: memoryView(context) }
    },
  )
}
