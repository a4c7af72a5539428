// /api/leveret/test: what a test does with the whole broker: its time, its faults, its lives, and the name of the test that
// runs. One route for each.

import { Type } from '@fastify/type-provider-typebox'
import { badRequest } from '../../management/errors.ts'
import type { App, Routes } from '../../management/route.ts'
import { answers, done, errorSchema } from '../../management/schemas.ts'
import { millisecondsOf } from '../duration.ts'
import type { BrokerEvent } from '../events.ts'
import type { Fault } from '../faults/faults.ts'
import { toMermaid } from '../mermaid.ts'
import { toNdjson } from '../record.ts'
import { line } from '../telling.ts'
import type { TestBroker } from '../test-broker.ts'
import { answering, missing } from './answering.ts'
import { withPatterns } from './request.ts'

const tags = ['test broker']
const config = { access: 'none' } as const
const duration = Type.Union([Type.Number(), Type.String()])

/** The faults that can be asked for by name. */
const kinds = [
  'dropConnection',
  'refuseConnections',
  'delay',
  'lose',
  'nackPublishes',
  'withholdConfirms',
  'returnUnroutable',
  'closeChannel',
  'blockPublishers',
  'slowStore',
] as const

/** Adds the routes about `broker` as a whole. */
export function brokerRoutes(broker: TestBroker): Routes {
  return (app) => {
    stateRoutes(app, broker)
    restartRoute(app, broker)
    traceRoute(app, broker)
    clockRoutes(app, broker)
    faultRoutes(app, broker)
  }
}

function stateRoutes(app: App, broker: TestBroker): void {
  const state = Type.Object({
    url: Type.String(),
    test: Type.Union([Type.String(), Type.Null()]),
    now: Type.String(),
    lives: Type.Integer({ description: 'How often it has started: one more after a restart' }),
  })
  app.get(
    '/api/leveret/test',
    { config, schema: { tags, summary: 'The test broker', response: answers(state) } },
    (_, reply) => {
      const { url, lives } = broker
      return reply.send({ url, lives, test: broker.journal.test, now: broker.clock.now().toISOString() })
    },
  )
  app.put(
    '/api/leveret/test/name',
    {
      config,
      schema: {
        tags,
        summary: 'The test that runs: events bear its name from now on',
        body: Type.Object({ name: Type.Union([Type.String(), Type.Null()]) }),
        response: done,
      },
    },
    ({ body: { name } }, reply) => {
      broker.journal.test = name
      return reply.code(204).send()
    },
  )
  app.post(
    '/api/leveret/test/reset',
    { config, schema: { tags, summary: 'As new: no vhosts but the default one, nothing in it', response: done } },
    async (_, reply) => {
      await broker.reset()
      return reply.code(204).send()
    },
  )
}

function restartRoute(app: App, broker: TestBroker): void {
  const options = {
    keepData: Type.Optional(Type.Boolean()),
    kill: Type.Optional(Type.Boolean()),
    downFor: Type.Optional(duration),
  }
  const how = Type.Object(options, { additionalProperties: false })
  app.post(
    '/api/leveret/test/restart',
    {
      config,
      schema: {
        tags,
        summary: 'Restart, or kill and start again, on the same ports; soon after this answer',
        body: Type.Optional(how),
        response: { 202: Type.Null(), 400: errorSchema },
      },
    },
    ({ body }, reply) => {
      const { keepData = true, kill = false, downFor = 0 } = body ?? {}
      return answering(() => {
        millisecondsOf(downFor, 'downFor')
        // The answer has to leave first: its connection goes with this life of the broker.
        reply.raw.once('close', () => broker.comeBack({ keepData, kill, downFor }))
        void reply.code(202).header('connection', 'close')
        return null
      })
    },
  )
}

/** How a trace is told. */
const formats = {
  ndjson: ['application/x-ndjson', toNdjson],
  text: ['text/plain', (events: readonly BrokerEvent[]) => events.map((event) => `${line(event)}\n`).join('')],
  mermaid: ['text/plain', toMermaid],
} as const

