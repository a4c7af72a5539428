// Who asks: HTTP basic authentication, the tags that open routes, and the vhosts that a user sees. Knows RabbitMQ's gates
// and refusals; which route has which gate stands at the route.

import { type Outcome, Refusal } from '../broker/access/logins.ts'
import { isLoopback } from '../broker/access/loopback.ts'
import type { TracedPeer } from '../broker/firehose.ts'
import type { Owner } from '../broker/queue/queue.ts'
import type { Vhost } from '../broker/vhost.ts'
import type { ManagementContext } from './context.ts'
import { HttpError, notAuthorised, objectNotFound } from './errors.ts'

/** What it takes to use a route: `none`, not even a name; else one of RabbitMQ's tags, or a higher one. */
export const accesses = ['none', 'management', 'policymaker', 'monitoring', 'administrator'] as const
/** One of them. */
export type RouteAccess = (typeof accesses)[number]

/**
 * How a route's vhost is chosen: `login`, one that the user has permissions in; `visible`, for monitors also the others.
 * Administrators see and use all.
 */
export type VhostGate = 'login' | 'visible'

/** What a route says of who may use it. */
export interface Gate {
  readonly access: RouteAccess
  /** Where its path names a vhost. */
  readonly vhost?: VhostGate
}

/** Who asks. */
export interface Caller {
  readonly name: string
  readonly tags: readonly string[]
  /** Where the request comes from: an IP address. */
  readonly address: string
}

/** The caller of routes that ask nobody's name. */
export const NOBODY: Caller = { name: '', tags: [], address: '' }

/** What the realm is called in RabbitMQ; tools look for it. */
export const REALM = 'Basic realm="RabbitMQ Management"'

const opening: Readonly<Record<Exclude<RouteAccess, 'none'>, readonly string[]>> = {
  management: ['administrator', 'monitoring', 'policymaker', 'management'],
  policymaker: ['administrator', 'policymaker'],
  monitoring: ['administrator', 'monitoring'],
  administrator: ['administrator'],
}

const refusals: Readonly<Record<Exclude<RouteAccess, 'none'>, string>> = {
  management: 'Not management user',
  policymaker: 'User not authorised to access object',
  monitoring: 'Not monitor user',
  administrator: 'Not administrator user',
}

/** Whether a caller's tags open what `access` guards. */
export function opens({ tags }: Pick<Caller, 'tags'>, access: RouteAccess): boolean {
  return access === 'none' || opening[access].some((tag) => tags.includes(tag))
}

/** Whoever sent this header, if the password fits, which may take its time. Throws, or rejects with, `HttpError` 401. */
export function authenticate(
  { broker, logger }: ManagementContext,
  header: string | undefined,
  address: string,
): Caller | Promise<Caller> {
  const credentials = header === undefined ? null : readBasic(header)
  if (!credentials) throw new HttpError(401, 'not_authorized', 'Login required: send HTTP basic authentication')
  const admitted = (outcome: Outcome): Caller => {
    if (!(outcome instanceof Refusal)) return { name: outcome.name, tags: outcome.tags, address }
    logger.warn({ peer: address, why: outcome.why }, 'HTTP login refused')
    // Who is let in is not told: over HTTP everybody is, with every request.
    broker.events.tell('user.authentication.failure', () => {
      return { protocol: 'HTTP', auth_mechanism: 'Basic', peer_host: address, error: outcome.why }
    })
    throw refusal(outcome)
  }
  const outcome = broker.logins.attempt({ ...credentials, address, loopback: isLoopback(address) })
  return outcome instanceof Promise ? outcome.then(admitted) : admitted(outcome)
}

function refusal({ kind, waitMs }: Refusal): HttpError {
  if (kind === 'place') return notAuthorised('User can only log in via localhost')
  if (kind === 'password') return new HttpError(401, 'not_authorized', 'Login failed')
  const reason = `Too many failed logins: try again in ${Math.ceil(waitMs / 1000)} s`
  return new HttpError(429, 'too_many_requests', reason)
}

/** Throws `HttpError` 401 unless `caller` passes the gate; `vhost` is the one that the path names. */
export function checkGate(context: ManagementContext, caller: Caller, gate: Gate, vhost: string | undefined): void {
  if (!opens(caller, 'management')) throw notAuthorised(refusals.management)
  if (gate.access !== 'none' && !opens(caller, gate.access)) throw notAuthorised(refusals[gate.access])
  if (gate.vhost === undefined || vhost === undefined || !context.broker.vhost(vhost)) return
  const names = gate.vhost === 'visible' ? sees(context, caller, vhost) : uses(context, caller, vhost)
  if (!names) throw notAuthorised('User not authorised to access virtual host')
}

/** Whether `caller` may use what is in a vhost: it has permissions there, or is an administrator. */
export function uses(context: ManagementContext, caller: Caller, vhost: string): boolean {
  return opens(caller, 'administrator') || context.broker.users.permission(caller.name, vhost) !== undefined
}

/** Whether `caller` may see that a vhost is there. */
export function sees(context: ManagementContext, caller: Caller, vhost: string): boolean {
  return opens(caller, 'monitoring') || uses(context, caller, vhost)
}

/** The vhosts that `caller` sees, in the order of their names. */
export function visibleVhosts(context: ManagementContext, caller: Caller): readonly Vhost[] {
  return [...context.broker.vhosts.values()]
    .filter(({ name }) => sees(context, caller, name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** The vhost of that name. Throws `HttpError` 404. */
export function existingVhost(context: ManagementContext, name: string): Vhost {
  const vhost = context.broker.vhost(name)
  if (!vhost) throw objectNotFound()
  return vhost
}

/** `caller` as somebody who declares things, with the user's own permissions: what holds over AMQP holds here. */
export function ownerOf(context: ManagementContext, caller: Caller, vhost: string): Owner {
  return {
    // No connection has this number: a request owns no exclusive queues.
    id: 0,
    user: caller.name,
    vhost,
    access: context.broker.access(caller.name, vhost),
    exclusiveQueues: new Set(),
    gone: false,
    end: () => {},
  }
}

/** `caller` as the firehose names who publishes and gets. There is no connection to name, nor a channel but RabbitMQ's first. */
export function tracedPeer({ name, address }: Caller): TracedPeer {
  return { connection: `HTTP ${address}`, channel: 1, user: name }
}

/** RFC 7617: user and password, a colon between them, in base64. */
function readBasic(header: string): { readonly user: string; readonly password: string } | null {
  const [, encoded] = /^basic\s+(\S+)\s*$/i.exec(header) ?? []
  if (encoded === undefined) return null
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
