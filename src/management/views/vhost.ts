// A vhost as RabbitMQ's API shows it. Knows its settings and the counts of its queues; not who may see it.

import type { Vhost } from '../../broker/vhost.ts'
import type { ManagementContext } from '../context.ts'

/** What is set for a vhost, and what is in it. */
export async function vhostView({ node }: ManagementContext, vhost: Vhost): Promise<object> {
  const { defaultQueueType, description, tags, protectedFromDeletion } = vhost.settings
  let ready = 0
  let unacked = 0
  for (const queue of vhost.queues.values()) {
    const stats = await queue.stats()
    ready += stats.ready
    unacked += stats.unacked
  }
  return {
    name: vhost.name,
    description,
    tags,
    default_queue_type: defaultQueueType ?? 'undefined',
    metadata: {
      description,
      tags,
      ...(defaultQueueType === null ? {} : { default_queue_type: defaultQueueType }),
    },
    protected_from_deletion: protectedFromDeletion,
    tracing: false,
    cluster_state: { [node.name]: 'running' },
    messages: ready + unacked,
    messages_ready: ready,
    messages_unacknowledged: unacked,
  }
}
