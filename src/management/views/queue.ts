// A queue as RabbitMQ's API shows it: what it is, what is in it at this moment, and who takes from it. Knows the numbers;
// not who may see them.

import { combined } from '../../broker/policy.ts'
import type { Queue, QueueDetails, QueueStats } from '../../broker/queue/queue.ts'
import { policySubjectOf } from '../../broker/queue/settings.ts'
import type { Vhost } from '../../broker/vhost.ts'
import type { ManagementContext } from '../context.ts'
import { jsonOfTable } from '../field-json.ts'
import { shownOfQueue } from '../statistics/shown.ts'
import { NO_WINDOWS, type Windows } from '../statistics/windows.ts'
import { consumerView } from './peers.ts'

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
export function queueView(
  context: ManagementContext,
  vhost: Vhost,
  queue: Queue,
  details: QueueDetails,
  windows: Windows = NO_WINDOWS,
): object {
  const { consumers } = details
  return {
    ...plainQueueView(vhost, queue),
    ...totalsView(details),
    ...shownOfQueue(context, queue, details, windows),
    ...sizesOf(details),
    consumers,
    // Whether somebody would take a message at this moment: for how much of the past that was so, nobody keeps.
    consumer_capacity: details.attended ? 1 : 0,
    consumer_utilisation: details.attended ? 1 : 0,
    exclusive_consumer_tag: details.consumerList.find(({ exclusive }) => exclusive)?.tag ?? null,
    single_active_consumer_tag: details.activeConsumer?.tag ?? null,
    head_message_timestamp: details.headTimestamp,
    node: context.node.name,
    state: 'running',
    ...placesOf(context, queue),
    ...erlangs,
  }
}

/** How large what it holds is, and where that is. */
function sizesOf(details: QueueDetails): object {
  const messages = details.ready + details.unacked
  const bytes = details.readyBytes + details.unackedBytes
  return {
    memory: details.memoryBytes,
    message_bytes: bytes,
    message_bytes_ready: details.readyBytes,
    message_bytes_unacknowledged: details.unackedBytes,
    message_bytes_persistent: details.persistentBytes,
    message_bytes_ram: details.residentBytes,
    message_bytes_paged_out: Math.max(bytes - details.residentBytes, 0),
    messages_persistent: details.persistent,
    messages_ram: details.resident,
    messages_paged_out: Math.max(messages - details.resident, 0),
    disk_bytes: details.storedBytes,
    ready_since: details.readySince,
  }
}

/** Where a queue of a replicated type is: on the one node that there is. */
function placesOf({ node: { name } }: ManagementContext, { settings: { type } }: Queue): object {
  return type === 'classic' ? {} : { leader: name, members: [name], online: [name] }
}

/** What only Erlang's processes have, for those who look for it. */
const erlangs = {
  recoverable_slaves: null,
  reductions: 0,
  reductions_details: { rate: 0 },
  garbage_collection: { fullsweep_after: 0, max_heap_size: 0, min_bin_vheap_size: 0, min_heap_size: 0, minor_gcs: 0 },
}

function consumersOf(context: ManagementContext, { consumerList }: QueueDetails): readonly object[] {
  return consumerList.flatMap((consumer) => {
    const { channel } = consumer.sink
    return channel ? [consumerView(context, consumer, channel)] : []
  })
}

/** All that is known of one queue. */
export async function fullQueueView(
  context: ManagementContext,
  vhost: Vhost,
  queue: Queue,
  windows: Windows = NO_WINDOWS,
): Promise<object> {
  const details = await queue.details()
  return {
    ...queueView(context, vhost, queue, details, windows),
    consumer_details: consumersOf(context, details),
    deliveries: [],
    incoming: [],
  }
}
