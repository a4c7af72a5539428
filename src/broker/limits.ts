// Limits that are set for vhosts and users (behaviour.md §13.2): which there are, what they may be, and whether one is
// reached. Knows no connections and no queues; who counts them asks here.

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
