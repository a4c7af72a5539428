// What is in a vhost, kept aside and put back: exchanges, queues, bindings, policies, and the messages in their order. What
// belongs to a connection (exclusive queues, and who has a message) is not part of it: a message that somebody has is kept
// as if it were back. Times begin anew when it is put back: those to live, and those of delays.

import type { BindingSpec } from '../broker/binding.ts'
import type { Broker } from '../broker/broker.ts'
import type { Message } from '../broker/message.ts'
import type { PolicyRequest } from '../broker/policy-rules.ts'
import type { Look } from '../broker/queue/browse.ts'
import type { Receiver } from '../broker/queue/queue.ts'
import type { ExchangeDeclaration, QueueDeclaration } from '../broker/topology.ts'
import type { Vhost } from '../broker/vhost.ts'
import { Waiting } from './publish.ts'

/** A vhost as it was. It can be put back any number of times. */
export interface Snapshot {
  readonly exchanges: readonly ExchangeDeclaration[]
  readonly queues: readonly QueueDeclaration[]
  readonly bindings: readonly BindingSpec[]
  readonly policies: readonly (readonly [name: string, PolicyRequest])[]
  /** By queue. */
  readonly messages: ReadonlyMap<string, readonly Message[]>
  /** By delayed exchange. */
  readonly delayed: ReadonlyMap<string, readonly Message[]>
}

/** What is in `vhost` now. */
export async function snapshotOf(vhost: Vhost): Promise<Snapshot> {
  const shared = [...vhost.queues.values()].filter(({ owner }) => owner === null)
  const names = new Set(shared.map(({ name }) => name))
  const messages = new Map<string, readonly Message[]>()
  for (const queue of shared) messages.set(queue.name, await copiesOf(queue))
  const delayed = new Map<string, readonly Message[]>()
  for (const { name, delay } of vhost.exchanges.values()) if (delay !== null) delayed.set(name, await copiesOf(delay))
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
    delayed,
  }
}

async function copiesOf(log: { browse(look: Look): Promise<void> }): Promise<readonly Message[]> {
  const copies: Message[] = []
  await log.browse(({ message }) => copies.push(message.copy()) > 0)
  return copies
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
  // A stream shows what is stored only: so does everything else, then.
  const waiting = new Waiting()
  const fill = (receiver: Receiver | null | undefined, messages: readonly Message[]): void => {
    for (const message of messages) if (receiver) waiting.count(receiver.publish(message, waiting, 0))
  }
  for (const [name, messages] of snapshot.messages) fill(vhost.queues.get(name), messages)
  for (const [name, messages] of snapshot.delayed) fill(vhost.exchanges.get(name)?.delay, messages)
  await waiting.all()
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
