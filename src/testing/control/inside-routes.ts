// /api/leveret/test/vhosts: what is inside of a vhost, and putting it as it was: queues with their messages, bindings, bad
// practice, snapshots, replays. vhost-routes.ts makes vhosts, publishes and waits.

import { type Static, Type } from '@fastify/type-provider-typebox'
import type { App, Routes } from '../../management/route.ts'
import { answers, done, errorSchema } from '../../management/schemas.ts'
import { fromNdjson } from '../record.ts'
import type { Snapshot } from '../snapshot.ts'
import type { TestBroker } from '../test-broker.ts'
import type { TestQueue } from '../test-queue.ts'
import { answering, missing, vhostOf } from './answering.ts'
import { eventJson, messageJson, textMatch, textOf } from './request.ts'

const tags = ['test broker']
const config = { access: 'none' } as const
const params = Type.Object({ vhost: Type.String() })
const anything = Type.Record(Type.String(), Type.Unknown())
const many = Type.Array(anything)

/** Adds the routes about what is inside of vhosts of `broker`. */
export function insideRoutes(broker: TestBroker): Routes {
  return (app) => {
    queueRoute(app, broker)
    bindingRoute(app, broker)
    lintRoute(app, broker)
    snapshotRoutes(app, broker)
    replayRoute(app, broker)
  }
}

function queueRoute(app: App, broker: TestBroker): void {
  const queueParams = Type.Object({ vhost: Type.String(), queue: Type.String() })
  const seen = Type.Object({
    ready: Type.Integer(),
    unacked: Type.Integer(),
    consumers: Type.Integer(),
    acked: Type.Integer({ description: 'Messages that were acked since the broker began' }),
    messages: Type.Array(anything, { description: 'Decoded, in order, those that somebody has among them' }),
    held: Type.Array(anything, { description: 'Deliveries that nobody has settled' }),
    deadLettered: many,
  })
  app.get(
    '/api/leveret/test/vhosts/:vhost/queues/:queue',
    {
      config,
      schema: { tags, summary: 'A queue, with its messages', params: queueParams, response: answers(seen) },
    },
    ({ params: { vhost, queue } }) => answering(() => queueJson(vhostOf(broker, vhost).queue(queue))),
  )
}

async function queueJson(queue: TestQueue) {
  if (!queue.exists) throw missing(`queue '${queue.name}' in vhost '${queue.vhost}'`)
  const messages = await queue.messages()
  return {
    ...queue.counts(),
    acked: queue.acked,
    messages: messages.map(messageJson),
    held: queue.unacked().map(eventJson),
    deadLettered: queue.deadLettered().map(eventJson),
  }
}

function bindingRoute(app: App, broker: TestBroker): void {
  const query = Type.Object({ exchange: Type.Optional(Type.String()) })
  app.get(
    '/api/leveret/test/vhosts/:vhost/bindings',
    {
      config,
      schema: { tags, summary: 'Its bindings', params, querystring: query, response: answers(many) },
    },
    ({ params: { vhost }, query: { exchange } }, reply) =>
      answering(() => reply.send([...vhostOf(broker, vhost).bindings(exchange)])),
  )
}

function lintRoute(app: App, broker: TestBroker): void {
  const allowed = Type.Object({ allow: Type.Optional(Type.Array(textMatch)) }, { additionalProperties: false })
  app.post(
    '/api/leveret/test/vhosts/:vhost/lints',
    {
      config,
      schema: {
        tags,
        summary: 'Bad practice that the broker saw in it, but for what is allowed',
        params,
        body: Type.Optional(allowed),
        response: answers(Type.Array(Type.String())),
      },
    },
    ({ params: { vhost }, body }, reply) =>
      answering(() => {
        const allow = (body?.allow ?? []).map((each) => textOf(each, 'allow'))
        return reply.send([...vhostOf(broker, vhost).lints({ allow })])
      }),
  )
}

function snapshotRoutes(app: App, broker: TestBroker): void {
  const snapshots = new Map<number, Snapshot>()
  const one = Type.Object({ id: Type.Integer() })
  const made = { response: { 201: one, 404: errorSchema } }
  app.post(
    '/api/leveret/test/vhosts/:vhost/snapshots',
    { config, schema: { tags, summary: 'Keep what is in it', params, ...made } },
    ({ params: { vhost } }, reply) =>
      answering(async () => {
        const snapshot = await vhostOf(broker, vhost).snapshot()
        const id = snapshots.size + 1
        snapshots.set(id, snapshot)
        return reply.code(201).send({ id })
      }),
  )
  app.post(
    '/api/leveret/test/vhosts/:vhost/restore',
    { config, schema: { tags, summary: 'Put back what was kept', params, body: one, response: done } },
    ({ params: { vhost }, body: { id } }, reply) =>
      answering(async () => {
        const snapshot = snapshots.get(id)
        if (!snapshot) throw missing(`snapshot ${id}`)
        await vhostOf(broker, vhost).restore(snapshot)
        return reply.code(204).send(null)
      }),
  )
  app.post(
    '/api/leveret/test/vhosts/:vhost/reset',
    { config, schema: { tags, summary: 'Empty it', params, response: done } },
    ({ params: { vhost } }, reply) =>
      answering(async () => {
        await vhostOf(broker, vhost).reset()
        return reply.code(204).send(null)
      }),
  )
}

const replayed = Type.Object(
  {
    trace: Type.String({ description: 'A record, as NDJSON' }),
    speed: Type.Optional(
      Type.Number({ description: 'How many times faster than it was; at once where it is not said' }),
    ),
  },
  { additionalProperties: false },
)

function replayRoute(app: App, broker: TestBroker): void {
  app.post(
    '/api/leveret/test/vhosts/:vhost/replay',
    {
      config,
      schema: {
        tags,
        summary: 'Publish again what was published in a record',
        params,
        body: replayed,
        response: answers(Type.Object({ published: Type.Integer() })),
      },
    },
    ({ params: { vhost }, body }) => answering(() => replay(broker, vhost, body)),
  )
}

async function replay(broker: TestBroker, vhost: string, { trace, speed }: Static<typeof replayed>) {
  const options = speed === undefined ? {} : { speed }
  return { published: await vhostOf(broker, vhost).replay(fromNdjson(trace), options) }
}
