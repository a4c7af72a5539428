// From an exchange and its keys to the queues that a message goes to: follows bindings from exchange to exchange, and
// alternate exchanges. Knows live exchanges and queues; not who publishes.

import type { Destination } from './binding.ts'
import { Exchange } from './exchange/exchange.ts'
import { Message } from './message.ts'
import type { Queue, Receiver } from './queue/queue.ts'

/** Where a message goes, and how long that is true. */
export interface Route {
  readonly exchange: Exchange
  readonly queues: readonly Receiver[]
  /** It holds for every message with this exchange and these keys; else only for the one that it was found for. */
  readonly byKeyOnly: boolean
  /** The vhost's generation when it was found; it holds until that changes. One of no generation holds for one message. */
  readonly generation: number
}

/** What routing has to look up by name. */
export interface Tables {
  readonly queues: ReadonlyMap<string, Queue>
  /** Where answers to requests go (replies.ts). */
  readonly replies: { get(name: string): Receiver | undefined }
  readonly exchanges: ReadonlyMap<string, Exchange>
  readonly generation: number
}

/**
 * Finds the queues, each once, that a message goes to from `exchange` with any of `keys` (the routing key and what CC
 * and BCC add). An exchange is visited once (behaviour.md §5.4, cycles); one where nothing matches passes the message to
 * its alternate exchange (§5.5). Without a message the search ends, with no queues, at the first exchange that goes by
 * more than keys: such an exchange sees every message exactly once.
 */
export function findRoute(tables: Tables, exchange: Exchange, keys: readonly string[], message: Message | null): Route {
  const queues = new Set<Receiver>()
  const visited = new Set<Exchange>([exchange])
  let byKeyOnly = true
  let reply = false
  for (const visiting of visited) {
    const found = new Set<Destination>()
    byKeyOnly &&= visiting.byKeyOnly
    if (!byKeyOnly && message === null) return { exchange, queues: [], byKeyOnly, generation: tables.generation }
    // Every queue is bound to the default exchange by its name (§5.1), for those who publish there; as an alternate
    // exchange it leads nowhere.
    if (exchange.name === '') reply = addNamed(tables, keys, found, queues)
    // A message that has to wait is not routed now: it goes to the alternate exchange as well (§5.9).
    if (message !== null && visiting.delay?.holdsBack(message)) queues.add(visiting.delay)
    else visiting.matcher.match(keys, message ?? NO_MESSAGE, found)
    const alternate =
      found.size === 0 && visiting.alternate !== null ? tables.exchanges.get(visiting.alternate) : undefined
    if (alternate) found.add(alternate)
    for (const destination of found) {
      if (destination instanceof Exchange) visited.add(destination)
      else queues.add(destination)
    }
  }
  const generation = reply ? ONCE : tables.generation
  return { exchange, queues: [...queues], byKeyOnly, generation }
}

/** The generation of a route that holds for one message only: it leads to somebody who may go at any time. */
const ONCE = 0

/** For exchanges that go by keys only. */
const NO_MESSAGE = new Message()

/** Adds the queues that `keys` name. Returns whether there is one among them that is not declared, but for answers. */
function addNamed(tables: Tables, keys: readonly string[], found: Set<Destination>, receivers: Set<Receiver>): boolean {
  let reply = false
  for (const key of keys) {
    const declared = tables.queues.get(key)
    const answers = declared ? undefined : tables.replies.get(key)
    if (declared) found.add(declared)
    if (!answers) continue
    receivers.add(answers)
    reply = true
  }
  return reply
}
