// The firehose of a vhost that is traced: a copy of each message that is published there, and of each that is delivered,
// goes to the exchange amq.rabbitmq.trace, with headers that say what happened to it. Copies are routed once the turn is
// over: what they tell of is done then, and nothing that comes of them can come in its way. Knows no sessions.

import type { FieldTable, FieldValue } from '../protocol/field-table.ts'
import { decodeProperties, encodeHeader, type Properties } from '../protocol/properties.ts'
import { textBytes } from '../protocol/utf8.ts'
import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'
import { encodeRouting, Message } from './message.ts'
import type { Receiver } from './queue/queue.ts'
import { findRoute, type Tables } from './routing.ts'

/** Where copies are published. */
export const TRACE_EXCHANGE = 'amq.rabbitmq.trace'
/** The longest routing key, octets. */
const SHORTSTR_BYTES = 255

/** The properties in the order in which RabbitMQ's table of them has them, with its names. */
const propertyNames: readonly (readonly [keyof Properties, string])[] = [
  ['clusterId', 'cluster_id'],
  ['appId', 'app_id'],
  ['userId', 'user_id'],
  ['type', 'type'],
  ['timestamp', 'timestamp'],
  ['messageId', 'message_id'],
  ['expiration', 'expiration'],
  ['replyTo', 'reply_to'],
  ['correlationId', 'correlation_id'],
  ['priority', 'priority'],
  ['deliveryMode', 'delivery_mode'],
  ['headers', 'headers'],
  ['contentEncoding', 'content_encoding'],
  ['contentType', 'content_type'],
]

/** Who has published a message, or got it. */
export interface TracedPeer {
  /** The name of the connection. */
  readonly connection: string
  /** The number of the channel. */
  readonly channel: number
  readonly user: string
}

/** What a firehose is given of the world. */
export interface FirehoseWorld {
  readonly clock: Pick<Clock, 'soon'>
  readonly logger: Logger
  /** The name of the node. */
  readonly node: string
}

/** The firehose of one vhost. */
export class Firehose {
  readonly #vhost: Tables & { readonly name: string }
  readonly #world: FirehoseWorld
  #copies: Message[] = []

  constructor(vhost: Tables & { readonly name: string }, world: FirehoseWorld) {
    this.#vhost = vhost
    this.#world = world
  }

  /** `message` was published and goes to `receivers`. Never throws. */
  published(message: Message, receivers: readonly Receiver[], peer: TracedPeer): void {
    const { exchange } = message
    if (exchange === TRACE_EXCHANGE) return
    const queues = receivers.flatMap(({ name }) => (name === null ? [] : [text(name)]))
    this.#copy(message, `publish.${exchange}`, [...this.#place(peer), ['routed_queues', { tag: 'A', value: queues }]])
  }

  /** `message` goes from `queue` to a client. Never throws. */
  delivered(message: Message, queue: string, redelivered: boolean, peer: TracedPeer): void {
    if (message.exchange === TRACE_EXCHANGE) return
    this.#copy(message, `deliver.${queue}`, [['redelivered', int(redelivered ? 1 : 0)], ...this.#place(peer)])
  }

  #place({ connection, channel, user }: TracedPeer): readonly Field[] {
    return [
      ['vhost', text(this.#vhost.name)],
      ['connection', text(connection)],
      ['channel', int(channel)],
      ['user', text(user)],
    ]
  }

  #copy(message: Message, name: string, said: readonly Field[]): void {
    try {
      const key = shortened(name)
      if (!this.#leadsAnywhere(key)) return
      const headers: FieldTable = new Map([
        ['exchange_name', text(message.exchange)],
        ['routing_keys', { tag: 'A', value: message.routingKeys.map(text) }],
        ['properties', { tag: 'F', value: propertiesOf(message) }],
        ['node', text(this.#world.node)],
        ...said,
      ])
      this.#enter(copyOf(message, key, headers))
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Whether somebody may get copies with this key: mostly nobody wants all of them. */
  #leadsAnywhere(key: string): boolean {
    const exchange = this.#vhost.exchanges.get(TRACE_EXCHANGE)
    if (!exchange) return false
    const { byKeyOnly, queues } = findRoute(this.#vhost, exchange, [key], null)
    return !byKeyOnly || queues.length > 0
  }

  #enter(copy: Message): void {
    if (this.#copies.push(copy) === 1) this.#world.clock.soon(this.#publish)
  }

  readonly #publish = (): void => {
    const copies = this.#copies
    this.#copies = []
    const exchange = this.#vhost.exchanges.get(TRACE_EXCHANGE)
    if (!exchange) return
    for (const copy of copies) {
      try {
        const { queues } = findRoute(this.#vhost, exchange, [copy.routingKey], copy)
        for (const queue of queues) queue.publish(copy, null, 0)
      } catch (error) {
        this.#failed(error)
      }
    }
  }

  /** A defect, and not one for those to feel whose messages are copied. */
  #failed(error: unknown): void {
    this.#world.logger.error({ err: error, vhost: this.#vhost.name }, 'a message could not be traced')
  }
}

type Field = readonly [key: string, value: FieldValue]

function text(value: string): FieldValue {
  return { tag: 'S', value }
}

function int(value: number): FieldValue {
  return { tag: 'I', value }
}

/** The body of `message` with other headers; nothing else of its properties holds for the copy. */
function copyOf(message: Message, key: string, headers: FieldTable): Message {
  const body = message.copyBody()
  const routing = encodeRouting(TRACE_EXCHANGE, key)
  const header = encodeHeader({ headers }, body.length)
  const copy = new Message()
  copy.setRouting(routing, 0, routing.length)
  copy.setHeader(header, 0, header.length)
  copy.setBody(body, 0, body.length)
  return copy
}

/** The properties as a table, without what nobody is to see (behaviour.md §5.5). */
function propertiesOf({ header, headerStart, headerEnd }: Message): FieldTable {
  const properties = decodeProperties(header, headerStart, headerEnd)
  const fields = new Map<string, FieldValue>()
  for (const [property, name] of propertyNames) {
    const value = properties[property]
    if (typeof value === 'string') fields.set(name, text(value))
    else if (typeof value === 'number') fields.set(name, numberOf(value))
    else if (value) fields.set(name, { tag: 'F', value: new Map([...value].filter(([key]) => key !== 'BCC')) })
  }
  return fields
}

/** RabbitMQ writes all as 32 bits, and so breaks a timestamp after 2038. */
function numberOf(value: number): FieldValue {
  return value <= 0x7fff_ffff ? int(value) : { tag: 'l', value }
}

/** As much of a routing key as is one: what is before the name may be too much for a long one. */
function shortened(key: string): string {
  if (textBytes(key) <= SHORTSTR_BYTES) return key
  const characters = [...key]
  while (textBytes(characters.join('')) > SHORTSTR_BYTES) characters.pop()
  return characters.join('')
}
