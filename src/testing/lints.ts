// What works in a test and goes wrong in production: bad practice that the broker can see. Each finding is a line of text.

import type { Vhost } from '../broker/vhost.ts'
import type { BrokerEvent } from './events.ts'
import { checkNames } from './known.ts'
import { checkText, fits, type TextMatch } from './match.ts'
import { messageText } from './telling.ts'

/** What is not to be found. */
export interface LintOptions {
  /** Findings that are no bad practice here: those that such a text, pattern or function fits. */
  readonly allow?: TextMatch | readonly TextMatch[]
}

/** So often may a message be requeued: quorum queues of RabbitMQ 4 allow no more. */
const MOST_REQUEUES = 20
/** So many messages may a channel take out of a queue with basic.get: that is looking, not polling. */
const MOST_GETS = 10

/** What is to be said of what happened in `vhost`, each thing once. */
export function lintsOf(vhost: Vhost, events: readonly BrokerEvent[], options: LintOptions = {}): readonly string[] {
  return unlessAllowed([...lintsIn(events), ...undeclared(vhost)], options)
}

/** What is to be said of what happened, in whichever vhosts. */
export function lintsIn(events: readonly BrokerEvent[]): readonly string[] {
  const byVhost = new Map<string, BrokerEvent[]>()
  for (const event of events) {
    const others = byVhost.get(event.vhost)
    if (others) others.push(event)
    else byVhost.set(event.vhost, [event])
  }
  return [...byVhost.values()].flatMap((some) => [...some.flatMap(lintOf), ...requeued(some), ...polled(some)])
}

/** Each of `lints` once, but for those that are allowed. Throws `RangeError` where `options` are none. */
export function unlessAllowed(lints: readonly string[], options: LintOptions): readonly string[] {
  checkNames('lints', options, { allow: true })
  const { allow = [] } = options
  const allowed = Array.isArray(allow) ? (allow as readonly TextMatch[]) : [allow as TextMatch]
  for (const each of allowed) checkText(each, 'allow')
  return [...new Set(lints)].filter((lint) => !allowed.some((each) => fits(each, lint)))
}

/** An error that says what was found; null where nothing was. */
export function complaintOf(lints: readonly string[]): Error | null {
  return lints.length === 0 ? null : new Error(['the broker saw bad practice:', ...lints].join('\n  '))
}

function lintOf(event: BrokerEvent): readonly string[] {
  switch (event.event) {
    case 'consuming':
      if (event.noAck || event.prefetch > 0) return []
      return [
        `the consumer of '${event.queue}' has no prefetch limit: it is given all there is, whether or not it keeps up`,
      ]
    case 'published':
      if (event.outcome !== 'dropped' || event.connection === 0) return []
      return [`nobody got ${messageText(event.message)}, and its publisher is not told: publish it as mandatory`]
    case 'dropped':
      if (event.reason !== 'rejected') return []
      return [`a message of '${event.queue}' was rejected and is lost: the queue has no dead-letter exchange`]
    case 'failed':
      return failure(event)
    default:
      return []
  }
}

function failure({ code, text, method, confirm }: BrokerEvent & { readonly event: 'failed' }): readonly string[] {
  if (code === 404 && method === 'basic.publish' && !confirm) {
    return [`a channel without confirms was closed: ${text}; what it published is lost unnoticed`]
  }
  if (code === 406 && text.includes('unknown delivery tag')) {
    return [`a channel settled what it does not hold, twice or for another channel, and was closed: ${text}`]
  }
  return []
}

function requeued(events: readonly BrokerEvent[]): readonly string[] {
  const often = counted(events, (event) => {
    return event.event === 'settled' && event.how === 'requeued'
      ? `message ${event.sequence} of '${event.queue}'`
      : null
  })
  return overdone(often, MOST_REQUEUES).map((message) => {
    return `${message} was requeued more than ${MOST_REQUEUES} times: what cannot be worked on goes round for ever`
  })
}

function polled(events: readonly BrokerEvent[]): readonly string[] {
  const often = counted(events, (event) => {
    if (event.event !== 'delivered' || event.consumer !== null) return null
    return `channel ${event.connection}/${event.channel} took more than ${MOST_GETS} messages out of '${event.queue}'`
  })
  return overdone(often, MOST_GETS).map((who) => `${who} with basic.get, one by one: a consumer is given them`)
}

/** What is to be said of how `vhost` is now: dead letters that would go nowhere. */
export function undeclared(vhost: Vhost): readonly string[] {
  return [...vhost.queues.values()].flatMap(({ name, settings }) => {
    const { deadLetterExchange: exchange, deadLetterRoutingKey: key } = settings
    if (exchange === null) return []
    if (!vhost.exchanges.has(exchange)) {
      return [`the dead letters of '${name}' go nowhere: exchange '${exchange}' is not declared`]
    }
    if (exchange !== '' || key === null || vhost.queues.has(key)) return []
    return [`the dead letters of '${name}' go nowhere: queue '${key}' is not declared`]
  })
}

function counted(events: readonly BrokerEvent[], nameOf: (event: BrokerEvent) => string | null) {
  const counts = new Map<string, number>()
  for (const event of events) {
    const name = nameOf(event)
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

function overdone(counts: ReadonlyMap<string, number>, most: number): readonly string[] {
  return [...counts].filter(([, count]) => count > most).map(([name]) => name)
}
