// Policies: settings for all queues and exchanges whose names match a pattern. Which of them applies to what, and what a
// user's and an operator's make of each other (behaviour.md §14). What a setting does is known elsewhere.

import { compilePattern, type Pattern } from './access/pattern.ts'
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

/** The policies of one vhost, or its operator policies. Changed only when the meta store reports a change. */
export class Policies {
  readonly #byName = new Map<string, { readonly policy: Policy; readonly pattern: Pattern }>()

  get(name: string): Policy | undefined {
    return this.#byName.get(name)?.policy
  }

  /** All of them, in no order. */
  *[Symbol.iterator](): IterableIterator<Policy> {
    for (const { policy } of this.#byName.values()) yield policy
  }

  put(policy: Policy): void {
    this.#byName.set(policy.name, { policy, pattern: compilePattern(policy.pattern) })
  }

  remove(name: string): void {
    this.#byName.delete(name)
  }

  /** The one policy for what bears this name; null when none matches. Of equal priorities the first name counts. */
  match(subject: PolicySubject, name: string): Policy | null {
    let best: Policy | null = null
    for (const { policy, pattern } of this.#byName.values()) {
      if (!appliesTo(policy.applyTo, subject) || !pattern.matches(name)) continue
      if (best === null || comesBefore(policy, best)) best = policy
    }
    return best
  }
}

function appliesTo(target: PolicyTarget, subject: PolicySubject): boolean {
  return target === 'all' || target === subject || (target === 'queues' && subject !== 'exchanges')
}

function comesBefore(one: Policy, other: Policy): boolean {
  return one.priority > other.priority || (one.priority === other.priority && one.name < other.name)
}
