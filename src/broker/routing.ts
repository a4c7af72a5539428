// From an exchange and its keys to the queues that a message goes to: follows bindings from exchange to exchange, and
// alternate exchanges. Knows live exchanges and queues; not who publishes.

import type { FieldTable } from '../protocol/field-table.ts'
import type { Destination } from './binding.ts'
import { Exchange } from './exchange/exchange.ts'
import type { Queue } from './queue/queue.ts'

/** Where a message goes, and how long that is true. */
export interface Route {
  readonly exchange: Exchange
  readonly queues: readonly Queue[]
  /** It depended on the message's headers: it holds for this message only. */
  readonly byHeaders: boolean
  /** The vhost's generation when it was found; it holds until that changes. */
  readonly generation: number
}

/** What routing has to look up by name. */
export interface Tables {
  readonly queues: ReadonlyMap<string, Queue>
  readonly exchanges: ReadonlyMap<string, Exchange>
  readonly generation: number
}

/**
 * Finds the queues, each once, that a message goes to from `exchange` with any of `keys` (the routing key and what CC
 * and BCC add). An exchange is visited once (behaviour.md §5.4, cycles); one where nothing matches passes the message to
 * its alternate exchange (§5.5). `headers` is called only where an exchange looks at them.
 */
export function findRoute(
  tables: Tables,
  exchange: Exchange,
  keys: readonly string[],
  headers: () => FieldTable,
): Route {
  const queues = new Set<Queue>()
  const visited = new Set<Exchange>([exchange])
  let byHeaders = false
  for (const visiting of visited) {
    const found = new Set<Destination>()
    byHeaders ||= visiting.matcher.needsHeaders
    const table = visiting.matcher.needsHeaders ? headers() : NO_HEADERS
    for (const key of keys) {
      // Every queue is bound to the default exchange by its name (§5.1), for those who publish there; as an alternate
      // exchange it leads nowhere.
      const named = exchange.name === '' ? tables.queues.get(key) : undefined
      if (named) found.add(named)
      visiting.matcher.match(key, table, found)
    }
    const alternate =
      found.size === 0 && visiting.alternate !== null ? tables.exchanges.get(visiting.alternate) : undefined
    if (alternate) found.add(alternate)
    for (const destination of found) {
      if (destination instanceof Exchange) visited.add(destination)
      else queues.add(destination)
    }
  }
  return { exchange, queues: [...queues], byHeaders, generation: tables.generation }
}

const NO_HEADERS: FieldTable = new Map()
