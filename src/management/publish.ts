// Publishing over HTTP: one message, by the rules and with the words of basic.publish, answered when every queue has it.
// Knows the session's checks of publishes; not requests.

import { encodeRouting, Message } from '../broker/message.ts'
import type { Outcome } from '../broker/queue/publisher.ts'
import type { Vhost } from '../broker/vhost.ts'
import { encodeHeader } from '../protocol/properties.ts'
import { ProtocolError } from '../protocol/reply.ts'
import { type CountingPublisher, enqueue, isUnroutable, Publishing } from '../session/publishing.ts'
import { type Caller, ownerOf, tracedPeer } from './auth.ts'
import type { ManagementContext } from './context.ts'
import { badRequest, HttpError } from './errors.ts'
import { shortName } from './fields.ts'
import { payloadOfJson, propertiesOfJson } from './message-json.ts'

/** What is to be published, and where to. */
export interface PublishRequest {
  readonly exchange: string
  readonly routing_key: string
  readonly properties?: unknown
  readonly payload?: unknown
  readonly payload_encoding: string
}

/** Nobody asks for answers by HTTP. */
const NO_REPLIES = { replyName: null }

/** Waits until all queues that a message went to have said what became of it. */
class Settlement implements CountingPublisher {
  /** The last outcome to come decides, a bad one before. */
  readonly done: Promise<Outcome>
  #resolve: (outcome: Outcome) => void = () => {}
  #expected = 0
  #worst: Outcome = 'stored'

  constructor() {
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  expect(): void {
    this.#expected++
  }

  settle(_: number, outcome: Outcome): void {
    if (outcome !== 'stored') this.#worst = outcome
    if (--this.#expected === 0) this.#resolve(this.#worst)
  }

  /** All queues have been given the message; `taken`: none has refused it at once. */
  given(taken: boolean): void {
    if (!taken) this.#worst = 'rejected'
    if (this.#expected === 0) this.#resolve(this.#worst)
  }
}

/**
 * Publishes with the permissions of `caller`; resolves with whether a queue got it. Rejects with `HttpError` 400 where it
 * is refused, in the words that end a channel, and 503 where the store cannot tell.
 */
export async function publish(
  context: ManagementContext,
  caller: Caller,
  vhost: Vhost,
  asked: PublishRequest,
): Promise<boolean> {
  const message = messageOf(asked)
  const user = { name: caller.name, impersonator: caller.tags.includes('impersonator') }
  const { access } = ownerOf(context, caller, vhost.name)
  const publishing = new Publishing({ vhost, user, access }, context.limits.maxMessageBytes, NO_REPLIES)
  const receivers = routed(() => publishing.route(message, 0))
  const { counts } = vhost
  counts.published++
  counts.publishedToConfirm++
  counts.publishedBytes += message.bodyBytes
  counts.routed += receivers.length
  if (isUnroutable(receivers)) counts.returned++
  vhost.firehose?.published(message, receivers, tracedPeer(caller))
  const settlement = new Settlement()
  settlement.given(enqueue(message, receivers, settlement, 1))
  const outcome = await settlement.done
  if (outcome === 'rejected') throw badRequest('rejected: a queue did not take the message')
  if (outcome === 'unknown') {
    throw new HttpError(503, 'service_unavailable', 'the store cannot tell whether it has the message')
  }
  counts.confirmed++
  return !isUnroutable(receivers)
}

function messageOf(asked: PublishRequest): Message {
  const { exchange, routing_key: routingKey } = asked
  const body = payloadOfJson(asked.payload, asked.payload_encoding)
  const header = encodeHeader(propertiesOfJson(asked.properties), body.length)
  const routing = encodeRouting(shortName('exchange', exchange), shortName('routing_key', routingKey))
  const message = new Message()
  message.setRouting(routing, 0, routing.length)
  message.setHeader(header, 0, header.length)
  message.setBody(body, 0, body.length)
  return message
}

/** What a client would be told by a closed channel is told with the code in front, as RabbitMQ does here. */
function routed<T>(route: () => T): T {
  try {
    return route()
  } catch (error) {
    throw error instanceof ProtocolError ? badRequest(`${error.code} ${error.replyText}`) : error
  }
}
