// One look at all that a broker has, for one scrape: so that its numbers fit together, and no turn of the loop takes long.
// Knows the broker; not what the numbers are called.

import { countsByVhost, type QueueTotals } from '../../broker/census.ts'
import type { MessageCounts } from '../../broker/counts.ts'
import type { Exchange } from '../../broker/exchange/exchange.ts'
import type { ChannelPeer, ConnectionPeer } from '../../broker/peers.ts'
import type { Queue, QueueDetails } from '../../broker/queue/queue.ts'
import type { QueueType } from '../../broker/queue/settings.ts'
import type { ManagementContext } from '../context.ts'
import type { NodeFacts } from '../node-facts.ts'
import { sumOf } from '../statistics/probes.ts'
import { NO_FACTS } from '../views/node.ts'

/** What a scrape is given of the process. */
export type MetricsContext = Pick<ManagementContext, 'broker' | 'clock' | 'node' | 'facts' | 'listeners' | 'logger'>

/** A queue and what is in it. */
export interface SeenQueue {
  readonly queue: Queue
  readonly details: QueueDetails
}

/** An exchange and where it is. */
export interface SeenExchange {
  readonly exchange: Exchange
  readonly vhost: string
}

/** All there is. */
export interface Look {
  readonly context: MetricsContext
  readonly facts: NodeFacts
  readonly now: number
  readonly queues: readonly SeenQueue[]
  readonly exchanges: readonly SeenExchange[]
  readonly connections: readonly ConnectionPeer[]
  readonly channels: readonly ChannelPeer[]
  /** What clients have done with messages since the broker started; and what queues have, by type. */
  readonly counts: MessageCounts
  readonly totals: ReadonlyMap<QueueType, QueueTotals>
}

/** Queues that one turn of the loop looks at. */
const QUEUES_PER_TURN = 200

/** Looks at what is in the vhosts that `wanted` names; null: in all. */
export async function look(context: MetricsContext, wanted: ReadonlySet<string> | null = null): Promise<Look> {
  const { broker, clock } = context
  const vhosts = [...broker.vhosts.values()].filter(({ name }) => wanted === null || wanted.has(name))
  const queues: SeenQueue[] = []
  for (const queue of vhosts.flatMap((vhost) => [...vhost.queues.values()])) {
    if (queues.length % QUEUES_PER_TURN === QUEUES_PER_TURN - 1) await turn(context)
    const details = queue.details()
    queues.push({ queue, details: details instanceof Promise ? await details : details })
  }
  const connections = [...broker.connections.peers()].filter(({ vhost }) => wanted === null || wanted.has(vhost))
  return {
    context,
    facts: (await context.facts?.()) ?? NO_FACTS,
    now: clock.now(),
    queues,
    exchanges: vhosts.flatMap(({ name, exchanges }) =>
      [...exchanges.values()].map((exchange) => ({ exchange, vhost: name })),
    ),
    connections,
    channels: connections.flatMap(({ channels }) => [...channels]),
    counts: sumOf(broker, countsByVhost(broker.vhosts.values(), broker.connections)),
    totals: broker.census.queues(broker.vhosts.values()),
  }
}

/** Lets others have their turn of the loop. */
export function turn({ clock }: Pick<MetricsContext, 'clock'>): Promise<void> {
  return new Promise((resolve) => clock.soon(resolve))
}
