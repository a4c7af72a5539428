// How often somebody asked to be let in over HTTP, and was or was not. Numbers only; who they were is in the log.

import type { ManagementContext } from './context.ts'

/** Attempts to be let in. */
export interface Attempts {
  succeeded: number
  failed: number
}

const counted = new WeakMap<object, Attempts>()

/** Those over HTTP at one broker, since it started or they were reset. */
export function attemptsOf({ broker }: Pick<ManagementContext, 'broker'>): Attempts {
  let attempts = counted.get(broker)
  if (!attempts) {
    attempts = { succeeded: 0, failed: 0 }
    counted.set(broker, attempts)
  }
  return attempts
}
