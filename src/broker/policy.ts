// Policies: settings for all queues and exchanges whose names match a pattern. Which of them applies to what, and what a
// user's and an operator's make of each other (behaviour.md §14). What a setting does is known elsewhere.

import { countsAsNone, limitedPattern, type TooLong } from './access/limited-pattern.ts'
import type { Pattern } from './access/pattern.ts'
import type { Logger } from './logger.ts'
import type { Json } from './term.ts'

/** What a policy can be applied to; the queue types by the names that RabbitMQ gives them here. */
export const policyTargets = ['all', 'queues', 'classic_queues', 'quorum_queues', 'streams', 'exchanges'] as const
/** One of them. */
export type PolicyTarget = (typeof policyTargets)[number]

/** Settings by the names of policies (`message-ttl`, not `x-message-ttl`). */
export type PolicyDefinition = { readonly [key: string]: Json }

/** A policy, or an operator policy. */
export interface Policy {
  readonly name: string
  readonly pattern: string
  readonly applyTo: PolicyTarget
  /** The highest that matches wins. */
  readonly priority: number
  readonly definition: PolicyDefinition
}

/** What a policy may apply to: an exchange, or a queue of a type. */
export type PolicySubject = 'exchanges' | 'classic_queues' | 'quorum_queues' | 'streams'

/** Keys that a type of queue does not know: a policy that has one of them does not apply to such a queue at all. */
const foreign: { readonly [subject in PolicySubject]: readonly string[] } = {
  exchanges: [],
  classic_queues: [
    'delivery-limit',
    'dead-letter-strategy',
    'max-in-memory-length',
    'max-in-memory-bytes',
    'target-group-size',
    'consumer-disconnected-timeout',
    'delayed-retry-type',
    'delayed-retry-min',
    'delayed-retry-max',
    'max-age',
    'stream-max-segment-size-bytes',
    'stream-filter-size-bytes',
    'initial-cluster-size',
  ],
  quorum_queues: [
    'queue-mode',
    'max-age',
    'stream-max-segment-size-bytes',
    'stream-filter-size-bytes',
    'initial-cluster-size',
  ],
  streams: [
    'expires',
    'message-ttl',
    'max-length',
    'max-in-memory-length',
    'max-in-memory-bytes',
    'overflow',
    'queue-mode',
    'delivery-limit',
    'dead-letter-exchange',
    'dead-letter-routing-key',
    'dead-letter-strategy',
    'target-group-size',
    'consumer-timeout',
    'consumer-disconnected-timeout',
    'delayed-retry-type',
    'delayed-retry-min',
    'delayed-retry-max',
  ],
}

/** The policies of one vhost, or its operator policies. Changed only when the meta store reports a change. */
export class Policies {
  readonly #byName = new Map<string, { readonly policy: Policy; readonly pattern: Pattern }>()
  readonly #tooLong: TooLong

  /** @param logger is told of patterns that take too long */
  constructor(logger: Pick<Logger, 'warn'> | null = null) {
    this.#tooLong = countsAsNone(logger)
  }

  get(name: string): Policy | undefined {
    return this.#byName.get(name)?.policy
  }

  /** All of them, in no order. */
  *[Symbol.iterator](): IterableIterator<Policy> {
    for (const { policy } of this.#byName.values()) yield policy
  }

  put(policy: Policy): void {
    this.#byName.set(policy.name, { policy, pattern: limitedPattern(policy.pattern, this.#tooLong) })
  }

  remove(name: string): void {
    this.#byName.delete(name)
  }

  /** The one policy for what bears this name; null when none matches. Of equal priorities the first name counts. */
  match(subject: PolicySubject, name: string): Policy | null {
    let best: Policy | null = null
    for (const { policy, pattern } of this.#byName.values()) {
      if (!appliesTo(policy, subject) || !pattern.matches(name)) continue
      if (best === null || comesBefore(policy, best)) best = policy
    }
    return best
  }
}

function appliesTo({ applyTo, definition }: Policy, subject: PolicySubject): boolean {
  const meant = applyTo === 'all' || applyTo === subject || (applyTo === 'queues' && subject !== 'exchanges')
  return meant && !foreign[subject].some((key) => Object.hasOwn(definition, key))
}

/** What a policy and an operator policy say together, key by key: of limits the one that binds. */
export function combined(policy: Policy | null, operatorPolicy: Policy | null): PolicyDefinition {
  if (!policy || !operatorPolicy) return policy?.definition ?? operatorPolicy?.definition ?? NOTHING
  const [users, operators] = [policy.definition, operatorPolicy.definition]
  const both = Object.keys(operators).filter((key) => Object.hasOwn(users, key))
  const bound = both.map((key) => [key, binding(key, users[key] as Json, operators[key] as Json)] as const)
  return { ...users, ...operators, ...Object.fromEntries(bound) }
}

/** Of numbers the smaller; where a negative one stands for no limit, the larger. Of words that of the operator. */
function binding(key: string, one: Json, operators: Json): Json {
  if (typeof one !== 'number' || typeof operators !== 'number' || key === 'queue-version') return operators
  return strictest(one, operators)
}

/** The limit that binds, of two; a negative one is none (behaviour.md §10, "argument and policy"). */
export function strictest(one: number, other: number): number {
  return one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other)
}

const NOTHING: PolicyDefinition = {}

function comesBefore(one: Policy, other: Policy): boolean {
  return one.priority > other.priority || (one.priority === other.priority && one.name < other.name)
}
