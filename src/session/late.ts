// A delivery that took too long (behaviour.md §7.7): its message is back in the queue, and what the client says of it is
// accepted and means nothing, but that its consumer goes on once it has spoken of all of them.

import type { Consumer } from '../broker/consumer.ts'

/** Stands for the queue of one late delivery: of a consumer, or (null) of basic.get. */
export class Late {
  readonly #consumer: Consumer | null
  readonly #resume: (consumer: Consumer) => void

  /** @param resume called when nothing of `consumer`'s is late any more */
  constructor(consumer: Consumer | null, resume: (consumer: Consumer) => void) {
    this.#consumer = consumer
    this.#resume = resume
  }

  ack(): void {
    const consumer = this.#consumer
    if (consumer !== null && --consumer.late === 0) this.#resume(consumer)
  }

  reject(): void {
    this.ack()
  }
}
