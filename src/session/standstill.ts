// A process that was not given time to run (a suspended machine, a stopped process, a long pause) finds its timers over
// before it has read what its peers have long sent. It must not hold against them what was its own standing still.

import type { Clock, Timer } from '../broker/clock.ts'

/** A timer that is later than this tells of this process, not of whom it waits for, milliseconds. */
const LATE_MS = 500

/** Whether this process stood still when something was to happen that happens only now. */
export function stoodStill(clock: Clock, dueAt: number): boolean {
  return clock.now() - dueAt > LATE_MS
}

/**
 * Calls `task` once, in `ms` milliseconds; when this process stood still at that time, they begin anew. Once: one that is late
 * all the time has more on its hands than it can do, and must be able to end what is not worth it.
 */
export function patiently(clock: Clock, ms: number, task: () => void): Timer {
  const dueAt = clock.now() + ms
  let timer = clock.after(ms, () => {
    if (stoodStill(clock, dueAt)) timer = clock.after(ms, task)
    else task()
  })
  return { cancel: () => timer.cancel() }
}
