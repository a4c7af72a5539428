// /api/leveret/queues/{vhost}/{queue}/...: the messages of a queue, looked at without taking any, and moved, copied, sent
// back to where they died, or deleted, as jobs. What a user may do over AMQP with queue and target holds here.

import { type Static, Type } from '@fastify/type-provider-typebox'
import type { Seen } from '../../broker/queue/browse.ts'
import type { Queue } from '../../broker/queue/queue.ts'
import { decodeProperties } from '../../protocol/properties.ts'
import { withoutBlindCopies } from '../../session/blind-copies.ts'
import { type Caller, existingVhost, ownerOf } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { badRequest, objectNotFound } from '../errors.ts'
import { type Destination, Way } from '../leveret/destination.ts'
import { type JobKind, type JobRequest, Jobs, type JobView } from '../leveret/jobs.ts'
import { wantsOf } from '../leveret/message-filter.ts'
import { type Encoding, jsonOfPayload, jsonOfProperties } from '../message-json.ts'
import type { App } from '../route.ts'
import { type Answers, answers, done } from '../schemas.ts'

const tags = ['messages']
const gate = { access: 'management', vhost: 'login' } as const
const params = Type.Object({ vhost: Type.String(), queue: Type.String() })
const filter = {
  exchange: Type.Optional(Type.String({ description: 'Published to this exchange' })),
  routing_key: Type.Optional(Type.String({ description: 'A regular expression for the routing key' })),
  body: Type.Optional(Type.String({ description: 'A text that the body contains' })),
  header: Type.Optional(
    Type.Union([Type.String(), Type.Array(Type.String())], { description: 'name, or name=value; all of several' }),
  ),
}
const browseQuery = Type.Object({
  ...filter,
  count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Messages at most; 50 if not said' })),
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Begin behind the message of this number' })),
  scan: Type.Optional(Type.Integer({ minimum: 1, description: 'Messages that are looked at, at most; 100000' })),
  encoding: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('base64')])),
  truncate: Type.Optional(Type.Integer({ minimum: 0, description: 'Octets of a payload that are shown' })),
})
const messageSchema = Type.Object({
  seq: Type.Integer({ description: 'The number of the message in its queue; `after` takes it' }),
  state: Type.Union([Type.Literal('ready'), Type.Literal('unacked')]),
  redelivered: Type.Boolean(),
  exchange: Type.String(),
  routing_key: Type.String(),
  properties: Type.Record(Type.String(), Type.Unknown()),
  payload_bytes: Type.Integer(),
  payload: Type.String(),
  payload_encoding: Type.String(),
})
const pageSchema = Type.Object({
  items: Type.Array(messageSchema),
  next: Type.Union([Type.Integer(), Type.Null()], { description: '`after` of the next page; null: that was all' }),
})
const limits = {
  ...filter,
  limit: Type.Optional(Type.Integer({ minimum: 1, description: 'Messages at most' })),
  rate: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'Messages a second at most' })),
  dry_run: Type.Optional(Type.Boolean({ description: 'Move nothing; say what would go where' })),
}
const transferBody = Type.Object({
  ...limits,
  to_queue: Type.Optional(Type.String()),
  to_exchange: Type.Optional(Type.String()),
  to_routing_key: Type.Optional(Type.String({ description: 'With to_exchange; each keeps its own if it is not said' })),
})
const redriveBody = Type.Object({
  ...limits,
  via: Type.Optional(
    Type.Union([Type.Literal('queue'), Type.Literal('exchange')], {
      description: 'queue: to the queue where it died last; exchange: published again as it was before that',
    }),
  ),
})
const deleteBody = Type.Object(limits)
type Asked = Static<typeof deleteBody>
const jobSchema = Type.Object({
  id: Type.Integer(),
  kind: Type.String(),
  vhost: Type.String(),
  queue: Type.String(),
  user: Type.String(),
  state: Type.String({ description: 'running, done, stopped or failed' }),
  total: Type.Integer(),
  done: Type.Integer(),
  stayed: Type.Record(Type.String(), Type.Integer(), { description: 'Messages that stay, by the reasons' }),
  rate: Type.Number(),
  started_at: Type.Integer(),
  ended_at: Type.Union([Type.Integer(), Type.Null()]),
  error: Type.Union([Type.String(), Type.Null()]),
})
const fatesSchema = Type.Object({
  total: Type.Integer(),
  destinations: Type.Record(Type.String(), Type.Integer()),
  stayed: Type.Record(Type.String(), Type.Integer()),
})
const begun: Answers = { ...answers(fatesSchema), 202: jobSchema }
const one = Type.Object({ id: Type.Integer() })

