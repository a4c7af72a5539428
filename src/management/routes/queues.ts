// /api/queues: queues, and what is in them. Changes are made with the caller's own permissions, by the rules of AMQP;
// bindings have routes of their own.

import { type Static, Type } from '@fastify/type-provider-typebox'
import type { Queue } from '../../broker/queue/queue.ts'
import type { Vhost } from '../../broker/vhost.ts'
import { existingVhost, visibleVhosts } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { objectNotFound } from '../errors.ts'
import { isTrue } from '../fields.ts'
import { listOfLater, pagedQuery, withColumns } from '../listing.ts'
import type { App } from '../route.ts'
import { answers, listAnswers, queueSchema } from '../schemas.ts'
import { type Windows, windowsOf, windowsQuery } from '../statistics/windows.ts'
import { fullQueueView, plainQueueView, queueView, totalsView } from '../views/queue.ts'

const inVhost = Type.Object({ vhost: Type.String() })
const one = Type.Object({ vhost: Type.String(), queue: Type.String() })
const query = Type.Object({
  ...pagedQuery.properties,
  ...windowsQuery.properties,
  disable_stats: Type.Optional(Type.String({ description: 'true: what a queue is, without any numbers' })),
  enable_queue_totals: Type.Optional(Type.String({ description: 'true: with its three counts of messages after all' })),
})

const read = { access: 'management', vhost: 'visible' } as const
const tags = ['queues']
const list = { querystring: query, response: listAnswers(queueSchema) }

/** Adds /api/queues as far as it is read. */
export function queueRoutes(app: App, context: ManagementContext): void {
  const all = { config: { access: 'management' } as const }
  app.get('/api/queues', { ...all, schema: { tags, summary: 'Queues', ...list } }, ({ caller, query }) =>
    listed(context, query, visibleVhosts(context, caller)),
  )
  app.get(
    '/api/queues/detailed',
    { ...all, schema: { tags, summary: 'Queues with all there is to know', ...list } },
    ({ caller, query }) => listed(context, query, visibleVhosts(context, caller)),
  )
  app.get(
    '/api/queues/:vhost',
    { config: read, schema: { tags, summary: 'The queues in a vhost', params: inVhost, ...list } },
    ({ params: { vhost }, query }) => listed(context, query, [existingVhost(context, vhost)]),
  )
  app.get(
    '/api/queues/:vhost/:queue',
    {
      config: read,
      schema: { tags, summary: 'A queue', params: one, querystring: query, response: answers(queueSchema) },
    },
    async ({ params, query }) => {
      const vhost = existingVhost(context, params.vhost)
      const queue = vhost.queues.get(params.queue)
      if (!queue) throw objectNotFound()
      return withColumns(query, await fullQueueView(context, vhost, queue, windowsOf(query)))
    },
  )
}

/** The list that a query asks for. Numbers are asked of no more queues than are shown, unless they decide the order. */
function listed(context: ManagementContext, asked: Static<typeof query>, vhosts: readonly Vhost[]) {
  const sources = vhosts.flatMap((vhost) => [...vhost.queues.values()].map((queue) => ({ vhost, queue })))
  const windows = windowsOf(asked)
  return listOfLater(asked, {
    sources,
    turn: () => new Promise((resolve) => context.clock.soon(resolve)),
    brief: ({ queue: { name, vhost } }) => ({ name, vhost }),
    view: ({ vhost, queue }) => viewOf(context, asked, vhost, queue, windows),
  })
}

async function viewOf(
  context: ManagementContext,
  asked: Static<typeof query>,
  vhost: Vhost,
  queue: Queue,
  windows: Windows,
): Promise<object> {
  if (!isTrue(asked.disable_stats)) return queueView(context, vhost, queue, await queue.details(), windows)
  const totals = isTrue(asked.enable_queue_totals) ? totalsView(await queue.stats()) : {}
  return { ...plainQueueView(vhost, queue), ...totals }
}
