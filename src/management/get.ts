// Taking messages over HTTP: by basic.get, so that what holds there holds here; and what becomes of them. Knows queues;
// not requests.

import type { MessageCounts } from '../broker/counts.ts'
import type { Got, Queue } from '../broker/queue/queue.ts'
import type { Vhost } from '../broker/vhost.ts'
import { decodeProperties } from '../protocol/properties.ts'
import { withoutBlindCopies } from '../session/blind-copies.ts'
import { type Caller, tracedPeer } from './auth.ts'
import { type Encoding, jsonOfPayload, jsonOfProperties } from './message-json.ts'

/** What becomes of what is taken: it is gone, it dies, or it goes back, with or without counting as refused. */
export const ackModes = [
  'ack_requeue_true',
  'ack_requeue_false',
  'reject_requeue_true',
  'reject_requeue_false',
] as const
/** One of them. */
export type AckMode = (typeof ackModes)[number]

/** What is to be taken, and how it is to be shown. */
export interface GetRequest {
  readonly count: number
  readonly ackmode: AckMode
  readonly encoding: Encoding
  /** Octets of a payload that are shown. */
  readonly truncate?: number
}

/** Takes up to so many messages of a vhost's queue. What goes back goes when all have been taken, so that none comes twice. */
export async function getMessages(
  { counts, firehose }: Pick<Vhost, 'counts' | 'firehose'>,
  queue: Queue,
  caller: Caller,
  request: GetRequest,
): Promise<readonly object[]> {
  const { count: most, ackmode, encoding, truncate } = request
  const noAck = ackmode === 'ack_requeue_false'
  const taken: { readonly seq: number; readonly view: object }[] = []
  while (taken.length < most) {
    const got = await queue.get(noAck)
    count(counts, got, noAck)
    if (!got) break
    const { message, seq, redelivered, remaining } = got
    firehose?.delivered(message, queue.name, redelivered, tracedPeer(caller))
    const shown = message.copies ? withoutBlindCopies(message) : message
    const body = shown.copyBody()
    const view = {
      payload_bytes: body.length,
      redelivered,
      exchange: shown.exchange,
      routing_key: shown.routingKey,
      message_count: remaining,
      properties: jsonOfProperties(decodeProperties(shown.header, shown.headerStart, shown.headerEnd)),
      ...jsonOfPayload(body, encoding, truncate),
    }
    taken.push({ seq, view })
  }
  for (const { seq } of taken) settle(queue, seq, ackmode)
  return taken.map(({ view }) => view)
}

function count(counts: MessageCounts, got: Got | null, noAck: boolean): void {
  if (!got) {
    counts.gotEmpty++
    return
  }
  if (noAck) counts.gotNoAck++
  else counts.got++
  if (got.redelivered) counts.redelivered++
  counts.deliveredBytes += got.message.bodyBytes
}

function settle(queue: Queue, seq: number, ackMode: AckMode): void {
  if (ackMode === 'ack_requeue_false') queue.ack(seq, true)
  else queue.reject(seq, ackMode.endsWith('true'), ackMode === 'reject_requeue_true')
}
