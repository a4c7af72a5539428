// Where messages go that are moved, copied or sent back to where they died: given to queues in the same call, as a dead
// letter is. Knows queues, exchanges and the history of dead letters; not which messages, nor how many.

import type { Access } from '../../broker/access/access.ts'
import { encodeRouting, Message } from '../../broker/message.ts'
import type { Receiver } from '../../broker/queue/queue.ts'
import type { Vhost } from '../../broker/vhost.ts'
import type { FieldTable } from '../../protocol/field-table.ts'
import { ChannelError, exchangeText, ProtocolError } from '../../protocol/reply.ts'
import type { Unstored } from './unstored.ts'

/** Where to: a queue, an exchange with a key or with each message's own, or where each came from. */
export type Destination =
  | { readonly queue: string }
  | { readonly exchange: string; readonly routingKey: string | null }
  | { readonly source: 'queue' | 'exchange' }

/** Where a message would go, for people; or why it stays. */
export type Fate = { readonly to: readonly string[] } | { readonly stays: string }

/** A way for messages of one vhost, for somebody with this access. */
export class Way {
  readonly #vhost: Vhost
  readonly #access: Access
  readonly #destination: Destination

  constructor(vhost: Vhost, access: Access, destination: Destination) {
    this.#vhost = vhost
    this.#access = access
    this.#destination = destination
  }

  /** Where `message` would go now. */
  fate(message: Message): Fate {
    const found = this.#found(message)
    return 'stays' in found ? found : { to: found.receivers.map(({ name }) => name ?? 'later') }
  }

  /**
   * Gives `message`, a view, to where it goes; `unstored` hears when it is stored there. Says why it stays, where it does:
   * nobody took it then.
   */
  send(message: Message, unstored: Unstored | null = null): Fate {
    const found = this.#found(message)
    if ('stays' in found) return found
    const bytes = found.message.recordBytes
    const taken = found.receivers.filter((receiver) => {
      const outcome = receiver.publish(found.message, unstored, bytes)
      if (outcome === 'pending') unstored?.expect(bytes)
      return outcome !== 'rejected'
    })
    return taken.length === 0 ? { stays: 'refused by a full queue' } : { to: taken.map(({ name }) => name ?? 'later') }
  }

  #found(
    original: Message,
  ): { readonly message: Message; readonly receivers: readonly Receiver[] } | { readonly stays: string } {
    try {
      const message = new Message().view(original)
      // The record of a queue where all survive a restart says so of all.
      message.persistent = original.asksForPersistence
      const receivers = this.#receivers(message)
      return receivers.length === 0 ? { stays: 'no queue for it' } : { message, receivers }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return { stays: error.message }
    }
  }

  /** The receivers of `message`, whose exchange and key become those that it goes by. Throws `ChannelError`. */
  #receivers(message: Message): readonly Receiver[] {
    const to = this.#destination
    if ('queue' in to) return this.#queue(to.queue)
    if ('exchange' in to) return this.#routed(message, to.exchange, to.routingKey ?? message.routingKey)
    const death = lastDeath(message)
    if (death === null) return []
    if (to.source === 'exchange') return this.#routed(message, death.exchange, death.routingKey)
    setRouting(message, death.exchange, death.routingKey)
    return this.#queue(death.queue)
  }

  #queue(name: string): readonly Receiver[] {
    this.#access.exchange('write', '')
    const queue = this.#vhost.queues.get(name)
    return queue && queue.owner === null ? [queue] : []
  }

  #routed(message: Message, exchange: string, routingKey: string): readonly Receiver[] {
    this.#access.exchange('write', exchange)
    const from = this.#vhost.exchanges.get(exchange)
    // What basic.publish may not do, nobody may.
    if (from?.internal) {
      throw new ChannelError(403, `cannot publish to internal ${exchangeText(exchange, this.#vhost.name)}`)
    }
    if (from?.type === 'topic') this.#access.topic('write', exchange, routingKey)
    setRouting(message, exchange, routingKey)
    return this.#vhost.routeKeys(exchange, [routingKey], message).queues
  }
}

function setRouting(message: Message, exchange: string, routingKey: string): void {
  const routing = encodeRouting(exchange, routingKey)
  message.setRouting(routing, 0, routing.length)
}

interface LastDeath {
  readonly queue: string
  readonly exchange: string
  readonly routingKey: string
}

/** Where a message died last, and how it had come there: the first entry of x-death. */
export function lastDeath({ headers }: Message): LastDeath | null {
  const history = headers.get('x-death')
  const entry = history?.tag === 'A' ? history.value[0] : undefined
  if (entry?.tag !== 'F') return null
  const keys = entry.value.get('routing-keys')
  const key = keys?.tag === 'A' ? keys.value[0] : undefined
  const [queue, exchange] = [textOf(entry.value, 'queue'), textOf(entry.value, 'exchange')]
  if (queue === null || exchange === null) return null
  return { queue, exchange, routingKey: key?.tag === 'S' ? key.value : queue }
}

function textOf(table: FieldTable, name: string): string | null {
  const value = table.get(name)
  return value?.tag === 'S' ? value.value : null
}
