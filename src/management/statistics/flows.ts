// Who brings messages and who takes them: what channels have published to exchanges, and what their consumers were given
// of queues, with how fast that goes. Other views add these to what they show.

import type { Consumer } from '../../broker/consumer.ts'
import type { PublishCount } from '../../broker/counts.ts'
import type { ManagementContext } from '../context.ts'
import { deliveryNames, deliveryValues, publishNames, publishValues } from './probes.ts'
import { statisticsOf } from './shown.ts'
import type { Statistics } from './statistics.ts'

/** Numbers by RabbitMQ's names, and how they change. */
export type FlowStats = Readonly<Record<string, unknown>>

/** Something that has counted, and its values in the order of some names. */
type Counted = readonly [subject: object, values: readonly number[]]

/** What these consumers were given together; null where that is nothing. */
export function deliveryStats(context: ManagementContext, consumers: readonly Consumer[]): FlowStats | null {
  return sum(
    statisticsOf(context),
    deliveryNames,
    consumers.map((consumer) => [consumer, deliveryValues(consumer)]),
  )
}

/** Consumers that have the same `key`, in the order of the first of each. */
export function consumersBy<K>(
  consumers: Iterable<Consumer>,
  key: (consumer: Consumer) => K,
): ReadonlyMap<K, readonly Consumer[]> {
  const groups = new Map<K, Consumer[]>()
  for (const consumer of consumers) {
    const group = groups.get(key(consumer))
    if (group) group.push(consumer)
    else groups.set(key(consumer), [consumer])
  }
  return groups
}

/** What was published to an exchange by a channel; null where that is nothing. */
export function publishStats(context: ManagementContext, count: PublishCount): FlowStats | null {
  return sum(statisticsOf(context), publishNames, [[count, publishValues(count)]])
}

function sum(statistics: Statistics, names: readonly string[], counted: readonly Counted[]): FlowStats | null {
  const stats: Record<string, unknown> = {}
  let total = 0
  for (const [place, name] of names.entries()) {
    let value = 0
    let rate = 0
    for (const [subject, values] of counted) {
      const now = values[place] as number
      value += now
      rate += statistics.details(subject, place, now).rate
    }
    stats[name] = value
    stats[`${name}_details`] = { rate }
    total += value
  }
  return total === 0 ? null : stats
}
