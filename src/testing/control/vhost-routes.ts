// /api/leveret/test/vhosts: vhosts of tests' own, what is in them and happens in them, and waiting for it. One route for
// each thing that a test does with a vhost in its own process.

import { type Static, Type } from '@fastify/type-provider-typebox'
import type { App, Routes } from '../../management/route.ts'
import { type Answers, answers, errorSchema } from '../../management/schemas.ts'
import type { BrokerEvent } from '../events.ts'
import { Isolation } from '../isolation.ts'
import { leakLines } from '../leaks.ts'
import { matches } from '../match.ts'
import type { PublishOptions } from '../publish.ts'
import type { TestBroker } from '../test-broker.ts'
import type { TestVhost } from '../test-vhost.ts'
import { WaitError } from '../waiting.ts'
import { answering, vhostOf } from './answering.ts'
import { eventJson, matchOf, matchSchema } from './request.ts'

const tags = ['test broker']
const config = { access: 'none' } as const
const params = Type.Object({ vhost: Type.String() })
const anything = Type.Record(Type.String(), Type.Unknown())
const leaks = Type.Object({
  connections: Type.Integer(),
  channels: Type.Integer(),
  unacked: Type.Array(anything),
  messages: Type.Record(Type.String(), Type.Integer()),
  faults: Type.Array(Type.String()),
  lines: Type.Array(Type.String({ description: 'The same in words; empty where nothing is left' })),
})
const waitBody = Type.Object(
  {
    for: Type.Union(['message', 'ack', 'dead-letter', 'consumer', 'idle'].map((what) => Type.Literal(what))),
    match: Type.Optional(matchSchema),
    queue: Type.Optional(Type.String({ description: 'For a consumer: its queue' })),
    count: Type.Optional(Type.Integer({ minimum: 1 })),
    timeout: Type.Optional(Type.Union([Type.Number(), Type.String()])),
  },
  // A word that is misspelt would wait for something else.
  { additionalProperties: false },
)
const waited: Answers = { ...answers(anything), 408: errorSchema }

/** Adds the routes about vhosts of `broker`. */
export function vhostRoutes(broker: TestBroker): Routes {
  return (app) => {
    isolationRoutes(app, broker)
    lookRoutes(app, broker)
    publishRoute(app, broker)
    waitRoute(app, broker)
  }
}

function isolationRoutes(app: App, broker: TestBroker): void {
  const name = Type.Optional(Type.String({ maxLength: 200 }))
  const body = Type.Optional(Type.Object({ name }, { additionalProperties: false }))
  const made = Type.Object({
    name: Type.String(),
    user: Type.String(),
    password: Type.String(),
    url: Type.String(),
    env: Type.Record(Type.String(), Type.String()),
  })
  app.post(
    '/api/leveret/test/isolate',
    { config, schema: { tags, summary: "A vhost of a test's own", body, response: { 201: made, 400: errorSchema } } },
    async ({ body: asked }, reply) => {
      const isolated = await broker.isolate(asked?.name)
      const { name, user, password, url } = isolated
      return reply.code(201).send({ name, user, password, url, env: isolated.env() })
    },
  )
  app.delete(
    '/api/leveret/test/vhosts/:vhost',
    { config, schema: { tags, summary: 'Delete it, and say what was left', params, response: answers(leaks) } },
    async ({ params: { vhost } }) => {
      const found = vhostOf(broker, vhost)
      const report = reportOf(found)
      if (found instanceof Isolation) await found.dispose()
      else await found.reset()
      return report
    },
  )
}

function lookRoutes(app: App, broker: TestBroker): void {
  const state = Type.Object({
    name: Type.String(),
    queues: Type.Record(Type.String(), anything),
    leaks,
  })
  app.get(
    '/api/leveret/test/vhosts/:vhost',
    { config, schema: { tags, summary: 'What is in it', params, response: answers(state) } },
    ({ params: { vhost } }, reply) => {
      const found = vhostOf(broker, vhost)
      const queues = Object.fromEntries(found.queues().map((name) => [name, found.queue(name).counts()]))
      return reply.send({ name: vhost, queues, leaks: reportOf(found) })
    },
  )
  const query = Type.Object({
    event: Type.Optional(Type.String({ description: 'published, settled ...: those only' })),
  })
  app.post(
    '/api/leveret/test/vhosts/:vhost/events',
    {
      config,
      schema: {
        tags,
        summary: 'What happened in it, oldest first; with a match, to such messages',
        params,
        querystring: query,
        body: Type.Optional(matchSchema),
        response: answers(Type.Array(anything)),
      },
    },
    ({ params: { vhost }, query: { event }, body }, reply) =>
      answering(() => {
        const events = vhostOf(broker, vhost).events()
        const meant = body === undefined ? null : matchOf(body)
        const found = events.filter((each) => event === undefined || each.event === event)
        return reply.send(found.filter((each) => meant === null || isAbout(each, meant)).map(eventJson))
      }),
  )
}

function publishRoute(app: App, broker: TestBroker): void {
  const message = {
    exchange: Type.String(),
    key: Type.String(),
    body: Type.Unknown({ description: 'An object or array is sent as JSON, text as it is' }),
    headers: Type.Optional(anything),
    properties: Type.Optional(anything),
  }
  const body = Type.Object(message, { additionalProperties: false })
  const result = Type.Object({ routed: Type.Array(Type.String()), stored: Type.Boolean() })
  app.post(
    '/api/leveret/test/vhosts/:vhost/publish',
    { config, schema: { tags, summary: 'Publish without a client', params, body, response: answers(result) } },
    ({ params: { vhost }, body: asked }) =>
      answering(() => {
        const { exchange, key, body: content, headers, properties } = asked
        const options = { ...properties, ...(headers === undefined ? {} : { headers }) } as PublishOptions
        return vhostOf(broker, vhost).publish(exchange, key, content, options)
      }),
  )
}

function waitRoute(app: App, broker: TestBroker): void {
  app.post(
    '/api/leveret/test/vhosts/:vhost/wait',
    {
      config,
      schema: {
        tags,
        summary: 'Wait for something; 408 says what was there instead',
        params,
        body: waitBody,
        response: waited,
      },
    },
    ({ params: { vhost }, body }, reply) => {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort(new WaitError('whoever waited has hung up')))
      return answering(() => wait(vhostOf(broker, vhost), body, gone.signal))
    },
  )
}

async function wait(
  vhost: TestVhost,
  body: Static<typeof waitBody>,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { match = {}, queue = '', count = 1, timeout } = body
  const options = { count, signal, ...(timeout === undefined ? {} : { timeout }) }
  const meant = matchOf(match)
  if (body.for === 'message') return eventJson(await vhost.waitForMessage(meant, options))
  if (body.for === 'ack') return eventJson(await vhost.waitForAck(meant, options))
  if (body.for === 'dead-letter') return eventJson(await vhost.waitForDeadLetter(meant, options))
  if (body.for === 'consumer') await vhost.waitForConsumer(queue, options)
  else await vhost.waitForIdle(options)
  return {}
}

function isAbout(event: BrokerEvent, meant: ReturnType<typeof matchOf>): boolean {
  if (!('message' in event) || event.message === null) return false
  const own = 'queue' in event ? [event.queue] : []
  return matches(meant, event.message, 'routed' in event ? [...own, ...event.routed] : own)
}

function reportOf(vhost: TestVhost) {
  const report = vhost.leaks()
  return { ...report, unacked: report.unacked.map(eventJson), lines: [...leakLines(report)] }
}
