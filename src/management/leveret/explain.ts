// Why a message goes where it goes: every exchange that it passes, which bindings match there and which do not, and
// alternate exchanges. Nothing is published. Knows exchanges and bindings; the rule itself is routing.ts'.

import type { Binding, Destination } from '../../broker/binding.ts'
import type { Dialect } from '../../broker/dialect.ts'
import { bindingType } from '../../broker/exchange/delayed.ts'
import { Exchange } from '../../broker/exchange/exchange.ts'
import { matcherOf } from '../../broker/exchange/types.ts'
import type { Message } from '../../broker/message.ts'
import type { Vhost } from '../../broker/vhost.ts'
import { jsonOfTable } from '../field-json.ts'

/** Types of exchanges at which each binding answers for itself. */
const plain: readonly string[] = ['direct', 'fanout', 'topic', 'headers']
/** Bindings that do not match and are shown all the same, of each exchange. */
const SHOWN = 50

/** One exchange on the way. */
export interface Step {
  readonly exchange: string
  readonly type: string
  /** How the message got there. */
  readonly via: 'publish' | 'binding' | 'alternate'
  readonly matched: readonly object[]
  readonly unmatched: readonly object[]
  /** How many do not match, shown or not. */
  readonly unmatched_count: number
  readonly alternate: string | null
  readonly note: string | null
}

/** The way of a message. */
export interface Explanation {
  readonly queues: readonly string[]
  readonly routed: boolean
  readonly steps: readonly Step[]
}

/** Explains where `message` goes that is published to `exchange` in `vhost`. */
export function explain(vhost: Vhost, exchange: Exchange, message: Message): Explanation {
  const keys = message.routingKeys
  const visited = new Map<Exchange, Step['via']>([[exchange, 'publish']])
  const queues = new Set<string>()
  const steps: Step[] = []
  for (const [visiting, via] of visited) {
    const found = new Set<Destination>()
    const waits = visiting.delay?.holdsBack(message) === true
    if (!waits) visiting.matcher.match(keys, message, found)
    if (visiting.name === '' && via === 'publish') for (const key of keys) addNamed(vhost, key, found)
    const alternate =
      found.size === 0 && visiting.alternate !== null ? vhost.exchanges.get(visiting.alternate) : undefined
    const matches = (binding: Binding): boolean =>
      !waits && found.has(binding.to) && isMatch(visiting, binding, message, vhost.dialect)
    steps.push(stepOf(visiting, via, found, waits, matches))
    for (const destination of found) {
      if (!(destination instanceof Exchange)) queues.add(destination.name)
      else if (!visited.has(destination)) visited.set(destination, 'binding')
    }
    if (alternate && !visited.has(alternate)) visited.set(alternate, 'alternate')
  }
  return { queues: [...queues].sort(), routed: queues.size > 0, steps }
}

function addNamed(vhost: Vhost, key: string, found: Set<Destination>): void {
  const queue = vhost.queues.get(key)
  if (queue) found.add(queue)
}

function stepOf(
  exchange: Exchange,
  via: Step['via'],
  found: ReadonlySet<Destination>,
  waits: boolean,
  matches: (binding: Binding) => boolean,
): Step {
  const matched: object[] = []
  const unmatched: object[] = []
  for (const binding of exchange.bindings.values()) (matches(binding) ? matched : unmatched).push(shown(binding))
  return {
    exchange: exchange.name,
    type: exchange.type,
    via,
    matched,
    unmatched: unmatched.slice(0, SHOWN),
    unmatched_count: unmatched.length,
    alternate: exchange.alternate,
    note: noteOf(exchange, via, found, waits),
  }
}

/** Whether it was this binding, of those with the same destination. */
function isMatch(exchange: Exchange, binding: Binding, message: Message, dialect: Dialect): boolean {
  if (!plain.includes(bindingType(exchange.type, exchange.arguments))) return true
  const alone = matcherOf(exchange.type, exchange.arguments, () => 0, dialect)
  alone.add(binding)
  const found = new Set<Destination>()
  alone.match(message.routingKeys, message, found)
  return found.size > 0
}

function noteOf(exchange: Exchange, via: Step['via'], found: ReadonlySet<Destination>, waits: boolean): string | null {
  if (waits) return 'the message waits here for its time, and is routed then'
  if (exchange.name === '' && via === 'publish') {
    return found.size > 0 ? 'a queue has the routing key as its name' : 'no queue has the routing key as its name'
  }
  if (found.size > 0) return null
  if (exchange.alternate !== null)
    return `nothing matches: it goes on to the alternate exchange '${exchange.alternate}'`
  return exchange.bindings.size === 0
    ? 'nothing is bound here'
    : 'no binding matches, and there is no alternate exchange'
}

function shown({ destination, destinationType, routingKey, arguments: args }: Binding): object {
  return {
    destination,
    destination_type: destinationType,
    routing_key: routingKey,
    arguments: jsonOfTable(args),
  }
}
