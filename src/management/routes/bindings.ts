// /api/bindings: what leads from exchanges to queues and to other exchanges; also by exchange and by queue. Changes are
// made with the caller's own permissions, by the rules of AMQP.

import { type Static, Type } from '@fastify/type-provider-typebox'
import type { DestinationType } from '../../broker/binding.ts'
import type { Vhost } from '../../broker/vhost.ts'
import { existingVhost, ownerOf, visibleVhosts } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { objectNotFound } from '../errors.ts'
import { tableOfJson } from '../field-json.ts'
import { exchangeNamed, shortName } from '../fields.ts'
import { listOf, pagedQuery } from '../listing.ts'
import type { App } from '../route.ts'
import { answers, bindingSchema, done, listAnswers } from '../schemas.ts'
import { bindingView, defaultBinding, isNamed, type PlacedBinding, propertiesKey } from '../views/binding.ts'

const inVhost = Type.Object({ vhost: Type.String() })
const ends = Type.Object({
  vhost: Type.String(),
  source: Type.String(),
  kind: Type.Union([Type.Literal('q'), Type.Literal('e')], { description: 'q: to a queue, e: to an exchange' }),
  destination: Type.String(),
})
const one = Type.Object({ ...ends.properties, props: Type.String({ description: 'The properties_key' }) })
const body = Type.Object({
  routing_key: Type.Optional(Type.String()),
  arguments: Type.Optional(Type.Unknown()),
})

const read = { access: 'management', vhost: 'visible' } as const
const write = { access: 'management', vhost: 'login' } as const
const tags = ['bindings']
const list = { querystring: pagedQuery, response: listAnswers(bindingSchema) }
const sorts = ['vhost', 'source', 'destination_type', 'destination', 'routing_key']

/** All bindings in a vhost, those to the default exchange included. */
export function bindingsIn(vhost: Vhost): readonly PlacedBinding[] {
  const { name } = vhost
  const kept = [...vhost.bindings.values()].map((binding) => ({ ...binding, vhost: name }))
  return [...[...vhost.queues.keys()].map((queue) => defaultBinding(name, queue)), ...kept]
}

/** The list of bindings that a query asks for. */
export function bindingList(query: Static<typeof pagedQuery>, bindings: readonly PlacedBinding[]) {
  return listOf(query, {
    sources: bindings,
    view: bindingView,
    sorts,
    brief: ({ vhost, source, destinationType, destination, routingKey }) => {
      return {
        name: destination,
        vhost,
        source,
        destination,
        destination_type: destinationType,
        routing_key: routingKey,
      }
    },
  })
}

/** Adds /api/bindings. */
export function bindingRoutes(app: App, context: ManagementContext): void {
  app.get(
    '/api/bindings',
    { config: { access: 'management' }, schema: { tags, summary: 'Bindings', ...list } },
    ({ caller, query }) => bindingList(query, visibleVhosts(context, caller).flatMap(bindingsIn)),
  )
  app.get(
    '/api/bindings/:vhost',
    { config: read, schema: { tags, summary: 'The bindings in a vhost', params: inVhost, ...list } },
    ({ params: { vhost }, query }) => bindingList(query, bindingsIn(existingVhost(context, vhost))),
  )
  const from = Type.Object({ vhost: Type.String(), exchange: Type.String() })
  const of = (vhost: string, exchange: string, end: 'source' | 'destination'): readonly PlacedBinding[] => {
    const found = existingVhost(context, vhost)
    const name = exchangeNamed(exchange)
    if (!found.exchanges.has(name)) throw objectNotFound()
    return bindingsIn(found).filter((binding) =>
      end === 'source'
        ? binding.source === name
        : binding.destinationType === 'exchange' && binding.destination === name,
    )
  }
  app.get(
    '/api/exchanges/:vhost/:exchange/bindings/source',
    { config: read, schema: { tags, summary: 'The bindings from an exchange', params: from, ...list } },
    ({ params: { vhost, exchange }, query }) => bindingList(query, of(vhost, exchange, 'source')),
  )
  app.get(
    '/api/exchanges/:vhost/:exchange/bindings/destination',
    { config: read, schema: { tags, summary: 'The bindings to an exchange', params: from, ...list } },
    ({ params: { vhost, exchange }, query }) => bindingList(query, of(vhost, exchange, 'destination')),
  )
  app.get(
    '/api/queues/:vhost/:queue/bindings',
    {
      config: read,
      schema: {
        tags,
        summary: 'The bindings to a queue',
        params: Type.Object({ vhost: Type.String(), queue: Type.String() }),
        ...list,
      },
    },
    ({ params: { vhost: name, queue: queueName }, query }) => {
      const vhost = existingVhost(context, name)
      const queue = vhost.queues.get(queueName)
      if (!queue) throw objectNotFound()
      const kept = [...vhost.bindingsTo(queue)].map((binding) => ({ ...binding, vhost: name }))
      return bindingList(query, [defaultBinding(name, queueName), ...kept])
    },
  )
  betweenTwo(app, context)
}

