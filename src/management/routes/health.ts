// /api/health/checks, /api/aliveness-test and /api/healthchecks: for probes, which look at the status; and /healthz, /readyz
// and /livez, which ask for no name.

import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { existingVhost, ownerOf, tracedPeer } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { badRequest } from '../errors.ts'
import {
  type Ailment,
  alarmsOn,
  certificateEnding,
  connectionFacts,
  connectionsFull,
  notReady,
  portClosed,
  protocolSilent,
} from '../health.ts'
import { publish } from '../publish.ts'
import type { App } from '../route.ts'
import { errorSchema } from '../schemas.ts'

const config = { access: 'management' } as const
const open = { access: 'none' } as const
const tags = ['health']
const statusSchema = Type.Object({ status: Type.String() })
const response = {
  200: statusSchema,
  503: Type.Object({ status: Type.String(), reason: Type.String() }),
  ...{ 400: errorSchema, 401: errorSchema, 404: errorSchema },
}
const ALIVENESS_QUEUE = 'aliveness-test'
const DAY_MS = 24 * 3_600_000
const units: Readonly<Record<string, number>> = { days: 1, weeks: 7, months: 30, years: 365 }

/**
 * Checks that one node always passes: there is no cluster that could fail them, or RabbitMQ's part does not exist here. Nor
 * can a vhost be down: what of it cannot be read is set aside when the broker starts, and it is there with the rest.
 */
const passed = [
  ...['virtual-hosts', 'node-is-quorum-critical', 'node-is-mirror-sync-critical', 'reached-target-cluster-size'],
  ...['metadata-store/initialized', 'metadata-store/initialized-with-data'],
  ...['quorum-queues-without-elected-leaders/all-vhosts'],
] as const

/** Adds all of it. */
export function healthRoutes(app: App, context: ManagementContext): void {
  const check = (path: string, summary: string, ailment: () => Ailment | null): void => {
    app.get(`/api/health/checks/${path}`, { config, schema: { tags, summary, response } }, (_, reply) =>
      answer(reply, ailment()),
    )
  }
  check('alarms', 'No resource alarm is on', () => alarmsOn(context))
  check('local-alarms', 'No resource alarm is on in this node', () => alarmsOn(context))
  check('ready-to-serve-clients', 'Clients can come and be served', () => notReady(context) ?? alarmsOn(context))
  check('is-in-service', 'Messages are stored, and a port is open for them', () => notReady(context))
  app.get(
    '/api/health/checks/below-node-connection-limit',
    { config, schema: { tags, summary: 'There may be more connections', response } },
    (_, reply) => answer(reply, connectionsFull(context), connectionFacts(context.broker)),
  )
  for (const path of passed) check(path, 'Always passes: there is one node', () => null)
  namedChecks(app, context)
  aliveness(app, context)
  openProbes(app, context)
}

/** Adds the checks that are asked of something. */
function namedChecks(app: App, context: ManagementContext): void {
  app.get(
    '/api/health/checks/port-listener/:port',
    {
      config,
      schema: {
        tags,
        summary: 'Somebody listens on a port',
        params: Type.Object({ port: Type.Integer({ minimum: 1, maximum: 65_535 }) }),
        response,
      },
    },
    ({ params: { port } }, reply) => answer(reply, portClosed(context, port), { port }),
  )
  app.get(
    '/api/health/checks/protocol-listener/:protocol',
    {
      config,
      schema: { tags, summary: 'A protocol is spoken', params: Type.Object({ protocol: Type.String() }), response },
    },
    ({ params: { protocol } }, reply) => answer(reply, protocolSilent(context, protocol), { protocol }),
  )
  app.get(
    '/api/health/checks/certificate-expiration/:within/:unit',
    {
      config,
      schema: {
        tags,
        summary: 'No certificate of a port expires so soon',
        params: Type.Object({ within: Type.Integer({ minimum: 0 }), unit: Type.String() }),
        response,
      },
    },
    ({ params: { within, unit } }, reply) => {
      const days = Object.hasOwn(units, unit) ? units[unit] : undefined
      if (days === undefined) throw badRequest(`unit: expected ${Object.keys(units).join(', ')}, got '${unit}'`)
      answer(reply, certificateEnding(context, within * days * DAY_MS))
    },
  )
}

/** Adds the checks of old: a message goes through a queue and back. */
function aliveness(app: App, context: ManagementContext): void {
  app.get(
    '/api/aliveness-test/:vhost',
    {
      config: { ...config, vhost: 'login' },
      schema: { tags, summary: 'A queue can be used', params: Type.Object({ vhost: Type.String() }), response },
    },
    async ({ caller, params }, reply) => {
      const vhost = existingVhost(context, params.vhost)
      const declaration = { durable: false, exclusive: false, autoDelete: false, arguments: new Map() }
      const owner = ownerOf(context, caller, vhost.name)
      const { queue } = await context.broker
        .topology(vhost)
        .declareQueue({ name: ALIVENESS_QUEUE, ...declaration }, owner)
      const asked = { exchange: '', routing_key: ALIVENESS_QUEUE, payload: 'test_message' }
      const routed = await publish(context, caller, vhost, { ...asked, properties: {}, payload_encoding: 'string' })
      owner.access.queue('read', ALIVENESS_QUEUE)
      const got = await queue?.get(true)
      if (got) {
        vhost.firehose?.delivered(got.message, ALIVENESS_QUEUE, got.redelivered, tracedPeer(caller))
        queue?.ack(got.seq, true)
      }
      answer(reply, routed && got ? null : { reason: 'a message did not come through the queue' })
    },
  )
  app.get('/api/healthchecks/node', { config, schema: { tags, summary: 'The node is well', response } }, (_, reply) =>
    answer(reply, alarmsOn(context) ?? notReady(context)),
  )
  app.get(
    '/api/healthchecks/node/:node',
    { config, schema: { tags, summary: 'A node is well', params: Type.Object({ node: Type.String() }), response } },
    ({ params: { node } }, reply) => {
      const unknown = node === context.node.name ? null : { reason: `there is no node '${node}'` }
      answer(reply, unknown ?? alarmsOn(context) ?? notReady(context))
    },
  )
}

/** Adds what orchestrators ask without a name. */
function openProbes(app: App, context: ManagementContext): void {
  const probe = (path: string, summary: string, ailment: () => Ailment | null): void => {
    app.get(path, { config: open, schema: { tags, summary, response } }, (_, reply) => answer(reply, ailment()))
  }
  probe('/livez', 'The process answers', () => null)
  probe('/readyz', 'Clients can come, and what they send is stored', () => notReady(context))
  probe('/healthz', 'The same, and no alarm is on', () => notReady(context) ?? alarmsOn(context))
}

function answer(reply: FastifyReply, ailment: Ailment | null, fields: object = {}): void {
  if (ailment === null) void reply.send({ status: 'ok', ...fields })
  else void reply.code(503).send({ status: 'failed', ...ailment })
}
