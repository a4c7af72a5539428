// What happens to a publish once its content is whole: RabbitMQ's checks in RabbitMQ's order (behaviour.md §8.1), the
// route, and the queues. One per channel, because it remembers the last route; the fast path makes no object.

import type { Access } from '../broker/access/access.ts'
import type { PublishCount } from '../broker/counts.ts'
import type { Exchange } from '../broker/exchange/exchange.ts'
import { Message } from '../broker/message.ts'
import type { Publisher } from '../broker/queue/publisher.ts'
import type { Receiver } from '../broker/queue/queue.ts'
import { REPLY_TO } from '../broker/replies.ts'
import type { Route } from '../broker/routing.ts'
import type { Vhost } from '../broker/vhost.ts'
import { type FieldTable, fieldType } from '../protocol/field-table.ts'
import { copyBytes } from '../protocol/frame.ts'
import { IMMEDIATE, MANDATORY } from '../protocol/hot-methods.ts'
import {
  DELIVERY_MODE,
  EXPIRATION,
  HEADERS,
  hasHeader,
  headersAt,
  locateProperties,
  propertyOffsets,
  REPLY_TO as REPLY_TO_PROPERTY,
  replaceShortstr,
  shortstrAt,
  soleDeliveryMode,
  USER_ID,
} from '../protocol/properties.ts'
import { ConnectionError, preconditionFailed } from '../protocol/reply.ts'
import { checkExpiration } from './expiration.ts'

const PERSISTENT = 2
const NO_HEADERS: FieldTable = new Map()
/** Exchanges whose publishes a channel counts apart: hardly any has more than a few. */
const COUNTED_EXCHANGES = 100

/** Who publishes, as far as a publish depends on it. */
export interface PublishingUser {
  readonly name: string
  readonly impersonator: boolean
}

/** What is known of who publishes, and where. */
export interface PublishingAdmission {
  readonly vhost: Vhost
  readonly user: PublishingUser
  readonly access: Access
}

/** Who may ask for answers. */
export interface Requester {
  /** The name that answers are sent to; null where nobody would get them. */
  readonly replyName: string | null
}

/** The publishing side of one channel. */
export class Publishing {
  readonly #vhost: Vhost
  readonly #user: PublishingUser
  readonly #access: Access
  readonly #maxBytes: number
  readonly #requester: Requester
  readonly #offsets = propertyOffsets()
  #message: Message = new Message()
  /** The route of the last publish, and the exchange and routing key that it was for. */
  #route: Route | null = null
  /** Whether its exchange restricts routing keys for this user: then they are looked at each time. */
  #topicsRestricted = false
  #routing: Buffer = Buffer.alloc(0)
  #routingBytes = 0
  /** What was published to each of the first so many exchanges, and that of the last one, which is not looked for again. */
  readonly #counts: PublishCount[] = []
  #count: PublishCount | null = null

  /** @param maxBytes the largest body, octets */
  constructor({ vhost, user, access }: PublishingAdmission, maxBytes: number, requester: Requester) {
    this.#requester = requester
    this.#access = access
    this.#maxBytes = maxBytes
    this.#vhost = vhost
    this.#user = user
  }

  /** What was published to each exchange, of which there may be too many. */
  get counts(): readonly PublishCount[] {
    return this.#counts
  }