/** Messages shown at once, and looked at for that, where the query says nothing else. */
const SHOWN = 50
const SCANNED = 100_000

/** Adds what Leveret does with the messages of a queue. */
export function messageRoutes(app: App, context: ManagementContext): void {
  const jobs = new Jobs(context.clock)
  const path = '/api/leveret/queues/:vhost/:queue'
  app.get(
    `${path}/messages`,
    {
      config: gate,
      schema: {
        tags,
        summary: 'Look at messages without taking any',
        params,
        querystring: browseQuery,
        response: answers(pageSchema),
      },
    },
    ({ caller, params, query }) => messagesOf(source(context, caller, params), query),
  )
  for (const kind of ['move', 'copy'] as const) {
    const summary = `${kind === 'move' ? 'Move' : 'Copy'} messages to a queue or an exchange`
    app.post(
      `${path}/${kind}`,
      { config: gate, schema: { tags, summary, params, body: transferBody, response: begun } },
      ({ caller, params, body }, reply) => {
        const work = { kind, way: wayOf(context, caller, params.vhost, destinationOf(body)) }
        return begin(context, jobs, caller, params, body, work, reply)
      },
    )
  }
  app.post(
    `${path}/redrive`,
    {
      config: gate,
      schema: { tags, summary: 'Send dead letters back', params, body: redriveBody, response: begun },
    },
    ({ caller, params, body }, reply) => {
      const way = wayOf(context, caller, params.vhost, { source: body.via ?? 'queue' })
      return begin(context, jobs, caller, params, body, { kind: 'redrive', way }, reply)
    },
  )
  app.post(
    `${path}/delete`,
    { config: gate, schema: { tags, summary: 'Delete some messages', params, body: deleteBody, response: begun } },
    ({ caller, params, body }, reply) =>
      begin(context, jobs, caller, params, body, { kind: 'delete', way: null }, reply),
  )
  jobRoutes(app, jobs)
}

/** Jobs are their owner's, and administrators'. */
function jobRoutes(app: App, jobs: Jobs): void {
  const isFor = (caller: Caller, { user }: JobView) => user === caller.name || caller.tags.includes('administrator')
  const found = (caller: Caller, id: number): JobView => {
    const job = jobs.get(id)
    if (!job || !isFor(caller, job)) throw objectNotFound()
    return job
  }
  const config = { access: 'management' } as const
  app.get(
    '/api/leveret/jobs',
    { config, schema: { tags, summary: 'Jobs', response: answers(Type.Array(jobSchema)) } },
    ({ caller }) => jobs.list().filter((job) => isFor(caller, job)),
  )
  app.get(
    '/api/leveret/jobs/:id',
    { config, schema: { tags, summary: 'A job', params: one, response: answers(jobSchema) } },
    ({ caller, params: { id } }) => found(caller, id),
  )
  app.delete(
    '/api/leveret/jobs/:id',
    { config, schema: { tags, summary: 'Stop a job', params: one, response: done } },
    ({ caller, params: { id } }, reply) => {
      jobs.stop(found(caller, id).id)
      return reply.code(204).send()
    },
  )
}

type Params = Static<typeof params>

/** The queue, for somebody who may read it. Throws `HttpError` 404, or `ChannelError`. */
function source(context: ManagementContext, caller: Caller, params: Params): Queue {
  const vhost = existingVhost(context, params.vhost)
  const owner = ownerOf(context, caller, vhost.name)
  owner.access.queue('read', params.queue)
  return context.broker.topology(vhost).queue(params.queue, owner)
}

