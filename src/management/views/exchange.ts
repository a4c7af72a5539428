// An exchange as RabbitMQ's API shows it. Knows what it is; not who may see it.

import type { Exchange } from '../../broker/exchange/exchange.ts'
import type { Vhost } from '../../broker/vhost.ts'
import type { ManagementContext } from '../context.ts'
import { jsonOfTable } from '../field-json.ts'
import { shownOfExchange } from '../statistics/shown.ts'
import { NO_WINDOWS, type Windows } from '../statistics/windows.ts'

/** What an exchange is, with the policy that it is under. */
export function exchangeView(
  context: ManagementContext,
  exchange: Exchange,
  vhost: Vhost,
  windows: Windows = NO_WINDOWS,
): object {
  const { policy } = vhost.policiesOf('exchanges', exchange.name)
  return {
    name: exchange.name,
    vhost: vhost.name,
    type: exchange.type,
    durable: exchange.durable,
    auto_delete: exchange.autoDelete,
    internal: exchange.internal,
    arguments: jsonOfTable(exchange.arguments),
    ...(policy && exchange.name !== '' ? { policy: policy.name } : {}),
    ...shownOfExchange(context, exchange, windows),
  }
}
