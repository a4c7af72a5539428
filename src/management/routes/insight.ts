// /api/leveret/route, /api/leveret/lag, /api/leveret/events: why messages go where they go, how far consumers are behind,
// and what happens in the broker as it happens.

import { Type } from '@fastify/type-provider-typebox'
import type { Timer } from '../../broker/clock.ts'
import type { BrokerEvent } from '../../broker/events.ts'
import { encodeRouting, Message } from '../../broker/message.ts'
import type { Queue } from '../../broker/queue/queue.ts'
import { encodeHeader } from '../../protocol/properties.ts'
import { type Caller, existingVhost, opens, sees, visibleVhosts } from '../auth.ts'
import type { ManagementContext } from '../context.ts'
import { badRequest } from '../errors.ts'
import { shortName } from '../fields.ts'
import { explain } from '../leveret/explain.ts'
import { propertiesOfJson } from '../message-json.ts'
import type { App } from '../route.ts'
import { answers } from '../schemas.ts'

const tags = ['insight']
const inExchange = Type.Object({ vhost: Type.String(), exchange: Type.String() })
const routeBody = Type.Object({
  routing_key: Type.Optional(Type.String()),
  properties: Type.Optional(Type.Unknown({ description: 'As in /publish: headers, delivery_mode ...' })),
})
const item = Type.Record(Type.String(), Type.Unknown())
const routeSchema = Type.Object({
  queues: Type.Array(Type.String()),
  routed: Type.Boolean(),
  steps: Type.Array(item, {
    description: 'Every exchange on the way, with the bindings that match and those that do not',
  }),
})
const lagSchema = Type.Object({
  vhost: Type.String(),
  queue: Type.String(),
  messages: Type.Integer(),
  oldest_age_ms: Type.Union([Type.Integer(), Type.Null()]),
  consumers: Type.Array(item),
})
const lagQuery = Type.Object({ vhost: Type.Optional(Type.String()) })

/** Adds what explains, and what tells. */
export function insightRoutes(app: App, context: ManagementContext): void {
  app.post(
    '/api/leveret/route/:vhost/:exchange',
    {
      config: { access: 'management', vhost: 'visible' },
      schema: {
        tags,
        summary: 'Explain where a message would go; amq.default is the default exchange',
        params: inExchange,
        body: routeBody,
        response: answers(routeSchema),
      },
    },
    ({ params, body }) => {
      const vhost = existingVhost(context, params.vhost)
      const exchange = vhost.exchange(params.exchange === 'amq.default' ? '' : params.exchange)
      const { routing_key: key = '', properties = {} } = body
      return explain(vhost, exchange, messageOf(exchange.name, shortName('routing_key', key), properties))
    },
  )
  app.get(
    '/api/leveret/lag',
    {
      config: { access: 'management' },
      schema: {
        tags,
        summary: 'How far the consumers of every queue are behind',
        querystring: lagQuery,
        response: answers(Type.Array(lagSchema)),
      },
    },
    ({ caller, query }) => {
      const vhosts = visibleVhosts(context, caller).filter(
        ({ name }) => query.vhost === undefined || name === query.vhost,
      )
      const queues = vhosts.flatMap((vhost) => [...vhost.queues.values()])
      return Promise.all(queues.map((queue) => lagOf(context, queue)))
    },
  )
  eventRoute(app, context)
}

function eventRoute(app: App, context: ManagementContext): void {
  app.get(
    '/api/leveret/events',
    {
      // There is no end that the headers alone could be followed by.
      exposeHeadRoute: false,
      config: { access: 'management' },
      schema: { tags, summary: 'What happens, as server-sent events', response: answers(Type.String()) },
    },
    ({ caller, headers }, reply) => {
      if (!/text\/event-stream|\*\/\*/.test(headers.accept ?? '')) {
        throw badRequest('events are text/event-stream: the header accept has to take that')
      }
      reply.hijack()
      const { raw } = reply
      // Whoever has gone while the password was looked at has said so, and will not again.
      if (raw.destroyed) return
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
      raw.write(': events of this broker\n\n')
      const say = (text: string): void => {
        // Who does not read is not told more than a pipe holds: the broker does not keep events for anybody.
        if (raw.writableLength > UNREAD_BYTES) raw.destroy()
        else raw.write(text)
      }
      const stop = context.broker.events.listen((event) => {
        const now = stillAllowed(context, caller)
        if (!now) return end()
        if (mayHear(context, now, event)) say(sent(event))
      })
      const quiet = keepAlive(context, () => (stillAllowed(context, caller) ? say(': still here\n\n') : end()))
      // Of who does not read, the end is yet to come: nothing may be said after it.
      const end = (): void => {
        stop()
        quiet.cancel()
        raw.end()
      }
      raw.once('close', end)
    },
  )
}

/** Octets that somebody may leave unread. */
const UNREAD_BYTES = 1024 * 1024
/** Proxies close what is silent for a minute or half of it, and a peer that has gone is found out by writing to it. */
const KEEP_ALIVE_MS = 15_000

/** Calls `say` again and again, until it is cancelled. */
function keepAlive({ clock }: ManagementContext, say: () => void): Timer {
  const next = (): Timer =>
    clock.after(KEEP_ALIVE_MS, () => {
      timer = next()
      say()
    })
  let timer = next()
  return { cancel: () => timer.cancel() }
}

/** `caller` with the tags that the account has now; null where it would not be let in any more. */
function stillAllowed({ broker }: ManagementContext, caller: Caller): Caller | null {
  const account = broker.users.get(caller.name)
  return account && opens(account, 'management') ? { ...caller, tags: account.tags } : null
}

/**
 * What happens in a vhost is told to those who see it, as far as they could ask for it as well: others' connections,
 * channels and consumers, and what users may do, are for monitors, and so is everything that is in no vhost.
 */
function mayHear(context: ManagementContext, caller: Caller, { name, fields }: BrokerEvent): boolean {
  const { vhost, user } = fields
  if (opens(caller, 'monitoring')) return true
  if (typeof vhost !== 'string' || !sees(context, caller, vhost)) return false
  if (/^(connection|channel|consumer)\./.test(name)) return user === caller.name
  if (/^parameter\./.test(name)) return opens(caller, 'policymaker')
  return !/permission\./.test(name)
}

/** An event in the format of server-sent ones. */
export function sent({ name, atMs, fields }: BrokerEvent): string {
  return `event: ${name}\ndata: ${JSON.stringify({ event: name, timestamp: atMs, ...fields })}\n\n`
}

async function lagOf({ clock }: ManagementContext, queue: Queue): Promise<object> {
  const { ready, readySince, consumerList, lags } = await queue.details()
  const age = (since: number | null): number | null => (since === null ? null : Math.max(clock.now() - since, 0))
  return {
    vhost: queue.vhost,
    queue: queue.name,
    messages: ready,
    oldest_age_ms: age(readySince),
    consumers: consumerList.map((consumer, index) => ({
      consumer_tag: consumer.tag,
      unacked: consumer.unacked,
      messages: lags[index]?.messages ?? 0,
      oldest_age_ms: age(lags[index]?.since ?? null),
    })),
  }
}

function messageOf(exchange: string, key: string, properties: unknown): Message {
  const message = new Message()
  const routing = encodeRouting(exchange, key)
  const known = propertiesOfJson(properties)
  const header = encodeHeader(known, 0)
  message.setRouting(routing, 0, routing.length)
  message.setHeader(header, 0, header.length)
  message.copies = known.headers?.has('CC') === true || known.headers?.has('BCC') === true
  return message
}