async function messagesOf(queue: Queue, query: Static<typeof browseQuery>): Promise<object> {
  const { count = SHOWN, after, scan = SCANNED, encoding = 'auto', truncate } = query
  const wants = wantsOf(query)
  const items: object[] = []
  let looked = 0
  let next: number | null = null
  await queue.browse((seen) => {
    if (items.length === count || looked === scan) return false
    looked++
    next = seen.seq
    if (wants(seen.message)) items.push(viewOf(seen, encoding, truncate))
    return true
  }, after)
  // Nobody knows whether more would have come where this was just enough.
  return { items, next: items.length === count || looked === scan ? next : null }
}

function viewOf({ seq, message, ready, redelivered }: Seen, encoding: Encoding, truncate: number | undefined): object {
  const shown = message.copies ? withoutBlindCopies(message) : message
  const body = shown.copyBody()
  return {
    seq,
    state: ready ? 'ready' : 'unacked',
    redelivered,
    exchange: shown.exchange,
    routing_key: shown.routingKey,
    properties: jsonOfProperties(decodeProperties(shown.header, shown.headerStart, shown.headerEnd)),
    payload_bytes: body.length,
    ...jsonOfPayload(body, encoding, truncate),
  }
}

function destinationOf(asked: Static<typeof transferBody>): Destination {
  const { to_queue: queue, to_exchange: exchange, to_routing_key: routingKey = null } = asked
  if (queue !== undefined && exchange === undefined) return { queue }
  if (exchange !== undefined && queue === undefined) return { exchange, routingKey }
  throw badRequest('expected either to_queue or to_exchange')
}

/** Throws `HttpError` 404 where there is no such queue or exchange, or `ChannelError` 403. */
function wayOf(context: ManagementContext, caller: Caller, name: string, destination: Destination): Way {
  const vhost = existingVhost(context, name)
  const owner = ownerOf(context, caller, vhost.name)
  if ('exchange' in destination) vhost.exchange(destination.exchange)
  if ('queue' in destination) context.broker.topology(vhost).queue(destination.queue, owner)
  owner.access.exchange('write', 'exchange' in destination ? destination.exchange : '')
  return new Way(vhost, owner.access, destination)
}

interface Work {
  readonly kind: JobKind
  readonly way: Way | null
}

async function begin(
  context: ManagementContext,
  jobs: Jobs,
  caller: Caller,
  params: Params,
  asked: Asked,
  { kind, way }: Work,
  reply: { code(status: 202): { send(view: JobView): unknown } },
): Promise<unknown> {
  const queue = source(context, caller, params)
  const { limit = Number.POSITIVE_INFINITY, rate = Number.POSITIVE_INFINITY } = asked
  if (queue.settings.type === 'stream' && kind !== 'copy') {
    throw badRequest(`messages of a stream can be copied; nothing is taken out of one (${kind})`)
  }
  const request: JobRequest = { kind, queue, way, wants: wantsOf(asked), limit, rate, user: caller.name }
  if (asked.dry_run) return fatesOf(request)
  context.logger.info({ user: caller.name, queue: queue.name, vhost: queue.vhost, kind }, 'a job on messages begins')
  return reply.code(202).send(jobs.begin(request))
}

/** What would become of the messages that are meant, by destination and by reason to stay. */
async function fatesOf({ queue, way, wants, limit }: JobRequest): Promise<object> {
  const destinations: Record<string, number> = {}
  const stayed: Record<string, number> = {}
  let total = 0
  await queue.browse(({ message, ready }) => {
    if (!ready || !wants(message)) return true
    total++
    const fate = way?.fate(message) ?? { to: [] }
    if ('stays' in fate) stayed[fate.stays] = (stayed[fate.stays] ?? 0) + 1
    else for (const name of fate.to) destinations[name] = (destinations[name] ?? 0) + 1
    return total < limit
  })
  return { total, destinations, stayed }
}
