// What a broker has counted of things that come and go, and of messages where those are gone; and the sums of that and of
// all that is there. Knows vhosts, queues and connections; not who asks.

import type { Connections } from './connections.ts'
import { DeathCounts, MessageCounts, SizeCounts } from './counts.ts'
import type { Queue } from './queue/queue.ts'
import { type QueueType, queueTypes } from './queue/settings.ts'
import type { Vhost } from './vhost.ts'

/** What was done with the messages of queues. */
export interface QueueTotals {
  readonly counts: MessageCounts
  readonly deaths: DeathCounts
}

/** The counts of one broker that belong to nothing that is there. */
export class Census {
  /** Declarations of queues; queues made and deleted. */
  queuesDeclared = 0
  queuesCreated = 0
  queuesDeleted = 0
  /** Logins that were let in, and refused. */
  loginsAccepted = 0
  loginsRefused = 0
  /** How large messages are that are published. */
  readonly sizes = new SizeCounts()
  /** What clients did in vhosts that are gone. */
  readonly counts = new MessageCounts()
  readonly #gone = totalsByType()

  /** A queue is deleted: what it has counted is kept. */
  bury(queue: Queue): void {
    this.queuesDeleted++
    addQueue(this.#gone, queue)
  }

  /** What was done with the messages of all queues there ever were, by type. */
  queues(vhosts: Iterable<Vhost>): ReadonlyMap<QueueType, QueueTotals> {
    const totals = totalsByType()
    for (const [type, { counts, deaths }] of this.#gone) {
      const total = totals.get(type)
      total?.counts.add(counts)
      total?.deaths.add(deaths)
    }
    for (const vhost of vhosts) for (const queue of vhost.queues.values()) addQueue(totals, queue)
    return totals
  }
}

/** What clients have done with messages in each of `vhosts` so far, by its name. */
export function countsByVhost(vhosts: Iterable<Vhost>, connections: Connections): ReadonlyMap<string, MessageCounts> {
  const counts = new Map<string, MessageCounts>()
  for (const vhost of vhosts) counts.set(vhost.name, new MessageCounts().add(vhost.counts))
  for (const { vhost, channels } of connections.peers()) {
    const ofVhost = counts.get(vhost)
    for (const channel of channels) ofVhost?.add(channel.counts)
  }
  return counts
}

function totalsByType(): Map<QueueType, QueueTotals> {
  return new Map(queueTypes.map((type) => [type, { counts: new MessageCounts(), deaths: new DeathCounts() }]))
}

function addQueue(totals: ReadonlyMap<QueueType, QueueTotals>, { settings, counts, deaths }: Queue): void {
  const total = totals.get(settings.type)
  total?.counts.add(counts)
  if (deaths !== null) total?.deaths.add(deaths)
}
