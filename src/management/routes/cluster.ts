// What RabbitMQ's API has for clusters, plug-ins and other logins, answered as one node can: its name and version, feature
// flags, what is deprecated, hashes of passwords. Nothing here changes how the broker works, but for its name.

import { type Static, Type } from '@fastify/type-provider-typebox'
import { hashPassword } from '../../broker/access/passwords.ts'
import type { ManagementContext } from '../context.ts'
import { badRequest, HttpError, objectNotFound } from '../errors.ts'
import { listQuery, plainList } from '../listing.ts'
import type { App } from '../route.ts'
import { answers, done, listAnswers } from '../schemas.ts'

/** What a cluster is called until somebody names it; as connection.start has it. */
const CLUSTER_NAME = 'leveret'

/** Features that tools ask for before they use them (NServiceBus looks for queue types), all of them here. */
const flags: readonly (readonly [name: string, what: string])[] = [
  ['drop_unroutable_metric', 'Count unroutable publishes to be dropped in stats'],
  ['empty_basic_get_metric', 'Count AMQP basic.get on empty queues in stats'],
  ['implicit_default_bindings', 'Default bindings are implicit'],
  ['maintenance_mode_status', 'Maintenance mode status'],
  ['message_containers', 'Messages keep what arrived'],
  ['quorum_queue', 'Support queues of type quorum'],
  ['stream_queue', 'Support queues of type stream'],
  ['user_limits', 'Configure connection and channel limits for a user'],
  ['virtual_host_metadata', 'Virtual host metadata (description, tags, etc)'],
  ['rabbitmq_4.0.0', 'Behaviour of RabbitMQ 4.0'],
]

const config = { access: 'management' } as const
const admin = { access: 'administrator' } as const
const tags = ['cluster']

/** Adds all of it. */
export function clusterRoutes(app: App, context: ManagementContext): void {
  nameRoutes(app, context)
  featureRoutes(app)
  taskRoutes(app, context)
  const open = { access: 'none' } as const
  app.get(
    '/api/auth',
    {
      config: open,
      schema: {
        tags,
        summary: 'How to log in: with a password',
        response: answers(Type.Object({ oauth_enabled: Type.Boolean() })),
      },
    },
    () => ({ oauth_enabled: false }),
  )
  app.get(
    '/api/auth/hash_password/:password',
    {
      config: admin,
      schema: {
        tags,
        summary: 'The hash of a password, for definitions',
        params: Type.Object({ password: Type.String() }),
        response: answers(Type.Object({ ok: Type.String() })),
      },
    },
    ({ params: { password } }) => ({ ok: hashPassword(password, context.random(4)) }),
  )
}

function nameRoutes(app: App, { broker }: ManagementContext): void {
  app.get(
    '/api/version',
    { config, schema: { tags, summary: 'Version', response: answers(Type.String()) } },
    (_, reply) => reply.type('application/json').send(JSON.stringify(broker.dialect.version)),
  )
  app.get(
    '/api/extensions',
    { config, schema: { tags, summary: 'Extensions of the web UI', response: answers(Type.Array(Type.Unknown())) } },
    () => [],
  )
  const named = Type.Object({ name: Type.String() })
  app.get(
    '/api/cluster-name',
    { config, schema: { tags, summary: 'The name of the cluster', response: answers(named) } },
    (): Static<typeof named> => ({ name: clusterNameOf(broker) }),
  )
  app.put(
    '/api/cluster-name',
    { config: admin, schema: { tags, summary: 'Name the cluster', body: named, response: done } },
    async ({ body: { name } }, reply) => {
      await broker.administration.parameters.setGlobal('cluster_name', name)
      return reply.code(204).send()
    },
  )
}

/** What the cluster is called. */
export function clusterNameOf({ globalParameters }: Pick<ManagementContext['broker'], 'globalParameters'>): string {
  const name = globalParameters.get('cluster_name')
  return typeof name === 'string' ? name : CLUSTER_NAME
}

function featureRoutes(app: App): void {
  const flag = Type.Object({
    name: Type.String(),
    desc: Type.String(),
    doc_url: Type.String(),
    state: Type.String(),
    stability: Type.String(),
    provided_by: Type.String(),
  })
  app.get(
    '/api/feature-flags',
    { config, schema: { tags, summary: 'Feature flags', querystring: listQuery, response: listAnswers(flag) } },
    ({ query }) => {
      const rest = { doc_url: '', state: 'enabled', stability: 'required', provided_by: 'rabbit' }
      return plainList(
        query,
        flags.map(([name, desc]) => ({ name, desc, ...rest })),
      )
    },
  )
  app.put(
    '/api/feature-flags/:name/enable',
    {
      config: admin,
      schema: { tags, summary: 'Enable a feature', params: Type.Object({ name: Type.String() }), response: done },
    },
    ({ params: { name } }, reply) => {
      if (!flags.some(([known]) => known === name)) throw badRequest(`unsupported feature flag '${name}'`)
      return reply.code(204).send()
    },
  )
  const none = answers(Type.Array(Type.Unknown()))
  app.get(
    '/api/deprecated-features',
    { config, schema: { tags, summary: 'Deprecated features', response: none } },
    () => [],
  )
  app.get(
    '/api/deprecated-features/used',
    { config, schema: { tags, summary: 'Those that are used', response: none } },
    () => [],
  )
}

/** What a cluster does with its nodes; one node has nothing to do there. */
function taskRoutes(app: App, { node: { name: here } }: ManagementContext): void {
  app.post(
    '/api/rebalance/queues',
    { config: admin, schema: { tags, summary: 'Spread queues over nodes: there is one', response: done } },
    (_, reply) => reply.code(204).send(),
  )
  const refuse = (): never => {
    throw new HttpError(400, 'bad_request', 'there is no database of statistics to reset: all numbers are read exactly')
  }
  app.delete('/api/reset', { config: admin, schema: { tags, summary: 'Not possible here', response: done } }, refuse)
  app.delete(
    '/api/reset/:node',
    {
      config: admin,
      schema: { tags, summary: 'Not possible here', params: Type.Object({ node: Type.String() }), response: done },
    },
    ({ params: { node } }) => {
      if (node !== here) throw objectNotFound()
      return refuse()
    },
  )
}
