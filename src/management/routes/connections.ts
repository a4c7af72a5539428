// /api/connections, /api/channels and /api/consumers: who is connected and what they do; and how one is shown the door.

import { type Static, Type } from '@fastify/type-provider-typebox'
import type { ConnectionPeer } from '../../broker/peers.ts'
import { type Caller, existingVhost, opens, sees } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { notAuthorised, objectNotFound } from '../errors.ts'
import { listOf, pagedQuery, plainList, withColumns } from '../listing.ts'
import type { App } from '../route.ts'
import { type Answers, answers, done, listAnswers } from '../schemas.ts'
import { windowsOf, windowsQuery } from '../statistics/windows.ts'
import { channelName, channelView, connectionView, consumerView, fullChannelView } from '../views/peers.ts'
import { channelSchema, connectionSchema, consumerSchema } from '../views/peers-schemas.ts'

const query = Type.Object({ ...pagedQuery.properties, ...windowsQuery.properties })
const named = Type.Object({ name: Type.String() })
const inVhost = Type.Object({ vhost: Type.String() })
const access = { access: 'management' } as const
const visible = { access: 'management', vhost: 'visible' } as const
const tags = ['connections']
/** What RabbitMQ says where nobody says why. */
const NO_REASON = 'Closed via management plugin'

/** Adds /api/connections, and what of them is under vhosts. */
export function connectionRoutes(app: App, context: ManagementContext): void {
  const list = (asked: Static<typeof query>, peers: Iterable<ConnectionPeer>) =>
    listOf(asked, {
      sources: peers,
      view: (peer) => connectionView(context, peer, windowsOf(asked)),
      brief: ({ name, vhost }) => ({ name, vhost }),
    })
  const response = listAnswers(connectionSchema)
  const summaries = { all: 'Connections', ofVhost: 'Connections to a vhost' }
  listRoutes(app, context, { name: 'connections', ...summaries, response, list })
  app.get(
    '/api/connections/username/:user',
    {
      config: access,
      schema: {
        ...{ tags, summary: 'Connections of a user', querystring: query, response },
        params: Type.Object({ user: Type.String() }),
      },
    },
    ({ caller, query: asked, params: { user } }) =>
      list(
        asked,
        peersFor(context, caller).filter((peer) => peer.user === user),
      ),
  )
  connectionRoute(app, context)
}

/** Adds what is done with one connection, or with those of one user. */
function connectionRoute(app: App, context: ManagementContext): void {
  app.get(
    '/api/connections/:name',
    {
      config: access,
      schema: { tags, summary: 'A connection', params: named, querystring: query, response: answers(connectionSchema) },
    },
    ({ caller, params: { name }, query: asked }) =>
      withColumns(asked, connectionView(context, peerNamed(context, caller, name), windowsOf(asked))),
  )
  app.delete(
    '/api/connections/:name',
    {
      config: access,
      schema: { tags, summary: 'Close a connection; the header X-Reason says why', params: named, response: done },
    },
    ({ caller, params: { name }, headers }, reply) => {
      const peer = peerNamed(context, caller, name)
      if (peer.user !== caller.name && !opens(caller, 'administrator'))
        throw notAuthorised('User not authorised to access object')
      peer.end(reasonOf(headers))
      return reply.code(204).send()
    },
  )
  app.delete(
    '/api/connections/username/:user',
    {
      config: { access: 'administrator' },
      schema: {
        ...{ tags, summary: 'Close the connections of a user', response: done },
        params: Type.Object({ user: Type.String() }),
      },
    },
    ({ params: { user }, headers }, reply) => {
      for (const peer of [...context.broker.connections.peers()]) if (peer.user === user) peer.end(reasonOf(headers))
      return reply.code(204).send()
    },
  )
}

