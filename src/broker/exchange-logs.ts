// Which exchanges have messages of their own in the store, and what keeps them: delayed ones those that wait, durable
// ones of recent history those that they remember.

import { Delay } from './delay.ts'
import { DELAYED } from './exchange/delayed.ts'
import type { Exchange, ExchangeLog, ExchangeLogHost, ExchangeSpec } from './exchange/exchange.ts'
import { HISTORY, RecentHistoryMatcher } from './exchange/recent-history.ts'
import { History } from './history.ts'
import type { Tables } from './routing.ts'

/** Whether an exchange needs the number of a log. */
export function hasLog({ type, durable }: Pick<ExchangeSpec, 'type' | 'durable'>): boolean {
  return type === DELAYED || (type === HISTORY && durable)
}

/** Gives an exchange that has the number of a log that log; null: it has none. */
export function attachLog(exchange: Exchange, tables: Tables, host: ExchangeLogHost): ExchangeLog | null {
  const { logId, matcher } = exchange
  if (logId === undefined) return null
  if (exchange.type === DELAYED) {
    exchange.delay = new Delay(logId, exchange, tables, host)
    exchange.log = exchange.delay
  } else if (matcher instanceof RecentHistoryMatcher) {
    const history = new History(logId, host, (message) => matcher.restore(message))
    matcher.keeper = history
    exchange.log = history
  }
  return exchange.log
}