function traceRoute(app: App, broker: TestBroker): void {
  const query = Type.Object({
    format: Type.Optional(Type.Union((['ndjson', 'text', 'mermaid'] as const).map((format) => Type.Literal(format)))),
    vhost: Type.Optional(Type.String({ description: 'Only what happened there' })),
    last: Type.Optional(
      Type.Integer({ minimum: 1, description: 'So many events; all that are kept where it is not said' }),
    ),
  })
  const summary = 'What happened: as NDJSON, in words, or as a Mermaid diagram'
  app.get(
    '/api/leveret/test/trace',
    { config, schema: { tags, summary, querystring: query, response: { 200: Type.String(), 400: errorSchema } } },
    ({ query: { format = 'ndjson', vhost, last = Number.POSITIVE_INFINITY } }, reply) => {
      const [type, told] = formats[format]
      void reply
        .type(type)
        .serializer(String)
        .send(told(broker.journal.events(vhost).slice(-last)))
    },
  )
}

function clockRoutes(app: App, broker: TestBroker): void {
  const state = Type.Object({ now: Type.String(), due: Type.Array(Type.String()) })
  const shown = () => ({
    now: broker.clock.now().toISOString(),
    due: broker.clock.due.map((date) => date.toISOString()),
  })
  app.get(
    '/api/leveret/test/clock',
    { config, schema: { tags, summary: 'The time of messages, and when something is due', response: answers(state) } },
    () => answering(shown),
  )
  const ways = {
    advance: Type.Optional(duration),
    run: Type.Optional(Type.Union([Type.Literal('next'), Type.Literal('all')])),
  }
  const move = Type.Object(ways, { additionalProperties: false })
  app.post(
    '/api/leveret/test/clock',
    { config, schema: { tags, summary: 'Move it', body: move, response: answers(state) } },
    ({ body: { advance, run } }) =>
      answering(async () => {
        if ((advance === undefined) === (run === undefined))
          throw badRequest(`expected 'advance', or 'run': 'next', 'all'`)
        if (advance !== undefined) await broker.clock.advance(advance)
        else if (run === 'next') await broker.clock.runNext()
        else await broker.clock.runAll()
        return shown()
      }),
  )
}

function faultRoutes(app: App, broker: TestBroker): void {
  const faults = new Map<number, Fault>()
  let count = 0
  const one = Type.Object({ id: Type.Integer(), text: Type.String() })
  app.get(
    '/api/leveret/test/faults',
    { config, schema: { tags, summary: 'What goes wrong', response: answers(Type.Array(Type.String())) } },
    (_, reply) => reply.send(broker.faults.list()),
  )
  const body = Type.Object(
    { fault: Type.Union(kinds.map((kind) => Type.Literal(kind))) },
    { additionalProperties: true, description: 'The name of the fault, and its options' },
  )
  app.post(
    '/api/leveret/test/faults',
    { config, schema: { tags, summary: 'Have something go wrong', body, response: { 201: one, 400: errorSchema } } },
    ({ body: { fault, ...options } }, reply) =>
      answering(() => {
        void reply.code(201)
        const begun = begin(broker, fault as (typeof kinds)[number], options)
        const id = ++count
        if (begun) faults.set(id, begun)
        return { id, text: begun?.text ?? 'done' }
      }),
  )
  app.delete(
    '/api/leveret/test/faults',
    { config, schema: { tags, summary: 'All is well again', response: done } },
    async (_, reply) => {
      await broker.faults.clear()
      faults.clear()
      return reply.code(204).send()
    },
  )
  app.delete(
    '/api/leveret/test/faults/:id',
    {
      config,
      schema: { tags, summary: 'It is well again', params: Type.Object({ id: Type.Integer() }), response: done },
    },
    async ({ params: { id } }, reply) => {
      const fault = faults.get(id)
      if (!fault) throw missing(`fault ${id}`)
      faults.delete(id)
      await fault.remove()
      return reply.code(204).send()
    },
  )
}

/** The options are those of the methods of the same name, which check them. */
function begin({ faults }: TestBroker, kind: (typeof kinds)[number], options: object): Fault | null {
  if (kind === 'blockPublishers') {
    const { resource = 'memory' } = options as { readonly resource?: 'memory' | 'disk' }
    if (resource !== 'memory' && resource !== 'disk')
      throw badRequest(`resource is '${resource}', expected memory or disk`)
    return faults.blockPublishers(resource)
  }
  const ask = faults[kind].bind(faults) as (options: object) => Fault | undefined
  return ask(withPatterns(options)) ?? null
}
