// Who published, as a queue needs to know it: somebody to tell what became of a message. Only the border lives here.

/**
 * What became of a publish in one queue. `stored`: safe there (in memory for a transient message, on disk for a
 * persistent one in a durable queue, or consumed already). `rejected`: the queue refused or could not store it.
 * `unknown`: the store cannot say. Only `stored` may become a confirm.
 */
export type Outcome = 'stored' | 'rejected' | 'unknown'

/** A channel in confirm or transaction mode. `tag` is whatever it gave with the publish. */
export interface Publisher {
  settle(tag: number, outcome: Outcome): void
}

/** Somebody who waits to hear what became of a message. */
export interface Waiting {
  readonly publisher: Publisher
  readonly tag: number
}
