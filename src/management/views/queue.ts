// A queue as RabbitMQ's API shows it: what it is, what is in it at this moment, and who takes from it. Knows the numbers;
// not who may see them.

import { combined } from '../../broker/policy.ts'
import type { Queue, QueueStats } from '../../broker/queue/queue.ts'
import { policySubjectOf } from '../../broker/queue/settings.ts'
import type { Vhost } from '../../broker/vhost.ts'
import type { ManagementContext } from '../context.ts'
import { jsonOfTable } from '../field-json.ts'

/** What a queue is, without numbers. */
export function plainQueueView(vhost: Vhost, queue: Queue): object {
  const { policy, operatorPolicy } = vhost.policiesOf(policySubjectOf(queue.arguments), queue.name)
  return {
    name: queue.name,
    vhost: queue.vhost,
    durable: queue.durable,
    auto_delete: queue.autoDelete,
    exclusive: queue.owner !== null,
    arguments: jsonOfTable(queue.arguments),
    type: queue.settings.type,
    policy: policy?.name ?? null,
    operator_policy: operatorPolicy?.name ?? null,
    effective_policy_definition: combined(policy, operatorPolicy),
  }
}

/** The three counts of messages. */
export function totalsView({ ready, unacked }: QueueStats): object {
  return { messages: ready + unacked, messages_ready: ready, messages_unacknowledged: unacked }
}

/** What a queue is and holds. */
export function queueView({ node }: ManagementContext, vhost: Vhost, queue: Queue, stats: QueueStats): object {
  return {
    ...plainQueueView(vhost, queue),
    ...totalsView(stats),
    consumers: stats.consumers,
    node: node.name,
    state: 'running',
  }
}

/** All that is known of one queue. */
export async function fullQueueView(context: ManagementContext, vhost: Vhost, queue: Queue): Promise<object> {
  return queueView(context, vhost, queue, await queue.stats())
}
