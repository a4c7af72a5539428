// A queue as RabbitMQ's API shows it: what it is, what is in it at this moment, and who takes from it. Knows the numbers;
// not who may see them.

import { combined } from '../../broker/policy.ts'
import type { Queue, QueueDetails, QueueStats } from '../../broker/queue/queue.ts'
import { policySubjectOf } from '../../broker/queue/settings.ts'
import type { Vhost } from '../../broker/vhost.ts'
import type { ManagementContext } from '../context.ts'
import { jsonOfTable } from '../field-json.ts'
import { consumersBy, deliveryStats } from '../statistics/flows.ts'
import { shownOfQueue } from '../statistics/shown.ts'
import { NO_WINDOWS, type Windows } from '../statistics/windows.ts'
import { channelDetails, consumerView } from './peers.ts'

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

/** What a queue is and holds. Field by field: an object put together from others is many times slower to make and to write. */
export function queueView(
  context: ManagementContext,
  vhost: Vhost,
  queue: Queue,
  details: QueueDetails,
  windows: Windows = NO_WINDOWS,
): object {
  const { policy, operatorPolicy } = vhost.policiesOf(policySubjectOf(queue.arguments), queue.name)
  const { consumers, ready, unacked, residentBytes, resident } = details
  const bytes = details.readyBytes + details.unackedBytes
  const { message_stats, lengths, idle_since } = shownOfQueue(context, queue, details, windows)
  const { leader, members } = placesOf(context, queue)
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
    message_stats,
    messages: ready + unacked,
    messages_details: lengths.messages,
    messages_ready: ready,
    messages_ready_details: lengths.ready,
    messages_unacknowledged: unacked,
    messages_unacknowledged_details: lengths.unacked,
    idle_since,
    memory: details.memoryBytes,
    message_bytes: bytes,
    message_bytes_ready: details.readyBytes,
    message_bytes_unacknowledged: details.unackedBytes,
    message_bytes_persistent: details.persistentBytes,
    message_bytes_ram: residentBytes,
    message_bytes_paged_out: Math.max(bytes - residentBytes, 0),
    messages_persistent: details.persistent,
    messages_ram: resident,
    messages_paged_out: Math.max(ready + unacked - resident, 0),
    disk_bytes: details.storedBytes,
    ready_since: details.readySince,
    consumers,
    consumer_capacity: Number(details.attended),
    consumer_utilisation: Number(details.attended),
    exclusive_consumer_tag: details.consumerList.find(({ exclusive }) => exclusive)?.tag ?? null,
    single_active_consumer_tag: details.activeConsumer?.tag ?? null,
    head_message_timestamp: details.headTimestamp,
    node: context.node.name,
    state: 'running',
    leader,
    members,
    online: members,
    recoverable_slaves: null,
    reductions: 0,
    reductions_details: STILL,
    garbage_collection: NO_GARBAGE,
  }
}

/** Where a queue of a replicated type is: on the one node that there is. Of others that is not said. */
function placesOf({ node: { name } }: ManagementContext, { settings: { type } }: Queue) {
  return type === 'classic' ? NO_PLACES : { leader: name, members: [name] }
}

const NO_PLACES = { leader: undefined, members: undefined }
/** What only Erlang's processes have, for those who look for it. */
const STILL = { rate: 0 }
const NO_GARBAGE = {
  fullsweep_after: 0,
  max_heap_size: 0,
  min_bin_vheap_size: 0,
  min_heap_size: 0,
  minor_gcs: 0,
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
    deliveries: deliveriesOf(context, details),
    // Which exchange a message came by could only be counted with a look-up per message and queue.
    incoming: [],
  }
}

/** What was given to the consumers of each channel. */
function deliveriesOf(context: ManagementContext, { consumerList }: QueueDetails): readonly object[] {
  return [...consumersBy(consumerList, ({ sink }) => sink)].flatMap(([{ channel }, consumers]) => {
    const stats = deliveryStats(context, consumers)
    return channel && stats !== null ? [{ channel_details: channelDetails(context, channel), stats }] : []
  })
}
