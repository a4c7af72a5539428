// What is in a vhost, kept aside and put back: exchanges, queues, bindings, policies, and the messages in their order. What
// belongs to a connection (consumers, exclusive queues, who has a message) is not part of it: a message that somebody has is
// kept as if it were back. Times go on when it is put back: what was left to live, or to wait, is left.

import type { BindingSpec } from '../broker/binding.ts'
import type { Broker } from '../broker/broker.ts'
import type { Clock } from '../broker/clock.ts'
import { RecentHistoryMatcher } from '../broker/exchange/recent-history.ts'
import type { Message } from '../broker/message.ts'
import type { PolicyRequest } from '../broker/policy-rules.ts'
import type { Look } from '../broker/queue/browse.ts'
import { type Kept, keep, moved, readmit } from '../broker/readmission.ts'
import type { ExchangeDeclaration, QueueDeclaration } from '../broker/topology.ts'
import type { Vhost } from '../broker/vhost.ts'
import { Waiting } from './publish.ts'

/** Tells the time of messages. */
type Time = Pick<Clock, 'now'>

/** A vhost as it was. It can be put back any number of times. */
export interface Snapshot {
  readonly exchanges: readonly ExchangeDeclaration[]
  readonly queues: readonly QueueDeclaration[]
  readonly bindings: readonly BindingSpec[]
  readonly policies: readonly (readonly [name: string, PolicyRequest])[]
  readonly operatorPolicies: readonly (readonly [name: string, PolicyRequest])[]
  /** By queue. */
  readonly messages: ReadonlyMap<string, readonly Kept[]>
  /** For how long queues have not been used, milliseconds. */
  readonly unused: ReadonlyMap<string, number>
  /** By delayed exchange. */
  readonly delayed: ReadonlyMap<string, readonly Kept[]>
  /** What exchanges remember of what they have routed, oldest first. */
  readonly recent: ReadonlyMap<string, readonly Message[]>
  /** When it was made, by the broker's clock, milliseconds since 1970. */
  readonly at: number
}

/** What is in `vhost`; `at` is the time by the broker's clock. */
export async function snapshotOf(vhost: Vhost, at: number): Promise<Snapshot> {
  const shared = [...vhost.localQueues()].filter(({ owner }) => owner === null)
  const names = new Set(shared.map(({ name }) => name))
  const unused = new Map(shared.map(({ name, idle }) => [name, idle?.unusedMs ?? 0]))
  const messages = new Map<string, readonly Kept[]>()
  for (const queue of shared) messages.set(queue.name, await copiesOf(queue))
  const delayed = new Map<string, readonly Kept[]>()
  const recent = new Map<string, readonly Message[]>()
  for (const { name, delay, matcher } of vhost.exchanges.values()) {
    if (delay !== null) delayed.set(name, await copiesOf(delay))
    if (matcher.recent !== undefined) recent.set(name, [...matcher.recent])
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
    operatorPolicies: [...vhost.operatorPolicies].map(({ name, ...policy }) => [name, policy] as const),
    messages,
    unused,
    delayed,
    recent,
    at,
  }
}

async function copiesOf(log: { browse(look: Look): Promise<void> }): Promise<readonly Kept[]> {
  const copies: Kept[] = []
  await log.browse((seen) => copies.push(keep(seen)) > 0)
  return copies
}

/** Puts `snapshot` into `vhost`, which is empty; `clock` is the broker's. */
export async function restore(broker: Broker, vhost: Vhost, snapshot: Snapshot, clock: Time): Promise<void> {
  await declare(broker, vhost, snapshot)
  // A stream shows what is stored only: so does everything else, then.
  const waiting = new Waiting()
  const ms = clock.now() - snapshot.at
  const later = (messages: readonly Kept[] = []): readonly Kept[] => messages.map((kept) => moved(kept, ms))
  const queues = [...vhost.localQueues()].filter(({ name }) => snapshot.messages.has(name))
  for (const queue of queues) readmit(queue, later(snapshot.messages.get(queue.name)), waiting)
  for (const [name, messages] of snapshot.delayed) {
    const delay = vhost.exchanges.get(name)?.delay
    for (const { message } of later(messages)) waiting.count(delay?.keep(message, waiting, 0) ?? 'stored')
  }
  for (const [name, messages] of snapshot.recent) {
    const matcher = vhost.exchanges.get(name)?.matcher
    if (matcher instanceof RecentHistoryMatcher) for (const message of messages) matcher.remember(message)
  }
  // All of it is there: what has died meanwhile can go where it is to go, and who is waiting is given something.
  for (const queue of queues) queue.begin()
  for (const queue of queues) {
    queue.idle?.unusedFor(snapshot.unused.get(queue.name) ?? 0)
    queue.handOut()
  }
  await waiting.all()
}

async function declare(broker: Broker, vhost: Vhost, snapshot: Snapshot): Promise<void> {
  const topology = broker.topology(vhost)
  const { administration } = broker
  const owner = broker.registerOwner()
  try {
    for (const [name, policy] of snapshot.policies) await administration.putPolicy(vhost.name, name, policy)
    for (const [name, policy] of snapshot.operatorPolicies) {
      await administration.putOperatorPolicy(vhost.name, name, policy)
    }
    for (const exchange of snapshot.exchanges) await topology.declareExchange(exchange)
    for (const queue of snapshot.queues) await topology.declareQueue(queue, owner)
    for (const binding of snapshot.bindings) await topology.bind(binding, owner)
  } finally {
    await broker.releaseOwner(owner)
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