  /**
   * The queues that a whole message goes to; notes whether it is persistent. Throws `ChannelError` or `ConnectionError`
   * for the first rule it breaks. The body of a message that is too large may be missing.
   */
  route(message: Message, bits: number): readonly Receiver[] {
    if ((bits & IMMEDIATE) !== 0) throw new ConnectionError(540, 'immediate=true')
    if (message.bodyBytes > this.#maxBytes) {
      throw preconditionFailed(`message size ${message.bodyBytes} is larger than configured max size ${this.#maxBytes}`)
    }
    const route = this.#knownRoute(message) ?? this.#findRoute(message)
    message.copies = false
    const mode = soleDeliveryMode(message.header, message.headerStart, message.headerEnd)
    if (mode >= 0 && route.byKeyOnly && !this.#topicsRestricted) {
      message.persistent = mode === PERSISTENT
      return this.#counted(route)
    }
    this.#message = message
    locateProperties(message.header, message.headerStart, message.headerEnd, this.#offsets)
    const modeAt = this.#offsets[DELIVERY_MODE] as number
    message.persistent = modeAt >= 0 && message.header[modeAt] === PERSISTENT
    return this.#checkedRoute(message, route)
  }

  #checkedRoute(message: Message, route: Route): readonly Receiver[] {
    const offsets = this.#offsets
    const replyTo = offsets[REPLY_TO_PROPERTY] as number
    if (replyTo >= 0 && isReplyTo(message.header, replyTo)) this.#nameReplies(message, replyTo)
    const { header } = message
    const expiration = offsets[EXPIRATION] as number
    if (expiration >= 0) checkExpiration(shortstrAt(header, expiration))
    const headers = offsets[HEADERS] as number
    const copies = headers >= 0 && (hasHeader(header, headers, 'CC') || hasHeader(header, headers, 'BCC'))
    if (!copies && route.byKeyOnly && !this.#topicsRestricted) {
      this.#checkUser(header, offsets[USER_ID] as number)
      return this.#counted(route)
    }
    const keys = copies ? [message.routingKey, ...this.#copyKeys()] : [message.routingKey]
    if (this.#topicsRestricted) {
      const guarded = this.#vhost.dialect.guardsCopies ? keys : [message.routingKey]
      for (const key of guarded) this.#access.topic('write', message.exchange, key)
    }
    this.#checkUser(header, offsets[USER_ID] as number)
    if (!copies && route.byKeyOnly) return this.#counted(route)
    message.copies = copies
    return this.#counted(this.#vhost.routeKeys(message.exchange, keys, message))
  }

  /** Writes where the answers go in the place of the name that asks for them (behaviour.md §12). */
  #nameReplies(message: Message, at: number): void {
    const name = this.#requester.replyName
    if (name === null) throw preconditionFailed('fast reply consumer does not exist')
    const header = replaceShortstr(message.header, message.headerStart, message.headerEnd, at, name)
    message.setHeader(header, 0, header.length)
    locateProperties(header, 0, header.length, this.#offsets)
  }

  #checkUser(header: Buffer, at: number): void {
    if (at < 0 || this.#user.impersonator) return
    const claimed = shortstrAt(header, at)
    if (claimed === this.#user.name) return
    throw preconditionFailed(`user_id property set to '${claimed}' but authenticated user was '${this.#user.name}'`)
  }

  /** The queues of a route that a message takes. */
  #counted({ exchange, queues }: Route): readonly Receiver[] {
    exchange.counts.published++
    exchange.counts.routed += queues.length
    const count = this.#count
    if (count !== null) count.published++
    return queues
  }

  // --- routes -----------------------------------------------------------------------------------------------------

  /** The last route, if this publish names the same exchange and key and nothing has changed since. */
  #knownRoute(message: Message): Route | null {
    const route = this.#route
    if (route === null || route.generation !== this.#vhost.generation) return null
    const length = message.routingEnd - message.routingStart
    if (length !== this.#routingBytes) return null
    const { routing, routingStart } = message
    const known = this.#routing
    for (let i = 0; i < length; i++) if (known[i] !== routing[routingStart + i]) return null
    return route
  }

  /** A route that is remembered is one that the user may write to: what changes that changes the vhost's generation. */
  #findRoute(message: Message): Route {
    const access = this.#access
    if (!access.writesAnywhere) access.exchange('write', message.exchange)
    const route = this.#vhost.route(message)
    if (this.#count?.exchange !== route.exchange) this.#count = this.#countOf(route.exchange)
    this.#topicsRestricted = route.exchange.type === 'topic' && access.restrictsTopics(route.exchange.name)
    const length = message.routingEnd - message.routingStart
    if (this.#routing.length < length) this.#routing = Buffer.alloc(Math.max(64, length))
    copyBytes(message.routing, message.routingStart, message.routingEnd, this.#routing, 0)
    this.#routingBytes = length
    // From the default exchange, one that leads nowhere may lead somewhere as soon as a queue of that name is declared.
    this.#route = route.queues.length > 0 || !route.byKeyOnly || route.exchange.name !== '' ? route : null
    return route
  }

  #countOf(exchange: Exchange): PublishCount | null {
    for (const count of this.#counts) if (count.exchange === exchange) return count
    if (this.#counts.length === COUNTED_EXCHANGES) return null
    const count = { exchange, published: 0 }
    this.#counts.push(count)
    return count
  }

  // --- headers ----------------------------------------------------------------------------------------------------

  #decodedHeaders(): FieldTable {
    const at = this.#offsets[HEADERS] as number
    return at < 0 ? NO_HEADERS : headersAt(this.#message.header, at)
  }

  /** The routing keys that the headers CC and BCC add (behaviour.md §5.5). */
  #copyKeys(): string[] {
    const headers = this.#decodedHeaders()
    return ['CC', 'BCC'].flatMap((name) => {
      const value = headers.get(name)
      if (value === undefined) return []
      if (value.tag === 'A') return value.value.flatMap((key) => (key.tag === 'S' ? [key.value] : []))
      throw preconditionFailed(`invalid message: {unacceptable_type_in_header,"${name}",${fieldType(value)}}`)
    })
  }
}

/** Whether the shortstr at `at` is the name that asks for direct replies; most are of another length. */
function isReplyTo(header: Buffer, at: number): boolean {
  return header[at] === REPLY_TO.length && shortstrAt(header, at) === REPLY_TO
}

/** A publisher that counts the queues it waits for. */
export interface CountingPublisher extends Publisher {
  /** One queue more will call `settle`. */
  expect(tag: number): void
}

/** Gives `message` to its queues; `publisher` counts those that answer later. Returns false when one refused it. */
export function enqueue(
  message: Message,
  queues: readonly Receiver[],
  publisher: CountingPublisher | null,
  tag: number,
): boolean {
  let taken = true
  for (const queue of queues) {
    const outcome = queue.publish(message, publisher, tag)
    if (outcome === 'pending') publisher?.expect(tag)
    else if (outcome !== 'stored') taken = false
  }
  return taken
}

/** Whether none of these counts as a queue (behaviour.md §5.9: a message that waits is unroutable). */
export function isUnroutable(receivers: readonly Receiver[]): boolean {
  return receivers.every(({ name, uncounted }) => name === null || uncounted === true)
}

/** Whether an unroutable message is to be returned. */
export function isMandatory(bits: number): boolean {
  return (bits & MANDATORY) !== 0
}
