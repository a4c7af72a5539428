// A vhost as RabbitMQ's API shows it. Knows its settings and the counts of its queues; not who may see it.

import { MessageCounts } from '../../broker/counts.ts'
import type { Vhost } from '../../broker/vhost.ts'
import type { ManagementContext } from '../context.ts'
import { shownOfVhost } from '../statistics/shown.ts'
import { NO_WINDOWS, type Windows } from '../statistics/windows.ts'

/** What is set for a vhost, and what is in it. */
export async function vhostView(
  context: ManagementContext,
  vhost: Vhost,
  counts: MessageCounts = new MessageCounts(),
  windows: Windows = NO_WINDOWS,
): Promise<object> {
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
    tracing: vhost.firehose !== null,
    cluster_state: { [context.node.name]: 'running' },
    messages: ready + unacked,
    messages_ready: ready,
    messages_unacknowledged: unacked,
    ...shownOfVhost(context, vhost, counts, { ready, unacked }, windows),
  }
}
