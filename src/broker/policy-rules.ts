// What a policy may say: the keys that policies and operator policies know, the values that each takes, and RabbitMQ's
// words for everything else (behaviour.md §14). Knows nothing of queues.

import { compilePattern, PatternError } from './access/pattern.ts'
import { type AdministrationError, invalid } from './administration-error.ts'
import { type Dialect, LEVERET } from './dialect.ts'
import { type Policy, type PolicyDefinition, type PolicyTarget, policyTargets } from './policy.ts'
import { type Json, renderPairs, renderTerm } from './term.ts'

/** What is asked for when a policy is set. It comes from people: nothing of it is sure to be what its type says. */
export interface PolicyRequest {
  readonly pattern: string
  readonly definition: PolicyDefinition
  readonly priority?: number
  readonly applyTo?: string
}

/** Who sets it: users have more keys. */
export type PolicyKind = 'policy' | 'operator-policy'

interface Rule {
  readonly takes: (value: Json) => boolean
  /** Completes the sentence "... is not a valid ...". */
  readonly what: string
}

const text = (what: string): Rule => ({ takes: (value) => typeof value === 'string', what })
const integer = (what: string, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Rule => ({
  takes: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max,
  what,
})
const oneOf = (what: string, ...values: readonly Json[]): Rule => ({ takes: (value) => values.includes(value), what })

/** Keys that users and operators have. */
const shared: Readonly<Record<string, Rule>> = {
  expires: integer('queue expiry', 1),
  'message-ttl': integer('message TTL', 0),
  'max-length': integer('maximum length', 0),
  'max-length-bytes': integer('maximum length in bytes', 0),
  'max-in-memory-length': integer('maximum memory in bytes', 0),
  'max-in-memory-bytes': integer('maximum memory in bytes', 0),
  'delivery-limit': integer('delivery limit'),
  overflow: oneOf('overflow value', 'drop-head', 'reject-publish', 'reject-publish-dlx'),
  'queue-version': oneOf('queue-version value', 1, 2),
  'target-group-size': integer('target quorum queue group size', 1),
}

const users: Readonly<Record<string, Rule>> = {
  ...shared,
  'alternate-exchange': text('alternate exchange name'),
  'dead-letter-exchange': text('dead letter exchange name'),
  'dead-letter-routing-key': text('dead letter routing key'),
  'dead-letter-strategy': oneOf('dead letter strategy', 'at-most-once', 'at-least-once'),
  'queue-mode': oneOf('queue-mode value', 'default', 'lazy'),
  'max-age': { takes: (value) => typeof value === 'string' && /^[1-9]\d*[YMDhms]$/.test(value), what: 'max age' },
  'stream-max-segment-size-bytes': integer('segment size', 0),
  'stream-filter-size-bytes': integer('filter size', 16, 255),
  'queue-leader-locator': oneOf('queue leader locator value', 'client-local', 'balanced', 'random', 'least-leaders'),
  'initial-cluster-size': integer('cluster size', 0),
  'consumer-timeout': integer('consumer timeout', 0),
  'consumer-disconnected-timeout': integer('consumer disconnected timeout', 0),
  'delayed-retry-type': oneOf('delayed retry type', 'disabled', 'all', 'failed', 'returned'),
  'delayed-retry-min': integer('delayed retry minimum', 0),
  'delayed-retry-max': integer('delayed retry maximum', 0),
}

const rules: Readonly<Record<PolicyKind, Readonly<Record<string, Rule>>>> = { policy: users, 'operator-policy': shared }

/** What of them came with RabbitMQ 4. */
const later = /^(consumer-disconnected-timeout|delayed-retry-.*)$/

/** Mirrors mean nothing where there is one node. */
const mirrors: Readonly<Record<string, Rule>> = {
  'ha-mode': oneOf('mirroring mode', 'all', 'exactly', 'nodes'),
  'ha-params': { takes: (value) => typeof value === 'number' || Array.isArray(value), what: 'ha-params value' },
  'ha-sync-mode': oneOf('ha-sync-mode value', 'manual', 'automatic'),
  'ha-sync-batch-size': integer('ha-sync-batch-size value', 1),
  'ha-promote-on-shutdown': oneOf('ha-promote-on-shutdown value', 'always', 'when-synced'),
  'ha-promote-on-failure': oneOf('ha-promote-on-failure value', 'always', 'when-synced'),
}

/** What RabbitMQ 3 had. */
const formerRules: typeof rules = { policy: former(users), 'operator-policy': former(shared) }

function former(known: Readonly<Record<string, Rule>>): Readonly<Record<string, Rule>> {
  const kept = Object.entries(known).filter(([key]) => !later.test(key))
  return { ...Object.fromEntries(kept), 'delivery-limit': integer('delivery limit', 0), ...mirrors }
}

/** The policy that `asked` describes. Throws `AdministrationError` with all that is wrong, a line each. */
export function policyOf(
  kind: PolicyKind,
  name: string,
  asked: PolicyRequest,
  dialect: Pick<Dialect, 'formerPolicies'> = LEVERET,
): Policy {
  const { pattern, definition, priority = 0, applyTo = 'all' } = asked
  // In RabbitMQ's order, which is the last field first.
  const wrong = [
    wrongDefinition((dialect.formerPolicies ? formerRules : rules)[kind], definition),
    wrongTarget(applyTo),
    wrongPattern(pattern),
    typeof priority === 'number' ? null : `priority should be a number, actually was ${renderTerm(priority)}`,
  ].filter((each) => each !== null)
  if (wrong.length > 0) throw invalidAll(wrong)
  return { name, pattern, applyTo: applyTo as PolicyTarget, priority, definition }
}

function invalidAll(wrong: readonly string[]): AdministrationError {
  return invalid(wrong.join('\n'))
}

function wrongDefinition(known: Readonly<Record<string, Rule>>, definition: Json): string | null {
  if (typeof definition !== 'object' || definition === null) {
    return `definition must be a dictionary: ${renderTerm(definition)}`
  }
  const pairs = Object.entries(definition as PolicyDefinition).sort(([one], [other]) => (one < other ? -1 : 1))
  if (pairs.length === 0) return 'no policy provided'
  for (const [key, value] of pairs) {
    const rule = ruleOf(known, key)
    if (rule && !rule.takes(value)) return `${renderTerm(value)} is not a valid ${rule.what}`
  }
  const unknown = pairs.filter(([key]) => !ruleOf(known, key))
  return unknown.length === 0 ? null : `${renderPairs(unknown)} are not recognised policy settings`
}

function ruleOf(known: Readonly<Record<string, Rule>>, key: string): Rule | undefined {
  return Object.hasOwn(known, key) ? known[key] : undefined
}

function wrongTarget(target: string): string | null {
  if (policyTargets.some((known) => known === target)) return null
  const choice = `'queues', 'classic_queues',  'quorum_queues', 'streams', 'exchanges', or 'all'`
  return `apply-to '${target}' unrecognised; should be one of: ${choice}`
}

function wrongPattern(pattern: Json): string | null {
  if (typeof pattern !== 'string') return `pattern should be a binary but was ${renderTerm(pattern)}`
  try {
    compilePattern(pattern)
    return null
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return `pattern should be regular expression but is invalid: ${error.message}`
  }
}
