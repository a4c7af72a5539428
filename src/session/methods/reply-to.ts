// Direct reply-to as clients ask for it (behaviour.md §12): consuming the queue that is none, and what declaring and
// binding make of its names. No permission is needed for any of it (§13.1).

import { Consumer } from '../../broker/consumer.ts'
import { isReplyName, REPLY_TO, ReplyQueue } from '../../broker/replies.ts'
import { ChannelError, notFound, preconditionFailed, queueText } from '../../protocol/reply.ts'
import type { Channel } from '../channel.ts'

/** Adds the one consumer that the replies to a channel go to. Throws `ChannelError` 406. */
export function consumeReplies(channel: Channel, tag: string, noAck: boolean): void {
  const { vhost, connection } = channel
  if (channel.replyName !== null) throw preconditionFailed('reply consumer already set')
  if (!noAck) throw preconditionFailed('reply consumer cannot acknowledge')
  const queue = new ReplyQueue(vhost.name, connection.context.broker.randomName(), vhost.replies)
  const options = { tag, noAck, exclusive: false, prefetch: 0, shares: false, arguments: new Map() }
  const consumer = new Consumer(queue, channel, options)
  queue.consume(consumer)
  channel.consumers.set(tag, consumer)
  channel.replies = queue
}

/**
 * Whether queue.declare asks for reply-to, which needs no declaring: by its name, or by the full name of somebody who waits
 * for answers. Throws `ChannelError` 404 where nobody does any more.
 */
export function declaresReplies(channel: Channel, name: string): boolean {
  if (name === REPLY_TO) return true
  if (!isReplyName(name)) return false
  if (!channel.vhost.replies.has(name)) throw notFound(queueText(name, channel.vhost.name))
  return true
}

/** Throws `ChannelError` 403 (404 in RabbitMQ 3) where a binding would lead to somebody who waits for answers. */
export function refuseReplies({ vhost }: Pick<Channel, 'vhost'>, name: string): void {
  if (!isReplyName(name)) return
  if (!vhost.dialect.refusesReplyBindings) throw notFound(queueText(name, vhost.name))
  throw new ChannelError(403, 'cannot bind or unbind to a volatile (direct reply-to) queue')
}
