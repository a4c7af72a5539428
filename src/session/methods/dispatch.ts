// From a method to the function that carries it out. basic.publish, ack, nack and reject do not come this way: the channel
// reads them where they lie.

import type { Method } from '../../protocol/methods.ts'
import { ConnectionError } from '../../protocol/reply.ts'
import type { Channel } from '../channel.ts'
import { basicCancel, basicConsume, basicGet, basicQos, basicRecover } from './basic.ts'
import { accessRequest, channelClose, channelFlow } from './channel.ts'
import { confirmSelect } from './confirm.ts'
import { exchangeBind, exchangeDeclare, exchangeDelete, exchangeUnbind } from './exchange.ts'
import { queueBind, queueDeclare, queueDelete, queuePurge, queueUnbind } from './queue.ts'
import { txCommit, txRollback, txSelect } from './tx.ts'

/**
 * Carries out `method` on an open channel. A promise where the broker has to be waited for: the channel's next method
 * comes after it. Throws, or rejects with, `ProtocolError`.
 */
export function handleMethod(channel: Channel, method: Method): Promise<void> | void {
  switch (method.name) {
    case 'channel.open':
      throw new ConnectionError(504, `second 'channel.open' seen`)
    case 'channel.close':
      return channelClose(channel)
    case 'channel.flow':
      return channelFlow(channel, method)
    case 'access.request':
      return accessRequest(channel)
    case 'exchange.declare':
      return exchangeDeclare(channel, method)
    case 'exchange.delete':
      return exchangeDelete(channel, method)
    case 'exchange.bind':
      return exchangeBind(channel, method)
    case 'exchange.unbind':
      return exchangeUnbind(channel, method)
    case 'queue.declare':
      return queueDeclare(channel, method)
    case 'queue.delete':
      return queueDelete(channel, method)
    case 'queue.bind':
      return queueBind(channel, method)
    case 'queue.unbind':
      return queueUnbind(channel, method)
    case 'queue.purge':
      return queuePurge(channel, method)
    case 'basic.qos':
      return basicQos(channel, method)
    case 'basic.consume':
      return basicConsume(channel, method)
    case 'basic.cancel':
      return basicCancel(channel, method)
    case 'basic.get':
      return basicGet(channel, method)
    case 'basic.recover':
    case 'basic.recover-async':
      return basicRecover(channel, method)
    case 'confirm.select':
      return confirmSelect(channel, method)
    case 'tx.select':
      return txSelect(channel)
    case 'tx.commit':
      return txCommit(channel)
    case 'tx.rollback':
      return txRollback(channel)
    // behaviour.md §4: the answer to a server-sent basic.cancel is ignored.
    case 'basic.cancel-ok':
      return
    default:
      throw new ConnectionError(503, 'unimplemented method')
  }
}
