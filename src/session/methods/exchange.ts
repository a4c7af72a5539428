// Class exchange (behaviour.md §5).

import type { BindingSpec } from '../../broker/binding.ts'
import type { MethodOf } from '../../protocol/methods.ts'
import type { Channel } from '../channel.ts'

/** exchange.declare: makes it, or checks that it is as asked for; passive, that it is there. */
export async function exchangeDeclare(channel: Channel, method: MethodOf<'exchange.declare'>): Promise<void> {
  const { exchange: name, passive, noWait, type, durable, autoDelete, internal, arguments: args } = method
  const { topology } = channel
  const { access } = channel.connection.owner
  if (passive) topology.exchange(name, access)
  else await topology.declareExchange({ name, type, durable, autoDelete, internal, arguments: args }, access)
  if (!noWait) channel.send({ name: 'exchange.declare-ok' })
}

/** exchange.delete. */
export async function exchangeDelete(channel: Channel, method: MethodOf<'exchange.delete'>): Promise<void> {
  await channel.topology.deleteExchange(method.exchange, method.ifUnused, channel.connection.owner.access)
  if (!method.noWait) channel.send({ name: 'exchange.delete-ok' })
}

/** exchange.bind: an extension of RabbitMQ's. */
export async function exchangeBind(channel: Channel, method: MethodOf<'exchange.bind'>): Promise<void> {
  const { topology } = channel
  const { owner } = channel.connection
  await topology.bind(bindingOf(method), owner)
  if (!method.noWait) channel.send({ name: 'exchange.bind-ok' })
}

/** exchange.unbind. */
export async function exchangeUnbind(channel: Channel, method: MethodOf<'exchange.unbind'>): Promise<void> {
  await channel.topology.unbind(bindingOf(method), channel.connection.owner)
  if (!method.noWait) channel.send({ name: 'exchange.unbind-ok' })
}

function bindingOf(method: MethodOf<'exchange.bind'> | MethodOf<'exchange.unbind'>): BindingSpec {
  const { source, destination, routingKey, arguments: args } = method
  return { source, destinationType: 'exchange', destination, routingKey, arguments: args }
}
