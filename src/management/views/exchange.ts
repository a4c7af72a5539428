// An exchange as RabbitMQ's API shows it. Knows what it is; not who may see it.

import type { Exchange } from '../../broker/exchange/exchange.ts'
import type { Vhost } from '../../broker/vhost.ts'
import type { ManagementContext } from '../context.ts'
import { jsonOfTable } from '../field-json.ts'
import { publishStats } from '../statistics/flows.ts'
import { shownOfExchange } from '../statistics/shown.ts'
import { NO_WINDOWS, type Windows } from '../statistics/windows.ts'
import { channelDetails } from './peers.ts'

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

/** An exchange, with who publishes to it. */
export function fullExchangeView(
  context: ManagementContext,
  exchange: Exchange,
  vhost: Vhost,
  windows: Windows = NO_WINDOWS,
): object {
  return {
    ...exchangeView(context, exchange, vhost, windows),
    incoming: incomingOf(context, exchange),
    // Which queue a message went on to could only be counted with a look-up per message and queue.
    outgoing: [],
  }
}

/** What each channel has published to it. */
function incomingOf(context: ManagementContext, exchange: Exchange): readonly object[] {
  const channels = [...context.broker.connections.peers()].flatMap((peer) => [...peer.channels])
  return channels.flatMap((channel) => {
    const count = [...channel.publishes].find((each) => each.exchange === exchange)
    const stats = count === undefined ? null : publishStats(context, count)
    return stats === null ? [] : [{ channel_details: channelDetails(context, channel), stats }]
  })
}
