// What is in a vhost, kept aside and put back: exchanges, queues, bindings, policies, and the messages in their order. What
// belongs to a connection (exclusive queues, and who has a message) is not part of it: a message that somebody has is kept
// as if it were back.

import type { BindingSpec } from '../broker/binding.ts'
import type { Broker } from '../broker/broker.ts'
import type { Message } from '../broker/message.ts'
import type { PolicyRequest } from '../broker/policy-rules.ts'
import type { ExchangeDeclaration, QueueDeclaration } from '../broker/topology.ts'
import type { Vhost } from '../broker/vhost.ts'

/** A vhost as it was. It can be put back any number of times. */
export interface Snapshot {
  readonly exchanges: readonly ExchangeDeclaration[]
  readonly queues: readonly QueueDeclaration[]
  readonly bindings: readonly BindingSpec[]
  readonly policies: readonly (readonly [name: string, PolicyRequest])[]
  readonly messages: ReadonlyMap<string, readonly Message[]>
}

/** What is in `vhost` now. */
export async function snapshotOf(vhost: Vhost): Promise<Snapshot> {
  const shared = [...vhost.queues.values()].filter(({ owner }) => owner === null)
  const names = new Set(shared.map(({ name }) => name))
  const messages = new Map<string, readonly Message[]>()
  for (const queue of shared) {
    const copies: Message[] = []
    await queue.browse(({ message }) => copies.push(message.copy()) > 0)
    messages.set(queue.name, copies)
  }
  return {
    exchanges: [...vhost.exchanges.values()].filter(({ name }) => !isPredeclared(name)).map(exchangeOf),
    queues: shared.map(({ name, durable, autoDelete, arguments: args }) => {
      return { name, durable, autoDelete, exclusive: false, arguments: args }
    }),
    bindings: [...vhost.bindings.values()]
      .filter(({ destinationType, destination }) => destinationType === 'exchange' || names.has(destination))
      .map(bindingOf),
    policies: [...vhost.policies].map(({ name, ...policy }) => [name, policy] as const),
    messages,
  }
}

/** Puts `snapshot` into `vhost`, which is empty. */
export async function restore(broker: Broker, vhost: Vhost, snapshot: Snapshot): Promise<void> {
  const topology = broker.topology(vhost)
  const owner = broker.registerOwner()
  try {
    for (const [name, policy] of snapshot.policies) await broker.administration.putPolicy(vhost.name, name, policy)
    for (const exchange of snapshot.exchanges) await topology.declareExchange(exchange)
    for (const queue of snapshot.queues) await topology.declareQueue(queue, owner)
    for (const binding of snapshot.bindings) await topology.bind(binding, owner)
  } finally {
    await broker.releaseOwner(owner)
  }
  for (const [name, messages] of snapshot.messages) {
    const queue = vhost.queues.get(name)
    for (const message of messages) queue?.publish(message, null, 0)
  }
}

function exchangeOf({ name, type, durable, autoDelete, internal, arguments: args }: ExchangeDeclaration) {
  return { name, type, durable, autoDelete, internal, arguments: args }
}

function bindingOf({ source, destinationType, destination, routingKey, arguments: args }: BindingSpec): BindingSpec {
  return { source, destinationType, destination, routingKey, arguments: args }
}

function isPredeclared(name: string): boolean {
  return name === '' || name.startsWith('amq.')
}
