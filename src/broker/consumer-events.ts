// What is told of consumers that come and go, under the names that RabbitMQ has for it. Knows consumers and their channels;
// not who listens.

import { toPlain } from '../protocol/field-table.ts'
import type { Consumer } from './consumer.ts'
import type { EventFields, Events } from './events.ts'

/** A consumer is there (`began`), or is not any more. */
export function tellConsumer(events: Pick<Events, 'tell'>, consumer: Consumer, began: boolean): void {
  events.tell(began ? 'consumer.created' : 'consumer.deleted', () => ({
    ...placeOf(consumer),
    ...(began ? optionsOf(consumer) : {}),
  }))
}

function placeOf({ queue, tag, sink: { channel } }: Consumer): EventFields {
  const place = { vhost: queue.vhost, queue: queue.name, consumer_tag: tag }
  if (!channel) return place
  const { name, user } = channel.connection.peer
  return { ...place, connection: name, channel: channel.number, user, user_who_performed_action: user }
}

function optionsOf({ noAck, exclusive, prefetch, arguments: args }: Consumer): EventFields {
  return { ack_required: !noAck, exclusive, prefetch_count: prefetch, arguments: toPlain(args) }
}
