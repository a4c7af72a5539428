// Which settings may change while the broker runs, and what differs between two sets of them. The others count from the
// next start on.

import type { Config, OptionField } from './options.ts'

/** Settings that count as soon as they are changed; for connections, mostly for those that are opened later. */
const live: ReadonlySet<OptionField> = new Set<OptionField>([
  'logLevel',
  'loopbackUsers',
  'loginFailures',
  'passwordHashing',
  'frameMax',
  'channelMax',
  'heartbeatSeconds',
  'maxMessageBytes',
  'handshakeTimeoutMs',
  'consumerMaxPerChannel',
  'connectionMax',
  'channelMaxPerNode',
  'vhostMax',
  'clusterQueueLimit',
  'clusterExchangeLimit',
  'memoryLimit',
  'diskFreeLimit',
])

/** What is to be other than it is. */
export interface Changes {
  /** Can be so at once. */
  readonly now: readonly OptionField[]
  /** Needs a restart. */
  readonly later: readonly OptionField[]
}

/** How `next` differs from `current`. */
export function changesBetween(current: Config, next: Config): Changes {
  const fields = (Object.keys(next) as OptionField[]).filter(
    (field) => JSON.stringify(next[field]) !== JSON.stringify(current[field]),
  )
  return { now: fields.filter((field) => live.has(field)), later: fields.filter((field) => !live.has(field)) }
}

/** Those settings of `next` that are in `fields`. */
export function picked(next: Config, fields: readonly OptionField[]): Partial<Config> {
  return Object.fromEntries(fields.map((field) => [field, next[field]]))
}
