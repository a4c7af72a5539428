// A publish by the test itself: no client, no connection; by the routes that a client's would go. Knows live vhosts.

import { encodeRouting, Message } from '../broker/message.ts'
import type { Outcome, Publisher } from '../broker/queue/publisher.ts'
import type { Receiver } from '../broker/queue/queue.ts'
import type { Vhost } from '../broker/vhost.ts'
import { tableOfJson } from '../management/field-json.ts'
import { HEADER_FLAGS_OFFSET } from '../protocol/frame.ts'
import { encodeHeader, type Properties } from '../protocol/properties.ts'
import { checkNames, type Known } from './known.ts'
import type { SeenMessage } from './seen-message.ts'

/** What a message is published with beside its body: properties as amqp.node names them, and headers. */
export type PublishOptions = Omit<Properties, 'headers'> & {
  readonly headers?: Readonly<Record<string, unknown>>
  /** Survives a restart in a durable queue; false: delivery mode 1. */
  readonly persistent?: boolean
}

const names: Known<Required<PublishOptions>> = {
  contentType: true,
  contentEncoding: true,
  headers: true,
  deliveryMode: true,
  persistent: true,
  priority: true,
  correlationId: true,
  replyTo: true,
  expiration: true,
  messageId: true,
  timestamp: true,
  type: true,
  userId: true,
  appId: true,
  clusterId: true,
}

/** What is all of a message. */
type Exact = Pick<SeenMessage, 'exchange' | 'routingKey' | 'octets' | 'propertyOctets'>

/** Where a message went. */
export interface PublishResult {
  /** The queues that it was routed to. */
  readonly routed: readonly string[]
  /** Whether all of them took it. */
  readonly stored: boolean
}

/**
 * The message that a test means; an object or array becomes JSON. Throws `UnfitJson` where a header cannot be one,
 * `RangeError` where an option is none.
 */
export function messageOf(exchange: string, key: string, body: unknown, options: PublishOptions = {}): Message {
  checkNames('publish', options, names)
  const { headers, persistent = true, ...given } = options
  const octets = octetsOf(body)
  const isText = typeof body === 'string' || Buffer.isBuffer(body)
  const properties: Properties = {
    ...(isText ? {} : { contentType: 'application/json' }),
    deliveryMode: persistent ? 2 : 1,
    ...given,
    ...(headers === undefined ? {} : { headers: tableOfJson(headers, 'headers') }),
  }
  return messageWith(exchange, key, encodeHeader(properties, octets.length), octets)
}

/** The message that was seen, octet for octet. */
export function messageAgain(message: Exact): Message {
  const { exchange, routingKey, octets, propertyOctets } = message
  const head = encodeHeader({}, octets.length).subarray(0, HEADER_FLAGS_OFFSET)
  return messageWith(exchange, routingKey, Buffer.concat([head, propertyOctets]), octets)
}

function messageWith(exchange: string, key: string, header: Buffer, octets: Buffer): Message {
  const message = new Message()
  const routing = encodeRouting(exchange, key)
  message.setRouting(routing, 0, routing.length)
  message.setHeader(header, 0, header.length)
  message.setBody(octets, 0, octets.length)
  message.persistent = message.asksForPersistence
  const { headers } = message
  message.copies = headers.has('CC') || headers.has('BCC')
  return message
}

/**
 * Publishes `message`; `routed` is told where it goes before it is there. Resolves when all queues have taken or refused it.
 * Throws `ChannelError` 404 or 403 as a client's publish would.
 */
export function publish(
  vhost: Vhost,
  message: Message,
  routed: (queues: readonly Receiver[]) => void,
): Promise<PublishResult> {
  const { queues } = vhost.routeKeys(message.exchange, message.routingKeys, message)
  routed(queues)
  const waiting = new Waiting()
  for (const queue of queues) waiting.count(queue.publish(message, waiting, 0))
  const names = queues.flatMap(({ name }) => (name === null ? [] : [name]))
  return waiting.all().then((stored) => ({ routed: names, stored }))
}

/** Waits for what takes in messages: the queues of one publish, or of several. */
export class Waiting implements Publisher {
  #left = 1
  #stored = true
  #resolve: (stored: boolean) => void = () => {}

  /** One more has this to say of a message. */
  count(outcome: Outcome | 'pending'): void {
    if (outcome === 'pending') this.#left++
    else if (outcome !== 'stored') this.#stored = false
  }

  settle(_tag: number, outcome: Outcome): void {
    if (outcome !== 'stored') this.#stored = false
    if (--this.#left === 0) this.#resolve(this.#stored)
  }

  /** Resolves when all have said what they have to; with whether all have stored it. */
  all(): Promise<boolean> {
    const all = new Promise<boolean>((resolve) => {
      this.#resolve = resolve
    })
    this.settle(0, 'stored')
    return all
  }
}

/** The octets that a body stands for: objects and arrays are JSON. */
export function octetsOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  if (body instanceof Uint8Array) return Buffer.from(body)
  return Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''))
}
