// What a channel tells of its messages where its vhost is traced: the firehose hears of them, and whoever watched anyway.
// Where nobody does, a channel has nobody to tell. Knows who publishes and consumes; not what a copy says.

import type { Consumer } from '../broker/consumer.ts'
import type { Firehose, TracedPeer } from '../broker/firehose.ts'
import type { Message } from '../broker/message.ts'
import type { Queue, Receiver } from '../broker/queue/queue.ts'
import { isReplyName } from '../broker/replies.ts'
import type { Channel } from './channel.ts'
import type { Fate, Watch } from './watch.ts'

/** Somebody whom a channel tells of messages as they come and go. */
export type MessageWatch = Pick<Watch, 'published' | 'delivered'>

/** Whom `channel` is to tell of its messages from now on; null: nobody. */
export function watchOf({ connection, number, vhost: { firehose } }: Channel): MessageWatch | null {
  const watch = connection.context.watch ?? null
  if (firehose === null) return watch
  const { name, user } = connection.peer
  return new Tracing(firehose, { connection: name, channel: number, user }, watch)
}

/** The firehose, as a channel sees it. */
class Tracing implements MessageWatch {
  readonly #firehose: Firehose
  readonly #peer: TracedPeer
  readonly #watch: MessageWatch | null

  constructor(firehose: Firehose, peer: TracedPeer, watch: MessageWatch | null) {
    this.#firehose = firehose
    this.#peer = peer
    this.#watch = watch
  }

  published(channel: Channel, message: Message, queues: readonly Receiver[], mandatory: boolean): Fate {
    this.#firehose.published(message, queues, this.#peer)
    return this.#watch?.published(channel, message, queues, mandatory) ?? 'goes'
  }

  delivered(
    channel: Channel,
    queue: Queue,
    consumer: Consumer | null,
    message: Message,
    seq: number,
    tag: number,
    redelivered: boolean,
  ): void {
    // An answer to a request goes past all queues, and is told of as it is published only.
    if (!isReplyName(queue.name)) this.#firehose.delivered(message, queue.name, redelivered, this.#peer)
    this.#watch?.delivered(channel, queue, consumer, message, seq, tag, redelivered)
  }
}
