// Definitions for specs of those who adopt them: none at all, and one thing of a kind, as plain as it can be.

import type {
  DefinedBinding,
  DefinedExchange,
  DefinedQueue,
  Definitions,
} from '../../src/broker/adoption/definitions.ts'
import { NO_ARGUMENTS } from './site.ts'

/** Definitions that say nothing. */
export const NO_DEFINITIONS: Definitions = {
  vhosts: [],
  users: [],
  permissions: [],
  topicPermissions: [],
  parameters: [],
  globalParameters: [],
  policies: [],
  exchanges: [],
  queues: [],
  bindings: [],
}

/** A durable queue in the vhost `/`, unless it says otherwise. */
export function definedQueue(name: string, more: Partial<DefinedQueue> = {}): DefinedQueue {
  const flags = { durable: true, autoDelete: false, arguments: NO_ARGUMENTS }
  return { place: `queues[${name}]`, vhost: '/', name, ...flags, ...more }
}

/** A durable direct exchange in the vhost `/`, unless it says otherwise. */
export function definedExchange(name: string, more: Partial<DefinedExchange> = {}): DefinedExchange {
  return { ...definedQueue(name), place: `exchanges[${name}]`, type: 'direct', internal: false, ...more }
}

/** A binding of a queue in the vhost `/` without a key, unless it says otherwise. */
export function definedBinding(
  source: string,
  destination: string,
  more: Partial<DefinedBinding> = {},
): DefinedBinding {
  const key = { destinationType: 'queue' as const, routingKey: '', arguments: NO_ARGUMENTS }
  return { place: `bindings[${source}]`, vhost: '/', source, destination, ...key, ...more }
}
