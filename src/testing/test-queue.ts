// A queue as a test looks at it: plain data, exact at the moment of asking. The queue need not exist.

import type { QueueStats } from '../broker/queue/queue.ts'
import type { DeadLettered, Delivered } from './events.ts'
import { type SeenMessage, seen } from './seen-message.ts'
import type { VhostHost } from './test-vhost.ts'

/** A message in a queue. */
export interface QueuedMessage extends SeenMessage {
  readonly sequence: number
  /** It can be given; else somebody has it, or it waits for its time. */
  readonly ready: boolean
  readonly redelivered: boolean
  /** The tag of the consumer that has it; null: none has. */
  readonly consumer: string | null
}

const NONE: QueueStats = { ready: 0, unacked: 0, consumers: 0 }

/** One queue of a test broker. */
export class TestQueue {
  readonly name: string
  readonly vhost: string
  readonly #host: VhostHost

  constructor(vhost: string, name: string, host: VhostHost) {
    this.vhost = vhost
    this.name = name
    this.#host = host
  }

  /** Whether it is declared. */
  get exists(): boolean {
    return this.#host.broker.vhost(this.vhost)?.queues.has(this.name) ?? false
  }

  /** Ready and unacked messages, and consumers; all 0 where there is no such queue. */
  counts(): QueueStats {
    const stats = this.#host.broker.vhost(this.vhost)?.queues.get(this.name)?.stats() ?? NONE
    if (stats instanceof Promise) throw new Error(`queue '${this.name}' is not of this process`)
    return stats
  }

  /** Messages that are ready. */
  depth(): number {
    return this.counts().ready
  }

  /** How many consumers it has. */
  consumers(): number {
    return this.counts().consumers
  }

  /** Deliveries that nobody has settled, with their consumers. */
  unacked(): readonly Delivered[] {
    return this.#host.journal.unacked(this.vhost).filter(({ queue }) => queue === this.name)
  }

  /** What died here and went on, and why. */
  deadLettered(): readonly DeadLettered[] {
    const events = this.#host.journal.events(this.vhost)
    return events.filter((each) => each.event === 'dead-lettered').filter(({ queue }) => queue === this.name)
  }

  /** The messages in it, decoded, in the order in which they would be given; those that somebody has among them. */
  async messages(): Promise<readonly QueuedMessage[]> {
    const messages: QueuedMessage[] = []
    const holders = new Map(this.unacked().map(({ sequence, consumer }) => [sequence, consumer]))
    await this.#host.broker
      .vhost(this.vhost)
      ?.queues.get(this.name)
      ?.browse(({ seq, message, ready, redelivered }) => {
        const consumer = holders.get(seq) ?? null
        messages.push({ ...seen(message), sequence: seq, ready, redelivered, consumer })
        return true
      })
    return messages
  }

  /** How many messages were acked since the journal began. */
  get acked(): number {
    const events = this.#host.journal.events(this.vhost)
    return events.filter((each) => each.event === 'settled' && each.how === 'acked' && each.queue === this.name).length
  }
}
