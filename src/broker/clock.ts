// Time and turns of the loop, as the broker sees them. An interface only: the real ones are given by the composition
// root, and a spec gives its own and moves them by hand.

/** Something that will be called once, later. */
export interface Timer {
  cancel(): void
}

/** Where time comes from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `task` once, in `ms` milliseconds; does not keep the process alive. */
  after(ms: number, task: () => void): Timer
  /** Calls `task` at the end of this turn of the loop, after the input that is being handled. */
  soon(task: () => void): void
}
