// A channel as operators see it: what its client has asked for, and what is outstanding. Knows the channel; not who looks.

import type { Consumer } from '../broker/consumer.ts'
import type { MessageCounts, PublishCount } from '../broker/counts.ts'
import type { ChannelPeer, ConnectionPeer } from '../broker/peers.ts'
import type { Channel } from './channel.ts'

/** The view of one channel; made for whoever looks. */
export class ChannelView implements ChannelPeer {
  readonly #channel: Channel

  constructor(channel: Channel) {
    this.#channel = channel
  }

  get connection(): { readonly peer: ConnectionPeer } {
    return this.#channel.connection
  }

  get number(): number {
    return this.#channel.number
  }

  get openedAt(): number {
    return this.#channel.openedAt
  }

  get prefetch(): number {
    return this.#channel.prefetch
  }

  get sharedPrefetch(): number {
    return this.#channel.sharedPrefetch
  }

  get confirming(): boolean {
    return this.#channel.confirms !== null
  }

  get transactional(): boolean {
    return this.#channel.transaction !== null
  }

  get unackedCount(): number {
    return this.#channel.outstanding
  }

  get unconfirmedCount(): number {
    return this.#channel.confirms?.unsaid ?? 0
  }

  get uncommittedPublishes(): number {
    return this.#channel.transaction?.publishes.length ?? 0
  }

  get uncommittedAcks(): number {
    return this.#channel.transaction?.settlements.length ?? 0
  }

  get consumerCount(): number {
    return this.#channel.consumers.size
  }

  get consumerList(): Iterable<Consumer> {
    return this.#channel.consumers.values()
  }

  get counts(): MessageCounts {
    return this.#channel.counts
  }

  get publishes(): Iterable<PublishCount> {
    return this.#channel.publishing?.counts ?? []
  }
}
