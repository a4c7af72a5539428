// Dead letters: what x-death tells of a message, which queues are dead-letter queues, and where a dead letter came from.
// Knows no command.

import type { Row } from '../output/print.ts'
import type { Place } from './session.ts'

/** The last death of a message. */
export interface Death {
  readonly reason: string
  /** The queue it died in. */
  readonly queue: string
  /** The exchange it had been published to, and the key. */
  readonly exchange: string
  readonly key: string
  readonly count: number
  /** Seconds since 1970. */
  readonly time: number | undefined
}

/** The last death that headers tell of; undefined for what has not died. */
export function lastDeath(headers: unknown): Death | undefined {
  const { 'x-death': deaths } = (headers ?? {}) as Row
  const [first] = Array.isArray(deaths) ? (deaths as readonly Row[]) : []
  if (first === undefined || typeof first['queue'] !== 'string') return undefined
  const keys = first['routing-keys']
  return {
    reason: String(first['reason'] ?? ''),
    queue: first['queue'],
    exchange: String(first['exchange'] ?? ''),
    key: String(Array.isArray(keys) ? (keys[0] ?? '') : ''),
    count: Number(first['count'] ?? 1),
    time: secondsOf(first['time']),
  }
}

// amqplib has a form of its own for timestamps.
function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  const inner = (value as { readonly value?: unknown } | undefined)?.value
  return typeof inner === 'number' ? inner : undefined
}

/** The queue that a dead letter died in. */
export function sourceQueue(headers: unknown): Place | undefined {
  const death = lastDeath(headers)
  return death && { exchange: '', key: death.queue }
}

/** The exchange, and the key, that a dead letter had been published to. */
export function sourceExchange(headers: unknown): Place | undefined {
  const death = lastDeath(headers)
  return death && { exchange: death.exchange, key: death.key }
}

/** Dead letters that died of the same, in the same place. */
export interface DeathGroup {
  readonly reason: string
  readonly queue: string
  readonly exchange: string
  readonly routing_key: string
  readonly messages: number
  readonly first: string | null
  readonly last: string | null
}

/** Groups headers by reason, queue, exchange and key, the largest group first; what has not died is one of its own. */
export function groupDeaths(all: readonly unknown[]): readonly DeathGroup[] {
  const groups = new Map<string, { readonly death: Death; times: number[]; messages: number }>()
  for (const headers of all) {
    const death = lastDeath(headers) ?? {
      reason: '(not dead-lettered)',
      queue: '',
      exchange: '',
      key: '',
      count: 0,
      time: undefined,
    }
    const id = JSON.stringify([death.reason, death.queue, death.exchange, death.key])
    const group = groups.get(id) ?? { death, times: [], messages: 0 }
    group.messages++
    if (death.time !== undefined) group.times.push(death.time)
    groups.set(id, group)
  }
  return [...groups.values()]
    .map(({ death, times, messages }) => ({
      reason: death.reason,
      queue: death.queue,
      exchange: death.exchange,
      routing_key: death.key,
      messages,
      first: timeText(times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)),
      last: timeText(times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY)),
    }))
    .sort((one, other) => other.messages - one.messages)
}

function timeText(seconds: number): string | null {
  return Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString().replace('.000', '') : null
}

/** A dead-letter queue, and the queues whose dead letters it gets. */
export interface DeadLetterQueue {
  readonly vhost: string
  readonly name: string
  readonly messages: number
  readonly sources: readonly string[]
}

/**
 * Finds the dead-letter queues: those that the dead-letter exchange of some queue leads to.
 * @param queues as /api/queues lists them
 * @param bindings as /api/bindings lists them
 */
export function deadLetterQueues(queues: readonly Row[], bindings: readonly Row[]): readonly DeadLetterQueue[] {
  const sources = new Map<string, Set<string>>()
  for (const queue of queues) {
    const vhost = String(queue['vhost'])
    for (const name of targetsOf(queue, bindings)) {
      const id = JSON.stringify([vhost, name])
      const found = sources.get(id) ?? new Set()
      sources.set(id, found.add(String(queue['name'])))
    }
  }
  return queues.flatMap((queue) => {
    const found = sources.get(JSON.stringify([queue['vhost'], queue['name']]))
    if (!found) return []
    const { vhost, name, messages } = queue
    return [{ vhost: String(vhost), name: String(name), messages: Number(messages ?? 0), sources: [...found].sort() }]
  })
}

/** The names of the queues that a queue's dead letters go to. */
function targetsOf(queue: Row, bindings: readonly Row[]): ReadonlySet<string> {
  const exchange = setting(queue, 'x-dead-letter-exchange', 'dead-letter-exchange')
  const key = setting(queue, 'x-dead-letter-routing-key', 'dead-letter-routing-key')
  if (exchange === undefined) return new Set()
  // The default exchange leads to the queue that the key names; without a key, back to where it came from.
  if (exchange === '') return new Set(key === undefined ? [] : [key])
  const found = new Set<string>()
  const inVhost = bindings.filter(({ vhost }) => vhost === queue['vhost'])
  reach(exchange, inVhost, found, new Set())
  return found
}

function reach(exchange: string, bindings: readonly Row[], found: Set<string>, seen: Set<string>): void {
  if (seen.has(exchange)) return
  seen.add(exchange)
  for (const { source, destination, destination_type: type } of bindings) {
    if (source !== exchange) continue
    if (type === 'queue') found.add(String(destination))
    else reach(String(destination), bindings, found, seen)
  }
}

/** An argument of a queue, or what a policy says instead; arguments go first. */
function setting(queue: Row, argument: string, policy: string): string | undefined {
  const table = (queue['arguments'] ?? {}) as Row
  const policies = (queue['effective_policy_definition'] ?? {}) as Row
  const value = table[argument] ?? policies[policy]
  return typeof value === 'string' ? value : undefined
}
