// What is in a vhost, kept aside and put back: exchanges, queues, bindings, policies, and the messages in their order. What
// belongs to a connection (consumers, exclusive queues, who has a message) is not part of it: a message that somebody has is
// kept as if it were back. All of it is of one turn, in which nothing moves: what has to be read from the store is read
// before. Times go on when it is put back: what was left to live, or to wait, is left.

import type { BindingSpec } from '../broker/binding.ts'
import type { Broker } from '../broker/broker.ts'
import type { Clock } from '../broker/clock.ts'
import { RecentHistoryMatcher } from '../broker/exchange/recent-history.ts'
import type { Message } from '../broker/message.ts'
import type { PolicyRequest } from '../broker/policy-rules.ts'
import { Glance, type Look } from '../broker/queue/browse.ts'
import { type Kept, keep, moved, readmit } from '../broker/readmission.ts'
import type { ExchangeDeclaration, QueueDeclaration } from '../broker/topology.ts'
import type { Vhost } from '../broker/vhost.ts'
import { Waiting } from './publish.ts'

/** Tells the time of messages. */
type Time = Pick<Clock, 'now'>

/** Looks at a vhost of which ever more leaves the memory for the store, until it is left alone. */
const MOST_TRIES = 10

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

/** What is in `vhost`; `clock` is the broker's. Rejects where it cannot be read as fast as it changes. */
export async function snapshotOf(vhost: Vhost, clock: Time): Promise<Snapshot> {
  const glance = new Glance()
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const snapshot = snapshotNow(vhost, clock.now(), glance)
    if (!(await glance.read())) return snapshot
  }
  throw new Error(
    `no snapshot of vhost '${vhost.name}': in ${MOST_TRIES} looks there was always something new that is not in memory; ` +
      'expected a vhost that stands still: stop its consumers and publishers, or wait with waitForIdle(), and try again',
  )
}

function snapshotNow(vhost: Vhost, at: number, glance: Glance): Snapshot {
  const shared = [...vhost.localQueues()].filter(({ owner }) => owner === null)
  const names = new Set(shared.map(({ name }) => name))
  const unused = new Map(shared.map(({ name, idle }) => [name, idle?.unusedMs ?? 0]))
  const messages = new Map<string, readonly Kept[]>()
  for (const queue of shared) messages.set(queue.name, copiesOf(queue, glance))
  const delayed = new Map<string, readonly Kept[]>()
  const recent = new Map<string, readonly Message[]>()
  for (const { name, delay, matcher } of vhost.exchanges.values()) {
    if (delay !== null) delayed.set(name, copiesOf(delay, glance))
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

function copiesOf(log: { glance(glance: Glance, look: Look): void }, glance: Glance): readonly Kept[] {
  const copies: Kept[] = []
  log.glance(glance, (seen) => copies.push(keep(seen)) > 0)
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

/** The last of the tasks that change a vhost as a whole. */
const turns = new WeakMap<Vhost, Promise<unknown>>()

/** Runs `task` when those before it have ended, well or not: two that empty and fill a vhost at once would mix. */
export function inTurn<Result>(vhost: Vhost, task: () => Promise<Result>): Promise<Result> {
  const before = turns.get(vhost)
  const result = before === undefined ? task() : before.then(task, task)
  turns.set(vhost, result)
  const over = (): void => {
    if (turns.get(vhost) === result) turns.delete(vhost)
  }
  result.then(over, over)
  return result
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