/** Adds what is about the bindings between two ends. */
function betweenTwo(app: App, context: ManagementContext): void {
  const between = (asked: Static<typeof ends>): readonly PlacedBinding[] => {
    const [source, destination] = endsOf(asked)
    return bindingsIn(existingVhost(context, asked.vhost)).filter(
      (binding) =>
        binding.source === source &&
        binding.destination === destination &&
        binding.destinationType === destinationType(asked),
    )
  }
  const named = (asked: Static<typeof one>): PlacedBinding => {
    const found = between(asked).find((binding) => isNamed(asked.props, binding))
    if (!found) throw objectNotFound()
    return found
  }
  const url = '/api/bindings/:vhost/e/:source/:kind/:destination'
  app.get(
    url,
    { config: read, schema: { tags, summary: 'The bindings between two', params: ends, ...list } },
    ({ params, query }) => bindingList(query, between(params)),
  )
  app.post(
    url,
    { config: write, schema: { tags, summary: 'Bind', params: ends, body, response: done } },
    async ({ caller, params, body: asked }, reply) => {
      const vhost = existingVhost(context, params.vhost)
      const [source, destination] = endsOf(params)
      const routingKey = shortName('routing_key', asked.routing_key ?? '')
      const args = tableOfJson(asked.arguments ?? {}, 'arguments')
      const spec = { source, destinationType: destinationType(params), destination, routingKey, arguments: args }
      await context.broker.topology(vhost).bind(spec, ownerOf(context, caller, vhost.name))
      const key = propertiesKey(routingKey, args)
      // Escaped once more, for it is a part of a path; it stands beside what was asked for.
      reply.header('location', `${encodeURIComponent(params.destination)}/${encodeURIComponent(key)}`)
      return reply.code(201).send()
    },
  )
  app.get(
    `${url}/:props`,
    { config: read, schema: { tags, summary: 'A binding', params: one, response: answers(bindingSchema) } },
    ({ params }) => bindingView(named(params)),
  )
  app.delete(
    `${url}/:props`,
    { config: write, schema: { tags, summary: 'Unbind', params: one, response: done } },
    async ({ caller, params }, reply) => {
      const vhost = existingVhost(context, params.vhost)
      await context.broker.topology(vhost).unbind(named(params), ownerOf(context, caller, vhost.name))
      return reply.code(204).send()
    },
  )
}

function endsOf(asked: Static<typeof ends>): readonly [source: string, destination: string] {
  const { source, kind, destination } = asked
  return [exchangeNamed(source), kind === 'e' ? exchangeNamed(destination) : destination]
}

function destinationType({ kind }: Static<typeof ends>): DestinationType {
  return kind === 'q' ? 'queue' : 'exchange'
}
