// What works in a test and goes wrong in production: bad practice that the broker can see. Each finding is a line of text.

import type { Vhost } from '../broker/vhost.ts'
import type { BrokerEvent } from './events.ts'
import { messageText } from './telling.ts'

/** What is to be said of what happened in `vhost`, each thing once. */
export function lintsOf(vhost: Vhost, events: readonly BrokerEvent[]): readonly string[] {
  return [...new Set([...events.flatMap((event) => lintOf(event, events)), ...undeclared(vhost)])]
}

function lintOf(event: BrokerEvent, events: readonly BrokerEvent[]): readonly string[] {
  if (event.event === 'consuming' && !event.noAck && event.prefetch === 0) {
    return [
      `the consumer of '${event.queue}' has no prefetch limit: it is given all there is, whether or not it keeps up`,
    ]
  }
  if (event.event === 'published' && event.outcome === 'dropped' && event.connection > 0) {
    return [`nobody got ${messageText(event.message)}, and its publisher is not told: publish it as mandatory`]
  }
  if (event.event !== 'failed' || event.code !== 404 || !event.text.includes('no exchange')) return []
  const confirms = events.some(
    (other) => other.event === 'published' && other.confirm && isSame(other, event.connection, event.channel),
  )
  return confirms ? [] : [`a channel without confirms was closed: ${event.text}; what it published is lost unnoticed`]
}

function undeclared(vhost: Vhost): readonly string[] {
  return [...vhost.queues.values()].flatMap(({ name, settings: { deadLetterExchange: exchange } }) => {
    if (exchange === null || vhost.exchanges.has(exchange)) return []
    return [`the dead letters of '${name}' go nowhere: exchange '${exchange}' is not declared`]
  })
}

function isSame(event: { readonly connection: number; readonly channel: number }, connection: number, channel: number) {
  return event.connection === connection && event.channel === channel
}
