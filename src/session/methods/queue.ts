// Class queue (behaviour.md §6).

import type { BindingSpec } from '../../broker/binding.ts'
import type { Queue, QueueStats } from '../../broker/queue/queue.ts'
import type { MethodOf } from '../../protocol/methods.ts'
import { notFound } from '../../protocol/reply.ts'
import type { Channel } from '../channel.ts'
import { declaresReplies, refuseReplies } from './reply-to.ts'

/** The name of a queue as a method gave it: empty stands for the queue declared last (§6.2). Throws `ChannelError` 404. */
export function namedQueue(channel: Channel, name: string): string {
  if (name !== '') return name
  if (channel.lastQueue === null) throw notFound('previously declared queue')
  return channel.lastQueue
}

/** The queue that a method reads from. Throws `ChannelError` 404, 403 or 405. */
export function readableQueue(channel: Channel, name: string): Queue {
  const { owner } = channel.connection
  const named = namedQueue(channel, name)
  owner.access.queue('read', named)
  return channel.topology.queue(named, owner)
}

/** queue.declare: makes it, or checks that it is as asked for; passive, that it is there. */
export async function queueDeclare(channel: Channel, method: MethodOf<'queue.declare'>): Promise<void> {
  const { topology } = channel
  const { owner } = channel.connection
  const { queue: name, passive, durable, exclusive, autoDelete, arguments: args } = method
  if (declaresReplies(channel, name)) return declared(channel, method, name, { ready: 0, consumers: 1 })
  // Any of the three will do to look at it (§13.1).
  if (passive && channel.vhost.dialect.guardsPassive) owner.access.queueInAnyWay(name)
  const { name: called, queue } = passive
    ? { name, queue: topology.queue(name, owner) }
    : await topology.declareQueue({ name, durable, exclusive, autoDelete, arguments: args }, owner)
  queue?.used()
  const stats = method.noWait ? null : await queue?.stats()
  declared(channel, method, called, stats ?? { ready: 0, consumers: 0 })
}

/** `queue` is there, and what an empty name means from now on. */
function declared(
  channel: Channel,
  { noWait }: MethodOf<'queue.declare'>,
  queue: string,
  { ready, consumers }: Pick<QueueStats, 'ready' | 'consumers'>,
): void {
  channel.lastQueue = queue
  if (!noWait) channel.send({ name: 'queue.declare-ok', queue, messageCount: ready, consumerCount: consumers })
}

/** queue.delete. */
export async function queueDelete(channel: Channel, method: MethodOf<'queue.delete'>): Promise<void> {
  const { topology } = channel
  const { owner } = channel.connection
  const name = namedQueue(channel, method.queue)
  const messageCount = await topology.deleteQueue(name, owner, method.ifUnused, method.ifEmpty)
  if (!method.noWait) channel.send({ name: 'queue.delete-ok', messageCount })
}

/** queue.purge. */
export async function queuePurge(channel: Channel, method: MethodOf<'queue.purge'>): Promise<void> {
  const messageCount = await readableQueue(channel, method.queue).purge()
  if (!method.noWait) channel.send({ name: 'queue.purge-ok', messageCount })
}

/** queue.bind. */
export async function queueBind(channel: Channel, method: MethodOf<'queue.bind'>): Promise<void> {
  const { topology } = channel
  const { owner } = channel.connection
  await topology.bind(bindingOf(channel, method), owner)
  if (!method.noWait) channel.send({ name: 'queue.bind-ok' })
}

/** queue.unbind. */
export async function queueUnbind(channel: Channel, method: MethodOf<'queue.unbind'>): Promise<void> {
  await channel.topology.unbind(bindingOf(channel, method), channel.connection.owner)
  channel.send({ name: 'queue.unbind-ok' })
}

/** With neither queue nor key named, the queue declared last gives both (§5.4). */
function bindingOf(channel: Channel, method: MethodOf<'queue.bind'> | MethodOf<'queue.unbind'>): BindingSpec {
  const destination = namedQueue(channel, method.queue)
  refuseReplies(channel, destination)
  const routingKey = method.queue === '' && method.routingKey === '' ? destination : method.routingKey
  return { source: method.exchange, destinationType: 'queue', destination, routingKey, arguments: method.arguments }
}
