// Limits of vhosts, of users and of the whole broker (behaviour.md §13.2): which there are, what they may be, and whether
// those of queues and exchanges are reached. Connections and channels are counted in connections.ts.

import { exchangeText, preconditionFailed } from '../protocol/reply.ts'
import { invalid } from './administration-error.ts'
import { type Json, renderPairs, renderTerm } from './term.ts'

/** The limits of a vhost. */
export const vhostLimitNames = ['max-connections', 'max-queues'] as const
/** The limits of a user. */
export const userLimitNames = ['max-connections', 'max-channels'] as const

/** Limits by name; one that is absent or negative is none, 0 allows nothing. */
export type Limits<Name extends string> = { readonly [name in Name]?: number }
/** Those of a vhost. */
export type VhostLimits = Limits<(typeof vhostLimitNames)[number]>
/** Those of a user. */
export type UserLimits = Limits<(typeof userLimitNames)[number]>

/** No limit at all. */
export const NO_LIMITS: VhostLimits & UserLimits = {}

/** Limits of the whole broker, from its settings; 0: none. */
export interface NodeLimits {
  readonly connectionMax: number
  readonly channelMaxPerNode: number
  readonly vhostMax: number
  readonly clusterQueueLimit: number
  readonly clusterExchangeLimit: number
}

/** A broker without limits. */
export const NO_NODE_LIMITS: NodeLimits = {
  connectionMax: 0,
  channelMaxPerNode: 0,
  vhostMax: 0,
  clusterQueueLimit: 0,
  clusterExchangeLimit: 0,
}

/** A vhost, as far as what is in it is counted. */
export interface Counted {
  readonly name: string
  readonly limits: VhostLimits
  readonly queues: { readonly size: number }
  readonly exchanges: { readonly size: number }
}

/** Throws `ChannelError` 406 where `vhost`, or the broker, has as many queues as it may (behaviour.md §6.1). */
export function checkQueueLimits(name: string, vhost: Counted, all: Iterable<Counted>, node: NodeLimits): void {
  const limit = limitOf(vhost.limits, 'max-queues')
  if (limit !== null && vhost.queues.size >= limit) {
    throw preconditionFailed(
      `cannot declare queue '${name}': queue limit in vhost '${vhost.name}' (${limit}) is reached`,
    )
  }
  const { clusterQueueLimit } = node
  if (isReached(clusterQueueLimit, () => counted(all, 'queues'))) {
    throw preconditionFailed(`cannot declare queue '${name}': queue limit in cluster (${clusterQueueLimit}) is reached`)
  }
}

/** Throws `ChannelError` 406 where the broker has as many exchanges as it may, those of every vhost included (§5.2). */
export function checkExchangeLimit(name: string, vhost: Counted, all: Iterable<Counted>, node: NodeLimits): void {
  const { clusterExchangeLimit } = node
  if (!isReached(clusterExchangeLimit, () => counted(all, 'exchanges'))) return
  const what = exchangeText(name, vhost.name)
  throw preconditionFailed(`cannot declare ${what}: exchange limit of ${clusterExchangeLimit} is reached`)
}

/** Whether a limit of the broker leaves no room for one more. */
export function isReached(limit: number, count: () => number): boolean {
  return limit > 0 && count() >= limit
}

function counted(all: Iterable<Counted>, what: 'queues' | 'exchanges'): number {
  let count = 0
  for (const vhost of all) count += vhost[what].size
  return count
}

/** The limit as a number to be compared with; null where there is none. */
export function limitOf<Name extends string>(limits: Limits<Name>, name: Name): number | null {
  const limit = limits[name]
  return limit === undefined || limit < 0 ? null : limit
}

/**
 * Throws `AdministrationError` for everything that is wrong with limits that a person set, a line each.
 * @param whose what RabbitMQ calls them: `limits` for those of a vhost, the name of the user for those of a user
 */
export function checkLimits(asked: { readonly [name: string]: Json }, names: readonly string[], whose: string): void {
  const unknown = Object.entries(asked).filter(([name]) => !names.includes(name))
  const wrong = unknown.length === 0 ? [] : [`Unrecognised terms ${renderPairs(unknown)} in ${whose}`]
  for (const name of names.toReversed()) {
    const value = asked[name]
    if (value !== undefined && !Number.isSafeInteger(value)) {
      wrong.push(`${name} should be a number, actually was ${renderTerm(value)}`)
    }
  }
  if (wrong.length > 0) throw invalid(wrong.join('\n'))
}
