// Class basic, but for what comes with every message: consuming, getting, limits, recovery (behaviour.md §7).

import { Consumer, wake } from '../../broker/consumer.ts'
import { checkConsumption, checkGet, deliveryTimeoutMs } from '../../broker/queue/consuming.ts'
import { REPLY_TO } from '../../broker/replies.ts'
import type { MethodOf } from '../../protocol/methods.ts'
import { ConnectionError } from '../../protocol/reply.ts'
import type { Channel } from '../channel.ts'
import { readableQueue } from './queue.ts'
import { consumeReplies } from './reply-to.ts'

/**
 * basic.qos: per consumer for those to come, or (global) shared by all of the channel, at once (§7.3). RabbitMQ lifts the
 * shared limit when one per consumer is set after it.
 */
export function basicQos(channel: Channel, { prefetchSize, prefetchCount, global }: MethodOf<'basic.qos'>): void {
  if (prefetchSize !== 0) throw new ConnectionError(540, `prefetch_size!=0 (${prefetchSize})`)
  const shared = global && channel.vhost.dialect.sharesPrefetch
  channel.sharedPrefetch = shared ? prefetchCount : 0
  if (!shared) channel.prefetch = prefetchCount
  channel.send({ name: 'basic.qos-ok' })
  wake(channel.parked)
}

/** basic.consume. Checks in RabbitMQ's order (§7.1); consume-ok leaves before the first delivery. */
export function basicConsume(channel: Channel, method: MethodOf<'basic.consume'>): void {
  const { noAck, exclusive, arguments: args } = method
  const tag = consumerTag(channel, method.consumerTag)
  if (method.queue === REPLY_TO) {
    consumeReplies(channel, tag, noAck)
  } else {
    const queue = readableQueue(channel, method.queue)
    const { prefetch, sharedPrefetch } = channel
    const asked = { noAck, exclusive, prefetch, shared: sharedPrefetch > 0, arguments: args }
    const consumer = new Consumer(queue, channel, {
      tag,
      noAck,
      arguments: args,
      ...checkConsumption(queue, asked, channel.vhost.dialect),
    })
    queue.consume(consumer)
    channel.consumers.set(tag, consumer)
    if (!noAck) channel.allow(deliveryTimeoutMs(queue, args, channel.connection.limits.consumerTimeoutMs))
  }
  if (!method.noWait) channel.send({ name: 'basic.consume-ok', consumerTag: tag })
}

/** The tag of a consumer to come. Throws `ConnectionError` 530 where it is taken, or the channel has no place left. */
function consumerTag({ consumers, connection: { context } }: Channel, asked: string): string {
  const holder = consumers.get(asked)
  // One that was cancelled for being late may be replaced; otherwise it would go on under this tag (§7.7).
  if (holder?.late === 0) throw new ConnectionError(530, `attempt to reuse consumer tag '${asked}'`)
  const { consumerMaxPerChannel: most } = context.limits
  if (most > 0 && consumers.size >= most) {
    throw new ConnectionError(530, `reached maximum (${most}) of consumers per channel`)
  }
  return asked === '' ? `amq.ctag-${context.broker.randomName()}` : asked
}

/** basic.cancel: of any tag; what the consumer holds stays outstanding (§7.4). */
export function basicCancel(channel: Channel, { consumerTag, noWait }: MethodOf<'basic.cancel'>): void {
  const consumer = channel.consumers.get(consumerTag)
  channel.consumers.delete(consumerTag)
  if (consumer) consumer.queue.cancel(consumer)
  if (!noWait) channel.send({ name: 'basic.cancel-ok', consumerTag })
}

/** basic.get (§7.5). */
export function basicGet(channel: Channel, method: MethodOf<'basic.get'>): Promise<void> | void {
  const queue = readableQueue(channel, method.queue)
  checkGet(queue)
  if (!method.noAck) channel.allow(deliveryTimeoutMs(queue, null, channel.connection.limits.consumerTimeoutMs))
  const answer = (got: Awaited<ReturnType<typeof queue.get>>): void => {
    if (got) channel.got(queue, got, method.noAck)
    else {
      channel.counts.gotEmpty++
      channel.send({ name: 'basic.get-empty', reserved1: '' })
    }
  }
  const got = queue.get(method.noAck)
  return got instanceof Promise ? got.then(answer) : answer(got)
}

/** basic.recover and basic.recover-async: all that is outstanding returns to its queue (§7.6). */
export function basicRecover(
  channel: Channel,
  method: MethodOf<'basic.recover'> | MethodOf<'basic.recover-async'>,
): void {
  if (!method.requeue) throw new ConnectionError(540, 'requeue=false')
  channel.settling.returnAll('requeue')
  if (method.name === 'basic.recover') channel.send({ name: 'basic.recover-ok' })
}