/** Adds /api/channels and /api/consumers, and what of them is under connections and vhosts. */
export function channelRoutes(app: App, context: ManagementContext): void {
  const list = (asked: Static<typeof query>, peers: readonly ConnectionPeer[]) =>
    listOf(asked, {
      sources: peers.flatMap(({ channels }) => [...channels]),
      view: (channel) => channelView(context, channel, windowsOf(asked)),
      brief: (channel) => ({ name: channelName(channel), vhost: channel.connection.peer.vhost }),
    })
  const response = listAnswers(channelSchema)
  const summaries = { all: 'Channels', ofVhost: 'Channels in a vhost' }
  listRoutes(app, context, { name: 'channels', ...summaries, response, list })
  app.get(
    '/api/connections/:name/channels',
    {
      config: access,
      schema: { tags, summary: 'Channels of a connection', params: named, querystring: query, response },
    },
    ({ caller, query: asked, params: { name } }) => list(asked, [peerNamed(context, caller, name)]),
  )
  app.get(
    '/api/channels/:name',
    {
      config: access,
      schema: { tags, summary: 'A channel', params: named, querystring: query, response: answers(channelSchema) },
    },
    ({ caller, query: asked, params: { name } }) => {
      for (const { channels } of peersFor(context, caller)) {
        for (const channel of channels) {
          if (channelName(channel) === name)
            return withColumns(asked, fullChannelView(context, channel, windowsOf(asked)))
        }
      }
      throw objectNotFound()
    },
  )
}

/** Adds /api/consumers. */
export function consumerRoutes(app: App, context: ManagementContext): void {
  const views = (peers: Iterable<ConnectionPeer>) =>
    [...peers].flatMap(({ channels }) =>
      [...channels].flatMap((channel) =>
        [...channel.consumerList].map((consumer) => consumerView(context, consumer, channel)),
      ),
    )
  const response = listAnswers(consumerSchema)
  app.get(
    '/api/consumers',
    { config: access, schema: { tags, summary: 'Consumers', querystring: pagedQuery, response } },
    ({ caller, query: asked }) => {
      const peers = [...context.broker.connections.peers()]
      return plainList(asked, views(peers.filter(({ vhost }) => sees(context, caller, vhost))))
    },
  )
  app.get(
    '/api/consumers/:vhost',
    {
      config: visible,
      schema: { tags, summary: 'Consumers in a vhost', params: inVhost, querystring: pagedQuery, response },
    },
    ({ query: asked, params }) => {
      existingVhost(context, params.vhost)
      const peers = [...context.broker.connections.peers()]
      return plainList(asked, views(peers.filter(({ vhost }) => vhost === params.vhost)))
    },
  )
}

/** A list of something that connections have, or are. */
interface PeerList {
  readonly name: 'connections' | 'channels'
  /** What the list of all is, in the description of the API, and what that of a vhost is. */
  readonly all: string
  readonly ofVhost: string
  readonly response: Answers
  list(asked: Static<typeof query>, peers: readonly ConnectionPeer[]): ReturnType<typeof listOf>
}

/** Adds a list of all that the caller may see, and of what of it is in one vhost. */
function listRoutes(app: App, context: ManagementContext, { name, all, ofVhost, response, list }: PeerList): void {
  app.get(
    `/api/${name}`,
    { config: access, schema: { tags, summary: all, querystring: query, response } },
    ({ caller, query: asked }) => list(asked, peersFor(context, caller)),
  )
  app.get(
    `/api/vhosts/:vhost/${name}`,
    { config: visible, schema: { tags, summary: ofVhost, params: inVhost, querystring: query, response } },
    ({ caller, query: asked, params: { vhost } }) => {
      existingVhost(context, vhost)
      const peers = peersFor(context, caller).filter((peer) => peer.vhost === vhost)
      return list(asked, peers)
    },
  )
}

/** The connections that `caller` may see: its own, or for monitors all. */
function peersFor({ broker }: ManagementContext, caller: Caller): readonly ConnectionPeer[] {
  const peers = [...broker.connections.peers()]
  return opens(caller, 'monitoring') ? peers : peers.filter(({ user }) => user === caller.name)
}

/** The connection of that name. Throws `HttpError` 404, or 401 where it is not for `caller` to see. */
function peerNamed({ broker }: ManagementContext, caller: Caller, name: string): ConnectionPeer {
  const peer = [...broker.connections.peers()].find((each) => each.name === name)
  if (!peer) throw objectNotFound()
  if (peer.user === caller.name || opens(caller, 'monitoring')) return peer
  throw notAuthorised('User not authorised to access object')
}

function reasonOf(headers: Readonly<Record<string, unknown>>): string {
  const reason = headers['x-reason']
  return typeof reason === 'string' && reason !== '' ? reason : NO_REASON
}
